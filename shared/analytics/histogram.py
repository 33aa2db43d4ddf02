"""Times counted by size, so that any quantile can be told later and any two counts added up. Pure.

Buckets grow by 5 %: a quantile is off by 2.5 % at most (Masson, Rim, Lee, "DDSketch", PVLDB 12:2195 (2019), without its
collapsing: times are bounded here, so there are 311 buckets at most). Coarser than `shared.experiments.sketch`, because a
hundred of them are in one document.
"""

from collections.abc import Mapping
from math import ceil, log, sqrt
from typing import Final

from shared.learning.intervals import Interval, normal_quantile

GROWTH: Final = 1.05
LONGEST: Final = 3_600_000.0
"""Milliseconds; what takes longer counts as this."""
_LOG: Final = log(GROWTH)


def bucket(value: float) -> int:
    """The bucket of a time in milliseconds: 0 holds all below 1 (and what is no number), k holds (1.05^(k-1), 1.05^k]."""
    if not value >= 1:
        return 0
    return ceil(log(min(value, LONGEST)) / _LOG - 1e-9)


def middle(number: int) -> float:
    """The time that a bucket's values are taken for: no value of the bucket is further off than 2.5 %."""
    return 0.5 if number <= 0 else 2 * GROWTH**number / (1 + GROWTH)


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The time that `share` of the counted ones do not exceed; None where nothing was counted."""
    n = sum(counts.values())
    return None if n <= 0 else middle(_at(counts, ceil(share * n)))


def quantile_interval(counts: Mapping[int, int], share: float, confidence: float = 0.95) -> Interval | None:
    """The quantile's interval, whatever the times' distribution: order statistics whose ranks lie a normal reach around it.

    From the lower end of the one's bucket to the upper end of the other's. None where nothing was counted.
    """
    n = sum(counts.values())
    if n <= 0:
        return None
    reach = normal_quantile(confidence) * sqrt(n * share * (1 - share))
    low, high = (_at(counts, ceil(share * n + sign * reach)) for sign in (-1, 1))
    return (GROWTH ** (low - 1) if low > 0 else 0.0), GROWTH ** max(0, high)


def _at(counts: Mapping[int, int], rank: int) -> int:
    """The bucket that holds the value of that rank (1: the smallest); ranks outside are the ends."""
    passed, last = 0, 0
    for number in sorted(counts):
        if counts[number] <= 0:
            continue
        passed, last = passed + counts[number], number
        if passed >= rank:
            break
    return last
