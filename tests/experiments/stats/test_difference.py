"""Effects, held to scipy's Welch test, to numerical derivatives and to how often their intervals hold the truth."""

from math import inf, sqrt

import numpy as np
import pytest
from scipy import stats

from shared.experiments.stats.difference import (
    ZERO_CONTROL,
    Alternative,
    compare,
    effect_variance,
    scaled,
    uninformative,
)
from shared.experiments.stats.summaries import Summary, adjust, plain
from tests.experiments.summed import of_units


def arm(values: np.ndarray) -> Summary:
    return plain(len(values), float(values.mean()), float(values.var(ddof=1)))


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("seed", range(4))
def test_an_absolute_effect_is_welchs(alternative: Alternative, seed: int) -> None:
    chance = np.random.default_rng(seed)
    control, treatment = chance.normal(1, 3, 40), chance.normal(1.5, 1, 25)
    expected = stats.ttest_ind(treatment, control, equal_var=False, alternative=alternative)
    found = compare(arm(control), arm(treatment), relative=False, alpha=0.1, alternative=alternative)
    interval = expected.confidence_interval(0.9)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.interval == pytest.approx((interval.low, interval.high))
    assert found.freedom == pytest.approx(expected.df)
    assert found.estimate / found.standard_error == pytest.approx(expected.statistic)


def test_the_p_value_is_for_the_null_that_is_asked_about() -> None:
    control, treatment = plain(50, 10.0, 4.0), plain(60, 11.0, 5.0)
    assert compare(control, treatment, relative=False, alpha=0.05, null=1.0).p_value == pytest.approx(1.0)
    assert compare(control, treatment, relative=False, alpha=0.05).p_value < 0.05


def test_a_relative_effect_counts_that_the_control_is_an_estimate() -> None:
    control, treatment = plain(100, -4.0, 9.0), plain(80, -5.0, 16.0)
    found = compare(control, treatment, relative=True, alpha=0.05)
    assert found.estimate == pytest.approx(-0.25)
    assert found.standard_error == pytest.approx(sqrt(16 / 80 / 16 + 9 / 100 * 25 / 256))


def test_an_adjusted_relative_effect_has_the_gradients_variance() -> None:
    """By numerical derivatives of (ratio less theta ratio before) over the control's ratio, in all eight means."""
    chance = np.random.default_rng(5)
    arms = []
    for shift in (0.0, 0.3):
        lively = chance.gamma(2, 1, 300)
        den, pre = 1 + chance.poisson(3 * lively), 1 + chance.poisson(3 * lively)
        arms.append(np.column_stack((den * (2 + shift + lively), den, pre * (2 + lively), pre)).astype(float))
    control, treatment = adjust("ratio", *(of_units([tuple(row) for row in units.tolist()]) for units in arms))
    theta = (arms[0][:, 0].sum() / arms[0][:, 1].sum() - control.mean) / (arms[0][:, 2].sum() / arms[0][:, 3].sum())

    def effect(means: np.ndarray) -> float:
        a, b = means[:4], means[4:]
        left = [one[0] / one[1] - theta * one[2] / one[3] for one in (a, b)]
        return float((left[1] - left[0]) / abs(a[0] / a[1]))

    middle = np.concatenate([units.mean(axis=0) for units in arms])
    step = 1e-5
    gradient = np.array([(effect(middle + step * e) - effect(middle - step * e)) / (2 * step) for e in np.eye(8)])
    spread = np.zeros((8, 8))
    for place, units in enumerate(arms):
        spread[4 * place : 4 * place + 4, 4 * place : 4 * place + 4] = np.cov(units.T) / len(units)
    found = effect_variance(control, treatment, relative=True)
    assert found == pytest.approx(gradient @ spread @ gradient, rel=1e-6)
    assert compare(control, treatment, relative=True, alpha=0.05).estimate == pytest.approx(effect(middle))


def test_relative_intervals_hold_the_truth() -> None:
    chance = np.random.default_rng(11)
    held, rounds = 0, 4000
    for _ in range(rounds):
        control, treatment = chance.gamma(1, 2, 300), chance.gamma(1, 2.2, 200)
        low, high = compare(arm(control), arm(treatment), relative=True, alpha=0.05).interval
        held += low <= 0.1 <= high
    assert held / rounds == pytest.approx(0.95, abs=0.012)


def test_what_says_nothing_says_why_and_never_looks_certain() -> None:
    good, empty, flat, zero = plain(9, 1.0, 1.0), plain(0, 0.0, 0.0), plain(9, 1.0, 0.0), plain(9, 0.0, 1.0)
    for control, treatment, message in (
        (empty, good, "no units in control"),
        (good, empty, "no units in treatment"),
        (flat, good, "no variance in control"),
        (good, plain(1, 1.0, 0.0), "too few units in treatment"),
        (zero, good, ZERO_CONTROL),
    ):
        found = compare(control, treatment, relative=True, alpha=0.05)
        assert (found.message, found.p_value, found.interval, found.estimate) == (message, 1.0, (-inf, inf), 0.0)
    assert compare(zero, good, relative=False, alpha=0.05).message is None


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, float("nan")])
def test_alpha_is_a_probability(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        compare(plain(9, 1.0, 1.0), plain(9, 1.0, 1.0), relative=False, alpha=alpha)


def test_an_effect_in_other_units_says_the_same() -> None:
    effect = compare(plain(9, 1.0, 1.0), plain(9, 1.5, 1.0), relative=False, alpha=0.05)
    daily = scaled(effect, 40)
    assert daily.interval == pytest.approx(tuple(40 * end for end in effect.interval))
    assert daily.p_value == effect.p_value
    assert daily.estimate == pytest.approx(20)
    assert scaled(uninformative("no units", relative=False), 40).interval == (-inf, inf)
