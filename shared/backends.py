"""Which implementation of each seam this deployment has: the cloud's where it is configured, else the embedded file.

documents      Firestore in the cloud and where FIRESTORE_EMULATOR_HOST names an emulator
coordination   Redis where UPSTASH_REDIS_REST_URL is set
jobs           Cloud Tasks where TASKS_QUEUE is set; else a queue in a file and this process as its worker
"""

import importlib
from functools import partial
from typing import TYPE_CHECKING

from shared.coordination import Coordination
from shared.jobs import WorkerQueue
from shared.settings import Settings
from shared.store import Store

if TYPE_CHECKING:
    from shared.runtime import Runtime

LOCAL_PROJECT = "lyo-local"
"""Project id where GCP_PROJECT_ID is not set: for the emulator."""


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
    for name in names:
        importlib.import_module(name)


def _queue_path(settings: Settings, name: str) -> str:
    """The queue's full name: a short one is in the configured project and region."""
    if "/" in name:
        return name
    return f"projects/{settings.gcp_project_id or LOCAL_PROJECT}/locations/{settings.gcp_region}/queues/{name}"
