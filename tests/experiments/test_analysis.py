"""What an analysis says of sums, and that it says something of any."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shared.agents.experiment_analysis import Analysis
from shared.experiments import sketch
from shared.experiments.analysis import analyse
from shared.experiments.decision import decide
from shared.experiments.moments import Moments
from shared.experiments.totals import Cell, Totals
from shared.stored.experiments import SHARDS, Decision, ExperimentMetric, Look
from tests.experiments.arranged import (
    DAY,
    LEARNT,
    RATING,
    SCORE,
    SLOWNESS,
    cell,
    experiment,
    moments,
    normal,
    totals,
)

RANDOM = np.random.default_rng
CLICKED = ExperimentMetric(name="clicked", kind="proportion")
P95 = ExperimentMetric(name="p95_response_time", kind="quantile", better="down", quantile=0.95)


def of(analysis: Analysis, metric: str, variant: str = "treatment") -> Any:
    found = next(one for one in analysis.metrics if one.metric == metric)
    return next(effect for effect in found.effects if effect.variant == variant)


def test_figures_are_those_of_welchs_test_on_the_units() -> None:
    random = RANDOM(1)
    one, other = random.normal(4.0, 1.0, 400), random.normal(4.2, 1.5, 600)
    sums = totals({"control": {"score": moments(one)}, "treatment": {"score": moments(other)}})

    effect = of(analyse(experiment(), sums, DAY), "score")
    reference = stats.ttest_ind(other, one, equal_var=False)
    low, high = reference.confidence_interval(0.95)

    assert effect.effect.absolute == pytest.approx(other.mean() - one.mean())
    assert effect.effect.relative == pytest.approx(other.mean() / one.mean() - 1)
    assert effect.p_value == pytest.approx(reference.pvalue)
    assert (effect.interval.low, effect.interval.high) == (pytest.approx(low), pytest.approx(high))
    assert effect.always_valid.low < effect.interval.low < effect.interval.high < effect.always_valid.high
    assert effect.always_valid.p_value > effect.p_value


def test_the_primary_is_corrected_by_holm_the_secondary_ones_by_benjamini_and_hochberg() -> None:
    random = RANDOM(2)
    others = [ExperimentMetric(name=name, kind="mean") for name in ("one", "two")]
    asked = experiment(SCORE, *others, SLOWNESS, arms=("control", "a", "b"), guardrails=["response_time"])
    sums = totals(
        {
            name: {metric.name: moments(random.normal(4 + shift, 1, 300)) for metric in asked.metrics}
            for name, shift in (("control", 0.0), ("a", 0.1), ("b", 0.2))
        }
    )
    analysis = analyse(asked, sums, DAY)

    small, large = sorted(effect.p_value or 0.0 for effect in analysis.metrics[0].effects)
    adjusted = sorted(effect.adjusted_p_value or 0.0 for effect in analysis.metrics[0].effects)
    assert adjusted == pytest.approx([2 * small, max(2 * small, large)])
    assert analysis.metrics[0].correction == "holm"

    secondary = [effect for metric in analysis.metrics[1:3] for effect in metric.effects]
    expected = stats.false_discovery_control([effect.p_value for effect in secondary])
    assert [effect.adjusted_p_value for effect in secondary] == pytest.approx(list(expected))
    guardrail = analysis.metrics[3]
    assert guardrail.correction == "none"
    assert [effect.adjusted_p_value for effect in guardrail.effects] == [
        effect.harm and effect.harm.p_value for effect in guardrail.effects
    ]
    assert {effect.always_valid.alpha for effect in analysis.metrics[0].effects} == {0.025}


def test_cuped_takes_out_what_was_known_and_is_left_alone_where_that_tells_nothing() -> None:
    random = RANDOM(3)

    def arm(shift: float, share: float) -> dict[str, Moments]:
        before = random.normal(0, 1, 4_000)
        after = 10 + shift + share * before + sqrt(1 - share**2) * random.normal(0, 1, 4_000)
        return {"score": moments(after, pre_num=before)}

    helped = of(analyse(experiment(), totals({"control": arm(0, 0.8), "treatment": arm(0.1, 0.8)}), DAY), "score")
    assert helped.cuped.used
    assert helped.cuped.variance_reduction_percent == pytest.approx(64, abs=2.5)
    assert helped.standard_error.absolute < 0.65 * helped.plain.standard_error.absolute
    assert helped.effect == helped.cuped.figures.effect

    idle = of(analyse(experiment(), totals({"control": arm(0, 0.0), "treatment": arm(0.1, 0.0)}), DAY), "score")
    assert not idle.cuped.used
    assert idle.effect == idle.plain.effect

    without = of(
        analyse(experiment(), totals({n: {"score": normal(200, 1, 1)} for n in ("control", "treatment")}), DAY), "score"
    )
    assert not without.cuped.used
    assert "before their exposure" in without.cuped.message


def test_a_quantiles_error_is_that_of_its_units() -> None:
    random = RANDOM(4)

    def groups(scale: float) -> tuple[dict[int, int], ...]:
        found: list[dict[int, int]] = [{} for _ in range(SHARDS)]
        for unit in range(2_000):
            slow = random.lognormal(0, 0.5)  # a unit's events are alike
            for value in scale * slow * random.lognormal(0, 0.3, 5):
                one = found[unit % SHARDS]
                one[sketch.bucket(value)] = one.get(sketch.bucket(value), 0) + 1
        return tuple(found)

    def answer() -> Any:
        sums = Totals(
            {(name, 0, 0): Cell(units=2_000, treated=2_000) for name in ("control", "treatment")},
            {("control", P95.name): groups(1.0), ("treatment", P95.name): groups(1.1)},
        )
        return of(analyse(experiment(P95), sums, DAY), P95.name)

    found = [answer() for _ in range(16)]
    groups_of = groups(1.0)
    left_out = [
        sketch.quantile(sketch.merged(groups_of[:place] + groups_of[place + 1 :]), 0.95) for place in range(SHARDS)
    ]
    sums = Totals({("control", 0, 0): Cell(units=2_000)}, {("control", P95.name): groups_of})
    arm = analyse(experiment(P95), sums, DAY).metrics[0].arms[0]
    assert arm.standard_error == pytest.approx(sqrt((SHARDS - 1) * np.var(np.array(left_out, dtype=float))))

    seen = np.std([one.effect.absolute for one in found], ddof=1)
    said = np.sqrt(np.mean([one.standard_error.absolute**2 for one in found]))
    assert said == pytest.approx(seen, rel=0.4)
    assert np.mean([one.effect.relative for one in found]) == pytest.approx(0.1, abs=0.03)


def test_shares_of_assigned_and_of_treated_units_are_checked_against_the_weights() -> None:
    def counted(control: tuple[int, int], treatment: tuple[int, int]) -> Any:
        cells = {
            (name, 0, 0): Cell(units=units, treated=treated)
            for name, (units, treated) in (("control", control), ("treatment", treatment))
        }
        return analyse(experiment(), Totals(cells), 2 * DAY)

    even = counted((510, 510), (490, 490)).srm
    assert even.assigned.p_value == pytest.approx(stats.chisquare([510, 490]).pvalue)
    assert not even.assigned.alarm
    assert not even.delivered.alarm

    fallen = counted((510, 510), (490, 100))
    assert fallen.srm.delivered.alarm
    assert not fallen.srm.assigned.alarm
    assert any("prescribed" in warning for warning in fallen.warnings)
    assert fallen.delivered[1].treated_share == pytest.approx(100 / 490)

    crooked = counted((600, 600), (400, 400))
    assert crooked.srm.assigned.alarm
    assert crooked.verdict.kind == "untrusted"
    assert crooked.verdict.sentence.startswith("Do not trust")
    assert "600" in crooked.verdict.sentence
    assert not counted((3, 3), (0, 0)).srm.assigned.alarm


def test_shares_are_checked_within_a_bandits_slices() -> None:
    """The arms got 900 and 100 units: as they should, with 8 of 10 and then all but nothing of the rest."""
    asked = experiment(slices=([0.5, 0.5], [0.9, 0.1]), allocation="thompson")

    def counted(*slices: tuple[int, int]) -> Any:
        cells = {
            (name, place, 0): Cell(units=units, treated=units)
            for place, one in enumerate(slices)
            for name, units in zip(("control", "treatment"), one, strict=True)
        }
        return analyse(asked, Totals(cells), DAY).srm.assigned

    assert not counted((100, 105), (910, 95)).alarm
    assert counted((100, 105), (505, 500)).alarm
    assert counted((180, 20), (820, 180)).alarm, "right in all, wrong in either"
    expected = stats.chi2.sf(
        stats.chisquare([100, 105]).statistic + stats.chisquare([910, 95], [904.5, 100.5]).statistic, 2
    )
    assert counted((100, 105), (910, 95)).p_value == pytest.approx(expected)


def test_a_bandits_means_count_every_slice_by_its_units() -> None:
    random = RANDOM(5)
    asked = experiment(slices=([0.5, 0.5], [0.1, 0.9]), allocation="thompson")
    drawn = {
        ("control", 0): random.normal(1, 1, 300),
        ("treatment", 0): random.normal(1, 1, 310),
        ("control", 1): random.normal(3, 1, 60),
        ("treatment", 1): random.normal(3, 1, 560),
    }
    sums = Totals({(name, place, 0): cell({"score": moments(one)}) for (name, place), one in drawn.items()})
    analysis = analyse(asked, sums, DAY)

    for name in ("control", "treatment"):
        arm = next(one for one in analysis.metrics[0].arms if one.variant == name)
        own = common = mean = 0.0
        for place, share in ((0, 610 / 1230), (1, 620 / 1230)):
            one, both = drawn[name, place], [drawn[each, place] for each in ("control", "treatment")]
            pooled = sum((len(each) - 1) * each.var(ddof=1) for each in both) / (sum(map(len, both)) - 2)
            mean += share * one.mean()
            own, common = own + share**2 * one.var(ddof=1) / len(one), common + share**2 * pooled / len(one)
        assert arm.mean == pytest.approx(mean)
        assert arm.units == sum(len(drawn[name, place]) for place in (0, 1))
        assert arm.standard_error == pytest.approx(sqrt(max(own, common)))
    effect = of(analysis, "score")
    assert effect.interval.low < 0 < effect.interval.high
    assert np.concatenate([drawn["treatment", 0], drawn["treatment", 1]]).mean() > 2.2, (
        "pooled, it would look better by far"
    )
    assert "propensity" in analysis.method
    assert [one.weight for one in analysis.slices] == pytest.approx([610 / 1230, 620 / 1230])


def test_too_few_units_say_nothing_always_valid() -> None:
    def band(kind: Any, treatment: Moments) -> Any:
        metric = ExperimentMetric(name="score", kind=kind)
        sums = totals({"control": {"score": normal(2_000, 4, 1)}, "treatment": {"score": treatment}})
        return of(analyse(experiment(metric), sums, DAY), "score").always_valid

    assert band("mean", normal(48, 6, 1)).low is None
    assert "too few units" in band("mean", normal(48, 6, 1)).message
    assert band("mean", normal(50, 6, 1)).low is not None
    # 500 units of which so many ever rated anything, or one of which rated nearly everything there is.
    for raters, busiest, known in ((48, 1, False), (50, 1, True), (200, 400, False)):
        count = np.zeros(500)
        count[:raters] = 1
        count[0] = busiest
        rated = count * (6 + np.arange(500) % 2)
        assert (band("ratio", moments(rated, count)).low is not None) == known


def test_an_empty_experiment_has_an_analysis_too() -> None:
    analysis = analyse(experiment(RATING, LEARNT, P95, CLICKED), Totals(), DAY)
    assert analysis.message == "no unit has been exposed"
    assert analysis.verdict.kind == "nothing"
    assert {metric.effects[0].message for metric in analysis.metrics} == {"no units in control"}
    assert decide(experiment(RATING), analysis, DAY) is None


def test_what_was_seen_at_looks_is_shown_again() -> None:
    kept = [
        Look(at=5.0, units=400, effects={"treatment": (0.1, -0.2, 0.4)}),
        Look(at=6.0, units=500, effects={"treatment": (None, None, None)}),
    ]
    shown = analyse(experiment(looks=kept), Totals(), 7.0).looks
    assert [(one.at, one.units) for one in shown] == [(5.0, 400), (6.0, 500)]
    one = shown[0].effects["treatment"]
    assert (one.effect, one.low, one.high) == (0.1, -0.2, 0.4)
    assert shown[1].effects["treatment"].low is None


def test_a_decision_is_said_again() -> None:
    made = Decision(at=3, by="ops", kind="operator", variant="control", sentence="Costs too much.")
    verdict = analyse(experiment(state="decided", decision=made), Totals(), DAY).verdict
    assert (verdict.kind, verdict.sentence, verdict.variant) == ("operator", "Costs too much.", "control")


def test_units_and_days_that_are_missing_fit_the_rate() -> None:
    sums = totals({"control": {"score": normal(100, 1, 1)}, "treatment": {"score": normal(100, 1, 1)}})
    analysis = analyse(experiment(minimum_effect=0.2), sums, DAY)
    assert analysis.plan.units_per_day == 200
    missing = analysis.plan.units_still_needed
    assert missing is not None
    assert analysis.plan.days_remaining == pytest.approx(missing / 200, abs=0.06)
    needed = (
        2 * 2 * (1 + 1.2**2) / 2 * ((1.96 + 0.8416) / 0.2) ** 2
    )  # the relative effect's variance has the control's mean in it
    power = analysis.power
    assert power is not None
    assert power.units_still_needed is not None
    assert 0.7 * needed - 200 < power.units_still_needed < needed
    assert power.always_valid_units is not None
    assert power.always_valid_units > power.units_still_needed
    assert power.now is not None
    assert 0.1 < power.now < 0.4
