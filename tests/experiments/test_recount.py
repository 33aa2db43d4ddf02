"""Events to sums: exact whatever their order, their batches and how often they come; held against a plain recount."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.activity.events import Answered, Event, Graded, Outcome, Rated
from shared.experiments.rules import COHORTS
from shared.experiments.shards import totals
from shared.experiments.sketch import bucket
from shared.stored.experiments import ExperimentShard
from tests.experiments.counted import DAY, START, Kept, answered, consumed, experiment, exposed, graded, outcome, rated
from tests.experiments.summed import of_units

UNITS = ("u1", "u2", "u3")

moments_ = st.integers(-40 * 24, 15 * 24).map(lambda hours: START + hours * 3600.0)
values_ = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
kinds_ = st.sampled_from(["score", "bought", "rate", "size"])


@st.composite
def events_(draw: st.DrawFn) -> list[tuple[float, Event]]:
    """Up to thirty events of three units; an outcome's own time is any, what the product sees has the time of the server."""
    found: list[tuple[float, Event]] = []
    for number in range(draw(st.integers(1, 30))):
        unit, at, name = draw(st.sampled_from(UNITS)), draw(moments_), f"n{number}"
        variant = draw(st.sampled_from(["a", "a", "a", "b"]))
        kind = draw(
            st.sampled_from(["answered", "answered", "exposed", "outcome", "outcome", "graded", "rated", "consumed"])
        )
        event: Event
        if kind == "answered":
            delivered = draw(st.sampled_from(["m1", "m2", "cache"]))
            event = answered(unit, name, variant, delivered=delivered, ms=draw(st.integers(1, 90_000)))
        elif kind == "exposed":
            event = exposed(unit, name, variant)
        elif kind == "outcome":
            event = outcome(unit, name, draw(values_), draw(kinds_), at=at, den=draw(st.integers(0, 5)))
        elif kind == "graded":
            event = graded(unit, name, draw(st.booleans()))
        elif kind == "rated":
            event = rated(unit, name, draw(st.integers(1, 5)))
        else:
            event = consumed(unit, name, draw(st.sampled_from(["opened", "completed", "dismissed"])))
        found.append((at, event))
    return found


@settings(max_examples=150, deadline=None)
@given(events=events_(), data=st.data())
def test_any_order_any_batches_and_duplicates_give_the_same_bytes(
    events: list[tuple[float, Event]], data: st.DataObject
) -> None:
    once = Kept(experiment())
    once.count(events)
    again = Kept(experiment())
    order = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=10))))
    while order:
        size = data.draw(st.integers(1, len(order)))
        again.count(order[:size])
        order = order[size:]
    assert again.bodies(ExperimentShard) == once.bodies(ExperimentShard)


@settings(max_examples=150, deadline=None)
@given(events=events_())
def test_the_sums_are_those_of_a_plain_recount(events: list[tuple[float, Event]]) -> None:
    kept = Kept(experiment())
    kept.count(events)
    found = totals(kept.bodies(ExperimentShard).values())
    units = {unit: recounted([one for one in events if one[1].unit == unit]) for unit in UNITS}
    exposed_units = [one for one in units.values() if one is not None]
    assert {name: cell.units for name, cell in found.cells.items()} == {
        name: sum(one["cell"] == name for one in exposed_units) for name in {one["cell"] for one in exposed_units}
    }
    assert found.moved == sum(one["moved"] for one in exposed_units)
    for name, cell in found.cells.items():
        members = [one for one in exposed_units if one["cell"] == name]
        assert cell.treated == sum(one["treated"] for one in members)
        for metric in (
            "score",
            "bought",
            "rate",
            "next_item_correctness",
            "user_satisfaction",
            "response_time",
            "returned",
        ):
            plain = of_units(one[metric] for one in members)
            assert cell.metrics[metric].n == plain.n
            assert cell.metrics[metric].sums == pytest.approx(plain.sums, rel=1e-9, abs=1e-9)
            assert cell.metrics[metric].products == pytest.approx(plain.products, rel=1e-9, abs=1e-6)
        for part in ("early", "late"):
            assert getattr(cell, part).sums == pytest.approx(of_units(one[part] for one in members).sums, abs=1e-6)
    for metric in ("size", "p95_response_time"):
        for variant in ("a", "b"):
            mine = [value for one in exposed_units if one["cell"][0] == variant for value in one["q"][metric]]
            counts: dict[int, int] = {}
            for histogram in found.histograms.get((variant, metric), ()):
                for place, count in histogram.items():
                    counts[place] = counts.get(place, 0) + count
            assert counts == {place: [bucket(v) for v in mine].count(place) for place in {bucket(v) for v in mine}}


def recounted(events: Sequence[tuple[float, Event]]) -> dict | None:  # type: ignore[type-arg]
    """A unit by its events, worked out the plain way."""
    met = [(at, event.arms["e1"]) for at, event in events if isinstance(event, Answered) and event.arms]
    met += [(at, event.variant) for at, event in events if hasattr(event, "variant")]
    if not met:
        return None
    first, variant = min(met)
    one: dict = {"cell": (variant, 0, min(max(int((first - START) // (2 * DAY)), 0), COHORTS - 1)), "moved": len({v for _, v in met}) > 1}  # type: ignore[type-arg]  # fmt: skip
    delivered = {event.delivered for _, event in events if isinstance(event, Answered)}
    one["treated"] = variant == "a" or "m2" in delivered
    pairs: dict[str, list[tuple[float, float, float]]] = {}
    for at, event in events:
        if isinstance(event, Outcome):
            pairs.setdefault(event.metric, []).append((at, event.value, event.den))
        elif isinstance(event, Graded):
            pairs.setdefault("next_item_correctness", []).append((at, float(event.correct), 1))
        elif isinstance(event, Rated):
            pairs.setdefault("user_satisfaction", []).append((at, event.total, event.count))
        elif isinstance(event, Answered):
            pairs.setdefault("response_time", []).append((at, event.latency_ms / 1000, 1))

    def split(metric: str) -> tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]]:
        found = pairs.get(metric, [])
        return [x for x in found if x[0] >= first], [x for x in found if (first // DAY - 28) * DAY <= x[0] < first]

    for metric in ("rate", "next_item_correctness", "user_satisfaction", "response_time"):
        after, before = split(metric)
        one[metric] = (sum(x[1] for x in after), sum(x[2] for x in after), sum(x[1] for x in before), sum(x[2] for x in before))  # fmt: skip
    after, before = split("score")
    one["score"] = (sum(x[1] for x in after), 1, sum(x[1] for x in before), 1)
    early = [x for x in after if x[0] // DAY < first // DAY + 3]
    one["early"] = (sum(x[1] for x in early), 1, one["score"][2], 1)
    one["late"] = (one["score"][0] - sum(x[1] for x in early), 1, one["score"][2], 1)
    after, before = split("bought")
    one["bought"] = (any(x[1] > 0 for x in after), 1, any(x[1] > 0 for x in before), 1)
    days = [at // DAY for at, event in events if isinstance(event, Answered)]
    one["returned"] = (any(day > first // DAY for day in days), 1, 0, 1)
    one["q"] = {
        "size": [x[1] for x in split("size")[0]],
        "p95_response_time": [x[1] for x in split("response_time")[0]],
    }
    return one
