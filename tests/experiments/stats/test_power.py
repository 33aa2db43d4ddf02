"""Power, held to simulated experiments and to its own inverses."""

from dataclasses import replace
from math import sqrt
from typing import TypedDict

import numpy as np
import pytest

from shared.experiments.stats.bayes import Prior, posterior
from shared.experiments.stats.difference import compare, uninformative
from shared.experiments.stats.power import (
    cutpoints,
    days_left,
    minimum_effect,
    planned_error,
    planned_power,
    power_of,
    remaining,
    sequential_factor,
    units_needed,
)
from shared.experiments.stats.sequential import asymptotic_interval, gbstats_rho
from shared.experiments.stats.summaries import plain

ARM = plain(1000, 10.0, 25.0)


class Terms(TypedDict):
    alpha: float
    power: float


TERMS: Terms = {"alpha": 0.05, "power": 0.8}


@pytest.mark.parametrize("relative", [True, False])
def test_power_is_how_often_an_effect_is_seen(relative: bool) -> None:
    chance = np.random.default_rng(8)
    n, effect = 400, 0.1 if relative else 1.0
    control = chance.normal(10, 5, (3000, n))
    treatment = chance.normal(11, 5, (3000, n))
    seen = 0
    for own, other in zip(control, treatment, strict=True):
        arms = (plain(n, float(values.mean()), float(values.var(ddof=1))) for values in (own, other))
        seen += compare(*arms, relative=relative, alpha=0.05).p_value < 0.05
    assert planned_power(ARM, n, effect, alpha=0.05, relative=relative) == pytest.approx(seen / 3000, abs=0.025)


def test_bayesian_power_is_how_often_the_credible_interval_leaves_out_nothing() -> None:
    chance = np.random.default_rng(9)
    prior, error, effect = Prior(0.05, 0.01), 0.06, 0.1
    one = compare(plain(2, 1.0, 1.0), plain(2, 1.0, 1.0), relative=False, alpha=0.05)
    seen = 0
    for estimate in chance.normal(effect, error, 3000):
        low, high = posterior(replace(one, estimate=float(estimate), standard_error=error), prior).interval
        seen += low > 0 or high < 0
    assert power_of(effect, error, alpha=0.05, prior=prior) == pytest.approx(seen / 3000, abs=0.02)


def test_knowing_nothing_beforehand_is_a_wide_prior() -> None:
    wide = power_of(0.1, 0.05, alpha=0.05, prior=Prior(0.0, 1e9))
    assert power_of(0.1, 0.05, alpha=0.05) == pytest.approx(wide)
    assert cutpoints(0.1, 0.05, None, alpha=0.05) == pytest.approx((1.959964 - 2, -1.959964 - 2))
    assert power_of(0.0, 0.05, alpha=0.05) == pytest.approx(0.05)
    assert power_of(0.0, 0.05, alpha=0.05, two_sided=False) == pytest.approx(0.05)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("tuning", [None, 5000.0])
@pytest.mark.parametrize("effect", [0.02, 0.3, -0.05])
def test_units_needed_are_the_fewest_with_the_power(relative: bool, tuning: float | None, effect: float) -> None:
    units = units_needed(ARM, effect, relative=relative, tuning=tuning, **TERMS)
    assert units is not None

    def power(n: float) -> float:
        return planned_power(ARM, n, effect, alpha=0.05, relative=relative, tuning=tuning) or 0.0

    assert power(units) >= 0.8 - 1e-4
    assert power(units - 1) < 0.8 + 1e-4
    if tuning is not None:
        assert units > (units_needed(ARM, effect, relative=relative, **TERMS) or 0)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("tuning", [None, 5000.0])
@pytest.mark.parametrize("prior", [None, Prior(0.01, 0.03)])
def test_the_least_effect_has_just_the_power(relative: bool, tuning: float | None, prior: Prior | None) -> None:
    own = None if prior else tuning
    effect = minimum_effect(ARM, 700, relative=relative, tuning=own, prior=prior, **TERMS)
    assert effect is not None
    found = planned_power(ARM, 700, effect, alpha=0.05, relative=relative, tuning=own, prior=prior)
    assert found == pytest.approx(0.8, abs=1e-4)


def test_the_always_valid_interval_is_wider_by_the_factor() -> None:
    for units in (100, 5000, 10**6):
        high = asymptotic_interval(0.0, 0.5, units, alpha=0.05, rho=gbstats_rho(0.05, 5000))[1]
        assert sequential_factor(units, alpha=0.05, tuning=5000) == pytest.approx(high / 0.5 / 1.959963985)


def test_too_few_units_show_no_relative_effect_at_all() -> None:
    assert minimum_effect(plain(9, 1.0, 100.0), 500, relative=True, **TERMS) is None
    leaning = minimum_effect(ARM, 700, relative=True, prior=Prior(0.5, 0.001), **TERMS)
    assert leaning == 0.0


@pytest.mark.parametrize("tuning", [None, 5000.0])
@pytest.mark.parametrize("target", [0.01, -0.03])
def test_with_the_remaining_units_there_is_the_power(tuning: float | None, target: float) -> None:
    effect = compare(plain(500, 1.0, 2.0), plain(500, 1.05, 2.0), relative=True, alpha=0.05)
    found = remaining(effect, target, tuning=tuning, **TERMS)
    assert found.factor is not None
    assert found.units == found.factor * 1000
    grown = replace(
        effect, standard_error=effect.standard_error / sqrt(1 + found.factor), units=1000 * (1 + found.factor)
    )
    then = remaining(grown, target, tuning=tuning, **TERMS)
    assert then.power == pytest.approx(0.8, abs=2e-5)
    assert found.power < 0.8
    assert remaining(grown, 2 * target, tuning=tuning, **TERMS).units == 0


def test_more_tests_and_more_metrics_take_more_units() -> None:
    effect = compare(plain(500, 1.0, 2.0), plain(500, 1.05, 2.0), relative=True, alpha=0.05)
    one = remaining(effect, 0.05, **TERMS).units or 0
    assert one < (remaining(effect, 0.05, tests=3, **TERMS).units or 0)
    assert one < (remaining(effect, 0.05, metrics=3, **TERMS).units or 0)
    assert one > (remaining(effect, 0.05, prior=Prior(0.2, 0.01), **TERMS).units or 0)


def test_what_cannot_be_reached_or_said_is_none() -> None:
    effect = compare(plain(500, 1.0, 2.0), plain(500, 1.05, 2.0), relative=True, alpha=0.05)
    assert remaining(effect, 1e-9, **TERMS).factor is None
    nothing = remaining(uninformative("no units in control", relative=True), 0.05, **TERMS)
    assert (nothing.units, nothing.message) == (None, "no units in control")
    flat = plain(10, 1.0, 0.0)
    assert units_needed(flat, 0.1, relative=True, **TERMS) is None
    assert planned_power(plain(10, 0.0, 1.0), 10, 0.1, alpha=0.05, relative=True) is None
    assert units_needed(plain(10, 0.0, 1.0), 0.1, relative=False, **TERMS) is not None


def test_days_are_units_at_the_present_rate() -> None:
    assert days_left(700, 100) == 7
    assert days_left(0, 0) == 0
    assert days_left(700, 0) is None
    assert days_left(None, 100) is None


def test_what_makes_no_sense_is_refused_by_name() -> None:
    effect = compare(plain(500, 1.0, 2.0), plain(500, 1.05, 2.0), relative=True, alpha=0.05)
    with pytest.raises(ValueError, match="power"):
        units_needed(ARM, 0.1, alpha=0.05, power=0.04, relative=True)
    with pytest.raises(ValueError, match="effect"):
        units_needed(ARM, 0.0, relative=True, **TERMS)
    with pytest.raises(ValueError, match="target"):
        remaining(effect, 0.0, **TERMS)


def test_the_planned_error_is_that_of_the_effect() -> None:
    assert planned_error(ARM, 200, 1.0, relative=False) == pytest.approx(sqrt(2 * 25 / 200))
    assert planned_error(ARM, 200, 0.1, relative=True) == pytest.approx(sqrt(25 / 200 * (1 + 1.1**2)) / 10)
