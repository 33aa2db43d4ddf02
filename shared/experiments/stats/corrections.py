"""p values adjusted for how many were looked at. None (nothing could be tested) stays None and does not count. Pure."""

from collections.abc import Sequence
from itertools import accumulate


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm (1979): at most alpha is the chance that any of those at or below alpha is a false one."""
    order, values = _sorted(p_values)
    adjusted = accumulate((min(1.0, (len(values) - rank) * value) for rank, value in enumerate(values)), max)
    return _back(order, list(adjusted), len(p_values))


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini and Hochberg (1995): of those at or below alpha at most a share alpha is expected to be false."""
    order, values = _sorted(p_values)
    total = len(values)
    reverse = accumulate((values[rank - 1] * total / rank for rank in range(total, 0, -1)), min, initial=1.0)
    return _back(order, list(reverse)[:0:-1], len(p_values))


def _sorted(p_values: Sequence[float | None]) -> tuple[list[int], list[float]]:
    """The places of those there are, smallest first, and their values. ValueError where one is no probability."""
    some = [(value, place) for place, value in enumerate(p_values) if value is not None]
    if not all(0 <= value <= 1 for value, _ in some):
        raise ValueError("p values must be from 0 to 1")
    some.sort()
    return [place for _, place in some], [value for value, _ in some]


def _back(order: Sequence[int], adjusted: Sequence[float], total: int) -> list[float | None]:
    found: list[float | None] = [None] * total
    for place, value in zip(order, adjusted, strict=True):
        found[place] = value
    return found
