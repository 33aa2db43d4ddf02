"""Sample ratio mismatch: do the arms have the units they should? Where they do not, nothing else can be believed. Pure."""

from collections.abc import Sequence
from math import floor, isfinite

from scipy.special import chdtrc


def mismatch(observed: Sequence[float], shares: Sequence[float], *, whole: bool = False) -> float | None:
    """p value of Pearson's chi-square test that units fell to the arms by their shares; None where there is nothing to test.

    `shares` in any unit: their sum is the whole. With `whole` they are percents and the expected counts are rounded to whole units,
    as lukasvermeer/srm has it. None for fewer than two arms, for lists of different lengths, for what is negative or no number, and
    where no unit was seen. An arm that should get nothing and did is a certain mismatch (0); one that did not is no arm.
    """
    numbers = (*observed, *shares)
    if len(observed) < 2 or len(observed) != len(shares) or not all(isfinite(one) and one >= 0 for one in numbers):
        return None
    units, total = sum(observed), sum(shares)
    if units == 0 or total == 0:
        return None
    expected = [units * share / (100 if whole else total) for share in shares]
    if whole:
        expected = [float(floor(count + 0.5)) for count in expected]
    if any(seen > 0 and due == 0 for seen, due in zip(observed, expected, strict=True)):
        return 0.0
    arms = [(seen, due) for seen, due in zip(observed, expected, strict=True) if due > 0]
    if len(arms) < 2:
        return None
    return float(chdtrc(len(arms) - 1, sum((seen - due) ** 2 / due for seen, due in arms)))
