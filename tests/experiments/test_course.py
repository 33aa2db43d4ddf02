"""Steps of experiments in a store: of those that are taken at once, each has one effect, and none is lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.agents.experiments import ExperimentChange
from shared.documents import LiveConfig
from shared.errors import Conflict, NotFound, StoreError
from shared.experiments import lifecycle
from shared.experiments.course import Course
from shared.sqlite import Database
from shared.store import Create, Put
from shared.store.sqlite import SQLiteStore
from shared.stored.experiments import Experiment
from tests.experiments.drafts import DEFAULTS, draft, started


def start(experiment: Experiment, live: LiveConfig) -> lifecycle.Changed:
    return lifecycle.start(experiment, live, configured=(), salt="s", by="bob", now=3_000.0, why="")


def stop(experiment: Experiment, live: LiveConfig) -> lifecycle.Changed:
    return lifecycle.stop(experiment, live, by="bob", now=9_000.0, why="", winner=None, promote=False)


@pytest.fixture
async def course(tmp_path: Path) -> Any:
    database = Database(tmp_path / "lyo.db")
    yield Course(SQLiteStore(database))
    await database.close()


async def test_steps_at_once_all_hold(course: Course) -> None:
    """Twenty operators start twenty experiments while others write LiveConfig: nobody's change is lost."""
    for number in range(20):
        await course.store.commit(Create(draft(f"exp_{number}")))

    async def alert() -> None:
        for _ in range(5):
            found = await course.store.get_versioned(LiveConfig, "live")
            if found is not None:
                changed = found[0].model_copy(update={"version": found[0].version + 1})
                try:
                    await course.store.commit(Put(changed, expect=found[1]))
                except StoreError:
                    pass
            await asyncio.sleep(0)

    def starting(number: int) -> Callable[[Experiment, LiveConfig], lifecycle.Changed]:
        return lambda one, live: lifecycle.start(
            one, live, configured=(), salt=str(number), by="ada", now=2_000.0, why=""
        )

    steps = [course.take(f"exp_{number}", starting(number)) for number in range(20)]
    await asyncio.gather(*steps, alert())
    live = await course.store.get(LiveConfig, "live")
    assert live is not None
    assert {one.id for one in live.experiments} == {f"exp_{number}" for number in range(20)}
    assert live.version >= 20


async def test_two_who_start_the_same_one_have_one_effect(course: Course) -> None:
    await course.store.commit(Create(draft()))
    done = await asyncio.gather(*(course.take("exp_1", start) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Experiment) for one in done) == 1
    assert all(isinstance(one, Conflict) for one in done if not isinstance(one, Experiment))
    live = await course.store.get(LiveConfig, "live")
    assert live is not None
    assert (len(live.experiments), live.version) == (1, 1)


async def test_a_step_that_changes_nothing_writes_nothing(course: Course) -> None:
    ended, _ = stop(*started())
    await course.store.commit(Create(ended))
    before = await course.store.get_versioned(Experiment, "exp_1")
    await course.take("exp_1", stop)
    after = await course.store.get_versioned(Experiment, "exp_1")
    assert before is not None
    assert after is not None
    assert before[1] == after[1]
    assert await course.store.get(LiveConfig, "live") is None
    with pytest.raises(NotFound):
        await course.take("exp_2", start)


async def test_two_different_changes_of_one_experiment_both_hold(course: Course) -> None:
    """What touches the experiment's own document only, too."""
    running, live = started()
    await course.store.commit(Create(running), Create(live))
    meeting = asyncio.Barrier(2)

    def change(**given: Any) -> Callable[[Experiment, LiveConfig], lifecycle.Changed]:
        asked = ExperimentChange.model_validate(given)
        return lambda one, config: lifecycle.revise(one, config, asked, DEFAULTS, by="bob", now=3_000.0)

    class Together:
        """The store, where both have read before either writes."""

        waited: set[object]

        def __init__(self) -> None:
            self.waited = set()

        def __getattr__(self, name: str) -> Any:
            return getattr(course.store, name)

        async def commit(self, *writes: Any) -> Any:
            task = asyncio.current_task()
            if task not in self.waited:
                self.waited.add(task)
                await meeting.wait()
            return await course.store.commit(*writes)

    both = Course(Together())
    await asyncio.gather(both.take("exp_1", change(description="Longer")), both.take("exp_1", change(duration_days=30)))
    after = await course.store.get(Experiment, "exp_1")
    assert after is not None
    assert (after.description, after.duration_days, len(after.transitions)) == ("Longer", 30, 3)
