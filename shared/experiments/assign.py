"""Which variants a unit gets, and what they come to for one call: a hash, so it is sticky without being stored and reads nothing.

chosen = choose(live, user_id, lambda: Context("en", agents=("mentor",)), testing=settings.ab_testing_enabled)
Call(…, experiments=chosen.experiments, steering=chosen.steering)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.documents import LiveConfig, RunningExperiment
from shared.experiments.context import Context, concerns, fits, meets
from shared.experiments.slices import variant_of
from shared.experiments.steer import AS_IT_IS, Steering, steering
from shared.llm.call import Assignment


@dataclass(frozen=True, slots=True)
class Chosen:
    """The experiments that a unit is in, and what holds for it: what was promoted has no arm.

    `beside`: its variants of experiments that are about these agents, but targeted at another language, platform or level, or that
    change nothing here. They expose nobody. What a unit does there still counts for those that it met before: else whoever leaves what an
    experiment is targeted at would drop out of it, and a variant that makes them leave would look as if they had never been.
    """

    experiments: tuple[Assignment, ...] = ()
    steering: Steering = AS_IT_IS
    beside: dict[str, str] = field(default_factory=dict)

    @property
    def arms(self) -> dict[str, str]:
        """The variant by experiment id."""
        return {one.experiment_id: one.variant for one in self.experiments}


NOTHING: Final = Chosen()


def assign(unit: str, experiments: Sequence[RunningExperiment], context: Context) -> tuple[Assignment, ...]:
    """The unit's variants, one for each experiment that it is in and that is targeted at the request."""
    return tuple(
        Assignment(experiment.id, variant.name, variant)
        for experiment in experiments
        if fits(experiment.targeting, context)
        and matters(experiment, context.agents)
        and (variant := variant_of(experiment, unit)) is not None
    )


def matters(experiment: RunningExperiment, agents: Sequence[str] | None) -> bool:
    """Whether any of its variants changes what these agents do: only then has the unit met its variant by asking them.

    One of app flags alone is met where the app asks for it (`agents` None), an order of the feed at the feed.
    """
    if agents is None:
        return True
    steers = any(one.prefer_model or one.instruction or one.live for one in experiment.variants)
    return steers or ("feed" in agents and any(one.algorithm for one in experiment.variants))


def choose(live: LiveConfig, unit: str, context: Callable[[], Context], *, testing: bool) -> Chosen:
    """What a unit gets. `context` is asked only where there is something to choose; `testing`: whether experiments are on at all.

    What was promoted holds with experiments off too.
    """
    if not (live.promotions or (testing and live.experiments)):
        return NOTHING
    here = context()
    assigned = assign(unit, live.experiments, here) if testing else ()
    changes = [one.variant for one in live.promotions if fits(one.targeting, here)]
    changes += [one.changes for one in assigned if one.changes is not None]
    return Chosen(assigned, steering(changes), _beside(unit, live.experiments, here) if testing else {})


def _beside(unit: str, experiments: Sequence[RunningExperiment], context: Context) -> dict[str, str]:
    return {
        experiment.id: variant.name
        for experiment in experiments
        if not (meets(experiment.targeting, context) and matters(experiment, context.agents))
        and concerns(experiment.targeting, context)
        and (variant := variant_of(experiment, unit)) is not None
    }
