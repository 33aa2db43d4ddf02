"""The planned boundary: its table worked out again from the Brownian motion's transition density, and its two parts together."""

from collections.abc import Callable
from functools import partial
from math import exp, inf, log, sqrt

import numpy as np
import pytest
from scipy import stats

from shared.experiments.stats import horizon
from shared.experiments.stats.horizon import TUNING, WITHIN, limit, p_value


def crossing(limit_at: Callable[[float], float], start: float, end: float, steps: int, points: int = 300) -> float:
    """The chance that |W(u)| / sqrt(u) reaches a limit at any u from `start` to `end`.

    In s = log u, W / sqrt(u) is an Ornstein-Uhlenbeck process: its density within the limits is carried over equal steps of s. What
    happens between the steps is Siegmund's correction: limits lower by 0.5826 times the step's standard deviation.
    """
    times = np.linspace(log(start), log(end), steps + 1)
    step = times[1] - times[0]
    memory, scatter = exp(-step / 2), sqrt(1 - exp(-step))
    limits = np.minimum([limit_at(exp(float(time))) for time in times], 8.0) - 0.5826 * sqrt(step)
    places = (np.arange(points) + 0.5) / points * 2 - 1
    at = limits[0] * places
    mass = stats.norm.pdf(at) * limits[0] * 2 / points
    for top in limits[1:]:
        to = top * places
        mass = stats.norm.pdf(to[:, None], memory * at[None, :], scatter) @ mass * top * 2 / points
        at = to
    return float(1 - mass.sum())


def after_one(a: float, u: float) -> float:
    """Robbins and Siegmund's boundary."""
    return sqrt(a * a + log(u))


def test_the_check_itself_knows_a_boundary_with_a_known_answer() -> None:
    for a in (2.4, 2.8):
        known = 2 * (stats.norm.sf(a) + a * stats.norm.pdf(a))  # at any time from 1 on; until 10^6 nearly as much
        assert crossing(partial(after_one, a), 1, 1e6, 240) == pytest.approx(known, rel=0.02)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.005])
def test_what_is_spent_up_to_the_plan_is_its_part_of_alpha(alpha: float) -> None:
    spent = crossing(lambda u: limit(alpha, u), 0.002, 1.0, 180)
    assert spent == pytest.approx(WITHIN * alpha, rel=0.025)


def test_what_is_spent_after_the_plan_is_the_rest() -> None:
    spent = crossing(lambda u: limit(0.2, u * 1.000_001), 1.0, 1e8, 260)
    assert spent == pytest.approx((1 - WITHIN) * 0.2, rel=0.03)


@pytest.mark.parametrize(("x", "part"), [point for point in horizon._BY_THE_PLAN if 0 < point[0] <= 10])
def test_the_table_is_the_part_of_crossings_up_to_the_plan(x: float, part: float) -> None:
    def mixture_limit(u: float) -> float:
        return sqrt((u + TUNING) / u * (2 * x + log((u + TUNING) / TUNING)))

    found = crossing(mixture_limit, 0.001 if x < 2 else 0.003, 1.0, 140, points=240) * exp(x)
    assert found == pytest.approx(part, rel=0.02)


def test_the_boundary_is_below_the_one_that_keeps_alpha_for_ever() -> None:
    for progress in (0.01, 0.1, 0.5, 1.0):
        spread = progress + TUNING
        for_ever = sqrt(spread / progress * (2 * log(1 / 0.05) + log(spread / TUNING)))
        assert limit(0.05, progress) < 0.97 * for_ever


def test_walks_cross_no_more_often_than_alpha_before_and_after_the_plan() -> None:
    random, steps, plan = np.random.default_rng(3), 4_000, 1_000
    limits = np.array([limit(0.1, n / plan) * sqrt(n) for n in range(1, steps + 1)])
    out = np.abs(random.normal(size=(2_000, steps)).cumsum(axis=1)) >= limits
    before, ever = float(out[:, :plan].any(axis=1).mean()), float(out.any(axis=1).mean())
    assert 0.06 < before <= WITHIN * 0.1 + 0.01
    assert before <= ever <= 0.1


@pytest.mark.parametrize("progress", [0.001, 0.05, 0.4, 1.0, 1.001, 30.0])
@pytest.mark.parametrize("alpha", [0.5, 0.05, 1e-3, 1e-7, 1e-12])
def test_the_p_value_is_the_smallest_alpha_that_is_out_of_bounds(progress: float, alpha: float) -> None:
    assert p_value(limit(alpha, progress), progress) == pytest.approx(alpha, rel=1e-6)
    assert p_value(-limit(alpha, progress), progress) == pytest.approx(alpha, rel=1e-6)


def test_p_values_fall_as_estimates_get_further_away() -> None:
    for progress in (0.01, 0.7, 4.0):
        found = [p_value(z, progress) for z in (0, 0.5, 1, 2, 3, 4, 6, 10, 50, 1e200, inf)]
        assert found[0] == 1
        assert found == sorted(found, reverse=True)
        assert found[-1] == 0


def test_what_cannot_be_is_named() -> None:
    for alpha, progress, named in ((0, 1, "alpha"), (1, 1, "alpha"), (0.05, 0, "progress"), (0.05, inf, "progress")):
        with pytest.raises(ValueError, match=named):
            limit(alpha, progress)
