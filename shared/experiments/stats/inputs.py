"""What the arguments of statistics have to be; ValueError names the one that is not. Pure."""

from math import isfinite


def require_positive(**values: float) -> None:
    """ValueError for the first that is not above 0 and finite."""
    for name, value in values.items():
        if not (isfinite(value) and value > 0):
            raise ValueError(f"{name} must be above 0 and finite, not {value!r}")


def require_probability(**values: float) -> None:
    """ValueError for the first that is not above 0 and below 1."""
    for name, value in values.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} must be above 0 and below 1, not {value!r}")
