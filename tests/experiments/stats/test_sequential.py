"""Always-valid figures: gbstats' own, their inverses, and what must not be said."""

from math import inf, isfinite, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.experiments.stats.difference import Alternative
from shared.experiments.stats.horizon import limit
from shared.experiments.stats.sequential import (
    MINIMUM_UNITS,
    NO_ERROR,
    TOO_EARLY,
    Band,
    always_valid,
    asymptotic_interval,
    asymptotic_p,
    gbstats_p,
    gbstats_rho,
    msprt_interval,
    msprt_p,
    rho,
)

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")
# growthbook@8f1db44, packages/stats/tests/frequentist/test_tests.py (MIT): means and shares of 3,000 and 3,461 units.
UNITS = 6461
ABSOLUTE = (0.23437666666666668, 0.12983081254184736)
RELATIVE = (0.5033610858562358, 0.3334122146400735)


def test_figures_of_gbstats() -> None:
    low, high = asymptotic_interval(0.503862, 0.033859, UNITS, alpha=0.05, rho=gbstats_rho(0.05))
    assert (low, high) == pytest.approx((0.40098, 0.60675), abs=1e-5)
    cases: list[tuple[tuple[float, float], Alternative, float, float]] = [
        (RELATIVE, "greater", -0.42356454602790883, 0.4999),
        (RELATIVE, "less", 1.4302867177403806, 0.4999),
        (ABSOLUTE, "greater", -0.12656844172804982, 0.46316491943359384),
        (ABSOLUTE, "less", 0.5953217750613832, 0.4999),
    ]
    for (estimate, error), side, edge, expected in cases:
        tuned = gbstats_rho(0.05, alternative=side)
        interval = asymptotic_interval(estimate, error, UNITS, alpha=0.05, rho=tuned, alternative=side)
        assert interval == pytest.approx((edge, inf) if side == "greater" else (-inf, edge), abs=1e-12)
        assert gbstats_p(estimate, error, UNITS, rho=tuned, alternative=side) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("estimate", [0.01, 0.2, 0.5, -0.3])
def test_the_p_value_is_where_the_interval_ends_at_zero(alternative: Alternative, estimate: float) -> None:
    found = asymptotic_p(estimate, 0.08, 900, rho=0.05, alternative=alternative)
    if found < 1:
        low, high = asymptotic_interval(estimate, 0.08, 900, alpha=found, rho=0.05, alternative=alternative)
        assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-9)
    else:
        low, high = asymptotic_interval(estimate, 0.08, 900, alpha=0.999999, rho=0.05, alternative=alternative)
        assert low <= 0 <= high


def test_the_one_sided_search_is_near_the_closed_form_and_bounded() -> None:
    for estimate in (0.3, 0.4, 0.6):
        exact = asymptotic_p(estimate, 0.13, UNITS, rho=0.03, alternative="greater")
        assert gbstats_p(estimate, 0.13, UNITS, rho=0.03, alternative="greater") == pytest.approx(exact, abs=2e-3)
        assert gbstats_p(-estimate, 0.13, UNITS, rho=0.03, alternative="less") == pytest.approx(exact, abs=2e-3)
    assert gbstats_p(9.0, 0.13, UNITS, rho=0.03, alternative="greater") == 1e-5
    assert gbstats_p(0.4, 0.13, UNITS, rho=0.03) == asymptotic_p(0.4, 0.13, UNITS, rho=0.03)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_the_spread_makes_the_interval_narrowest_at_the_plan(alternative: Alternative) -> None:
    def width(spread: float) -> float:
        low, high = asymptotic_interval(0, 1, 2_000, alpha=0.05, rho=spread, alternative=alternative)
        return min(abs(low), abs(high))

    best = rho(0.05, 2_000, alternative)
    assert width(best) < min(width(best * 0.98), width(best * 1.02), width(gbstats_rho(0.05, 2_000, alternative)))
    assert gbstats_rho(0.05, 2_000, alternative) == pytest.approx(best, rel=0.06)


def test_the_mixture_test_is_a_likelihood_ratio_and_its_interval_its_inverse() -> None:
    estimate, error, tau = 0.3, 0.1, 0.2
    points = np.linspace(-4, 4, 200_001)
    prior = np.exp(-(points**2) / (2 * tau**2)) / (tau * sqrt(2 * np.pi))
    ratio = np.trapezoid(prior * np.exp((2 * points * estimate - points**2) / (2 * error**2)), points)
    assert msprt_p(estimate, error, tau=tau) == pytest.approx(1 / ratio, rel=1e-6)
    low, _ = msprt_interval(estimate, error, alpha=float(1 / ratio), tau=tau)
    assert low == pytest.approx(0, abs=1e-9)
    assert msprt_p(0.0, error, tau=tau) == 1
    assert msprt_p(estimate, error, tau=1e150) == 1


@given(
    estimate=st.floats(-1e6, 1e6), error=st.floats(1e-6, 1e6), n=st.integers(100, 10**7), planned=st.integers(1, 10**7),
    alpha=st.floats(1e-6, 0.5), freedom=st.none() | st.floats(1, 1e6),
)  # fmt: skip
def test_zero_is_outside_exactly_where_the_p_value_is_at_most_alpha(
    estimate: float, error: float, n: int, planned: int, alpha: float, freedom: float | None
) -> None:
    band = always_valid(estimate, error, n, alpha=alpha, planned_n=planned, freedom=freedom)
    if band.message is None:
        assert band.low <= estimate <= band.high
        assert 0 <= band.p_value <= 1
        edge = min(abs(band.low), abs(band.high)) / error
        if edge > 1e-6 * max(1.0, abs(estimate) / error):
            assert (band.low > 0 or band.high < 0) == (band.p_value <= alpha)
    else:
        assert band == Band(-inf, inf, 1.0, TOO_EARLY)


@pytest.mark.parametrize(
    ("estimate", "error", "n", "message"),
    [
        (0.1, 0.1, MINIMUM_UNITS - 1, TOO_EARLY),
        (0.1, 0.1, 0, TOO_EARLY),
        (0.1, 0.0, 1_000, NO_ERROR),
        (0.1, -1.0, 1_000, NO_ERROR),
        (float("nan"), 0.1, 1_000, NO_ERROR),
        (0.1, inf, 1_000, NO_ERROR),
        (inf, 0.1, 1_000, NO_ERROR),
    ],
)
def test_what_says_nothing_has_a_message(estimate: float, error: float, n: int, message: str) -> None:
    assert always_valid(estimate, error, n, alpha=0.05, planned_n=1_000) == Band(-inf, inf, 1.0, message)


def test_few_degrees_of_freedom_widen_the_band() -> None:
    wide, narrow = (always_valid(1.0, 0.3, 5_000, alpha=0.05, planned_n=10_000, freedom=one) for one in (31, None))
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(1.09, abs=0.03)
    assert wide.p_value > narrow.p_value


@pytest.mark.parametrize(("freedom", "slack"), [(10, 0.01), (31, 1e-3), (98, 1e-4), (1_000, 1e-5)])
def test_the_band_is_as_wide_as_student_makes_the_limit(freedom: float, slack: float) -> None:
    z = limit(0.05, 0.5)
    band = always_valid(0.0, 1.0, 5_000, alpha=0.05, planned_n=10_000, freedom=freedom)
    assert band.high == pytest.approx(stats.t.isf(stats.norm.sf(z), freedom), rel=slack)


def test_the_plan_is_where_it_pays_and_after_it_bands_still_hold() -> None:
    def width(n: int) -> float:
        band = always_valid(0, 1 / sqrt(n), n, alpha=0.05, planned_n=10_000)
        return (band.high - band.low) / 2 * sqrt(n)

    gbstats = sqrt(10_000) * asymptotic_interval(0, 0.01, 10_000, alpha=0.05, rho=gbstats_rho(0.05))[1]
    assert width(10_000) < 0.97 * gbstats
    for n in (200, 500, 1_000, 5_000):
        assert width(n) < sqrt(n) * asymptotic_interval(0, 1 / sqrt(n), n, alpha=0.05, rho=gbstats_rho(0.05))[1]
    assert width(10_001) > width(10_000)
    assert isfinite(width(10**7))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"alpha": 0, "planned_n": 10}, "alpha"),
        ({"alpha": 0.05, "planned_n": 0}, "planned_n"),
        ({"alpha": 0.05, "planned_n": 10, "minimum_n": 0}, "minimum_n"),
    ],
)
def test_what_cannot_be_planned_is_named(arguments: dict[str, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        always_valid(0.1, 0.1, 500, **arguments)


def test_bad_arguments_of_the_published_methods_are_named() -> None:
    with pytest.raises(ValueError, match="rho"):
        asymptotic_interval(0, 1, 10, alpha=0.05, rho=0)
    with pytest.raises(ValueError, match="standard_error"):
        asymptotic_p(0, 0, 10, rho=1)
    with pytest.raises(ValueError, match="tau"):
        msprt_p(0, 1, tau=-1)
    with pytest.raises(ValueError, match="alpha must be below"):
        rho(0.5, 100, "less")
    assert log(asymptotic_p(1e160, 1e-3, 10, rho=1) + 1) == 0
