"""Assignment and outcomes: who gets which variant, what counts once, and what does not count at all."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from shared.activity.events import Exposed, Outcome, decoded
from shared.documents import Profile
from shared.experiments import serving
from shared.experiments.slices import arm_of
from shared.store import Put, Where
from shared.stored.activity import PLACES, Happening
from shared.stored.experiments import Experiment
from tests.experiments.salts import resalt
from tests.functions.experiments_site import DAY, START, Site, site
from tests.product import Product

BOUNDED = {
    "primary_metric": "score",
    "definitions": [{"name": "score", "kind": "mean", "lowest": -100, "highest": 100}],
}
"""Of which learners may tell."""


class Learning(Site):
    """One whose experiments' metric has bounds."""

    async def running(self, **changes: Any) -> str:
        return await super().running(**{"metrics": BOUNDED, **changes})


@pytest.fixture
def here(product: Product) -> Site:
    return Learning(site(product).runtime)


async def waiting(here: Site) -> list[Any]:
    """The events in the outbox."""
    found = []
    for place in range(PLACES):
        documents = await here.runtime.store.query(Happening, Where("place", "==", str(place)), order="at")
        found += [event for document in documents for event in decoded(document.body)]
    return found


def outcome(unit: str, event: str = "e1", **changes: Any) -> dict[str, Any]:
    return {"unit_id": unit, "metric": "score", "value": 2.0, "event_id": event, **changes}


async def means(here: Site, name: str) -> dict[str, tuple[int, float | None]]:
    """(units, mean) of the primary metric by variant."""
    metric = (await here.good(f"/{name}/analysis"))["metrics"][0]
    return {arm["variant"]: (arm["units"], arm["mean"]) for arm in metric["arms"]}


async def test_units_are_split_as_the_weights_say_and_stay(here: Site) -> None:
    name = await here.running()
    await resalt(here.runtime.store, name)
    found = {f"u{number}": await here.assign(name, f"u{number}", expose=False) for number in range(400)}
    assert Counter(found.values())["on"] == pytest.approx(200, abs=50)
    again = {unit: await here.assign(name, unit, expose=False) for unit in found}
    assert again == found
    assert await waiting(here) == []


async def test_a_learner_asks_for_themselves(here: Site) -> None:
    name = await here.running()
    asked = {"unit_id": "u1"}
    told = await here.good(f"/{name}/assign", asked, "u1")
    config = {"hints": True} if told["variant"] == "on" else {}
    assert told == {
        "experiment_id": name,
        "unit_id": "u1",
        "variant": told["variant"],
        "config": config,
        "promoted": False,
    }
    assert (await here.ask(f"/{name}/assign", asked, "u2")).status == 403
    assert (await here.good(f"/{name}/assign", asked, "admin"))["variant"] == told["variant"]


async def test_exposure_is_told_once(here: Site) -> None:
    name = await here.running()
    for _ in range(3):
        await here.assign(name, "u1")
    (told,) = await waiting(here)
    assert isinstance(told, Exposed)
    assert (told.unit, told.experiment, told.id) == ("u1", name, f"x:{name}:u1")
    again = Site(here.runtime)
    serving._known.clear()  # as another process, which does not know what was told
    await again.assign(name, "u1")
    assert len(await waiting(here)) == 2
    status = await here.good(f"/{name}/status")
    assert status["total_participants"] == 1


async def test_who_is_not_in_gets_no_variant(here: Site) -> None:
    draft = (await here.good("", {**_targeted(), "targeting": {}}))["id"]
    assert await here.assign(draft, "u1") is None
    name = await here.running(traffic_allocation=0.01)
    await resalt(here.runtime.store, name)
    found = [await here.assign(name, f"u{number}") for number in range(100)]
    assert found.count(None) > 90
    await here.post(f"/{name}/stop")
    assert {await here.assign(name, f"u{number}") for number in range(100)} == {None}
    assert (await here.ask("/exp_none/assign", {"unit_id": "u1"})).status == 404


def _targeted() -> dict[str, Any]:
    from tests.experiments.drafts import body

    return body(targeting={"languages": ["de"], "platforms": ["ios"], "levels": ["beginner"]})


async def test_targeting_goes_by_what_is_said_then_by_the_profile(here: Site) -> None:
    name = await here.running(targeting=_targeted()["targeting"])
    asked = {"language": "de", "platform": "ios", "level": "beginner"}
    assert await here.assign(name, "u1", **asked) is not None
    for field, other in (("language", "en"), ("platform", "web"), ("level", "advanced")):
        assert await here.assign(name, "u1", **{**asked, field: other}) is None
    await here.runtime.store.commit(Put(Profile(id="u2", language="de", difficulty_preference=0.1)))
    told = await here.good(f"/{name}/assign", {"unit_id": "u2"}, "u2", x_client_platform="iOS")
    assert told["variant"] is not None
    assert (await here.good(f"/{name}/assign", {"unit_id": "u3"}, "u3", x_client_platform="ios"))["variant"] is None


async def test_an_outcome_counts_once_however_often_it_comes(here: Site) -> None:
    name = await here.running()
    variant = await here.assign(name, "u1")
    for _ in range(3):
        reply = await here.ask(f"/{name}/outcomes", outcome("u1"), "u1")
        assert (reply.status, reply.json["accepted"], reply.json["ignored"]) == (202, 1, 0)
    await asyncio.gather(*(here.good(f"/{name}/outcomes", outcome("u1"), "u1") for _ in range(5)))
    assert (await means(here, name))[variant] == (1, 2.0)
    await here.good(f"/{name}/outcomes", [outcome("u1"), outcome("u1", "e2", value=3.0)], "u1")
    assert (await means(here, name))[variant] == (1, 5.0)


async def test_an_array_is_one_commit_and_says_what_does_not_count(here: Site) -> None:
    name = await here.running(traffic_allocation=0.5)
    await resalt(here.runtime.store, name)
    experiment = await here.runtime.store.get(Experiment, name)
    assert experiment is not None
    assert experiment.running is not None
    units = [f"u{number}" for number in range(40)]
    inside = [unit for unit in units if arm_of(experiment.running, unit) is not None]
    sent = [outcome(unit) for unit in units] + [outcome(inside[0])]
    told = await here.good(f"/{name}/outcomes", sent)
    assert (told["accepted"], told["ignored"]) == (len(inside), len(sent) - len(inside))
    assert told["reasons"] == {"the unit is not in the experiment": 40 - len(inside), "the same event again": 1}
    assert len(told["examples"]) == min(20, told["ignored"])
    assert {event.unit for event in await waiting(here)} == set(inside)


async def test_learners_tell_of_themselves_and_not_what_the_product_measures(here: Site) -> None:
    metrics = {
        "primary_metric": "score",
        "secondary_metrics": ["user_satisfaction"],
        "definitions": BOUNDED["definitions"],
    }
    name = await here.running(metrics=metrics)
    await here.assign(name, "u1")
    assert (await here.ask(f"/{name}/outcomes", outcome("u2"), "u1")).status == 403
    assert (await here.ask(f"/{name}/outcomes", [outcome("u1"), outcome("u2")], "u1")).status == 403
    assert (await here.ask(f"/{name}/outcomes", outcome("u1", metric="user_satisfaction"), "u1")).status == 403
    assert (await here.good(f"/{name}/outcomes", outcome("u1", metric="user_satisfaction"), "admin"))["accepted"] == 1
    heard = await here.ask(f"/{name}/outcomes", [outcome("u1"), outcome("u1", metric="joy")], "admin")
    assert heard.status == 422
    assert heard.json["errors"] == [
        {"field": "1.metric", "message": "No metric 'joy': the experiment takes score, user_satisfaction"}
    ]
    assert len(await waiting(here)) == 2  # the exposure, and the one that was taken


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "much"}, "value"),
        ({"value": 1e13}, "value"),
        ({"value": "3"}, "value"),
        ({"value": True}, "value"),
        ({"denominator": "1"}, "denominator"),
        ({"sent_at": True}, "sent_at"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": "a b"}, "event_id"),
        ({"unit_id": "a/b"}, "unit_id"),
        ({"denominator": -1}, "denominator"),
        ({"timestamp": "today"}, "timestamp"),
        ({"user": "u1"}, "user"),
    ],
)
async def test_an_outcome_that_is_none_is_refused_by_field(here: Site, changes: dict[str, Any], field: str) -> None:
    name = await here.running()
    heard = await here.ask(f"/{name}/outcomes", outcome("u1", **changes), "u1")
    assert heard.status == 422
    assert heard.json["errors"][0]["field"] == field
    heard = await here.ask(f"/{name}/outcomes", [outcome("u1"), outcome("u1", **changes)], "u1")
    assert heard.json["errors"][0]["field"] == f"1.{field}"


async def test_no_more_than_five_hundred_at_once(here: Site) -> None:
    name = await here.running()
    assert (await here.ask(f"/{name}/outcomes", [outcome("u1", f"e{n}") for n in range(501)])).status == 422
    assert (await here.ask(f"/{name}/outcomes", [])).status == 422
    assert (await here.good(f"/{name}/outcomes", [outcome("u1", f"e{n}") for n in range(500)]))["accepted"] == 500


async def test_clocks_that_are_off_do_not_matter(here: Site) -> None:
    """A device that is ten years behind, one that is ahead, and one that only says when it was."""
    name = await here.running()
    here.time += DAY
    sent = [
        outcome("u1", "behind", timestamp=1_000.0, sent_at=1_600.0),
        outcome("u1", "ahead", timestamp=9e9, sent_at=9e9 + 60),
        outcome("u1", "in its own future", timestamp=2_000.0, sent_at=1_000.0),
        outcome("u1", "only when", timestamp=START - 50 * DAY),
        outcome("u1", "nothing"),
    ]
    sent[2]["event_id"], sent[3]["event_id"] = "future", "only"
    await here.good(f"/{name}/outcomes", sent, "u1")
    at = {event.id.rpartition(":")[2]: event.at for event in await waiting(here) if isinstance(event, Outcome)}
    now = START + DAY
    assert at == {"behind": now - 600, "ahead": now - 60, "future": now, "only": None, "nothing": None}


async def test_what_lies_before_the_exposure_is_no_outcome(here: Site) -> None:
    name = await here.running()
    here.time += DAY
    variant = await here.assign(name, "u1")
    here.time += 60
    late = outcome("u1", "late", value=100.0, timestamp=0.0, sent_at=3_600.0)
    await here.good(f"/{name}/outcomes", [late, outcome("u1", "e1", value=1.0)], "u1")
    assert (await means(here, name))[variant] == (1, 1.0)


async def test_after_the_end_only_what_was_before_it_counts(here: Site) -> None:
    name = await here.running()
    variant = await here.assign(name, "u1")
    here.time += 100
    await here.post(f"/{name}/stop")
    here.time += 100
    sent = [outcome("u1", "late", timestamp=0.0, sent_at=150.0), outcome("u1", "after", timestamp=0.0, sent_at=50.0)]
    told = await here.good(f"/{name}/outcomes", [*sent, outcome("u1", "now")], "u1")
    assert (told["accepted"], told["reasons"]) == (1, {"after the experiment's end": 2})
    assert (await means(here, name))[variant] == (1, 2.0)
    here.time += 2 * DAY
    old = outcome("u1", "old", timestamp=0.0, sent_at=2 * DAY + 150)
    told = await here.good(f"/{name}/outcomes", old, "u1")
    assert told["reasons"] == {"more than a day after the experiment's end": 1}


async def test_outcomes_of_a_draft_are_refused(here: Site) -> None:
    name = (await here.good("", {**_targeted(), "metrics": BOUNDED}))["id"]
    heard = await here.ask(f"/{name}/outcomes", outcome("u1"), "u1")
    assert heard.status == 409
    assert "draft" in heard.json["detail"]


async def test_what_is_counted_is_told_to_the_metrics(here: Site) -> None:
    name = await here.running(name="Tips & Hints")
    variant = await here.assign(name, "u1")
    await here.good(f"/{name}/outcomes", [outcome("u1"), outcome("u1", "e2")], "u1")
    counted = await here.post("/fold")
    assert (counted["events"], counted["more"]) == (3, False)
    assert (await here.post("/fold"))["events"] == 0
    await here.runtime.metrics.flush()
    totals = await here.runtime.coordination.totals("metric:ai_experiment")
    assert totals[f"metric:ai_experiments_total|tips_hints|{variant}|n"] == 1
    assert totals[f"metric:ai_experiment_conversions_total|tips_hints|{variant}|n"] == 2
