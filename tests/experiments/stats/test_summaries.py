"""Estimates and their variances, held to numpy on the units themselves and to how often intervals hold the truth."""

from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.experiments.moments import Moments
from shared.experiments.stats.difference import compare
from shared.experiments.stats.summaries import (
    NO_DENOMINATOR,
    NO_UNITS,
    NO_VARIANCE,
    NOT_FINITE,
    TOO_FEW,
    SumKind,
    adjust,
    adjusted,
    adjusted_mean,
    mean_slope,
    slope,
    summarise,
)
from tests.experiments.summed import of_units

Units = NDArray[np.float64]
"""Rows of num, den, pre_num, pre_den."""


def moments(units: Units) -> Moments:
    return of_units([tuple(row) for row in units.tolist()])


def some(chance: np.random.Generator, n: int, lift: float = 0.0) -> Units:
    """Units that bring 1 + Poisson(4) events each, more of them lively ones, before and after."""
    lively = chance.gamma(2, 1, n)
    den, pre_den = 1 + chance.poisson(4 * lively), 1 + chance.poisson(4 * lively)
    num = den * (2 + lift + lively) + chance.normal(0, 2, n)
    return np.column_stack((num, den, pre_den * (2 + lively) + chance.normal(0, 2, n), pre_den)).astype(float)


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(20260821)


def test_a_mean_is_numpys(chance: np.random.Generator) -> None:
    units = some(chance, 500)
    found = summarise("mean", moments(units))
    assert found.mean == pytest.approx(units[:, 0].mean())
    assert found.variance == pytest.approx(units[:, 0].var(ddof=1))
    assert found.freedom == 499
    assert found.message is None


def test_a_share_has_the_variance_of_a_share() -> None:
    found = summarise("proportion", of_units([(1, 1, 0, 1)] * 30 + [(0, 1, 0, 1)] * 70))
    assert (found.mean, found.variance) == pytest.approx((0.3, 0.21))


def test_a_ratio_has_the_variance_of_its_residuals(chance: np.random.Generator) -> None:
    units = some(chance, 500)
    num, den = units[:, 0], units[:, 1]
    ratio = num.sum() / den.sum()
    found = summarise("ratio", moments(units))
    assert found.mean == pytest.approx(ratio)
    assert found.variance == pytest.approx((num - ratio * den).var(ddof=1) / den.mean() ** 2)


def test_an_adjusted_mean_is_that_of_what_is_left(chance: np.random.Generator) -> None:
    control, treatment = some(chance, 400), some(chance, 300, 0.2)
    both = np.vstack((control, treatment))
    theta = np.polyfit(both[:, 2], both[:, 0], 1)[0]
    assert slope("mean", moments(control), moments(treatment)) == pytest.approx(theta)
    found = adjust("mean", moments(control), moments(treatment))[1]
    left = treatment[:, 0] - theta * treatment[:, 2]
    assert (found.mean, found.variance) == pytest.approx((left.mean(), left.var(ddof=1)))
    assert found.baseline == pytest.approx(treatment[:, 0].mean())
    assert found.shared == pytest.approx(np.cov(left, treatment[:, 0])[0, 1])


def test_an_adjusted_ratio_is_that_of_what_is_left(chance: np.random.Generator) -> None:
    arms = some(chance, 400), some(chance, 300, 0.2)

    def linear(units: Units, num: int, den: int) -> Units:
        return np.asarray(
            (units[:, num] - units[:, num].sum() / units[:, den].sum() * units[:, den]) / units[:, den].mean()
        )

    together = sum(np.cov(linear(arm, 0, 1), linear(arm, 2, 3))[0, 1] for arm in arms)
    theta = together / sum(linear(arm, 2, 3).var(ddof=1) for arm in arms)
    assert slope("ratio", *map(moments, arms)) == pytest.approx(theta)
    found = adjust("ratio", *map(moments, arms))[0]
    own = arms[0].sum(axis=0)
    assert found.mean == pytest.approx(own[0] / own[1] - theta * own[2] / own[3])
    left = linear(arms[0], 0, 1) - theta * linear(arms[0], 2, 3)
    assert found.variance == pytest.approx(left.var(ddof=1))


@pytest.mark.parametrize("rho", [0.2, 0.6, 0.9])
def test_cuped_takes_off_one_minus_rho_squared(chance: np.random.Generator, rho: float) -> None:
    n = 20_000
    before = chance.normal(size=(2 * n,))
    after = 10 + rho * before + np.sqrt(1 - rho**2) * chance.normal(size=2 * n)
    units = np.column_stack((after, np.ones(2 * n), before, np.ones(2 * n)))
    control, treatment = moments(units[:n]), moments(units[n:])
    left = adjust("mean", control, treatment)[0].variance / summarise("mean", control).variance
    assert left == pytest.approx(1 - rho**2, abs=4 * rho * (1 - rho**2) / np.sqrt(n) + 0.002)


def test_what_was_before_and_tells_nothing_changes_nothing(chance: np.random.Generator) -> None:
    units = some(chance, 50)
    units[:, 2:] = 0
    for kind in ("mean", "proportion", "ratio"):
        assert adjust(kind, moments(units), moments(units)) == (summarise(kind, moments(units)),) * 2


def test_ratio_intervals_hold_the_truth_where_those_of_events_do_not(chance: np.random.Generator) -> None:
    """Events of one unit are alike; a t test over events takes them for strangers."""
    rounds, n = 4000, 400
    own = chance.normal(0, 1, (rounds, 2, n))
    den = 1 + chance.poisson(3, (rounds, 2, n)) * (1 + (own > 1) * 3)
    num = den * (5 + own) + np.sqrt(den) * chance.normal(0, 1, (rounds, 2, n))
    held = naive = 0
    for nums, dens, owns in zip(num, den, own, strict=True):
        arms, error = [], 0.0
        for x, y, z in zip(nums, dens.astype(float), owns, strict=True):
            products = (x @ x, x @ y, 0.0, 0.0, y @ y, 0.0, 0.0, 0.0, 0.0, 0.0)
            arms.append(Moments(n, (x.sum(), y.sum(), 0.0, 0.0), products))
            error += (np.average((z - np.average(z, weights=y)) ** 2, weights=y) + 1) / y.sum()
        effect = compare(*(summarise("ratio", arm) for arm in arms), relative=False, alpha=0.05)
        held += effect.interval[0] <= 0 <= effect.interval[1]
        naive += abs(effect.estimate) <= 1.96 * np.sqrt(error)
    assert held / rounds == pytest.approx(0.95, abs=0.01)
    assert naive / rounds < 0.85


@pytest.mark.parametrize(
    ("kind", "units", "message"),
    [
        ("mean", [], NO_UNITS),
        ("ratio", [], NO_UNITS),
        ("mean", [(1.0, 1.0, 0.0, 1.0)], TOO_FEW),
        ("mean", [(0.1, 1.0, 0.0, 1.0)] * 1000, NO_VARIANCE),
        ("proportion", [(1.0, 1.0, 0.0, 1.0)] * 9, NO_VARIANCE),
        ("ratio", [(1.0, 0.0, 0.0, 1.0), (2.0, 0.0, 0.0, 1.0)], NO_DENOMINATOR),
        ("ratio", [(0.3, 3.0, 0.0, 1.0), (0.7, 7.0, 0.0, 1.0)] * 100, NO_VARIANCE),
        ("mean", [(1e200, 1.0, 0.0, 1.0), (-1e200, 1.0, 0.0, 1.0)], NOT_FINITE),
    ],
)
def test_what_says_nothing_says_why(
    kind: SumKind, units: list[tuple[float, float, float, float]], message: str
) -> None:
    assert summarise(kind, of_units(units)).message == message


def test_an_adjusted_ratio_needs_something_before(chance: np.random.Generator) -> None:
    units = some(chance, 20)
    units[:, 2:] = 0
    assert adjusted("ratio", moments(units), 0.5).message == NO_DENOMINATOR


def test_shares_before_and_after_have_the_covariance_of_shares(chance: np.random.Generator) -> None:
    before = (chance.random(300) < 0.4).astype(float)
    after = (chance.random(300) < 0.2 + 0.5 * before).astype(float)
    sums = moments(np.column_stack((after, np.ones(300), before, np.ones(300))))
    shares = frozenset((0, 2))
    theta = mean_slope(sums, sums, shares)
    found = adjusted_mean(sums, theta, shares)
    assert found.variance == pytest.approx((after - theta * before).var(ddof=0))


WILD = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from((0.0, 1e-300, 1e200, -1e200, 1e-160))
ARMS = st.lists(st.tuples(WILD, WILD, WILD, WILD), max_size=4).map(of_units)


@given(ARMS, ARMS, st.sampled_from(("mean", "proportion", "ratio")), st.booleans())
def test_no_numbers_break_it(control: Moments, treatment: Moments, kind: SumKind, relative: bool) -> None:
    effect = compare(*adjust(kind, control, treatment), relative=relative, alpha=0.05)
    assert isfinite(effect.estimate)
    assert isfinite(effect.standard_error)
    assert 0 <= effect.p_value <= 1
    assert effect.interval[0] <= effect.interval[1]
    assert (effect.message is None) == (effect.standard_error > 0)
