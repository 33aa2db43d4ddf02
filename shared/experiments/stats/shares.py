"""Did the units come in the shares they should, slice by slice? Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from scipy.special import chdtrc

from shared.agents.experiment_analysis import SrmCheck

ALARM: Final = 1e-3
LEAST: Final = 5.0
"""Expected units in each arm below which chi-square is no approximation: such a slice is left out."""
FEW: Final = "too few units to tell"


def check(slices: Sequence[tuple[Mapping[str, int], Mapping[str, float]]]) -> SrmCheck:
    """Units by variant beside the shares they should have, for every slice: Pearson's statistic summed over the slices.

    Given its size, each slice's units fall to the arms by its shares and independently of the other slices', so that the sum has
    (arms - 1) degrees of freedom a slice. What is expected and observed is shown over all slices.
    """
    expected: dict[str, float] = {}
    observed: dict[str, int] = {}
    statistic, freedom, impossible = 0.0, 0, False
    for seen, shares in slices:
        units = sum(seen.values())
        due = {name: units * share for name, share in shares.items()}
        for name, share in due.items():
            expected[name] = expected.get(name, 0.0) + share
            observed[name] = observed.get(name, 0) + seen.get(name, 0)
        impossible = impossible or any(seen.get(name, 0) > 0 for name, share in due.items() if share <= 0)
        some = [(seen.get(name, 0), share) for name, share in due.items() if share > 0]
        if len(some) >= 2 and min(share for _, share in some) >= LEAST:
            statistic += sum((count - share) ** 2 / share for count, share in some)
            freedom += len(some) - 1
    if impossible:
        return SrmCheck(p_value=0.0, alarm=True, expected=expected, observed=observed)
    if not freedom:
        return SrmCheck(expected=expected, observed=observed, message=FEW)
    chance = float(chdtrc(freedom, statistic))
    return SrmCheck(p_value=chance, alarm=chance < ALARM, expected=expected, observed=observed)
