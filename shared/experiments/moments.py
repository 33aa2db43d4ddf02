"""Sums over units that every statistic here is made of: sufficient for means, shares, ratios and CUPED. Pure.

A unit is four numbers: `num` and `den` from after its exposure, `pre_num` and `pre_den` from before. A mean's or a share's `den`
is 1. Cost does not depend on how many events or units there were.
"""

from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Final

FIELDS: Final = ("num", "den", "pre_num", "pre_den")
PAIRS: Final = tuple(combinations_with_replacement(range(4), 2))
"""The order of `products`: (num, num), (num, den), (num, pre_num), (num, pre_den), (den, den), …"""


@dataclass(frozen=True, slots=True)
class Moments:
    """`n` units, the sums of their four numbers, and of the ten products of any two of them.

    `centred` are the sums of the products of any two's differences from their means, where who made this had them: covariances out
    of `products` have lost as many digits as the mean square has more than the variance.
    """

    n: int = 0
    sums: tuple[float, ...] = (0.0,) * 4
    products: tuple[float, ...] = (0.0,) * 10
    centred: tuple[float, ...] | None = field(default=None, compare=False)

    def __add__(self, other: "Moments") -> "Moments":
        """Those of both sets of units, which must not overlap."""
        return Moments(
            self.n + other.n,
            tuple(a + b for a, b in zip(self.sums, other.sums, strict=True)),
            tuple(a + b for a, b in zip(self.products, other.products, strict=True)),
            _joined(self, other),
        )

    def mean(self, one: int) -> float:
        """Of one of the four numbers (its place in FIELDS). ZeroDivisionError where there is no unit."""
        return self.sums[one] / self.n

    def covariance(self, one: int, other: int) -> float:
        """Of two of the four numbers, with n - 1 in the denominator; 0 below two units."""
        if self.n < 2:
            return 0.0
        pair = (one, other) if one <= other else (other, one)
        if self.centred is not None:
            return self.centred[PAIRS.index(pair)] / (self.n - 1)
        product = self.products[PAIRS.index(pair)]
        return (product - self.sums[one] * self.sums[other] / self.n) / (self.n - 1)

    def variance(self, one: int) -> float:
        """Of one of the four numbers, with n - 1 in the denominator, never below 0."""
        return max(0.0, self.covariance(one, one))


def _joined(one: Moments, other: Moments) -> tuple[float, ...] | None:
    """The centred sums of both sets of units (Chan, Golub and LeVeque 1983)."""
    if not one.n or not other.n:
        return other.centred if not one.n else one.centred
    if one.centred is None or other.centred is None:
        return None
    apart = [other.mean(place) - one.mean(place) for place in range(4)]
    share = one.n * other.n / (one.n + other.n)
    return tuple(
        mine + theirs + share * apart[a] * apart[b]
        for mine, theirs, (a, b) in zip(one.centred, other.centred, PAIRS, strict=True)
    )
