"""One evaluation of the alerts: read the fleet, judge, commit, announce. Called every minute by the schedule, or by anybody.

State, history and the change of LiveConfig that an action makes are one commit over the versions that were read. Of two
evaluations at once the second reads again what the first decided and finds nothing left to do; a repeated or late one
measures from the samples there are. An evaluation costs one read of three documents, the totals, the breakers and the
memory, and one write; every tenth minute the jobs that were given up, a hundred at most; and what is announced, its texts.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared import log
from shared.coordination import Coordination
from shared.documents import LiveConfig
from shared.errors import AlreadyExists, StaleVersion, Unavailable
from shared.jobs import WorkerQueue
from shared.llm.breakers import Breakers
from shared.store import Create, Put, Ref, Store, Version, Write
from shared.stored.watching import AlertRule, AlertRules, AlertState, Notice, Sample
from shared.telemetry import actions, alerts, outbox, samples, signals
from shared.telemetry.alerts import Step
from shared.telemetry.fleet import Fleet, Reading
from shared.telemetry.metrics import Metrics
from shared.telemetry.outbox import STATE, Outbox
from shared.telemetry.rules import in_force
from shared.telemetry.series import PREFIX
from shared.telemetry.signals import SIGNALS, Measured

CUSTOM: Final = "custom"
"""The one AlertRules' id."""
RECENT_SECONDS: Final = 300
"""The window of what health tells."""
_LEAST_EVENTS: Final = 20
_DEAD: Final = 100
DEAD_SECONDS: Final = 600.0
_RACES: Final = 10

_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What this deployment's settings say. `own`: ids of the models on our own server; `gpu` asks it about its device."""

    cost_per_request: float
    keep_seconds: float
    own: Collection[str] = ()
    gpu: Callable[[], Awaitable[Mapping[str, float]]] | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found and did. `recent`: every signal over the last RECENT_SECONDS."""

    at: float
    rules: Mapping[str, AlertRule]
    found: Mapping[str, Measured]
    recent: Mapping[str, Measured]
    raised: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    firing: list[str] = field(default_factory=list)


_Stored = tuple[tuple[AlertState, Version | None], AlertRules, tuple[LiveConfig, Version | None]]


class Watch:
    """Evaluates. `clock` gives Unix seconds."""

    def __init__(
        self,
        *,
        store: Store,
        coordination: Coordination,
        fleet: Fleet,
        metrics: Metrics,
        breakers: Breakers,
        queue: WorkerQueue,
        outbox: Outbox,
        terms: Terms,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._coordination = coordination
        self._fleet = fleet
        self._metrics = metrics
        self._breakers = breakers
        self._queue = queue
        self._outbox = outbox
        self._terms = terms
        self._clock = clock

    async def evaluate(self) -> Evaluation:
        """Evaluate every rule now. Raises StoreError where something cannot be read or kept: nothing was decided then."""
        stored, now = await asyncio.gather(self._stored(), self._sample())
        now = await self._completed(now, stored[0][0])
        for race in range(_RACES):
            state, custom, live = stored
            rules = in_force(self._terms.cost_per_request, custom.rules)
            found = alerts.measured(rules, state[0].samples, now)
            step = alerts.step(state[0], rules, found, now, self._terms.keep_seconds)
            taken = outbox.take(step.state, now.at)
            try:
                await self._store.commit(*_writes(step, state[1], live, now.at))
            except (AlreadyExists, StaleVersion):  # another evaluation, or an operator: judge again by what stands now
                await asyncio.sleep(random.uniform(0, 0.02 * (race + 1)))
                stored = await self._stored()
                continue
            done = _told(step, rules, found, state[0], now)
            if step.dropped:
                log.event(_logger, "alert.dropped", level=logging.ERROR, notices=step.dropped)
            await self._announce(step, done, now, taken)
            return done
        raise Unavailable("Too many evaluate at once.")

    async def _announce(self, step: Step, done: Evaluation, now: Sample, taken: list[Notice]) -> None:
        for alert in step.raised:
            self._metrics.inc("ai_alerts_total", alert.rule.name, alert.rule.severity)
        reading = Reading(
            at=now.at,
            error_rate=_sure(done.recent["error_rate"]),
            response_time=_sure(done.recent["response_time"]),
            gpu_utilization=now.gauges.get("gpu_utilization"),
            dead_jobs=int(now.gauges["dead_jobs"]),
            firing={one.alert.rule.name: one.alert.rule.severity for one in step.state.open},
        )
        await asyncio.gather(self._fleet.tell(reading), self._outbox.deliver(taken))

    async def _stored(self) -> _Stored:
        refs = (Ref(AlertState, STATE), Ref(AlertRules, CUSTOM), Ref(LiveConfig, "live"))
        state, custom, live = await self._store.read(*refs)
        return (
            (AlertState(id=STATE), None) if state is None else state,
            AlertRules(id=CUSTOM) if custom is None else custom[0],
            (LiveConfig(id="live"), None) if live is None else live,
        )

    async def _sample(self) -> Sample:
        totals, worst, states = await asyncio.gather(
            self._coordination.totals(PREFIX),
            self._fleet.worst(),
            self._breakers.snapshot(),
        )
        at = self._clock()
        gauges = {"open_breakers": float(sum(state.status(at) != "closed" for state in states.values()))}
        if worst.share is not None:
            gauges["memory"] = worst.share
        return Sample(at=at, counts=signals.counts(totals, self._terms.own), gauges=gauges)

    async def _completed(self, now: Sample, state: AlertState) -> Sample:
        """With what is not looked at each time."""
        last = state.samples[-1] if state.samples else None
        dead, gpu = await asyncio.gather(self._dead(now, last), self._gpu(now, last))
        return now.model_copy(update={"gauges": {**now.gauges, "dead_jobs": dead, **gpu}})

    async def _dead(self, now: Sample, last: Sample | None) -> float:
        """How many jobs were given up. Counting means to read them, so the last count stands until its ten minutes are over."""
        known = None if last is None else last.gauges.get("dead_jobs")
        if last is not None and known is not None and last.at // DEAD_SECONDS == now.at // DEAD_SECONDS:
            return known
        return float(len(await self._queue.dead(_DEAD)))

    async def _gpu(self, now: Sample, last: Sample | None) -> Mapping[str, float]:
        """The GPU's gauges, where our own model was asked since the last sample, whether or not it answered.

        So a service that nobody asks is left alone: it is never woken, and kept awake by one look at most.
        """
        if self._terms.gpu is None or last is None or now.counts["own"] <= last.counts.get("own", 0.0):
            return {}
        return await self._terms.gpu()


def _writes(step: Step, version: Version | None, live: tuple[LiveConfig, Version | None], now: float) -> list[Write]:
    """One commit: the state over the version that was read, the history, and what actions change."""
    raised = {alert.id for alert in step.raised}
    writes: list[Write] = [_over(step.state, version)]
    writes += [Create(alert) if alert.id in raised else Put(alert) for alert in step.history]
    config = live[0]
    for rule in step.actions:
        config = actions.changed(config, rule, now)
    if step.actions:
        writes.append(_over(config, live[1]))
    return writes


def _over(document: Any, version: Version | None) -> Write:
    return Create(document) if version is None else Put(document, expect=version)


def _told(
    step: Step, rules: Mapping[str, AlertRule], found: Mapping[str, Measured], before: AlertState, now: Sample
) -> Evaluation:
    since, within = samples.window(before.samples, now, RECENT_SECONDS)
    return Evaluation(
        at=now.at,
        rules=rules,
        found=found,
        recent={name: signals.measure(signal, since, within, now) for name, signal in SIGNALS.items()},
        raised=[alert.rule.name for alert in step.raised],
        resolved=[alert.rule.name for alert in step.resolved],
        firing=[one.alert.rule.name for one in step.state.open],
    )


def _sure(found: Measured) -> float | None:
    """The value where enough events stand behind it."""
    return found.value if found.events >= _LEAST_EVENTS else None
