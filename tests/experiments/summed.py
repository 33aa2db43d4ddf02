"""Moments of units that are all there: what the sums of events are held against."""

from collections.abc import Iterable

from shared.experiments.moments import PAIRS, Moments


def of_units(units: Iterable[tuple[float, float, float, float]]) -> Moments:
    """The moments of some units."""
    n, sums, products = 0, [0.0] * 4, [0.0] * 10
    for unit in units:
        n += 1
        for place in range(4):
            sums[place] += unit[place]
        for place, (a, b) in enumerate(PAIRS):
            products[place] += unit[a] * unit[b]
    return Moments(n, tuple(sums), tuple(products))
