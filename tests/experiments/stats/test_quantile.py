"""Errors of quantiles, held to how often intervals hold the truth where a unit's events are alike."""

from math import sqrt

import numpy as np
import pytest

from shared.experiments.stats.difference import compare
from shared.experiments.stats.quantile import Clusters, from_interval, jackknife, jackknife_error
from shared.experiments.stats.summaries import TOO_FEW, Summary

GROUPS = 32


def test_of_a_mean_the_jackknife_is_the_error_of_the_groups_means() -> None:
    groups = np.random.default_rng(1).normal(5, 2, GROUPS)
    left_out = [float(np.delete(groups, one).mean()) for one in range(GROUPS)]
    assert jackknife_error(left_out) == pytest.approx(groups.std(ddof=1) / sqrt(GROUPS))


def test_intervals_of_a_percentile_hold_the_truth_though_a_units_events_are_alike() -> None:
    chance = np.random.default_rng(2)
    rounds, units, events = 200, 640, 5
    held = naive = 0
    for _ in range(rounds):
        arms: list[Summary] = []
        for _arm in range(2):
            own = chance.normal(0, 1, (units, 1))
            values = np.exp(own + 0.3 * chance.normal(0, 1, (units, events)))
            left_out = [
                float(np.quantile(np.delete(values, np.s_[one::GROUPS], axis=0), 0.95)) for one in range(GROUPS)
            ]
            arms.append(jackknife(float(np.quantile(values, 0.95)), left_out, units))
        effect = compare(*arms, relative=False, alpha=0.05)
        held += effect.interval[0] <= 0 <= effect.interval[1]
        # an event's own error where all are strangers: sqrt(p (1 - p) / n) over the density at the truth
        density = np.exp(-(1.645**2) / 2) / sqrt(2 * np.pi) / (1.044 * np.exp(1.645 * 1.044))
        naive += abs(effect.estimate) <= 1.96 * sqrt(2 * 0.95 * 0.05 / (units * events)) / density
    assert held / rounds == pytest.approx(0.95, abs=0.045)
    assert naive / rounds < 0.8


def test_the_jackknife_has_as_many_degrees_of_freedom_as_groups_less_one() -> None:
    found = jackknife(3.0, [2.9, 3.1, 3.0], 500)
    assert (found.mean, found.freedom, found.n) == (3.0, 2, 500)
    assert sqrt(found.variance / found.n) == pytest.approx(jackknife_error([2.9, 3.1, 3.0]))


@pytest.mark.parametrize("left_out", [[], [1.0], [1.0, None, 2.0], [1.0, float("nan")]])
def test_a_group_that_is_everything_leaves_nothing_to_say(left_out: list[float | None]) -> None:
    assert jackknife(1.0, left_out, 10).message == TOO_FEW


def test_a_quantiles_interval_gives_its_error() -> None:
    """The interval of a standard normal sample's median is that of its order statistics: +- 1.96 sqrt(pi / 2n)."""
    n = 10_000
    half = 1.96 * sqrt(np.pi / 2 / n)
    found = from_interval(n, 0.5, 0.0, (-half, half))
    assert sqrt(found.variance / n) == pytest.approx(sqrt(np.pi / 2 / n), rel=1e-3)
    twice = from_interval(n, 0.5, 0.0, (-half, half), seen=n // 2)
    assert twice.variance == pytest.approx(found.variance / 2)


def test_units_with_many_like_events_widen_the_error() -> None:
    """Where a unit's events are all on one side, as many units as there are count, not as many events."""
    size, units = 10, 500
    below = units * 0.9
    alike = Clusters(units, below * size, below * size**2, units * size, units * size**2, below * size**2)
    bounds = (1.0, 1.2)
    one = from_interval(units * size, 0.9, 1.1, bounds)
    found = from_interval(units * size, 0.9, 1.1, bounds, clusters=alike)
    assert found.variance / one.variance == pytest.approx(size, rel=0.01)
    unknown = from_interval(units * size, 0.9, 1.1, bounds, clusters=Clusters(1, 9, 81, 10, 100, 90))
    assert unknown.message == "no variance"


def test_what_says_nothing_about_a_quantile() -> None:
    assert from_interval(30, 0.95, 1.0, (0.5, 2.0)).message == TOO_FEW
    assert from_interval(0, 0.5, 0.0, (0.0, 0.0)).message == "no units"
    assert from_interval(5000, 0.5, 1.0, (1.0, 1.0)).message == "no variance"
    assert from_interval(5000, 1.0, 1.0, (0.5, 2.0)).message == TOO_FEW
    assert from_interval(5000, 0.5, 1.0, (1.0, 1.0 + 1e-9)).variance == 1e-5
