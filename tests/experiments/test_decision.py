"""What ends an experiment, and what does not."""

from typing import Any

import pytest

from shared.agents.experiment_analysis import Analysis
from shared.experiments.analysis import analyse
from shared.experiments.decision import decide
from shared.experiments.judgement import harm_level, win_level
from shared.experiments.moments import Moments
from shared.experiments.totals import Cell, Totals
from shared.stored.experiments import Decision, Experiment, ExperimentMetric
from tests.experiments.arranged import DAY, LEARNT, RATING, SCORE, SLOWNESS, experiment, normal, totals

LATER = 3 * DAY


def seen(
    asked: Experiment, units: int = 400, now: float = LATER, **means: tuple[float, ...]
) -> tuple[Analysis, Decision | None]:
    """An analysis of arms whose units have these means (deviation 1), metric by metric, and what is decided by it."""
    cells: dict[str, dict[str, Moments]] = {}
    for metric, found in means.items():
        for variant, mean in zip(asked.variants, found, strict=True):
            cells.setdefault(variant.name, {})[metric] = normal(units, mean, 1.0)
    analysis = analyse(asked, totals(cells), now)
    return analysis, decide(asked, analysis, now)


def kind(asked: Experiment, **given: Any) -> str | None:
    found = seen(asked, **given)[1]
    return None if found is None else found.kind


def test_a_better_primary_metric_wins() -> None:
    analysis, found = seen(experiment(), score=(4.0, 4.4))
    assert found is not None
    assert (found.kind, found.variant, found.by, found.at) == ("win", "treatment", "monitor", LATER)
    assert found.sentence == analysis.verdict.sentence
    assert found.sentence.startswith("Keep treatment: score is 10 % higher (between")
    assert kind(experiment(SCORE.model_copy(update={"better": "down"})), score=(4.4, 4.0)) == "win"


def test_a_win_takes_a_day_and_the_least_units_and_true_shares() -> None:
    assert kind(experiment(), now=DAY - 1, score=(4.0, 4.4)) is None
    assert kind(experiment(), now=DAY, score=(4.0, 4.4)) == "win"
    assert kind(experiment(min_participants=801), score=(4.0, 4.4)) is None
    assert kind(experiment(min_participants=800), score=(4.0, 4.4)) == "win"
    crooked = Totals(
        {
            ("control", 0, 0): Cell(800, 800, metrics={"score": normal(800, 4.0, 1)}),
            ("treatment", 0, 0): Cell(600, 600, metrics={"score": normal(600, 4.4, 1)}),
        }
    )
    for now, expected in ((LATER, None), (14 * DAY, "duration")):
        analysis = analyse(experiment(), crooked, now)
        found = decide(experiment(), analysis, now)
        assert (found and found.kind) == expected
        assert "Do not trust" in analysis.verdict.sentence
        assert found is None or found.variant is None


def test_what_would_only_do_for_one_look_does_not_win() -> None:
    analysis, found = seen(experiment(), score=(4.0, 4.16))
    p_value = analysis.metrics[0].effects[0].p_value
    assert p_value is not None
    assert p_value < 0.05
    assert found is None


def test_of_several_variants_each_has_its_part_of_alpha() -> None:
    """The same two arms, beside more and more others that do nothing."""
    effect = (4.0, 4.224)
    assert kind(experiment(), score=effect) == "win"
    many = experiment(arms=("control", "a", "b", "c", "d", "e", "f", "g"), target_participants=4_000)
    assert win_level(many) == pytest.approx(0.05 / 7)
    assert kind(many, score=(*effect, *[4.0] * 6)) is None
    _, found = seen(many, score=(4.0, 4.5, 4.6, *[4.0] * 5))
    assert found is not None
    assert found.variant == "b"


def test_all_that_can_do_harm_share_alpha_too() -> None:
    asked = experiment(RATING, LEARNT, SLOWNESS, SCORE, arms=("control", "a", "b"), guardrails=["response_time"])
    assert harm_level(asked) == pytest.approx(0.05 / 2 / 3)


def test_harm_to_a_guardrail_beyond_its_margin_stops_at_once() -> None:
    asked = experiment(SCORE, SLOWNESS, guardrails=["response_time"])
    _, found = seen(asked, now=3_600.0, score=(4.0, 4.4), response_time=(4.0, 5.0))
    assert found is not None
    assert (found.kind, found.variant) == ("harm", "control")
    assert found.sentence.startswith("Keep control: with treatment, response time is 25 % higher")
    assert kind(asked, score=(4.0, 4.4), response_time=(4.0, 4.25)) == "win", "worse, but not beyond the margin of 10 %"
    assert kind(experiment(SCORE, SLOWNESS), score=(4.0, 4.4), response_time=(4.0, 5.0)) == "win", (
        "only a secondary metric"
    )


def test_harm_to_learning_stops_whatever_the_list_it_is_in() -> None:
    assert kind(experiment(SCORE, LEARNT), score=(4.0, 4.4), next_item_correctness=(4.0, 3.4)) == "harm"


@pytest.mark.parametrize(
    ("learnt", "expected", "why"),
    [
        ((4.0, 4.0), "win", "next item correctness is no worse (at most 5.0 % lower)"),
        ((4.0, 3.9), "duration", "not shown that next item correctness"),
        ((4.0, 3.4), "harm", "next item correctness is 15 % lower"),
        (None, "duration", "nothing can be said of next item correctness yet"),
    ],
)
def test_nothing_wins_that_is_not_shown_to_teach_as_well(
    learnt: tuple[float, float] | None, expected: str, why: str
) -> None:
    given: dict[str, Any] = {"score": (4.0, 4.4)}
    if learnt is not None:
        given[LEARNT.name] = learnt
    _, found = seen(experiment(SCORE, LEARNT), now=14 * DAY, **given)
    assert found is not None
    assert found.kind == expected
    assert why in found.sentence
    if expected == "duration":
        assert kind(experiment(SCORE, LEARNT), **given) is None


def test_every_learning_metric_has_to_agree_and_a_rating_of_learning_is_none_that_does() -> None:
    felt = LEARNT.model_copy(update={"name": "felt", "rating": True})
    both = {"score": (4.0, 4.4), "next_item_correctness": (4.0, 4.0)}
    assert kind(experiment(SCORE, LEARNT, felt), **both) is None
    assert kind(experiment(SCORE, LEARNT, felt), **both, felt=(4.0, 4.0)) == "win"
    assert kind(experiment(RATING, felt), user_satisfaction=(4.0, 4.5), felt=(4.0, 4.0)) is None


def test_a_worse_primary_metric_is_harm_unless_another_variant_may_still_be_better() -> None:
    assert kind(experiment(), score=(4.0, 3.6)) == "harm"
    assert kind(experiment(arms=("control", "a", "b")), score=(4.0, 3.5, 4.1)) is None
    assert kind(experiment(arms=("control", "a", "b")), score=(4.0, 3.5, 3.5)) == "harm"
    assert kind(experiment(arms=("control", "a", "b")), score=(4.0, 3.5, 4.5)) == "win"


def test_harm_is_heeded_though_the_shares_are_wrong() -> None:
    asked = experiment(SCORE, LEARNT)
    cells = {
        (name, 0, 0): Cell(units, units, metrics={"score": normal(units, 4, 1), LEARNT.name: normal(units, mean, 1)})
        for name, units, mean in (("control", 800, 4.0), ("treatment", 600, 3.2))
    }
    found = decide(asked, analyse(asked, Totals(cells), LATER), LATER)
    assert found is not None
    assert found.kind == "harm"


def test_what_cannot_be_as_good_as_wanted_is_given_up() -> None:
    asked = experiment(minimum_effect=0.1, target_participants=1_000)
    analysis, found = seen(asked, score=(4.0, 4.02))
    assert found is not None
    assert (found.kind, found.variant) == ("futility", "control")
    assert "10 %" in found.sentence
    assert analysis.verdict.kind == "futility"
    assert kind(asked, score=(4.0, 4.2)) is None, "may be as good as wanted"
    assert kind(asked, now=DAY - 1, score=(4.0, 4.02)) is None
    assert kind(experiment(arms=("control", "a", "b"), minimum_effect=0.1), score=(4.0, 4.02, 4.2)) is None
    less = experiment(SCORE.model_copy(update={"better": "down"}), minimum_effect=0.1)
    assert kind(less, score=(4.0, 3.98)) == "futility"


def test_at_the_end_of_its_time_it_is_decided_or_there_is_no_difference() -> None:
    _, found = seen(experiment(), now=14 * DAY, score=(4.0, 4.1))
    assert found is not None
    assert (found.kind, found.variant) == ("duration", None)
    assert found.sentence.startswith("No measurable difference in score after 14 days and 800 units")
    assert kind(experiment(), now=14 * DAY, score=(4.0, 4.4)) == "win"
    assert kind(experiment(), now=14 * DAY) == "duration", "nothing came in at all"


@pytest.mark.parametrize(
    ("metrics", "means", "expected", "why"),
    [
        ([RATING], {}, "duration", "ratings alone"),
        ([RATING, SCORE], {"score": (4.0, 4.5)}, "duration", "ratings alone"),
        ([RATING, LEARNT], {"next_item_correctness": (4.0, 4.1)}, "win", "no worse"),
        ([RATING, LEARNT], {"next_item_correctness": (4.0, 3.9)}, "duration", "not shown that next item correctness"),
        ([RATING, SLOWNESS], {"response_time": (4.0, 4.0)}, "win", "response time is no worse (at most 10 % higher)"),
        ([RATING, SLOWNESS], {"response_time": (4.0, 4.4)}, "duration", "not shown that response time"),
        (
            [RATING, LEARNT, SLOWNESS],
            {"next_item_correctness": (4.0, 3.9), "response_time": (4.0, 4.0)},
            "duration",
            "not shown",
        ),
        ([RATING, LEARNT], {"next_item_correctness": (4.0, 3.2)}, "harm", "next item correctness is 20 % lower"),
    ],
)
def test_a_rating_never_wins_by_itself(
    metrics: list[ExperimentMetric], means: dict[str, tuple[float, float]], expected: str, why: str
) -> None:
    asked = experiment(*metrics, guardrails=["response_time"] if SLOWNESS in metrics else [])
    given: dict[str, Any] = {"user_satisfaction": (4.0, 4.5), **means}
    _, found = seen(asked, now=14 * DAY, **given)
    assert found is not None
    assert found.kind == expected
    assert why in found.sentence


def test_a_metric_without_a_margin_must_be_shown_to_be_no_worse() -> None:
    strict = LEARNT.model_copy(update={"margin": 0.0})
    assert kind(experiment(RATING, strict), user_satisfaction=(4.0, 4.5), next_item_correctness=(4.0, 4.1)) is None
    assert kind(experiment(RATING, strict), user_satisfaction=(4.0, 4.5), next_item_correctness=(4.0, 4.4)) == "win"


def test_what_is_decided_or_stopped_or_its_owners_to_stop_is_left_alone() -> None:
    made = Decision(at=1, by="ops", kind="operator", variant=None, sentence="Enough.")
    for asked in (experiment(auto_stop=False), experiment(state="stopped"), experiment(state="decided", decision=made)):
        assert seen(asked, score=(4.0, 4.4))[1] is None
    analysis, _ = seen(experiment(auto_stop=False), score=(4.0, 4.4))
    assert (analysis.verdict.kind, analysis.verdict.variant) == ("win", "treatment")


def test_few_units_decide_nothing() -> None:
    assert kind(experiment(min_participants=1), units=40, score=(4.0, 9.0)) is None
    assert kind(experiment(min_participants=1), units=60, score=(4.0, 9.0)) == "win"
