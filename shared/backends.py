"""Which implementation of each seam this deployment has: the cloud's where it is configured, else the embedded file.

documents      Firestore in the cloud and where FIRESTORE_EMULATOR_HOST names an emulator
coordination   Redis where UPSTASH_REDIS_REST_URL is set
jobs           Cloud Tasks where TASKS_QUEUE is set; else a queue in a file and this process as its worker
spans          a collector where OTEL_EXPORTER_OTLP_ENDPOINT is set; else none are kept
"""

import importlib
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.coordination import Coordination
from shared.jobs import WorkerQueue
from shared.settings import Settings
from shared.store import Store

if TYPE_CHECKING:
    from shared.runtime import Runtime
    from shared.sqlite import Database
    from shared.telemetry.trace import Sink

LOCAL_PROJECT = "lyo-local"
"""Project id where GCP_PROJECT_ID is not set: for the emulator."""


def database(runtime: "Runtime") -> "Database":
    """The embedded stores' one file."""
    from shared.coordination.local import LocalCoordination
    from shared.jobs.local import LocalQueue
    from shared.sqlite import Database
    from shared.store.sqlite import SQLiteStore

    runtime.settings.data_dir.mkdir(parents=True, exist_ok=True)
    made = Database(runtime.settings.data_dir / "lyo.db", clock=runtime.clock)
    # All tables are made when the file is first opened, not one by one in the middle of traffic.
    for subject in (SQLiteStore, LocalCoordination, LocalQueue):
        subject(made)
    return made


def store(runtime: "Runtime") -> Store:
    """Documents."""
    settings = runtime.settings
    if settings.uses_firestore:
        from shared.store.firestore import FirestoreStore

        return FirestoreStore(
            settings.gcp_project_id or LOCAL_PROJECT,
            settings.firestore_database,
            emulator_host=settings.firestore_emulator_host,
            clock=runtime.clock,
        )
    from shared.store.sqlite import SQLiteStore

    return SQLiteStore(runtime.database)


def coordination(runtime: "Runtime") -> Coordination:
    """What instances share besides documents."""
    settings = runtime.settings
    url, token = settings.upstash_redis_rest_url, settings.upstash_redis_rest_token
    if url is not None and token is not None:
        from shared.coordination.upstash import UpstashCoordination
        from shared.llm import reconcile

        recall = partial(reconcile.committed, runtime.store)
        return UpstashCoordination(url, token, namespace=settings.upstash_namespace, recall=recall)
    from shared.coordination.local import LocalCoordination

    return LocalCoordination(runtime.database)


def queue(runtime: "Runtime") -> WorkerQueue:
    """Background work."""
    settings = runtime.settings
    if settings.tasks_queue is None:
        return runtime.local_queue
    from shared.jobs.cloud_tasks import CloudTasksQueue

    return CloudTasksQueue(
        runtime.store,
        queue=_queue_path(settings, settings.tasks_queue),
        target_url=settings.tasks_target_url or "",
        audience=settings.tasks_audience or settings.tasks_target_url or "",
        service_account=settings.tasks_service_account or "",
        clock=runtime.clock,
        emulator_host=settings.tasks_emulator_host,
    )


def spans(runtime: "Runtime") -> "Sink | None":
    """Where spans go; None where tracing is off. First used inside the running loop, which `before_exit` needs."""
    settings = runtime.settings
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    from shared.telemetry.termination import before_exit
    from shared.telemetry.trace_export import Exporter, GoogleCredentials

    described = {
        "service.namespace": "lyo",
        "service.version": settings.release,
        "service.instance.id": runtime.instance,
        "deployment.environment.name": settings.environment,
        "gcp.project_id": settings.gcp_project_id,  # Google's collector asks for it
    }
    exporter = Exporter(
        settings.otel_exporter_otlp_endpoint.rstrip("/") + "/v1/traces",
        {name: value for name, value in described.items() if value is not None},
        authorize=GoogleCredentials() if _is_googles(settings.otel_exporter_otlp_endpoint) else None,
    )
    before_exit(exporter.drain)
    return exporter


def preload(settings: Settings) -> None:
    """Import what these implementations need, before the first request: seconds of work that would hold up everybody.

    Only imports: no client is built and no thread started, so that a server may fork afterwards.
    """
    names: list[str] = []
    if settings.uses_firestore:
        names.append("google.cloud.firestore_v1.services.firestore.transports")
    if settings.upstash_redis_rest_url is not None:
        names += ["aiohttp", "upstash_redis.http"]
    if settings.tasks_queue is not None:
        names.append("google.cloud.tasks_v2.services.cloud_tasks.transports")
    if settings.otel_exporter_otlp_endpoint is not None:
        from shared.telemetry import trace_wire

        names += ["aiohttp", trace_wire.MODULE]
        if _is_googles(settings.otel_exporter_otlp_endpoint):
            names.append("google.auth.transport.requests")
    for name in names:
        importlib.import_module(name)


def _is_googles(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith(".googleapis.com")


def _queue_path(settings: Settings, name: str) -> str:
    """The queue's full name: a short one is in the configured project and region."""
    if "/" in name:
        return name
    return f"projects/{settings.gcp_project_id or LOCAL_PROJECT}/locations/{settings.gcp_region}/queues/{name}"
