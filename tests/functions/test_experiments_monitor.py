"""The monitor over the real function: it ends what can be decided, once, and keeps looking when something fails."""

import asyncio
from typing import Any

import pytest

from shared.documents import LiveConfig
from shared.experiments.course import Course
from shared.experiments.monitor import MOST_LOOKS, Monitor, looked
from shared.experiments.shards import shard_id
from shared.store import Put
from shared.stored.experiments import Experiment, ExperimentShard, Look
from tests.experiments.drafts import draft
from tests.experiments.salts import resalt
from tests.functions.experiments_site import DAY, START, Site, site
from tests.product import Product

GUARDED = {
    "primary_metric": "score",
    "guardrail_metrics": ["pain"],
    "definitions": [
        {"name": "score", "kind": "mean"},
        {"name": "pain", "kind": "mean", "better": "down", "margin": 0.1},
    ],
}


@pytest.fixture
def here(product: Product) -> Site:
    return site(product)


async def kept(here: Site, name: str) -> Experiment:
    found = await here.runtime.store.get(Experiment, name)
    assert found is not None
    return found


async def running(here: Site, **changes: Any) -> str:
    """The id of one that runs; its units are split the same way in every run of the tests."""
    name = await here.running(**changes)
    await resalt(here.runtime.store, name)
    return name


async def live(here: Site) -> LiveConfig:
    return await here.runtime.store.get(LiveConfig, "live") or LiveConfig(id="live")


async def look(here: Site, name: str) -> dict[str, Any]:
    """What the monitor says of one experiment."""
    seen = {one["experiment_id"]: one for one in (await here.post("/monitor"))["experiments"]}
    found: dict[str, Any] = seen[name]
    return found


async def test_a_win_ends_it_and_goes_to_everybody_where_that_is_allowed(here: Site) -> None:
    name = await running(here, auto_promote=True, min_participants=100, variants=_models())
    await here.pour(name, 400, {"off": 1.0, "on": 2.0})
    early = await look(here, name)
    assert (early["state"], early["did"], early["units"]) == ("running", "nothing", 400)
    here.time += 1.1 * DAY
    seen = await look(here, name)
    assert (seen["state"], seen["did"]) == ("decided", "decided")
    told = await here.good(f"/{name}")
    assert (told["decision"]["kind"], told["decision"]["variant"], told["decision"]["promoted"]) == ("win", "on", True)
    assert (told["decision"]["by"], told["transitions"][-1]["by"]) == ("monitor", "monitor")
    config = await live(here)
    assert (config.experiments, [one.experiment_id for one in config.promotions]) == ([], [name])
    assert (await here.post("/monitor"))["experiments"] == []
    assert (await here.good(f"/{name}")) == told
    assert (await here.good(f"/{name}/analysis"))["verdict"]["variant"] == "on"
    (line,) = (await here.good("/analysis"))["experiments"]
    assert (line["winner"], line["participants"], line["sentence"]) == ("on", 400, told["decision"]["sentence"])
    assert (await here.post(f"/{name}/rollback"))["decision"]["rolled_back_at"] == here.time


def _models() -> list[dict[str, Any]]:
    return [{"name": "off", "is_control": True}, {"name": "on", "config": {"model": "gpt_4_mini"}}]


async def test_a_guardrail_that_is_harmed_ends_it_for_the_control(here: Site) -> None:
    name = await running(here, metrics=GUARDED)
    await here.pour(name, 400, {"off": 1.0, "on": 1.0})
    await here.pour(name, 400, {"off": 1.0, "on": 3.0}, "pain")
    here.time += 1.1 * DAY
    assert (await look(here, name))["did"] == "decided"
    decision = (await here.good(f"/{name}"))["decision"]
    assert (decision["kind"], decision["variant"], decision["promoted"]) == ("harm", "off", False)


async def test_the_end_of_its_duration_ends_it(here: Site) -> None:
    name = await running(here, duration_days=2)
    await here.pour(name, 120, {"off": 1.0, "on": 1.0})
    here.time += 1.9 * DAY
    assert (await look(here, name))["state"] == "running"
    here.time += 0.2 * DAY
    assert (await look(here, name))["state"] == "decided"
    assert (await here.good(f"/{name}"))["decision"]["kind"] == "duration"


async def test_without_auto_stop_it_only_looks(here: Site) -> None:
    name = await running(here, duration_days=1, auto_stop=False)
    await here.pour(name, 200, {"off": 1.0, "on": 4.0})
    here.time += 3 * DAY
    seen = await look(here, name)
    assert (seen["state"], seen["did"]) == ("running", "nothing")
    assert (await kept(here, name)).looks[-1].effects["on"][0] is not None


async def test_two_monitors_at_once_have_one_effect(here: Site) -> None:
    name = await running(here, auto_promote=True)
    await here.pour(name, 300, {"off": 1.0, "on": 3.0})
    here.time += 1.1 * DAY
    before = (await live(here)).version
    found = await asyncio.gather(*(here.post("/monitor") for _ in range(4)))
    did = [one["did"] for told in found for one in told["experiments"]]
    assert did.count("decided") == 1
    after = await kept(here, name)
    assert after.decision is not None
    assert [step.after for step in after.transitions] == ["running", "decided"]
    assert len(after.looks) == 1
    assert ((await live(here)).version, len((await live(here)).promotions)) == (before + 1, 1)


async def test_an_operators_stop_between_is_not_undone(here: Site) -> None:
    name = await running(here)
    await here.pour(name, 300, {"off": 1.0, "on": 3.0})
    here.time += 1.1 * DAY
    await asyncio.gather(here.post("/monitor"), here.good(f"/{name}/stop", {"reason": "mine"}), return_exceptions=True)
    ended = await kept(here, name)
    assert ended.state in ("stopped", "decided")
    assert [step.before for step in ended.transitions] == ["draft", "running"]
    assert (await live(here)).experiments == []


async def test_looks_are_kept_when_they_show_something(here: Site) -> None:
    name = await running(here)
    for _ in range(3):
        await look(here, name)
    assert len((await kept(here, name)).looks) == 1
    await here.pour(name, 10, {"off": 1.0, "on": 1.0})
    await look(here, name)
    assert [one.units for one in (await kept(here, name)).looks] == [0, 10]
    here.time += 7 * 3_600
    await look(here, name)
    assert [one.at for one in (await kept(here, name)).looks] == [START, START, START + 7 * 3_600]


def test_the_history_thins_with_age_and_keeps_its_ends() -> None:
    experiment = draft()
    for number in range(1_000):
        experiment = looked(experiment, Look(at=float(number), units=number, effects={}))
    at = [one.at for one in experiment.looks]
    assert len(at) <= MOST_LOOKS
    assert (at[0], at[-1], at) == (0.0, 999.0, sorted(at))
    assert at[-50:] == [float(number) for number in range(950, 1_000)]


async def test_one_that_cannot_be_looked_at_keeps_no_other_from_it(here: Site) -> None:
    first, broken, last = [await running(here) for _ in range(3)]
    for shard in range(32):
        await here.runtime.store.commit(Put(ExperimentShard(id=shard_id(broken, shard), body="{")))
    here.time += 20 * DAY
    seen = {one["experiment_id"]: one["did"] for one in (await here.post("/monitor"))["experiments"]}
    assert seen == {first: "decided", broken: "failed", last: "decided"}
    told = await here.good("/analysis")
    assert {one["experiment_id"] for one in told["experiments"]} == {first, last}
    assert told["failed"] == [broken]


async def test_a_bandit_gets_its_rounds_and_stays_analysable(here: Site) -> None:
    name = await running(here, allocation="thompson", duration_days=8, auto_stop=False)  # else luck may decide it first
    await here.pour(name, 1_000, {"off": 1.0, "on": 2.5})
    here.time += 1.01 * DAY
    seen = await look(here, name)
    assert seen["did"] == "round", seen
    after = await kept(here, name)
    assert after.running is not None
    weights = after.running.slices[1].weights
    assert weights[1] > 0.6
    assert sum(weights) == pytest.approx(1)
    assert (await live(here)).experiments == [after.running]
    assert "Round 2 of 8" in seen["sentence"]
    assert (await look(here, name))["did"] == "nothing"
    analysis = await here.good(f"/{name}/analysis")
    assert [one["slice"] for one in analysis["slices"]] == [0, 1]


async def test_a_look_is_made_of_the_definition_that_is_stored(here: Site) -> None:
    """auto_stop is switched off after the monitor has listed what runs and before it writes: nothing is decided."""
    name = await running(here)
    await here.pour(name, 300, {"off": 1.0, "on": 3.0})
    here.time += 1.1 * DAY
    await here.post("/fold")
    store = here.runtime.store

    class Late:
        """The store, where somebody is quicker than the first commit."""

        def __init__(self) -> None:
            self.first = True

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        async def commit(self, *writes: Any) -> Any:
            if self.first:
                self.first = False
                await Course(store).take(name, lambda one, live: (one.model_copy(update={"auto_stop": False}), live))
            return await store.commit(*writes)

    (seen,) = await Monitor(Late()).run(here.time)
    assert (seen.did, seen.experiment.state, seen.experiment.auto_stop) == ("nothing", "running", False)
    assert (await kept(here, name)).decision is None
