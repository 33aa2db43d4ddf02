"""Values counted in buckets that widen with them, so that any quantile is known to 1 % and sets of values can be put together. Pure.

The idea of DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB
2019): a positive value belongs to the bucket ceil(log(value) / log(RATIO)), whose ends are RATIO apart. A quantile is read off
between a bucket's ends, as if its values were spread evenly by their logarithm: never more than 1 % from the value it stands for,
and a value more or less moves it a little instead of not at all or by a bucket.

Buckets are whole numbers and so are counts: what was added can be taken away, in any order. There are at most 4,862 of them.
"""

from collections.abc import Iterable, Mapping
from math import ceil, log
from typing import Final

RATIO: Final = 1.01
SMALLEST: Final = 1e-9
"""Positive values below it count as 0."""
LARGEST: Final = 1e12
ZERO: Final = -5000
"""The bucket of 0 and of everything below: its quantiles are 0."""
_LOG: Final = log(RATIO)

Histogram = dict[int, int]


def bucket(value: float) -> int:
    """The bucket of a value; one above LARGEST is in the last."""
    return ZERO if value < SMALLEST else ceil(log(min(value, LARGEST)) / _LOG)


def merge(into: Histogram, other: Mapping[int, int], sign: int = 1) -> Histogram:
    """Put a histogram into the first, or take it out again (-1); a bucket that is empty then is left out. Gives back the first."""
    for place, count in other.items():
        left = into.get(place, 0) + sign * count
        if left:
            into[place] = left
        else:
            into.pop(place, None)
    return into


def merged(many: Iterable[Mapping[int, int]]) -> Histogram:
    """All values of several histograms."""
    total: Histogram = {}
    for one in many:
        merge(total, one)
    return total


def total(histogram: Mapping[int, int]) -> int:
    """How many values there are."""
    return sum(histogram.values())


def quantile(histogram: Mapping[int, int], q: float) -> float | None:
    """The value below which a share q (0 to 1) of the values lies; None where there is none.

    Within 1 % of value number ceil(q * n) of the n in order (number 1 for q = 0). ValueError for a q outside 0 to 1.
    """
    if not 0 <= q <= 1:
        raise ValueError("q must be between 0 and 1")
    n = total(histogram)
    rank, below = q * n, 0
    for place in sorted(histogram):
        count = histogram[place]
        if below + count >= rank and count > 0:
            return 0.0 if place == ZERO else RATIO ** (place - 1 + (rank - below) / count)
        below += count
    return None


def collapse(histogram: Histogram, most: int) -> Histogram:
    """Keep to so many buckets: the lowest go into one. Gives back the same histogram; the order of what came in does not matter."""
    spare = len(histogram) - most
    if spare > 0:
        lowest = sorted(histogram)
        into = lowest[spare]
        for place in lowest[:spare]:
            histogram[into] += histogram.pop(place)
    return histogram
