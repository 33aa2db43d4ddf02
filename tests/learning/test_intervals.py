"""Intervals, against known quantiles, published examples and simulated samples."""

import random

import pytest

from shared.learning import intervals
from shared.learning.intervals import Sample

# Two-sided confidence, degrees of freedom, quantile: as scipy.stats.t.ppf gives it.
STUDENT = [
    (0.9, 1, 6.31375), (0.9, 2, 2.91999), (0.9, 3, 2.35336), (0.9, 5, 2.01505),
    (0.9, 9, 1.83311), (0.9, 18.5, 1.73153), (0.9, 40, 1.68385), (0.9, 1000, 1.64638),
    (0.95, 1, 12.7062), (0.95, 2, 4.30265), (0.95, 3, 3.18245), (0.95, 5, 2.57058),
    (0.95, 9, 2.26216), (0.95, 18.5, 2.09686), (0.95, 40, 2.02108), (0.95, 1000, 1.96234),
    (0.99, 1, 63.65674), (0.99, 2, 9.92484), (0.99, 3, 5.84091), (0.99, 5, 4.03214),
    (0.99, 9, 3.24984), (0.99, 18.5, 2.86943), (0.99, 40, 2.70446), (0.99, 1000, 2.58075),
]  # fmt: skip


def sample(ratings: list[int]) -> Sample:
    return Sample(len(ratings), sum(ratings), sum(rating**2 for rating in ratings))


@pytest.mark.parametrize(("confidence", "freedom", "expected"), STUDENT)
def test_students_quantile(confidence: float, freedom: float, expected: float) -> None:
    near = 1e-4 if freedom < 3 or freedom >= 9 else 0.02
    assert intervals.t_quantile(confidence, freedom) == pytest.approx(expected, rel=near)


def test_wilsons_and_newcombes_intervals_as_published() -> None:
    """Newcombe (1998), table II: 56/70 and 48/80, method 10 gives 0.0524 to 0.3339."""
    low, high = intervals.share_difference((48, 80), (56, 70))
    assert [low, high] == pytest.approx([0.0524, 0.3339], abs=1e-4)
    low, high = intervals.share(81, 263)  # Newcombe, Statistics in Medicine 17:857: 0.2553 to 0.3662
    assert [low, high] == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert intervals.share(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
    assert intervals.share(10, 10)[1] == pytest.approx(1.0)


def test_ten_equal_ratings_are_not_certain() -> None:
    low, high = intervals.mean(sample([5] * 10))
    assert low < 4.5
    assert high == 5.0
    low, high = intervals.mean_difference(sample([4] * 10), sample([5] * 10))
    assert low < 1.0 < high


@pytest.mark.parametrize("weights", [(1, 1, 1, 1, 1), (1, 0, 0, 2, 7), (8, 1, 0, 0, 1), (0, 0, 1, 9, 0)])
@pytest.mark.parametrize("n", [10, 40])
def test_a_means_interval_holds_the_mean_at_least_as_often_as_it_says(weights: tuple[int, ...], n: int) -> None:
    chance = random.Random(7)
    true = sum(weight * (place + 1) for place, weight in enumerate(weights)) / sum(weights)
    drawn = (sample(chance.choices((1, 2, 3, 4, 5), weights, k=n)) for _ in range(1_500))
    found = [intervals.mean(one) for one in drawn]
    held = sum(low - 1e-9 <= true <= high + 1e-9 for low, high in found) / len(found)
    assert held >= 0.93


def test_no_difference_is_found_where_there_is_none_and_a_large_one_is_found() -> None:
    chance = random.Random(11)

    def differs(a: tuple[int, ...], b: tuple[int, ...]) -> float:
        pairs = [
            (sample(chance.choices((1, 2, 3, 4, 5), a, k=30)), sample(chance.choices((1, 2, 3, 4, 5), b, k=30)))
            for _ in range(1_000)
        ]
        return sum(not low <= 0 <= high for low, high in (intervals.mean_difference(*pair) for pair in pairs)) / 1_000

    assert differs((1, 1, 2, 3, 3), (1, 1, 2, 3, 3)) <= 0.06
    assert differs((3, 3, 2, 1, 1), (1, 1, 2, 3, 3)) >= 0.9
