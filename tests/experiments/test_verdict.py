"""Sentences for people."""

import pytest

from shared.experiments.analysis import analyse
from shared.experiments.totals import Totals
from shared.experiments.verdict import between, percent
from tests.experiments.arranged import DAY, LEARNT, RATING, SCORE, experiment, normal, totals


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0412, "4.1 %"),
        (-0.2, "20 %"),
        (0.0996, "10 %"),
        (12.5, "1,250 %"),
        (0.0, "0.0 %"),
        (0.0005, "0.05 %"),
        (1e-9, "under 0.001 %"),
    ],
)
def test_shares_are_read_as_percents(share: float, expected: str) -> None:
    assert percent(share) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.012, 0.07, "between 1.2 % and 7.0 %"),
        (-0.07, -0.012, "between 1.2 % and 7.0 %"),
        (-0.03, 0.071, "between 3.0 % lower and 7.1 % higher"),
        (None, None, "anything is possible"),
        (0.02, None, "at least 2.0 % higher"),
    ],
)
def test_intervals_say_which_way(low: float | None, high: float | None, expected: str) -> None:
    assert between(low, high) == expected


def test_what_is_missing_is_said_in_units_and_days() -> None:
    sums = totals({"control": {"score": normal(100, 4, 1)}, "treatment": {"score": normal(100, 4.1, 1)}})
    verdict = analyse(experiment(minimum_effect=0.05), sums, DAY).verdict
    assert verdict.kind == "collecting"
    assert verdict.sentence.startswith("Too early to say: about ")
    assert "more units are needed to tell a difference of 5.0 %, about" in verdict.sentence
    assert "with treatment it is 2.5 % higher" in verdict.sentence
    assert verdict.reasons[0].startswith("score, treatment: 4.1 of 100 units against 4 of 100;")


def test_units_without_any_value_are_not_said_to_tell_a_difference() -> None:
    sums = totals({name: {"score": normal(4, 0, 0)} for name in ("control", "treatment")})
    verdict = analyse(experiment(minimum_effect=0.05), sums, DAY).verdict
    assert verdict.sentence.startswith("Too early to say: about ")
    assert "more units are needed before anything is decided" in verdict.sentence
    assert "to tell a difference" not in verdict.sentence


def test_a_win_names_what_stayed_as_it_was() -> None:
    sums = totals(
        {
            name: {"user_satisfaction": normal(600, rated, 1), "next_item_correctness": normal(600, 4, 1)}
            for name, rated in (("control", 4.0), ("treatment", 4.4))
        }
    )
    verdict = analyse(experiment(RATING, LEARNT), sums, 2 * DAY).verdict
    assert verdict.sentence.startswith("Keep treatment: user satisfaction is 10 % higher (between ")
    assert verdict.sentence.endswith(", and next item correctness is no worse (at most 5.0 % lower).")
    assert len(verdict.reasons) == 2


def test_nothing_is_said_to_be_nothing() -> None:
    for sums, word in (
        (Totals(), "no unit"),
        (totals({"control": {"score": normal(4, 0, 1)}, "treatment": {}}), "Too early"),
    ):
        verdict = analyse(experiment(SCORE), sums, DAY).verdict
        assert word in verdict.sentence
        assert "None" not in verdict.sentence


def test_one_that_was_stopped_is_not_told_to_go_on() -> None:
    sums = totals({"control": {"score": normal(100, 4, 1)}, "treatment": {"score": normal(100, 4.1, 1)}})
    verdict = analyse(experiment(state="stopped", ended_at=DAY), sums, 90 * DAY).verdict
    assert verdict.kind == "collecting"
    assert verdict.sentence.startswith("Stopped before anything could be decided. So far for score: with treatment")
