"""Quantiles, such as the 95th percentile of latencies, with their standard errors. Pure.

Two ways to the error. Where quantiles without each of G groups of units are at hand, the delete-a-group jackknife: it holds for
quantiles too, since each group is a growing part of the units (Shao and Wu 1989, "A general theory for jackknife variance
estimation"; deleting single units would not do), and it holds however much the events of one unit are alike, because a unit is in
one group. Where the quantile's own interval is known, half its width over 1.96, with a factor for units that bring several events
(growthbook's QuantileStatistic; Deng, Knoblich and Lu 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Final

from shared.experiments.stats.summaries import TOO_FEW, Summary, plain

_Z: Final = 1.959963984540054
"""The normal distribution's 97.5 % point."""
_LEAST: Final = 1e-5
"""The least variance of an event's part where there are a hundred events: bounds that all but meet are a matter of resolution."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sums over units: `sum` of events below the quantile, `size` of events, and their squares and products."""

    units: int
    sum: float
    sum_squares: float
    size: float
    size_squares: float
    products: float


def jackknife_error(left_out: Sequence[float]) -> float:
    """Standard error of an estimate from its values without each of G groups: sqrt((G - 1) / G sum of (value - their mean)^2).

    ValueError below two groups.
    """
    groups = len(left_out)
    if groups < 2:
        raise ValueError("a jackknife needs two groups or more")
    middle = sum(left_out) / groups
    return sqrt((groups - 1) / groups * sum((value - middle) ** 2 for value in left_out))


def jackknife(value: float, left_out: Sequence[float | None], n: float) -> Summary:
    """A quantile of `n` units or events with its error from the groups, with G - 1 degrees of freedom.

    `left_out` holds the quantile without each group; None where nothing is left without it, and then nothing can be said.
    """
    known = [one for one in left_out if one is not None and isfinite(one)]
    if n <= 0 or len(known) < max(2, len(left_out)):
        return plain(n, value, 0.0, freedom=0, flaw=TOO_FEW)
    return plain(n, value, jackknife_error(known) ** 2 * n, freedom=len(known) - 1)


def from_interval(
    n: int,
    quantile: float,
    value: float,
    bounds: tuple[float, float],
    *,
    seen: int | None = None,
    clusters: Clusters | None = None,
) -> Summary:
    """A quantile of `n` events whose 95 % interval (`bounds`) was read off the order statistics.

    `seen` is how many events the interval was made for where these were not all; `clusters` the units that brought them. Says nothing where n is so small that the interval would end outside the events, or where its ends meet.
    """
    if n <= 1 or not 0 < quantile < 1:
        return plain(n, value, 0.0, flaw=TOO_FEW)
    variance = (n if seen is None else seen) / n * (n - 1) * ((bounds[1] - bounds[0]) / (2 * _Z)) ** 2
    if clusters is not None:
        variance *= _cluster_variance(clusters) / (quantile * (1 - quantile) / n)
    odds = quantile / (1 - quantile)
    if n <= _Z**2 * max(odds, 1 / odds):
        return plain(n, value, 0.0, flaw=TOO_FEW)
    return plain(n, value, max(variance, _LEAST) if n >= 100 and variance > 0 else variance)


def _cluster_variance(clusters: Clusters) -> float:
    """Variance of the share of events below the quantile, over units: the delta method for a ratio of sums. 0 where unknown."""
    units = clusters.units
    if units <= 1 or clusters.size <= 0:
        return 0.0
    below, size = clusters.sum / units, clusters.size / units
    of_below = (clusters.sum_squares - units * below**2) / (units - 1)
    of_size = (clusters.size_squares - units * size**2) / (units - 1)
    together = (clusters.products - units * below * size) / (units - 1)
    share = below / size
    return (of_below - 2 * share * together + share**2 * of_size) / (units * size**2)
