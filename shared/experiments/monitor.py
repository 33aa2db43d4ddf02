"""What watches running experiments: a look at each, and what that comes to: decided, or a bandit's next round.

    seen = await Monitor(store).run(now)

Store reads: the running experiments in one query, then for each its sums and, with LiveConfig, its definition again in one round trip
each; one write where something is to be kept. The analysis is made of the definition that the commit is over, so that two monitors
at once, or an operator between, have one effect. What fails at one experiment is logged and keeps no other from being watched.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Literal

from shared import log
from shared.documents import LiveConfig
from shared.errors import Conflict
from shared.experiments import stored
from shared.experiments.course import Course
from shared.experiments.lifecycle import MOST_RUNNING, Changed, conclude, open_round
from shared.experiments.showing import effects
from shared.experiments.totals import Totals
from shared.store import Store, Where
from shared.stored.experiments import Experiment, Look

MOST_LOOKS: Final = 200
SAME_SECONDS: Final = 6 * 3_600.0
"""A look that finds no more units than the last is kept only so long after it."""

Did = Literal["nothing", "decided", "round", "failed"]

_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """One experiment after a look at it. `sentence`: what was decided, or the verdict so far."""

    experiment: Experiment
    units: int
    did: Did
    sentence: str


@dataclass(frozen=True, slots=True)
class Monitor:
    """Watches what runs in a store. Drain the fold before: what waits in the outbox is not seen."""

    store: Store

    async def run(self, now: float) -> list[Watched]:
        """Look at every running experiment. `now` is Unix seconds. Raises StoreError where not even their list can be read."""
        running = await self.store.query(
            Experiment, Where("state", "==", "running"), order="created_at", descending=True, limit=MOST_RUNNING
        )
        return [await self._looked_at(experiment, now) for experiment in running]

    async def _looked_at(self, experiment: Experiment, now: float) -> Watched:
        try:
            return await self.look(experiment.id, now)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one experiment, the others have to be watched
            log.event(
                _logger,
                "experiment.unwatched",
                level=logging.ERROR,
                experiment_id=experiment.id,
                error=type(error).__qualname__,
            )
            return Watched(experiment, 0, "failed", "It could not be looked at; the next look tries again.")

    async def look(self, experiment_id: str, now: float) -> Watched:
        """Look at one experiment and do what that comes to. Raises NotFound, Unavailable and StoreError."""
        totals = await stored.load(self.store, experiment_id)
        last: list[Watched] = []

        def step(experiment: Experiment, live: LiveConfig) -> Changed:
            seen, changed = watch(experiment, live, totals, now)
            last[:] = [seen]
            return seen.experiment, changed

        await Course(self.store).take(experiment_id, step)
        await asyncio.sleep(0)  # an analysis is milliseconds of arithmetic: others get their turn
        return last[0]


def watch(experiment: Experiment, live: LiveConfig, totals: Totals, now: float) -> tuple[Watched, LiveConfig]:
    """What a look at these sums comes to. Pure; an experiment that does not run stays as it is."""
    from shared.experiments.analysis import analyse
    from shared.experiments.decision import decide

    if experiment.state != "running":
        sentence = "" if experiment.decision is None else experiment.decision.sentence
        return Watched(experiment, 0, "nothing", sentence), live
    found = analyse(experiment, totals, now)
    seen = {name: (one.effect, one.low, one.high) for name, one in effects(found).items()}
    look = Look(at=now, units=found.units, effects=seen)
    decision = decide(experiment, found, now)
    if decision is not None:
        ended, live = conclude(_with(experiment, look), live, decision, now)
        return Watched(ended, found.units, "decided", decision.sentence), live
    after = looked(experiment, look)
    if experiment.allocation == "thompson":
        opened = _next_round(after, live, totals, now)
        if opened is not None:
            return Watched(opened[0], found.units, "round", opened[0].transitions[-1].why), opened[1]
    return Watched(after, found.units, "nothing", found.verdict.sentence), live


def looked(experiment: Experiment, look: Look) -> Experiment:
    """With the look in its history; the same object where it shows nothing that the last one does not."""
    last = experiment.looks[-1] if experiment.looks else None
    if last is not None and last.units == look.units and look.at - last.at < SAME_SECONDS:
        return experiment
    return _with(experiment, look)


def _with(experiment: Experiment, look: Look) -> Experiment:
    """MOST_LOOKS at most: when there are more, every second one of the older half goes, so that the history thins with age."""
    looks = [*experiment.looks, look]
    if len(looks) > MOST_LOOKS:
        half = len(looks) // 2
        looks = [*looks[:half:2], *looks[half:]]
    return experiment.model_copy(update={"looks": looks})


def _next_round(experiment: Experiment, live: LiveConfig, totals: Totals, now: float) -> Changed | None:
    """A bandit's next part of the traffic where it is due and there is room."""
    from shared.experiments.bandit import next_weights

    weights = next_weights(experiment, totals, now)
    if weights is None:
        return None
    try:
        return open_round(experiment, live, weights, now)
    except Conflict as error:  # the layer is full, or LiveConfig: the bandit goes on with what it has
        log.event(_logger, "experiment.no_round", experiment_id=experiment.id, why=error.detail)
        return None
