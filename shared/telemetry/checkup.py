"""Looking at the running system for its health: one tiny read of each store, no model call.

What the last minutes were like was measured by the alerts' last evaluation, and is read with the breakers.

Nobody needs a token to ask for health, so a flood of askers must not become a flood of reads: what was found is told
again for `CHECK_SECONDS`, and all who ask meanwhile wait for the same look.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shared import log
from shared.coordination import Coordination
from shared.documents import LiveConfig
from shared.llm import catalog, standing
from shared.llm.breaker import BreakerState
from shared.llm.breakers import Breakers
from shared.llm.catalog import Catalog
from shared.llm.standing import State
from shared.store import Store
from shared.telemetry.fleet import Fleet, Reading
from shared.telemetry.health import Breaker, Health, Lately, ModelHealth, judge

CHECK_SECONDS = 1.0
_READ_SECONDS = 1.0
_PROBE_TTL = 60.0
_WORST: Mapping[Breaker, int] = {"closed": 0, "half_open": 1, "open": 2}

_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found. `own_server`: None where it could not be asked."""

    health: Health
    models: tuple[ModelHealth, ...]
    stores: Mapping[str, bool]
    own_server: State | None = None
    reading: Reading | None = None
    """Of the last five minutes; None where no alerts are evaluated."""


class Checkup:
    """Looks, and remembers for a second. `clock` gives Unix seconds, which breakers count in too. `warmth`: where the own
    server's standing is kept, when it can be away.
    """

    def __init__(
        self,
        store: Store,
        coordination: Coordination,
        breakers: Breakers,
        models: Catalog,
        clock: Callable[[], float],
        *,
        fleet: Fleet,
        warmth: str | None = None,
    ) -> None:
        self._store = store
        self._coordination = coordination
        self._breakers = breakers
        self._models = models
        self._clock = clock
        self._fleet = fleet
        self._warmth = warmth
        self._found: tuple[float, Finding] | None = None
        self._looking: asyncio.Task[Finding] | None = None

    async def finding(self) -> Finding:
        """What the last look found, a second old at most. Never raises: what cannot be read is a finding."""
        now = self._clock()
        if self._found is not None and 0 <= now - self._found[0] < CHECK_SECONDS:
            return self._found[1]
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(now))
        return await asyncio.shield(self._looking)

    async def _look(self, now: float) -> Finding:
        states: dict[str, BreakerState] = {}
        reading: Reading | None = None
        own: State | None = "off" if self._warmth is None else None

        async def read_shared() -> None:
            nonlocal reading, own
            found, reading, own = await asyncio.gather(self._breakers.snapshot(), self._fleet.reading(), self._own())
            states.update(found)
            # Written, not read: a store that is full still answers what it is asked.
            await self._coordination.put("health:probe", b"1", _PROBE_TTL)

        stores = {
            "documents": await _answers("documents", self._store.get(LiveConfig, "live")),
            "coordination": await _answers("coordination", read_shared()),
        }
        models = tuple(self._model(name, states, now) for name in catalog.MODELS)
        asleep = own in ("cold", "warming") and all(model.wire == "local" for model in self._models.models.values())
        found = Finding(judge(models, stores, _lately(reading), asleep=asleep), models, stores, own, reading)
        self._found = (now, found)
        return found

    async def _own(self) -> State:
        """How the own server is."""
        if self._warmth is None:
            return "off"
        found = standing.decode((await self._coordination.get_many([self._warmth])).get(self._warmth))
        return "cold" if found is None else found.state

    def _model(self, name: str, states: Mapping[str, BreakerState], now: float) -> ModelHealth:
        model = self._models.models.get(name)
        if model is None:
            return ModelHealth(name, catalog.MODELS[name].provider, configured=False, breaker="closed")
        behind: list[Breaker] = [states[scope].status(now) for scope in (model.group, model.scope) if scope in states]
        breaker = max(behind, key=_WORST.__getitem__) if behind else "closed"
        return ModelHealth(name, model.provider, configured=True, breaker=breaker)


def _lately(reading: Reading | None) -> Lately | None:
    if reading is None:
        return None
    return Lately(reading.error_rate, reading.response_time, reading.dead_jobs, reading.firing)


async def _answers(name: str, read: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(_READ_SECONDS):
            await read
    except Exception as error:  # noqa: BLE001 - each store fails in its own way, and each way means the same here
        log.event(_logger, "health.store_failed", level=logging.WARNING, store=name, error=error)
        return False
    return True
