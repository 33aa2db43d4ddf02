"""Bands of two arms: valid where arms are uneven, events rare and effects relative, and silent where nothing can be said."""

from collections.abc import Callable
from math import inf, isfinite, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.experiments.moments import Moments
from shared.experiments.stats.anytime import LEAST_IN_ARM, VAGUE_CONTROL, difference_band
from shared.experiments.stats.sequential import TOO_EARLY, Band, always_valid
from shared.experiments.stats.summaries import Summary, adjust, plain, summarise

TERMS = {"alpha": 0.05, "planned_n": 2_000}


def band(control: Summary, treatment: Summary, *, relative: bool = False) -> Band:
    return difference_band(control, treatment, relative=relative, **TERMS)


def test_even_arms_have_the_band_of_their_difference() -> None:
    control, treatment = plain(500, 1.0, 4.0), plain(500, 1.3, 4.0)
    expected = always_valid(0.3, sqrt(8 / 500), 1_000, alpha=0.05, planned_n=2_000, freedom=998)
    found = band(control, treatment)
    assert (found.low, found.high, found.p_value) == pytest.approx((expected.low, expected.high, expected.p_value))


def test_a_small_arm_without_its_variance_does_not_make_an_effect() -> None:
    found = band(plain(60, 0.001, 1e-6), plain(900, 0.05, 0.0475))
    own = always_valid(0.049, sqrt(0.0475 / 900), 960, alpha=0.05, planned_n=2_000)
    assert own.low > 0
    assert found.low < 0 < found.high


def test_a_relative_band_holds_the_lifts_whose_plain_difference_is_within_bounds() -> None:
    control, treatment = plain(500, 2.0, 4.0), plain(500, 2.6, 5.0)
    found = band(control, treatment, relative=True)
    limit = (band(control, treatment).high - 0.6) / sqrt(9 / 500)
    for lift, inside in (
        (found.low + 1e-6, True),
        (found.high - 1e-6, True),
        (found.low - 1e-6, False),
        (found.high + 1e-6, False),
    ):
        statistic = (2.6 - (1 + lift) * 2.0) / sqrt(5 / 500 + (1 + lift) ** 2 * 4 / 500)
        assert (abs(statistic) <= limit) == inside
    assert found.low < 0.3 < found.high


def test_a_relative_band_turns_round_where_the_metric_is_negative() -> None:
    up, down = plain(500, 2.0, 4.0), plain(500, 2.6, 5.0)
    mirrored = band(plain(500, -2.0, 4.0), plain(500, -2.6, 5.0), relative=True)
    found = band(up, down, relative=True)
    assert (-mirrored.high, -mirrored.low) == pytest.approx((found.low, found.high))


def test_with_cuped_the_relative_band_is_relative_to_the_control_as_it_was() -> None:
    random = np.random.default_rng(2)
    arms = []
    for shift in (0.0, 0.5):
        before = random.normal(5, 1, 600)
        value = before + shift + random.normal(0, 0.5, 600)
        n, own, earlier = 600, float(value.sum()), float(before.sum())
        arms.append(Moments(n, (own, n, earlier, n), (
            float(value @ value), own, float(value @ before), own, n, earlier, n, float(before @ before), earlier, n,
        )))  # fmt: skip
    plainly = band(*(summarise("mean", arm) for arm in arms), relative=True)
    found = band(*adjust("mean", *arms), relative=True)
    assert plainly.low < found.low < 0.1 < found.high < plainly.high


@pytest.mark.parametrize(
    ("control", "treatment", "message"),
    [
        (plain(0, 0, 0), plain(500, 1, 1), "no units in control"),
        (plain(500, 1, 1), plain(500, 1, 0), "no variance in treatment"),
        (plain(LEAST_IN_ARM - 1, 1, 1), plain(500, 1, 1), TOO_EARLY),
        (plain(50, 1, 1), plain(49, 1, 1), TOO_EARLY),
        (plain(500, float("nan"), 1), plain(500, 1, 1), "numbers too large in control"),
    ],
)
@pytest.mark.parametrize("relative", [True, False])
def test_what_says_nothing_has_a_message(control: Summary, treatment: Summary, message: str, relative: bool) -> None:
    assert band(control, treatment, relative=relative) == Band(-inf, inf, 1.0, message)


def test_a_control_near_zero_has_no_relative_band() -> None:
    nothing = band(plain(500, 0.0, 1.0), plain(500, 0.9, 1.0), relative=True)
    found = band(plain(500, 0.01, 1.0), plain(500, 0.9, 1.0), relative=True)
    assert nothing.message == VAGUE_CONTROL
    assert (found.low, found.high, found.message) == (-inf, inf, VAGUE_CONTROL)
    assert found.p_value == band(plain(500, 0.01, 1.0), plain(500, 0.9, 1.0)).p_value < 0.05


numbers = st.floats(-1e3, 1e3)
summaries = st.builds(plain, st.integers(0, 10**5), numbers, st.floats(0, 1e6))


@given(control=summaries, treatment=summaries)
def test_relative_and_absolute_agree_on_whether_there_is_a_difference(control: Summary, treatment: Summary) -> None:
    absolute, relative = band(control, treatment), band(control, treatment, relative=True)
    assert absolute.p_value == relative.p_value
    if absolute.message is None and relative.message is None and isfinite(relative.high - relative.low):
        near = min(abs(absolute.low), abs(absolute.high)) <= 1e-6 * (absolute.high - absolute.low)
        assert near or (absolute.low > 0 or absolute.high < 0) == (relative.low > 0 or relative.high < 0)


def draw_rare(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return (random.random(shape) < 0.05).astype(float)


def draw_heavy(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.exp(random.normal(0, 2, shape))


@pytest.mark.parametrize(("draw", "kind", "share"), [(draw_rare, "proportion", 0.2), (draw_heavy, "mean", 0.5)])
def test_equal_arms_are_called_different_in_no_more_than_alpha_of_experiments(
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray], kind: str, share: float
) -> None:
    random, experiments, units = np.random.default_rng(4), 120, 2_000
    called = {True: 0, False: 0}
    for _ in range(experiments):
        values, treated = draw(random, (units,)), random.random(units) < share
        sums = {arm: [(np.cumsum(values**power * (treated == arm))) for power in (0, 1, 2)] for arm in (False, True)}
        stopped = {True: False, False: False}
        for look in range(99, units, 50):
            arms = [summary(kind, *(float(total[look]) for total in sums[arm])) for arm in (False, True)]
            for relative in (True, False):
                found = band(*arms, relative=relative)
                stopped[relative] |= found.low > 0 or found.high < 0
        for relative in (True, False):
            called[relative] += stopped[relative]
    assert max(called.values()) / experiments <= 0.05


def summary(kind: str, n: float, total: float, squares: float) -> Summary:
    moments = Moments(int(n), (total, n, 0, 0), (squares, total, 0, 0, n, 0, 0, 0, 0, 0))
    return summarise("proportion" if kind == "proportion" else "mean", moments)
