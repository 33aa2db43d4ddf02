"""How a place's events are cut into batches does not show in what they come to."""

import pytest

from shared.activity.events import Event, happening, place_of
from shared.activity.fold import Fold
from shared.analytics.counting import Activity
from shared.experiments import stored
from shared.experiments.counting import Counting
from shared.store import Create, Store
from shared.stored.experiments import ExperimentMetric
from tests.contract.implementations import Opened
from tests.experiments.counted import DAY, START, answered, experiment, exposed, graded

METRICS = (
    ExperimentMetric(name="messages", kind="mean"),
    ExperimentMetric(name="response_time", kind="ratio"),
    ExperimentMetric(name="next_item_correctness", kind="ratio"),
)
EVENTS: list[tuple[float, Event]] = [
    *((START - (6 - days) * DAY, answered("u1", f"p{days}", None, ms=1000)) for days in range(5)),
    (START - DAY, graded("u1", "g0", True, arms={})),
    (START - 60, answered("u1", "same day", None, ms=9000)),
    (START, exposed("u1")),
    (START + 1, answered("u1", "q1", ms=2000)),
    (START + 2, graded("u1", "g1", False)),
    (START + DAY, answered("u1", "q2", ms=4000)),
    (START + 2 * DAY, graded("u1", "g2", True)),
]


@pytest.mark.parametrize("cuts", [[12], [5, 7], [2, 6, 4], [7, 1, 4], [8, 4], [1] * 12])
async def test_however_events_are_cut_into_batches_the_covariate_is_the_same(
    opened_store: Opened[Store], cuts: list[int]
) -> None:
    store, place = opened_store.subject, place_of("u1")
    await store.commit(Create(experiment(metrics=METRICS)))
    await store.commit(*(Create(happening(event, at)) for at, event in EVENTS))
    fold = Fold(store, [Activity(90), Counting()], opened_store.now)
    for cut in cuts:
        done = await fold.run([place], budget=cut)
        assert (done.events, done.batches) == (cut, 1)
    (cell,) = (await stored.load(store, "e1")).cells.values()
    assert {name: cell.metrics[name].sums for name in sorted(cell.metrics)} == {
        "messages": (2, 1, 5, 1),
        "next_item_correctness": (1, 2, 1, 1),
        "response_time": (6, 2, 5, 5),
    }
