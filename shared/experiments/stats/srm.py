"""Sample ratio mismatch: do the arms have the units they should? Where they do not, nothing else can be believed. Pure."""

from collections.abc import Iterable, Sequence
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
    return chance([(observed, expected)])


def chance(slices: Iterable[tuple[Sequence[float], Sequence[float]]], *, least: float = 0.0) -> float | None:
    """p value of (observed, expected) units by arm in every slice: Pearson's statistic summed over the slices.

    Given its size, each slice's units fall to the arms independently of the other slices', so that the sum has (arms - 1) degrees of
    freedom a slice. Slices in which an arm should get fewer than `least` are left out; None where none is left. An arm that should
    get nothing and did is a certain mismatch (0); one that did not is no arm.
    """
    statistic, freedom, impossible = 0.0, 0, False
    for observed, expected in slices:
        pairs = list(zip(observed, expected, strict=True))
        impossible = impossible or any(seen > 0 and due <= 0 for seen, due in pairs)
        arms = [(seen, due) for seen, due in pairs if due > 0]
        if len(arms) >= 2 and min(due for _, due in arms) >= least:
            statistic += sum((seen - due) ** 2 / due for seen, due in arms)
            freedom += len(arms) - 1
    if impossible:
        return 0.0
    return float(chdtrc(freedom, statistic)) if freedom else None
