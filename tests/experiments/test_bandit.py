"""A bandit's rounds: who gets how much, when, and that what comes of it can still be believed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.experiments import bandit
from shared.experiments.analysis import analyse
from shared.experiments.arms import weighted
from shared.experiments.moments import Moments
from shared.experiments.slices import ROUNDS
from shared.experiments.totals import Totals
from shared.stored.experiments import Experiment, ExperimentMetric
from tests.experiments.arranged import DAY, SCORE, cell, experiment, moments, normal

EVEN = [0.5, 0.5]
ROUND = 14 * DAY / ROUNDS


def arranged(*slices: list[float], **fields: Any) -> Experiment:
    return experiment(slices=slices or [EVEN], **{"allocation": "thompson", **fields})


def sums(*slices: tuple[Moments, Moments]) -> Totals:
    return Totals(
        {
            (name, place, 0): cell({"score": one})
            for place, pair in enumerate(slices)
            for name, one in zip(("control", "treatment"), pair, strict=True)
        }
    )


def test_the_better_arm_gets_more_and_none_gets_nothing() -> None:
    weights = bandit.next_weights(arranged(), sums((normal(200, 1.0, 1), normal(200, 1.2, 1))), ROUND)
    assert weights is not None
    # Two standard errors (0.1 each) apart: probability 0.977 to be the better one.
    assert weights[1] == pytest.approx(0.1 + 0.8 * 0.9772, abs=1e-3)
    assert sum(weights) == pytest.approx(1)
    clear = bandit.next_weights(arranged(), sums((normal(200, 1, 1), normal(200, 9, 1))), ROUND)
    assert clear == pytest.approx([0.1, 0.9])
    less = arranged(metrics=[SCORE.model_copy(update={"better": "down"})])
    assert bandit.next_weights(less, sums((normal(200, 1, 1), normal(200, 9, 1))), ROUND) == pytest.approx([0.9, 0.1])


def test_a_round_takes_time_and_units_and_there_are_only_so_many() -> None:
    enough = (normal(200, 1, 1), normal(200, 1, 1))
    assert bandit.next_weights(arranged(), sums(enough), ROUND) is not None
    assert bandit.next_weights(arranged(), sums(enough), ROUND - 1) is None
    assert bandit.next_weights(arranged(), sums((normal(20, 1, 1), normal(28, 1, 1))), ROUND) is None
    assert bandit.next_weights(arranged(EVEN, EVEN), sums(enough), ROUND) is None, "the newest slice has no unit"
    assert bandit.next_weights(arranged(*[EVEN] * ROUNDS), sums(*[enough] * ROUNDS), 14 * DAY) is None
    assert bandit.next_weights(arranged(allocation="fixed"), sums(enough), ROUND) is None
    assert bandit.next_weights(arranged(state="stopped"), sums(enough), ROUND) is None
    assert bandit.next_weights(arranged(running=None), sums(enough), ROUND) is None


def test_nothing_known_is_the_same_for_all() -> None:
    assert bandit.next_weights(arranged(), sums((normal(200, 0, 0), normal(200, 0, 0))), ROUND) == pytest.approx(EVEN)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda many: sum(many) > 1e-6))
def test_shares_are_shares(chances: list[float]) -> None:
    shares = bandit.floored(chances)
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= bandit.FLOOR / len(chances) - 1e-12


def test_a_slice_in_which_an_arm_is_missing_does_not_count() -> None:
    analysis = analyse(
        arranged(EVEN, EVEN), sums((normal(200, 1, 1), normal(200, 1, 1)), (normal(200, 5, 1), Moments())), ROUND
    )
    assert [one.weight for one in analysis.slices] == [1, None]
    assert [arm.mean for arm in analysis.metrics[0].arms] == pytest.approx([1, 1])
    assert any("200 units" in warning for warning in analysis.warnings)


def test_an_arm_that_is_thin_in_a_slice_has_the_variance_that_its_slice_has() -> None:
    """Ten units without a success seem to vary by nothing: the other arm of their slice tells better."""
    none, some = moments(np.zeros(10)), moments(np.arange(90) % 10 == 0)
    even = moments(np.arange(50) % 10 == 0), moments(np.arange(50) % 10 == 0)
    clicked = ExperimentMetric(name="score", kind="proportion")
    found = analyse(arranged(EVEN, [0.1, 0.9], metrics=[clicked]), sums(even, (none, some)), ROUND).metrics[0]
    first, second = even[0].variance(0), 89 * some.variance(0) / 98
    assert found.arms[0].mean == pytest.approx(0.05)
    assert found.arms[0].standard_error == pytest.approx((0.25 * first / 50 + 0.25 * second / 10) ** 0.5)
    assert found.effects[0].always_valid.low is None, "as good as 33 units: too few"


def test_slices_count_from_the_least_units_on() -> None:
    for units, weights in ((10, [0.7, 0.3]), (8, [1, None])):
        pairs = (normal(140, 1, 1), normal(140, 1, 1)), (normal(units, 5, 1), normal(120 - units, 5, 1))
        assert [one.weight for one in analyse(arranged(EVEN, EVEN), sums(*pairs), ROUND).slices] == pytest.approx(
            weights
        )


def test_weighted_sums_of_one_slice_are_the_sums() -> None:
    one = moments(np.random.default_rng(1).normal(3, 2, 50), pre_num=np.arange(50.0))
    again = weighted([(1.0, one)])
    assert again.n == one.n
    assert again.sums == pytest.approx(one.sums)
    assert again.products == pytest.approx(one.products)


def test_a_bandits_quantile_is_shown_but_not_compared() -> None:
    p95 = ExperimentMetric(name="p95", kind="quantile", quantile=0.95, better="down")
    asked = arranged(metrics=[p95])
    groups = tuple({1: 5, 9: 5} for _ in range(32))
    found = Totals(
        sums((normal(200, 1, 1), normal(200, 1, 1))).cells, {(name, "p95"): groups for name in ("control", "treatment")}
    )
    metric = analyse(asked, found, ROUND).metrics[0]
    assert metric.effects == []
    assert "bandit" in (metric.message or "")
    assert metric.arms[0].mean is not None
    assert bandit.next_weights(asked, found, ROUND) is None


def poured(random: np.random.Generator, effect: float, units: int = 160) -> tuple[Experiment, Totals, list[Moments]]:
    """A whole bandit through `next_weights`: ROUNDS slices, each of whose units are better than those before (learners improve)."""
    slices: list[list[float]] = [EVEN]
    pairs: list[tuple[Moments, Moments]] = []
    pooled = [Moments(), Moments()]
    for place in range(ROUNDS):
        treated = random.random(units) < slices[place][1]
        values = random.normal(0.15 * place, 1, units) + effect * treated
        pair = moments(values[~treated]), moments(values[treated])
        pairs.append(pair)
        pooled = [one + other for one, other in zip(pooled, pair, strict=True)]
        weights = bandit.next_weights(arranged(*slices), sums(*pairs), (place + 1) * 14 * DAY)
        if weights is not None:
            slices.append(weights)
    assert len(slices) == ROUNDS
    return arranged(*slices), sums(*pairs), pooled


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_weighted_intervals_hold_the_effect_where_plain_means_are_wrong(effect: float) -> None:
    """The plain difference gives the later, better units to the arm that did well: it is off by more than its error."""
    random = np.random.default_rng(64)
    runs, held, ever = 250, 0, 0
    estimates: list[float] = []
    naive: list[float] = []
    for _ in range(runs):
        asked, found, pooled = poured(random, effect)
        shown = analyse(asked, found, 14 * DAY).metrics[0].effects[0]
        low, high = shown.interval.low, shown.interval.high
        assert low is not None
        assert high is not None
        held += low <= effect <= high
        assert shown.always_valid.low is not None
        assert shown.always_valid.high is not None
        ever += shown.always_valid.low <= effect <= shown.always_valid.high
        assert shown.effect.absolute is not None
        estimates.append(shown.effect.absolute)
        naive.append(abs(pooled[1].mean(0) - pooled[0].mean(0) - effect))
    assert held / runs >= 0.95 - 2.5 * (0.95 * 0.05 / runs) ** 0.5
    assert ever / runs >= 0.95
    error = np.std(estimates, ddof=1)
    assert abs(np.mean(estimates) - effect) < 3 * error / runs**0.5
    assert np.mean(naive) > 1.5 * np.mean(np.abs(np.array(estimates) - effect))
