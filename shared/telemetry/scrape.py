"""One answer to Prometheus: what is only known at that moment is set, then everything is rendered."""

from collections.abc import Callable

from shared.llm.breaker import Status
from shared.llm.breakers import Breakers
from shared.telemetry.memory import resident_bytes
from shared.telemetry.metrics import Metrics

_STATES: dict[Status, float] = {"closed": 0.0, "half_open": 1.0, "open": 2.0}


async def scrape(metrics: Metrics, breakers: Breakers, clock: Callable[[], float]) -> str:
    """The text of /metrics. Breakers are the fleet's, memory is this process's. Raises what the stores raise."""
    states = await breakers.snapshot()
    now = clock()
    metrics.forget("ai_circuit_breaker_state")
    for scope, state in states.items():
        metrics.set("ai_circuit_breaker_state", _STATES[state.status(now)], scope)
    metrics.set("ai_memory_usage_bytes", resident_bytes())
    return await metrics.render()
