"""Events to sums, one thing at a time. Any order of any events: `test_recount`."""

from dataclasses import replace
from itertools import permutations

import pytest

from shared.activity.events import Event, place_of
from shared.analytics import learner
from shared.analytics.learner import Learner
from shared.documents import LiveConfig
from shared.experiments.assign import choose
from shared.experiments.context import Context
from shared.experiments.shards import shard_of, totals, unit_id
from shared.experiments.slices import arm_of, slice_of
from shared.experiments.totals import Totals
from shared.stored.activity import PLACES, LearnerActivity
from shared.stored.experiments import SHARDS, ExperimentShard, ExperimentUnit, RunningExperiment
from tests.experiments.counted import (
    DAY,
    START,
    Kept,
    answered,
    consumed,
    experiment,
    exposed,
    graded,
    outcome,
)

UNITS = ("u1", "u2", "u3")


def summed(kept: Kept) -> Totals:
    return totals(kept.bodies(ExperimentShard).values())


def test_a_shard_belongs_to_the_place_of_its_units() -> None:
    for number in range(500):
        unit = f"learner-{number}"
        assert str(shard_of(unit) % PLACES) == place_of(unit)
    assert {shard_of(f"learner-{number}") for number in range(2000)} == set(range(SHARDS))


def test_a_units_document_does_not_say_whose_it_is() -> None:
    kept = Kept(experiment())
    kept.count([(START, answered("maria@example.org", "r1")), (START + 1, outcome("maria@example.org", "o1", 1))])
    ((name, body),) = kept.bodies(ExperimentUnit).items()
    assert name == unit_id("e1", "maria@example.org")
    assert "maria" not in name + body + "".join(kept.bodies(ExperimentShard).values())


def test_an_exposure_that_comes_late_makes_outcomes_of_what_was_waiting() -> None:
    kept = Kept(experiment())
    kept.count(
        [(START + 50, outcome("u1", "o1", 4)), (START + 10, outcome("u1", "o0", 2)), (START + 60, answered("u1", "r2"))]
    )
    (cell,) = summed(kept).cells.values()
    assert cell.metrics["score"].sums == (0.0, 1.0, 6.0, 1.0)
    kept.count([(START + 20, answered("u1", "r1"))])
    (cell,) = summed(kept).cells.values()
    assert cell.metrics["score"].sums == (4.0, 1.0, 2.0, 1.0)


def test_a_unit_seen_in_another_variant_stays_and_is_told_of() -> None:
    kept = Kept(experiment())
    kept.count(
        [(START, answered("u1", "r1", "a")), (START + 9, answered("u1", "r2", "b")), (START + 9, outcome("u1", "o", 1))]
    )
    found = summed(kept)
    assert list(found.cells) == [("a", 0, 0)]
    assert found.moved == 1
    assert found.cells["a", 0, 0].metrics["score"].sums[0] == 1


def test_t62_a_fallback_a_cache_hit_and_the_cap_leave_a_unit_in_its_arm_untreated() -> None:
    kept = Kept(experiment())
    for number, delivered in enumerate(("m1", "cache", "none")):
        kept.count([(START + number, answered("u1", f"r{number}", "b", delivered=delivered))])
    cell = summed(kept).cells["b", 0, 0]
    assert (cell.units, cell.treated, dict(cell.delivered)) == (1, 0, {"m1": 1, "cache": 1, "none": 1})
    kept.count([(START + 9, answered("u1", "r9", "b", delivered="m2"))])
    assert summed(kept).cells["b", 0, 0].treated == 1


def test_under_a_bandit_a_unit_counts_in_the_slice_that_it_is_in() -> None:
    bandit = experiment(allocation="thompson")
    kept = Kept(bandit)
    kept.count([(START + 12 * DAY, answered(f"u{number}", f"r{number}")) for number in range(40)])
    assert bandit.running is not None
    expected = [slice_of(bandit.running, f"u{number}") for number in range(40)]
    assert {name: cell.units for name, cell in summed(kept).cells.items()} == {
        ("a", slice_, 0): expected.count(slice_) for slice_ in (0, 1)
    }


def test_nothing_counts_after_the_end_and_what_was_before_may_come_in_for_a_day() -> None:
    ended = START + 10 * DAY
    kept = Kept(experiment(state="stopped", ended_at=ended))
    kept.count(
        [(ended - 9, answered("u1", "r1")), (ended + 1, answered("u2", "r2")), (ended + 1, outcome("u1", "o1", 1))]
    )
    kept.count([(ended + 100, outcome("u1", "o2", 2, at=ended - 1))])
    kept.count([(ended + 2 * DAY, outcome("u1", "o3", 4, at=ended - 1))])
    (cell,) = summed(kept).cells.values()
    assert (cell.units, cell.metrics["score"].sums[0]) == (1, 2)


def test_events_of_what_is_not_known_or_not_started_or_no_variant_change_nothing() -> None:
    assert Kept().count([(START, answered("u1", "r1")), (START, outcome("u1", "o1", 1))]) == []
    draft = experiment(state="draft", started_at=None, running=None)
    assert Kept(draft).count([(START, answered("u1", "r1"))]) == []
    kept = Kept(experiment())
    kept.count([(START, exposed("u1", variant="c")), (START, answered("u1", "r1", None))])
    assert summed(kept).cells == {}


def test_a_value_that_cannot_be_changes_nothing() -> None:
    for value in (float("nan"), float("inf"), 1.1e12):
        with pytest.raises(ValueError, match="must be a number"):
            Kept(experiment()).count([(START, answered("u1", "r1")), (START, outcome("u1", "o1", value))])


def test_what_was_counted_is_told_for_the_metrics_once() -> None:
    kept = Kept(experiment())
    events: list[tuple[float, Event]] = [
        (START, answered("u1", "r1")),
        (START + 1, answered("u2", "r2", "b")),
        (START + 2, outcome("u1", "o1", 1)),
    ]
    kept.count(events)
    kept.count(events)
    kept.count([(START + 3, outcome("u1", "o2", 1))])
    assert kept.told == {
        ("ai_experiments_total", "Experiment e1", "a"): 1,
        ("ai_experiments_total", "Experiment e1", "b"): 1,
        ("ai_experiment_conversions_total", "Experiment e1", "a"): 2,
    }


def test_the_days_before_the_exposures_are_the_covariate_of_what_the_product_measures() -> None:
    today = int(START // DAY)
    acted = Learner()
    for days in (30, 28, 5, 1, 0):
        values = {"answers": 2, "us": 5_000_000, "graded": 4, "correct": 3, "ratings": 1, "rating": 4}
        acted.act((today - days) * DAY + 60, 0, values, 90)
    kept = Kept(experiment(), LearnerActivity(id="u1", body=learner.encoded(acted)))
    # Waiting here too: on an earlier day, which is known already, and on the day itself.
    kept.count([(START - DAY, graded("u1", "g1", True)), (today * DAY + 1, graded("u1", "g2", True))])
    kept.count([(START, answered("u1", "r1", ms=9000)), (START, answered("u2", "r2"))])
    (cell,) = summed(kept).cells.values()
    assert cell.metrics["response_time"].sums == (10.5, 2.0, 15.0, 6.0)
    assert cell.metrics["next_item_correctness"].sums == (0.0, 0.0, 10.0, 13.0)
    assert cell.metrics["user_satisfaction"].sums == (0.0, 0.0, 12.0, 3.0)
    assert cell.metrics["completion_rate"].sums == (0.0, 0.0, 0.0, 0.0)
    kept.count([(START + 9, answered("u1", "r3"))])
    assert summed(kept).cells["a", 0, 0].metrics["response_time"].sums[2:] == (15, 6)


def test_cohorts_are_parts_of_the_duration() -> None:
    kept = Kept(experiment())
    for number, days in enumerate((0, 1.9, 2, 15.9, 40)):
        kept.count([(START + days * DAY, answered(f"u{number}", f"r{number}"))])
    assert {name[2]: cell.units for name, cell in summed(kept).cells.items()} == {0: 2, 1: 1, 7: 2}


def test_what_a_unit_does_where_its_experiment_is_not_targeted_counts_once_it_was_exposed_and_never_exposes() -> None:
    """A beginner becomes advanced: targeting decides who is exposed, not what counts of them (intention to treat)."""
    targeted = RunningExperiment.model_validate(
        {**experiment().running.model_dump(), "targeting": {"levels": ["beginner"]}}  # type: ignore[union-attr]
    )
    live = LiveConfig(id="live", experiments=[targeted])

    def event(number: int, unit: str, level: str, kind: str) -> tuple[float, Event]:
        chosen = choose(live, unit, lambda: Context("en", "ios", level, ("mentor",)), testing=True)
        name = f"{unit}-{number}"
        if kind == "graded":
            return START + number, graded(unit, name, True, arms=chosen.arms, beside=chosen.beside)
        return START + number, replace(
            answered(unit, name, None, delivered="m2"), arms=chosen.arms, beside=chosen.beside
        )

    events = [
        event(0, "u1", "advanced", "answered"),
        event(1, "u1", "advanced", "graded"),
        event(2, "u1", "beginner", "answered"),
        event(3, "u1", "advanced", "answered"),
        event(4, "u1", "advanced", "graded"),
        event(5, "u2", "advanced", "answered"),
        event(6, "u2", "advanced", "graded"),
        event(7, "u2", "beginner", "graded"),
    ]
    bodies = set()
    for order in permutations(events, len(events)):
        if hash(order[0][0] * 31 + order[-1][0] * 7 + order[3][0]) % 40:  # a few hundred of forty thousand
            continue
        kept = Kept(experiment())
        for one in order:
            kept.count([one])
        bodies.add(tuple(sorted(kept.bodies(ExperimentShard).items())))
    ((*_, (_, body)),) = bodies
    (((name, _, _), cell),) = totals([body]).cells.items()
    assert name == arm_of(targeted, "u1")
    assert cell.units == 1
    assert dict(cell.delivered) == {"m2": 1}, "only an answer that its variant could steer"
    assert cell.metrics["response_time"].sums[1] == 2
    assert cell.metrics["next_item_correctness"].sums == (1, 1, 1, 1), "one from after, one from before"


def test_a_unit_that_met_no_variant_leaves_nothing_in_the_sums_and_not_for_long() -> None:
    kept = Kept(experiment())
    (only,) = kept.count([(START, graded("u1", "g1", True, arms={}, beside={"e1": "a"}))])
    assert isinstance(only, ExperimentUnit)
    assert only.expires_at == START + 30 * DAY
    # Nothing that is measured: nothing to remember.
    assert kept.count([(START, replace(consumed("u1", "c1", "opened"), arms={}, beside={"e2": "a"}))]) == []
