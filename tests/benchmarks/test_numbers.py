"""Quantiles, medians over rounds, and the trend of a soak: on data whose answer is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.benchmarks.figures import HELLO, MENTOR, Figure, merge, value
from scripts.benchmarks.quantiles import median, quantile
from scripts.benchmarks.trend import second_half, sparkline, trend

FINITE = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.01, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_quantile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert quantile(list(range(1, 101)), share) == expected


@given(st.lists(FINITE, min_size=1), st.floats(0, 1))
def test_a_quantile_was_observed_and_enough_values_are_not_above_it(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = quantile(ordered, share)
    assert found in values
    assert sum(one <= found for one in ordered) >= share * len(ordered) - 1e-9


def test_no_values_have_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
    with pytest.raises(ValueError, match="no values"):
        median([])


def test_a_median_of_few() -> None:
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5


def figure(number: float | None, **changes: object) -> Figure:
    fields = {"name": "requests/s", "subject": MENTOR, "unit": "/s", "value": number} | changes
    return Figure(**fields)  # type: ignore[arg-type]


def test_rounds_are_merged_to_medians_with_the_worst_noise() -> None:
    rounds = [[figure(10, noise=0.1)], [figure(30, noise=0.5, failed=2)], [figure(20, noise=None)]]
    (merged,) = merge(rounds)
    assert (merged.value, merged.noise, merged.failed) == (20, 0.5, 2)
    assert merged.rounds == (10, 30, 20)


def test_subjects_are_not_mixed() -> None:
    merged = merge([[figure(1), figure(2, subject=HELLO)]])
    assert value(merged, "requests/s") == 1
    assert value(merged, "requests/s", HELLO) == 2
    assert value(merged, "something else") is None


def test_what_was_never_measured_stays_unmeasured() -> None:
    (merged,) = merge([[figure(None, note="no /proc")], [figure(None, note="no /proc")]])
    assert (merged.value, merged.note) == (None, "no /proc")


def test_a_straight_line_is_its_own_trend() -> None:
    found = trend([(second, 100 + second / 360) for second in range(0, 600, 5)])
    assert found is not None
    assert found.slope == pytest.approx(10)
    assert found.low == pytest.approx(10)


def test_constant_memory_does_not_grow() -> None:
    found = trend([(second, 80.0) for second in range(0, 600, 5)])
    assert found is not None
    assert (found.slope, found.low, found.high) == (0, 0, 0)


@pytest.mark.parametrize("points", [[], [(0, 1)], [(0, 1), (5, 1), (10, 1)], [(0, 1), (0, 2), (0, 3), (0, 4)]])
def test_too_few_samples_have_no_trend(points: list[tuple[float, float]]) -> None:
    assert trend(points) is None


def interval_holds(slope: float, alike: float, seed: int) -> bool:
    """Whether the 95 % interval of a noisy line with residuals that resemble their neighbours holds the true slope."""
    chance = random.Random(seed)
    rest, points = 0.0, []
    for number in range(60):
        rest = alike * rest + chance.gauss(0, 0.5)
        points.append((number * 5.0, 100 + slope / 3600 * number * 5 + rest))
    found = trend(points)
    assert found is not None
    return found.low <= slope <= found.high


@pytest.mark.parametrize(("alike", "at_least"), [(0.0, 0.92), (0.6, 0.88)])
def test_the_interval_holds_the_true_growth_about_as_often_as_it_says(alike: float, at_least: float) -> None:
    held = sum(interval_holds(10, alike, seed) for seed in range(400))
    assert held / 400 >= at_least


def test_only_the_second_half_is_judged() -> None:
    assert second_half([(0, 1), (5, 2), (10, 3), (15, 4), (20, 5)]) == [(10, 3), (15, 4), (20, 5)]
    assert second_half([]) == []


def test_a_sparkline_goes_from_least_to_most() -> None:
    assert sparkline([0, 7]) == "▁█"
    assert sparkline([5, 5, 5]) == "▁▁▁"
    assert sparkline([]) == ""
    assert len(sparkline(list(range(1000)), width=60)) == 60
    assert sparkline(list(range(1000)))[-1] == "█"
