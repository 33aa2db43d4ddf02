"""What watches and counts, put together from a runtime's parts."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from shared import beat
from shared.telemetry.fleet import Fleet
from shared.telemetry.metrics import Metrics
from shared.telemetry.termination import before_exit

if TYPE_CHECKING:
    from shared.runtime import Runtime
    from shared.telemetry.watch import Watch

LOCAL_METRICS_SECONDS = 0.25
SHARED_METRICS_SECONDS = beat.REMOTE_SECONDS
"""How often counters go to the embedded store, and over a network: what a kill -9 can lose of them (never of the ledger)."""


def metrics(runtime: "Runtime") -> Metrics:
    """The fleet's counters, sent before this process ends; to be called inside the running loop."""
    known = {"model": [model.model_id for model in runtime.catalog.models.values()]}
    interval = SHARED_METRICS_SECONDS if runtime.remote else LOCAL_METRICS_SECONDS
    made = Metrics(runtime.coordination, known=known, interval=interval, beside=runtime.fleet.report)
    before_exit(made.drain)
    return made


def fleet(runtime: "Runtime") -> Fleet:
    """What instances tell each other about themselves."""
    return Fleet(runtime.coordination, runtime.instance, runtime.clock)


def watch(runtime: "Runtime") -> "Watch":
    """The alerts' evaluation."""
    from shared.telemetry import gpu
    from shared.telemetry.outbox import Outbox
    from shared.telemetry.watch import Terms, Watch

    settings = runtime.settings
    own = [model for model in runtime.catalog.models.values() if model.wire == "local"]
    url = settings.local_infer_url if own else None
    terms = Terms(
        cost_per_request=settings.alert_cost_per_request,
        keep_seconds=settings.analytics_retention_days * 86_400.0,
        own=frozenset(model.model_id for model in own),
        gpu=None if url is None else partial(gpu.read, url, _identity(runtime)),
    )
    outbox = Outbox(
        runtime.store,
        runtime.breakers,
        webhook_url=settings.alert_webhook_url,
        environment=settings.environment,
    )
    return Watch(
        store=runtime.store,
        coordination=runtime.coordination,
        fleet=runtime.fleet,
        metrics=runtime.metrics,
        breakers=runtime.breakers,
        queue=runtime.queue,
        outbox=outbox,
        terms=terms,
        clock=runtime.clock,
    )


def _identity(runtime: "Runtime") -> Callable[[], Awaitable[str]] | None:
    """The Authorization header that a private GPU service wants."""
    audience = runtime.settings.local_infer_audience
    if audience is None:
        return None
    from shared.identity.outbound import IdentityTokens

    return IdentityTokens(audience, runtime.settings.gce_metadata_host, runtime.clock).header
