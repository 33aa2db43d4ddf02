"""Posteriors, held to scipy's truncated normal, to closed forms and to Monte Carlo."""

from math import inf, pi, sqrt

import numpy as np
import pytest
from scipy import stats

from shared.experiments.stats.bayes import Prior, best, excess, posterior
from shared.experiments.stats.difference import compare, uninformative
from shared.experiments.stats.summaries import plain

EFFECT = compare(plain(100, 10.0, 25.0), plain(120, 10.6, 30.0), relative=False, alpha=0.05)


def test_without_a_prior_the_posterior_is_the_estimate() -> None:
    found = posterior(EFFECT, alpha=0.1)
    truth = stats.norm(EFFECT.estimate, EFFECT.standard_error)
    assert found.mean == EFFECT.estimate
    assert found.sd == pytest.approx(EFFECT.standard_error)
    assert found.interval == pytest.approx(truth.interval(0.9))
    assert found.chance == pytest.approx(truth.sf(0))


def test_a_prior_pulls_by_its_precision() -> None:
    found = posterior(EFFECT, Prior(-0.5, 0.2))
    own, other = EFFECT.standard_error**-2, 1 / 0.2
    assert found.sd == pytest.approx((own + other) ** -0.5)
    assert found.mean == pytest.approx((own * EFFECT.estimate + other * -0.5) / (own + other))
    wider = Prior(0.1, 0.04).scaled(10)
    assert (wider.mean, wider.variance) == pytest.approx((1.0, 4.0))
    with pytest.raises(ValueError, match="variance"):
        Prior(0.0, 0.0)


def test_losses_are_the_truncated_means() -> None:
    found = posterior(EFFECT)
    z = -found.mean / found.sd
    above = stats.truncnorm(z, inf, found.mean, found.sd).mean() * stats.norm.sf(z)
    below = -stats.truncnorm(-inf, z, found.mean, found.sd).mean() * stats.norm.cdf(z)
    assert found.loss == pytest.approx((above, below))
    down = posterior(EFFECT, better="down")
    assert down.loss == (found.loss[1], found.loss[0])
    assert down.chance == pytest.approx(1 - found.chance)


def test_far_out_nothing_is_lost_and_nothing_breaks() -> None:
    assert excess(1e6, 1.0) == pytest.approx(1e6)
    assert excess(-1e6, 1.0) == 0.0
    assert 0 <= excess(-10.0, 1.0) < 1e-20


def test_of_nothing_nothing_is_held() -> None:
    found = posterior(uninformative("no units in control", relative=True), Prior(0.1, 0.1))
    assert (found.chance, found.loss, found.message) == (0.5, (0.0, 0.0), "no units in control")


@pytest.mark.parametrize("spreads", [(1.0, 1.0), (1e-6, 1.0), (0.3, 40.0), (0.0, 2.0)])
def test_of_two_arms_the_closed_form(spreads: tuple[float, float]) -> None:
    means = (1.0, 1.5)
    found = best(list(zip(means, spreads, strict=True)))
    gap, spread = means[0] - means[1], sqrt(spreads[0] ** 2 + spreads[1] ** 2)
    assert found.chances[0] == pytest.approx(stats.norm.cdf(gap / spread), abs=1e-8)
    assert found.losses == pytest.approx((excess(-gap, spread), excess(gap, spread)), abs=1e-7)


def test_equal_arms_share_and_the_best_of_three_is_known() -> None:
    found = best([(2.0, 0.5)] * 3)
    assert found.chances == pytest.approx((1 / 3,) * 3, abs=1e-9)
    assert found.losses == pytest.approx((0.5 * 3 / (2 * sqrt(pi)),) * 3, abs=1e-9)
    assert best([(2.0, 0.0)] * 2).chances == pytest.approx((0.5, 0.5))
    assert best([(7.0, 1.0)]).chances == (1.0,)


def test_of_many_arms_what_chance_says() -> None:
    chance = np.random.default_rng(3)
    for _ in range(6):
        means, spreads = chance.normal(0, 1, 5), 10 ** chance.uniform(-2, 0.5, 5)
        drawn = chance.normal(means, spreads, (400_000, 5))
        up, down = (best(list(zip(means, spreads, strict=True)), better) for better in ("up", "down"))
        assert up.chances == pytest.approx(np.bincount(drawn.argmax(1), minlength=5) / 400_000, abs=0.004)
        assert down.chances == pytest.approx(np.bincount(drawn.argmin(1), minlength=5) / 400_000, abs=0.004)
        error = 5 * drawn.std() / sqrt(400_000)
        assert up.losses == pytest.approx(drawn.max(1).mean() - means, abs=error)
        assert down.losses == pytest.approx(means - drawn.min(1).mean(), abs=error)
        assert sum(up.chances) == pytest.approx(1)


@pytest.mark.parametrize("posteriors", [[], [(float("nan"), 1.0)], [(0.0, -1.0)], [(0.0, inf)]])
def test_posteriors_are_numbers(posteriors: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="posteriors"):
        best(posteriors)
