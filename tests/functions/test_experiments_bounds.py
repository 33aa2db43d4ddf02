"""Bounds of metrics: what no outcome may be, and of which metrics learners may tell."""

from typing import Any

import pytest

from tests.functions.experiments_site import Site, site
from tests.product import Product

METRICS: dict[str, Any] = {
    "primary_metric": "score",
    "secondary_metrics": ["solved", "speed", "open", "half", "returned"],
    "definitions": [
        {"name": "score", "kind": "mean", "lowest": 0, "highest": 5},
        {"name": "solved", "kind": "proportion"},
        {"name": "speed", "kind": "ratio", "lowest": 0, "highest": 60},
        {"name": "open", "kind": "mean"},
        {"name": "half", "kind": "mean", "highest": 7},
    ],
}


@pytest.fixture
async def here(product: Product) -> tuple[Site, str]:
    found = site(product)
    return found, f"/{await found.running(metrics=METRICS)}/outcomes"


def outcome(metric: str, value: float, **changes: Any) -> dict[str, Any]:
    return {"unit_id": "u1", "metric": metric, "value": value, "event_id": f"{metric}{value}", **changes}


@pytest.mark.parametrize("as_", ["u1", "admin"])
@pytest.mark.parametrize(
    ("metric", "value", "takes"),
    [
        ("score", 1e12, "score takes values from 0 to 5"),
        ("score", -0.1, "score takes values from 0 to 5"),
        ("solved", 2, "solved takes values from 0 to 1"),
        ("solved", -1, "solved takes values from 0 to 1"),
        ("speed", 61, "speed takes values from 0 to 60"),
    ],
)
async def test_what_is_out_of_bounds_is_refused_for_everybody(
    here: tuple[Site, str], metric: str, value: float, takes: str, as_: str
) -> None:
    found, path = here
    heard = await found.ask(path, outcome(metric, value), as_)
    assert heard.status == 422
    assert heard.json["errors"] == [{"field": "value", "message": takes}]
    assert takes in heard.json["detail"]
    heard = await found.ask(path, [outcome("score", 1), outcome(metric, value)], as_)
    assert heard.json["errors"] == [{"field": "1.value", "message": takes}]
    assert (await found.post("/fold"))["events"] == 0


async def test_what_is_on_a_bound_is_taken(here: tuple[Site, str]) -> None:
    found, path = here
    sent = [outcome("score", 0), outcome("score", 5), outcome("solved", 0), outcome("solved", 1), outcome("speed", 60)]
    assert (await found.good(path, sent, "u1"))["accepted"] == 5


async def test_of_metrics_without_both_bounds_only_services_tell(here: tuple[Site, str]) -> None:
    found, path = here
    for metric in ("open", "half"):
        heard = await found.ask(path, outcome(metric, 1), "u1")
        assert heard.status == 403
        assert (
            f"{metric}: learners tell only of metrics that are defined with lowest and highest" in heard.json["detail"]
        )
        assert (await found.good(path, outcome(metric, -1e12), "admin"))["accepted"] == 1
    heard = await found.ask(path, outcome("half", 8), "admin")
    assert heard.json["errors"] == [{"field": "value", "message": "half takes values of 7 at most"}]
    heard = await found.ask(path, outcome("returned", 3), "admin")
    assert heard.json["errors"] == [{"field": "value", "message": "returned takes values from 0 to 1"}]


async def test_a_learners_denominator_outweighs_nobody(here: tuple[Site, str]) -> None:
    found, path = here
    heard = await found.ask(path, outcome("speed", 1, denominator=1e12), "u1")
    assert heard.status == 422
    assert heard.json["errors"] == [{"field": "denominator", "message": "speed: a learner's denominator is 1 at most"}]
    assert (await found.good(path, outcome("speed", 1, denominator=0.5), "u1"))["accepted"] == 1
    assert (await found.good(path, outcome("speed", 2, denominator=1_000), "admin"))["accepted"] == 1


async def test_one_without_its_metric_is_named_by_field(here: tuple[Site, str]) -> None:
    found, path = here
    heard = await found.ask(path, outcome("joy", 1), "admin")
    assert heard.json["errors"][0]["field"] == "metric"
    assert (await found.ask(path, 5, "admin")).json["errors"][0]["field"] == "body"
