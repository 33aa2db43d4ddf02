"""What was told to those who count, and experiments for tests to run."""

from typing import Any

from shared.activity.events import Event, decoded
from shared.documents import LiveConfig
from shared.experiments.slices import arm_of
from shared.runtime import Runtime
from shared.store import Put, Where
from shared.stored.activity import PLACES, Happening
from shared.stored.experiments import Promotion, RunningExperiment, RunningVariant, Slice, Targeting


async def events(runtime: Runtime) -> list[Event]:
    """Everything in the outboxes, oldest first."""
    found: list[Happening] = []
    for place in range(PLACES):
        found += await runtime.store.query(Happening, Where("place", "==", str(place)), order="at", limit=1000)
    return [event for one in sorted(found, key=lambda one: one.at) for event in decoded(one.body)]


def experiment(name: str = "e", agents: tuple[str, ...] = (), **changes: Any) -> RunningExperiment:
    """Everybody in it; `changed` gets what is given, `control` nothing."""
    return RunningExperiment(
        id=name,
        salt=f"salt-{name}",
        slices=[Slice(ranges=[(0.0, 1.0)], weights=[0.5, 0.5])],
        variants=[
            RunningVariant(name="control", weight=0.5),
            RunningVariant(name="changed", weight=0.5, **(changes or {"instruction": "Briefly."})),
        ],
        targeting=Targeting(agents=list(agents)),
    )


def unit_in(running: RunningExperiment, arm: str, nth: int = 0) -> str:
    """A learner who has that arm."""
    return [unit for unit in (f"u{number}" for number in range(200)) if arm_of(running, unit) == arm][nth]


async def run_it(
    runtime: Runtime, *running: RunningExperiment, promotions: tuple[Promotion, ...] = (), **live: Any
) -> None:
    """Have these run, and this runtime know of it at once."""
    before = await runtime.recent.live()
    fields = {"experiments": list(running), "promotions": list(promotions), "version": before.version + 1, **live}
    await runtime.store.commit(Put(LiveConfig(id="live", **fields)))
    runtime.recent._live = None
