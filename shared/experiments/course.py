"""Steps of experiments in a store: both documents a step changes in one commit, over the versions it was made from."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shared.documents import LiveConfig
from shared.errors import AlreadyExists, NotFound, StaleVersion, Unavailable
from shared.experiments.lifecycle import Changed
from shared.store import Create, Put, Ref, Store, Version, Write
from shared.stored.experiments import Experiment

LIVE: Final = "live"
_RACES: Final = 12

Step = Callable[[Experiment, LiveConfig], Changed]


@dataclass(frozen=True, slots=True)
class Course:
    """Experiments in a store. Alerts and operators write LiveConfig too: who comes second makes the step again from what stands then."""

    store: Store

    async def take(self, experiment_id: str, step: Step) -> Experiment:
        """Take one step. It raises what `step` raises, which may be called several times; NotFound, and Unavailable."""
        for race in range(_RACES):
            found, live = await self.store.read(Ref(Experiment, experiment_id), Ref(LiveConfig, LIVE))
            if found is None:
                raise NotFound("There is no such experiment.")
            config = LiveConfig(id=LIVE) if live is None else live[0]
            after, changed = step(found[0], config)
            writes = _writes(found, after, live, config, changed)
            if not writes:
                return after
            try:
                await self.store.commit(*writes)
            except (AlreadyExists, StaleVersion):
                await asyncio.sleep(random.uniform(0, 0.02 * (race + 1)))
                continue
            return after
        raise Unavailable("Too much is being changed at the same moment.")


def _writes(
    found: tuple[Any, Version],
    after: Experiment,
    live: tuple[Any, Version] | None,
    before: LiveConfig,
    changed: LiveConfig,
) -> list[Write]:
    """The experiment's document stands for both: who changes LiveConfig for it writes it too."""
    writes: list[Write] = []
    if after is not found[0]:
        writes.append(Put(after, expect=found[1]))
    if changed is not before:
        writes.append(Create(changed) if live is None else Put(changed, expect=live[1]))
    return writes
