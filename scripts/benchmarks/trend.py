"""Is memory growing? A straight line through samples, with an interval that knows that neighbours resemble each other. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_BARS = "▁▂▃▄▅▆▇█"
# Two-sided 95 % points of Student's t for 1 to 30 degrees of freedom; 1.96 beyond is 4 % too small at 31.
_T95 = (
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13,
    2.12, 2.11, 2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04,
)  # fmt: skip
_MOST_ALIKE = 0.95


@dataclass(frozen=True)
class Trend:
    """Growth for each hour, and its 95 % interval."""

    slope: float
    low: float
    high: float


def trend(points: Sequence[tuple[float, float]]) -> Trend | None:
    """The growth of (seconds, amount) samples by least squares; None for fewer than four.

    The residuals of a process's memory are alike from one sample to the next, so the ordinary interval would be too
    narrow: it is widened by sqrt((1 + r) / (1 - r)), r being the residuals' lag-one correlation (where positive).
    """
    count = len(points)
    if count < 4:
        return None
    middle = sum(seconds for seconds, _ in points) / count
    level = sum(amount for _, amount in points) / count
    spread = sum((seconds - middle) ** 2 for seconds, _ in points)
    if spread == 0:
        return None
    slope = sum((seconds - middle) * (amount - level) for seconds, amount in points) / spread
    rest = [amount - level - slope * (seconds - middle) for seconds, amount in points]
    squares = sum(value * value for value in rest)
    alike = sum(a * b for a, b in pairwise(rest)) / squares if squares > 0 else 0.0
    alike = min(max(alike, 0.0), _MOST_ALIKE)
    free = count - 2
    error = math.sqrt(squares / free / spread) * math.sqrt((1 + alike) / (1 - alike))
    reach = (_T95[free - 1] if free <= len(_T95) else 1.96) * error
    return Trend(slope * 3600, (slope - reach) * 3600, (slope + reach) * 3600)


def second_half(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The samples from the middle of the time on: before it caches and pools are still filling."""
    if not points:
        return []
    middle = (points[0][0] + points[-1][0]) / 2
    return [point for point in points if point[0] >= middle]


def sparkline(values: Sequence[float], width: int = 60) -> str:
    """The values as a row of at most `width` bars, from the least to the most; several samples share a bar's mean."""
    if not values:
        return ""
    groups = min(width, len(values))
    edges = [round(index * len(values) / groups) for index in range(groups + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    step = (high - low) / (len(_BARS) - 1) or 1.0
    return "".join(_BARS[round((mean - low) / step)] for mean in means)
