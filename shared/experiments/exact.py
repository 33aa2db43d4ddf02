"""Sums that come out the same in whatever order they are made: values as whole billionths, products of two as their squares. Pure.

A float's sum depends on the order of its parts, and what was added cannot be taken away again without a rest. Python's whole numbers
have as many digits as they need; in JSON those beyond 64 bits are texts.
"""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Final

from shared.experiments.moments import PAIRS, Moments

SCALE: Final = 10**9
"""Parts of 1 that values are rounded to. An amount of nano-USD is exact."""
MOST: Final = 1e12
"""The largest value, either way."""
_BITS: Final = 2**63

Vector = tuple[int, int, int, int]
"""A unit's num, den, pre_num and pre_den, in billionths."""
Sums = list[int]
"""Of some units: how many, the four sums (billionths), the ten products of any two (their squares), in the order of `Moments`."""


def whole(value: float) -> int:
    """A value in billionths. ValueError for one that is no number or beyond MOST."""
    if not isfinite(value) or abs(value) > MOST:
        raise ValueError(f"a value must be a number between -{MOST:g} and {MOST:g}")
    return round(value * SCALE)


def nothing() -> Sums:
    """The sums of no unit."""
    return [0] * (5 + len(PAIRS))


def count(sums: Sums, unit: Vector, sign: int = 1) -> None:
    """Put a unit into the sums, or take it out (-1)."""
    sums[0] += sign
    for place in range(4):
        sums[1 + place] += sign * unit[place]
    for place, (a, b) in enumerate(PAIRS):
        sums[5 + place] += sign * unit[a] * unit[b]


def added(many: Iterable[Sequence[int]]) -> Sums:
    """The sums of several sets of units, none of which share any."""
    return [sum(column) for column in zip(nothing(), *many, strict=True)]


def moments(sums: Sequence[int]) -> Moments:
    """The same as floats, each rounded once, the centred sums after the difference was taken in whole numbers."""
    n = sums[0]
    return Moments(
        n,
        tuple(number / SCALE for number in sums[1:5]),
        tuple(number / SCALE**2 for number in sums[5:]),
        tuple(
            (n * product - sums[1 + a] * sums[1 + b]) / (n * SCALE**2)
            for product, (a, b) in zip(sums[5:], PAIRS, strict=True)
        )
        if n > 0
        else None,
    )


def packed(numbers: Iterable[int]) -> list[int | str]:
    """As JSON: a whole number beyond 64 bits as a text of its digits."""
    return [number if -_BITS <= number < _BITS else str(number) for number in numbers]


def unpacked(numbers: Iterable[int | str]) -> list[int]:
    """Out of JSON."""
    return [int(number) for number in numbers]
