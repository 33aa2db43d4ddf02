"""When a figure is the one that was expected."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

PLACES = 5
"""Decimals that hold where a case names no tolerance: the published figures are rounded to these."""


_ROUNDING = 1e-13
"""What two orders of the same sums may differ by, as a part of the figure."""


class Unknown(Exception):
    """A case asks for something that is not here; the text names it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: `why` it was not reproduced, None where it was."""

    name: str
    why: str | None


def half_of(places: int) -> float:
    """The tolerance of unittest's assertAlmostEqual: half a unit of the last decimal, and what rounding adds."""
    return 0.5000001 * 10.0**-places


def differences(found: Any, expected: Any, tolerance: float, path: str = "") -> Iterator[str]:
    """Where `found` is not `expected`, piece by piece; what is found beyond what is expected does not count."""
    where = path or "it"
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            if not isinstance(found, Mapping) or key not in found:
                yield f"{where} has no {key}"
            else:
                yield from differences(found[key], value, tolerance, f"{path}.{key}" if path else str(key))
    elif isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(found, Sequence) or len(found) != len(expected):
            yield f"{where} is {found}, not {expected}"
        else:
            for place, (own, other) in enumerate(zip(found, expected, strict=True)):
                yield from differences(own, other, tolerance, f"{path}[{place}]")
    elif not same(found, expected, tolerance):
        yield f"{where} is {found}, not {expected}"


def same(found: Any, expected: Any, tolerance: float) -> bool:
    """Whether two plain values are the same, numbers within the tolerance."""
    if _is_number(found) and _is_number(expected):
        if isnan(found) or isnan(expected):
            return isnan(found) and isnan(expected)
        return bool(found == expected or abs(found - expected) <= max(tolerance, _ROUNDING * abs(expected)))
    return bool(found == expected)


def outcome(name: str, compute: Callable[[], Iterator[str]]) -> Outcome:
    """What became of a case; one that asks for what is not here, or cannot be computed, was not reproduced."""
    try:
        return Outcome(name, next(compute(), None))
    except (Unknown, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Outcome(name, f"{type(error).__name__}: {error}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
