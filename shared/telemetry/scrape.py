"""One answer to Prometheus: what is only known at that moment is set, then everything is rendered."""

import asyncio
from collections.abc import Callable

from shared.llm.breaker import Status
from shared.llm.breakers import Breakers
from shared.telemetry.fleet import Fleet
from shared.telemetry.metrics import Metrics

_STATES: dict[Status, float] = {"closed": 0.0, "half_open": 1.0, "open": 2.0}
_GPU = "ai_gpu_utilization_percent"


async def scrape(metrics: Metrics, breakers: Breakers, fleet: Fleet, clock: Callable[[], float]) -> str:
    """The text of /metrics. Breakers and memory are the fleet's; the GPU's use is that of the last evaluation of the alerts,
    and not there while the GPU service is left alone. Raises what the stores raise.
    """
    states, worst, reading = await asyncio.gather(breakers.snapshot(), fleet.worst(), fleet.reading())
    now = clock()
    metrics.forget("ai_circuit_breaker_state")
    for scope, state in states.items():
        metrics.set("ai_circuit_breaker_state", _STATES[state.status(now)], scope)
    metrics.set("ai_memory_usage_bytes", worst.used)
    metrics.forget(_GPU)
    if reading is not None and reading.gpu_utilization is not None:
        metrics.set(_GPU, 100 * reading.gpu_utilization)
    return await metrics.render()
