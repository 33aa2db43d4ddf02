"""Did the units come in the shares they should, slice by slice? Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.agents.experiment_analysis import SrmCheck
from shared.experiments.stats.srm import chance

ALARM: Final = 1e-3
LEAST: Final = 5.0
"""Expected units in each arm below which chi-square is no approximation: such a slice is left out."""
FEW: Final = "too few units to tell"


def check(slices: Sequence[tuple[Mapping[str, int], Mapping[str, float]]]) -> SrmCheck:
    """Units by variant beside the shares they should have, for every slice (`srm.chance`). Expected and observed are over all slices."""
    expected: dict[str, float] = {}
    observed: dict[str, int] = {}
    pairs = []
    for seen, shares in slices:
        units = sum(seen.values())
        due = {name: units * share for name, share in shares.items()}
        for name, share in due.items():
            expected[name] = expected.get(name, 0.0) + share
            observed[name] = observed.get(name, 0) + seen.get(name, 0)
        pairs.append(([seen.get(name, 0) for name in due], list(due.values())))
    found = chance(pairs, least=LEAST)
    if found is None:
        return SrmCheck(expected=expected, observed=observed, message=FEW)
    return SrmCheck(p_value=found, alarm=found < ALARM, expected=expected, observed=observed)
