"""Sample ratio mismatch, held to scipy's chi-square test."""

from math import inf, nan

import numpy as np
import pytest
from scipy import stats

from shared.experiments.stats.srm import mismatch


@pytest.mark.parametrize(
    ("observed", "shares"),
    [
        ([501, 499], [1, 1]),
        ([810, 1020, 190], [0.4, 0.5, 0.1]),
        ([3, 9, 4, 1], [25, 25, 25, 25]),
        ([10**9, 10**9 + 10**5], [1, 1]),
    ],
)
def test_it_is_pearsons_test(observed: list[float], shares: list[float]) -> None:
    expected = np.array(shares) / sum(shares) * sum(observed)
    assert mismatch(observed, shares) == pytest.approx(stats.chisquare(observed, expected).pvalue)


def test_it_is_as_often_wrong_as_it_says() -> None:
    chance = np.random.default_rng(4)
    drawn = chance.multinomial(3000, (0.2, 0.3, 0.5), 4000)
    alarms = sum((mismatch(row.tolist(), (2, 3, 5)) or 0.0) < 0.05 for row in drawn)
    assert alarms / 4000 == pytest.approx(0.05, abs=0.011)


def test_whole_percents_round_what_is_expected() -> None:
    assert mismatch([3, 7], [33, 67], whole=True) == 1.0
    assert 0.7 < (mismatch([3, 7], [33, 67]) or 0) < 1


@pytest.mark.parametrize(
    ("observed", "shares"),
    [
        ([], []),
        ([5], [100]),
        ([5, 5], [1, 1, 1]),
        ([0, 0], [1, 1]),
        ([5, 5], [0, 0]),
        ([-1, 5], [1, 1]),
        ([5, 5], [-1, 2]),
        ([nan, 5], [1, 1]),
        ([5, 5], [inf, 1]),
        ([5, 0], [100, 0]),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_cannot_be_tested_is_none(observed: list[float], shares: list[float], whole: bool) -> None:
    assert mismatch(observed, shares, whole=whole) is None


def test_an_arm_that_should_get_nothing() -> None:
    assert mismatch([50, 50, 1], [1, 1, 0]) == 0.0
    assert mismatch([50, 40, 0], [1, 1, 0]) == mismatch([50, 40], [1, 1])
