"""The mixtures are the averages they are said to be, and their boundaries are where they say."""

from collections.abc import Callable
from math import exp, inf, log, sqrt

import numpy as np
import pytest
from scipy import integrate, stats

from shared.experiments.stats.mixtures import (
    BetaBinomialMixture,
    GammaExponentialMixture,
    GammaPoissonMixture,
    Mixture,
    OneSidedNormalMixture,
    TwoSidedNormalMixture,
    chance,
    one_sided_rho,
    two_sided_rho,
)

MIXTURES: list[Mixture] = [
    TwoSidedNormalMixture(100, 0.05),
    OneSidedNormalMixture(100, 0.05),
    GammaExponentialMixture(100, 0.05, 2),
    GammaPoissonMixture(100, 0.05, 2),
    BetaBinomialMixture(100, 0.05, 0.2, 0.8, is_one_sided=True),
    BetaBinomialMixture(100, 0.05, 0.2, 0.8, is_one_sided=False),
]


def averaged(value: Callable[[float], float], low: float, high: float) -> float:
    """The integral of a density times a supermartingale."""
    return float(integrate.quad(value, low, high, limit=500, epsabs=0, epsrel=1e-10)[0])


@pytest.mark.parametrize(("s", "v"), [(0.0, 50.0), (12.0, 50.0), (-20.0, 100.0), (30.0, 400.0)])
def test_normal_mixtures_are_averages_over_normal_lambdas(s: float, v: float) -> None:
    two, one = TwoSidedNormalMixture(100, 0.05), OneSidedNormalMixture(100, 0.05)
    for mixture, rho, sides in ((two, two.rho, 2), (one, one.rho, 1)):
        prior, far = stats.norm(0, 1 / sqrt(rho)), 8 / sqrt(rho)
        expected = averaged(
            lambda x, prior=prior, sides=sides: 2 / sides * prior.pdf(x) * exp(x * s - x * x * v / 2),  # type: ignore[misc]
            -far if sides == 2 else 0.0,
            far,
        )
        assert mixture.log_mixture(s, v) == pytest.approx(log(expected), abs=1e-6)


@pytest.mark.parametrize(("s", "v"), [(0.0, 50.0), (12.0, 50.0), (30.0, 400.0)])
def test_the_gamma_exponential_mixture_is_an_average_over_a_cut_gamma(s: float, v: float) -> None:
    mixture = GammaExponentialMixture(100, 0.05, 2)
    c, shape = 2.0, mixture.rho / 4
    # lambda = (1 - y) / c with y gamma distributed of mean 1 and cut at 1: psi(lambda) = (-log(1 - c lambda) - c lambda) / c^2
    prior = stats.gamma(shape, scale=1 / shape)
    expected = averaged(
        lambda y: prior.pdf(y) / prior.cdf(1) * exp((1 - y) / c * s - (-log(y) - (1 - y)) / c**2 * v) if y > 0 else 0.0,
        0,
        1,
    )
    assert mixture.log_mixture(s, v) == pytest.approx(log(expected), abs=1e-7)


@pytest.mark.parametrize(("s", "v"), [(0.0, 50.0), (12.0, 50.0), (30.0, 400.0)])
def test_the_gamma_poisson_mixture_is_an_average_over_the_other_tail(s: float, v: float) -> None:
    mixture = GammaPoissonMixture(100, 0.05, 2)
    c, shape = 2.0, mixture.rho / 4
    # lambda = log(y) / c: psi(lambda) = (exp(c lambda) - c lambda - 1) / c^2
    prior = stats.gamma(shape, scale=1 / shape)
    expected = averaged(lambda y: prior.pdf(y) / prior.sf(1) * exp(log(y) / c * s - (y - log(y) - 1) / c**2 * v), 1, 12)
    assert mixture.log_mixture(s, v) == pytest.approx(log(expected), abs=1e-6)


@pytest.mark.parametrize("one_sided", [True, False])
@pytest.mark.parametrize(("successes", "trials"), [(3, 20), (9, 20), (20, 20)])
def test_the_beta_binomial_mixture_is_a_likelihood_ratio_of_successes(
    one_sided: bool, successes: int, trials: int
) -> None:
    g, h = 0.2, 0.8
    mixture = BetaBinomialMixture(5, 0.05, g, h, is_one_sided=one_sided)
    prior = stats.beta(mixture.r / h, mixture.r / g)
    low = g if one_sided else 0.0
    share = averaged(
        lambda p: prior.pdf(p) / prior.sf(low) * (p / g) ** successes * ((1 - p) / h) ** (trials - successes), low, 1
    )
    found = mixture.log_mixture(successes - g * trials, g * h * trials)
    assert found == pytest.approx(log(share), abs=1e-6)


@pytest.mark.parametrize("mixture", MIXTURES)
@pytest.mark.parametrize("v", [1.0, 30.0, 100.0, 5_000.0])
@pytest.mark.parametrize("alpha", [0.2, 0.05, 1e-4])
def test_a_boundary_is_where_the_mixture_reaches_one_over_alpha(mixture: Mixture, v: float, alpha: float) -> None:
    bound = mixture.bound(v, log(1 / alpha))
    if bound == mixture.ceiling(v):
        assert mixture.log_mixture(bound, v) < log(1 / alpha)
    else:
        assert mixture.log_mixture(bound, v) == pytest.approx(log(1 / alpha), abs=1e-8)


@pytest.mark.parametrize("kind", [TwoSidedNormalMixture, OneSidedNormalMixture])
def test_the_precision_makes_the_boundary_low_at_the_planned_time(kind: type[Mixture]) -> None:
    tuned = kind(100, 0.05).bound(100, log(20))  # type: ignore[call-arg]
    others = [kind(100 * factor, 0.05).bound(100, log(20)) for factor in (0.2, 0.5, 2, 5)]  # type: ignore[call-arg]
    assert tuned < min(others)


def test_random_walks_cross_no_more_often_than_alpha_and_nearly_as_often() -> None:
    random = np.random.default_rng(5)
    mixture = TwoSidedNormalMixture(100, 0.05)
    limits = np.array([mixture.bound(float(v), log(1 / 0.05)) for v in range(1, 2_001)])
    walks = np.abs(random.normal(size=(2_000, 2_000)).cumsum(axis=1))
    crossed = float((walks >= limits).any(axis=1).mean())
    assert 0.02 < crossed <= 0.05


def test_evidence_becomes_a_chance() -> None:
    assert chance(log(20)) == pytest.approx(0.05)
    assert chance(-3) == chance(0) == 1


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: two_sided_rho(0, 0.05), "v_opt"),
        (lambda: two_sided_rho(1, 1), "alpha_opt"),
        (lambda: one_sided_rho(1, 0.5), "alpha_opt"),
        (lambda: one_sided_rho(float("nan"), 0.05), "v_opt"),
        (lambda: GammaPoissonMixture(1, 0.05, 0), "c must"),
        (lambda: BetaBinomialMixture(1, 0.05, 0.5, inf, is_one_sided=False), "h must"),
        (lambda: MIXTURES[0].bound(0, 3), "v must"),
        (lambda: MIXTURES[2].bound(3, 0), "log_threshold"),
    ],
)
def test_what_cannot_be_is_named(make: Callable[[], object], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        make()
