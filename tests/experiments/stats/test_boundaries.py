"""The functions by their library's names: figures of its tests, simulations, and inputs that cannot be."""

from collections.abc import Callable
from math import inf, log, sqrt

import numpy as np
import pytest
from scipy.special import zeta

from shared.experiments.stats.bernoulli import bernoulli_confidence_interval, quantile_ab_p_value
from shared.experiments.stats.boundaries import CONFSEQ
from shared.experiments.stats.mixtures import BetaBinomialMixture, TwoSidedNormalMixture
from shared.experiments.stats.stitching import (
    double_stitching_bound,
    empirical_process_lil_bound,
    poly_stitching_bound,
)

# gostevehoward/confseq@70b1ef3, test/uniform_boundaries_unittest.cpp (MIT): some of its figures.
PUBLISHED = [
    ("TwoSidedNormalMixture::best_rho", {"v_opt": 100, "alpha_opt": 0.05}, 12.60056),
    ("normal_mixture_bound", {"v": 100, "alpha": 0.05, "v_opt": 100, "alpha_opt": 0.05, "is_one_sided": True}, 27.66071),
    ("gamma_exponential_mixture_bound", {"v": 100, "alpha": 0.05, "v_opt": 100, "c": 2}, 33.02017),
    ("gamma_poisson_mixture_bound", {"v": 100, "alpha": 0.05, "v_opt": 100, "c": 2}, 30.1949),
    ("beta_binomial_mixture_bound", {"v": 100, "alpha": 0.05, "v_opt": 100, "g": 0.2, "h": 0.8, "is_one_sided": False}, 31.4308),
    ("beta_binomial_log_mixture", {"s": 10, "v": 100, "v_opt": 100, "g": 0.2, "h": 0.8, "is_one_sided": True}, -0.07134019),
    ("empirical_process_lil_bound", {"t": 1000, "alpha": 0.05, "t_min": 100, "A": 0.85}, 0.08204769),
    ("double_stitching_bound", {"quantile_p": 0.9, "t": 1000, "alpha": 0.05, "t_opt": 100}, 43.72119),
    ("bernoulli_confidence_interval", {"num_successes": 15, "num_trials": 50, "alpha": 0.05, "t_opt": 50}, (0.129556, 0.511896)),
    ("bernoulli_confidence_interval", {"num_successes": 100, "num_trials": 200, "alpha": 0.05, "t_opt": 1}, (0.328923, 0.671076)),
    ("bernoulli_confidence_interval", {"num_successes": 0, "num_trials": 1, "alpha": 0.05, "t_opt": 50}, (0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), PUBLISHED)
def test_published_figures(name: str, arguments: dict[str, float], expected: object) -> None:
    assert CONFSEQ[name](**arguments) == pytest.approx(expected, abs=1e-5)


def test_a_method_takes_the_arguments_of_its_class_too() -> None:
    tuned = {"v_opt": 100, "alpha_opt": 0.05}
    mixture = TwoSidedNormalMixture(100, 0.05)
    assert CONFSEQ["TwoSidedNormalMixture::best_rho"](v=100, alpha=0.05) == mixture.rho
    assert CONFSEQ["TwoSidedNormalMixture::log_superMG"](s=7, v=90, **tuned) == mixture.log_mixture(7, 90)
    bound = CONFSEQ["TwoSidedNormalMixture::bound"]
    assert bound(v=90, alpha=0.05, **tuned) == bound(v=90, log_threshold=log(20), **tuned) == mixture.bound(90, log(20))
    ceiling = CONFSEQ["BetaBinomialMixture::s_upper_bound"]
    assert (
        ceiling(v=90, g=0.2, h=0.8, is_one_sided=True, **tuned)
        == BetaBinomialMixture(100, 0.05, 0.2, 0.8, True).ceiling(90)
        == 450
    )


def test_polynomial_stitching_is_its_formula_and_flat_before_its_start() -> None:
    eta, s = 2.0, 1.4
    level = s * log(log(eta * 500 / 100)) + log(zeta(s) / log(eta) ** s) + log(1 / 0.05)
    expected = sqrt(((eta**0.25 + eta**-0.25) / sqrt(2)) ** 2 * 500 * level)
    assert poly_stitching_bound(500, 0.05, 100) == pytest.approx(expected)
    assert poly_stitching_bound(5, 0.05, 100) == poly_stitching_bound(100, 0.05, 100)
    assert poly_stitching_bound(500, 0.05, 100, c=1) > expected


def test_random_walks_stay_below_the_stitched_boundary() -> None:
    walks = np.random.default_rng(6).normal(size=(1_000, 2_000)).cumsum(axis=1)
    limits = np.array([poly_stitching_bound(float(v), 0.05, 50) for v in range(1, 2_001)])
    assert float((walks >= limits).any(axis=1).mean()) <= 0.05


def test_the_empirical_distribution_stays_within_its_bound_which_is_no_looser_than_needed() -> None:
    assert empirical_process_lil_bound(99, 0.05, 100) == inf
    # The constant is the smallest: with any smaller one no growth of the epochs keeps the chance at alpha.
    found = (empirical_process_lil_bound(100, 0.05, 100, 0.85) / 0.85) ** 2 * 100
    for constant, enough in ((found + 1e-6, True), (found - 1e-3, False)):
        etas = np.linspace(1.0001, 1.44, 20_000)
        square = 2 / etas * (0.85 - np.sqrt(2 * (etas - 1) / constant)) ** 2
        valid = (square > 1) & (np.sqrt(2 * (etas - 1) / constant) < 0.85)
        chances = 4 * np.exp(-square[valid] * constant) * (1 + 1 / ((square[valid] - 1) * np.log(etas[valid])))
        assert (chances.min() <= 0.05 + 1e-6) == enough
    assert 0 < empirical_process_lil_bound(100, 0.05, 100, A=10) < inf


def test_double_stitching_is_wider_in_the_middle_and_falls_with_alpha() -> None:
    assert double_stitching_bound(0.5, 1000, 0.05, 100) > double_stitching_bound(0.9, 1000, 0.05, 100)
    assert double_stitching_bound(0.1, 1000, 0.01, 100) > double_stitching_bound(0.1, 1000, 0.05, 100)
    assert double_stitching_bound(0.3, 50, 0.05, 100) == double_stitching_bound(0.3, 100, 0.05, 100)


@pytest.mark.parametrize("truth", [0.1, 0.5])
def test_shares_are_covered_at_all_times(truth: float) -> None:
    variance = truth * (1 - truth)
    mixture = BetaBinomialMixture(variance * 100, 0.05, truth, 1 - truth, is_one_sided=False)
    never_out = np.array([1.0])  # by successes: the chance to be there without having been out of bounds
    for n in range(1, 251):
        never_out = np.append(never_out * (1 - truth), 0) + np.append(0, never_out * truth)
        evidence = [mixture.log_mixture(successes - truth * n, variance * n) for successes in range(n + 1)]
        never_out[np.array(evidence) >= log(1 / 0.05)] = 0
    assert 0.01 < 1 - never_out.sum() <= 0.05
    for n, successes in ((30, 2), (30, 12), (100, 20), (100, 30), (250, 60), (250, 100)):
        low, high = bernoulli_confidence_interval(successes, n, 0.05, 100)
        assert (low <= truth <= high) == (mixture.log_mixture(successes - truth * n, variance * n) < log(1 / 0.05))


def test_an_interval_of_a_share_is_the_same_from_either_side() -> None:
    low, high = bernoulli_confidence_interval(15, 50, 0.05, 50)
    other_low, other_high = bernoulli_confidence_interval(35, 50, 0.05, 50)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-9)


def test_quantiles_that_differ_are_told_apart_and_equal_ones_are_not() -> None:
    random = np.random.default_rng(8)
    one, other = random.normal(size=500).tolist(), random.normal(size=700).tolist()
    shifted = [value + 1 for value in other]
    assert quantile_ab_p_value(one, other, 0.5, 300) > 0.5
    assert quantile_ab_p_value(one, shifted, 0.5, 300) < 1e-6
    assert quantile_ab_p_value(shifted, one, 0.5, 300) == pytest.approx(
        quantile_ab_p_value(one, shifted, 0.5, 300), rel=1e-6
    )
    assert quantile_ab_p_value([1.0], [2.0], 0.9, 100) == 1


def test_the_least_evidence_against_a_common_quantile_is_found() -> None:
    random = np.random.default_rng(9)
    one, other = sorted(random.normal(size=80)), sorted(random.normal(0.9, 1, size=60))
    p, variance = 0.3, 0.3 * 0.7
    mixture = BetaBinomialMixture(50 * variance, 0.05, p, 1 - p, is_one_sided=False)

    def least(values: list[float], x: float) -> float:
        # Any share between those strictly and those weakly below x is possible: the least evidence among them.
        n = len(values)
        low, high = np.searchsorted(values, x) / n, np.searchsorted(values, x, side="right") / n
        shares = np.linspace(low, high, 50)
        return min(mixture.log_mixture((share - p) * n, variance * n) for share in shares)

    expected = min(least(one, x) + least(other, x) for x in [*one, *other])
    assert quantile_ab_p_value(one, other, p, 50) == pytest.approx(np.exp(-expected), rel=0.05)


@pytest.mark.parametrize(
    ("name", "arguments", "named"),
    [
        ("normal_mixture_bound", {"v": 100, "alpha": 1.0, "v_opt": 100}, "alpha"),
        ("normal_mixture_bound", {"v": -1, "alpha": 0.05, "v_opt": 100}, "v must"),
        ("poly_stitching_bound", {"v": 1, "alpha": 0.05, "v_min": 0}, "v_min"),
        ("poly_stitching_bound", {"v": 1, "alpha": 0.05, "v_min": 1, "s": 1}, "s must"),
        ("poly_stitching_bound", {"v": 1, "alpha": 0.05, "v_min": 1, "eta": 1}, "eta"),
        ("poly_stitching_bound", {"v": 1, "alpha": 0.05, "v_min": 1, "c": -1}, "c must"),
        ("empirical_process_lil_bound", {"t": 10, "alpha": 0.05, "t_min": 0.5}, "t_min"),
        ("empirical_process_lil_bound", {"t": 10, "alpha": 0.05, "t_min": 1, "A": 0.7}, "A must"),
        ("double_stitching_bound", {"quantile_p": 1, "t": 10, "alpha": 0.05, "t_opt": 1}, "quantile_p"),
        ("double_stitching_bound", {"quantile_p": 0.5, "t": 10, "alpha": 0.05, "t_opt": 0}, "t_opt"),
        ("bernoulli_confidence_interval", {"num_successes": 3, "num_trials": 2, "alpha": 0.05, "t_opt": 5}, "num_successes"),
        ("bernoulli_confidence_interval", {"num_successes": 0, "num_trials": 0, "alpha": 0.05, "t_opt": 5}, "num_trials"),
        ("quantile_ab_p_value", {"a_values": [], "b_values": [1], "quantile_p": 0.5, "t_opt": 5}, "a_values"),
        ("quantile_ab_p_value", {"a_values": [1], "b_values": [float("nan")], "quantile_p": 0.5, "t_opt": 5}, "b_values"),
        ("logit", {"p": 0}, "p must"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(name: str, arguments: dict[str, float], named: str) -> None:
    made: Callable[..., object] = CONFSEQ[name]
    with pytest.raises(ValueError, match=named):
        made(**arguments)
