"""The simulation behind `scripts/peeking`: its sums are those of its units, and its judgement can go both ways."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from scripts.benchmarks import peeking_bandit as bandits
from scripts.benchmarks import peeking_data as data
from scripts.benchmarks.peeking import Course
from scripts.benchmarks.peeking_metrics import coverage, reduction
from scripts.benchmarks.peeking_trials import Setting, trial
from shared.experiments.stats.summaries import summarise


def test_sums_at_a_look_are_those_of_its_units() -> None:
    sums = data.looks(data.RATIO, np.random.default_rng(1), 1_000)
    random = np.random.default_rng(1)
    num, den = data.answers(random, (1_000,))
    treated = random.random(1_000) < 0.5
    assert sums.shape == (20, 2, 6)
    for look, units in ((0, 50), (19, 1_000)):
        for arm in (0, 1):
            of_arm = treated[:units] == bool(arm)
            found = summarise("ratio", data.moments(sums[look, arm].tolist()))
            assert found.n == of_arm.sum()
            assert found.mean == pytest.approx(num[:units][of_arm].sum() / den[:units][of_arm].sum())


@pytest.mark.parametrize(("population", "effect"), [(data.NORMAL, 0.3), (data.BERNOULLI, 0.04), (data.RATIO, 0.1)])
def test_an_effect_is_what_it_is_said_to_be(population: data.Population, effect: float) -> None:
    sums = data.looks(population, np.random.default_rng(2), 200_000, effect)[-1].tolist()
    control, treatment = (summarise(population.kind, data.moments(arm)) for arm in sums)
    error = (control.variance / control.n + treatment.variance / treatment.n) ** 0.5
    assert treatment.mean - control.mean == pytest.approx(effect, abs=4 * error)


def test_experiments_stop_where_there_is_an_effect_and_hardly_where_there_is_none() -> None:
    with ThreadPoolExecutor(1) as pool:
        nothing = trial(Setting(data.NORMAL, 1_000, 40, 0.05, 1), pool, lambda: None)
        something = trial(Setting(data.NORMAL, 1_000, 40, 0.05, 1, effect=1.0), pool, lambda: None)
    assert len(nothing.absolute) == len(nothing.peeked) == 40
    assert sum(stop is not None for stop in nothing.absolute) < sum(stop is not None for stop in nothing.peeked)
    assert all(stop is not None and 100 <= stop <= 400 for stop in something.absolute)


def test_no_worse_is_judged_by_power_and_median() -> None:
    ours = Course(0.6, 5_000, 4_000)
    assert ours.no_worse(Course(0.6, 5_000, 3_000))
    assert ours.no_worse(Course(0.4, None, 9_000))
    assert not ours.no_worse(Course(0.7, 5_000, 4_000))
    assert not ours.no_worse(Course(0.5, 4_950, 4_000))
    assert not Course(0.4, None, 9_000).no_worse(Course(0.4, 9_000, 9_000))


def test_cuped_and_ratios_are_measured() -> None:
    with ThreadPoolExecutor(1) as pool:
        found = reduction(pool, 0.7, 250, 1)
        held = coverage(pool, 500, 250, 1)
    assert found.expected == pytest.approx(0.51)
    assert found.met
    assert held.runs == 250
    assert held.naive < held.absolute


def test_bandits_are_called_different_where_they_are() -> None:
    even = bandits.COURSES[2]
    with ThreadPoolExecutor(1) as pool:
        assert bandits.called(pool, even, 10, 1, lambda: None) <= 0.1
        assert bandits.called(pool, replace(even, effect=0.2), 10, 1, lambda: None) == 1
