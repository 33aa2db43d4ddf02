"""The boundary of `always_valid`: as low as can be up to the number of units that was planned for, and valid after it too. Pure.

W is a Brownian motion, the limit of an estimate's partial sums, u its time in units of the plan (1 is the planned number of units)
and z = W / sqrt(u) the estimate over its standard error. A normal mixture with precision TUNING,

    m(z, u) = sqrt(TUNING / (u + TUNING)) exp(z^2 u / (2 (u + TUNING))),

exceeds e^x at any time at all with probability e^-x (Robbins 1970; Ville's inequality, exact for W). Part of that is for times
after the plan, when most experiments are over. By Wald's likelihood ratio identity the part up to the plan is the chance of
crossing by u = 1 where W drifts as the mixing distribution has it; `_BY_THE_PLAN` holds it. So a threshold that is lower spends all
of WITHIN * alpha up to u = 1. The rest of alpha is for the time after: there the limit is sqrt(a^2 + log u), with a so that W
crosses it at any u >= 1 with probability 2 (1 - Phi(a) + a phi(a)) = (1 - WITHIN) alpha (Robbins and Siegmund, "Boundary crossing
probabilities for the Wiener process and sample sums", Annals of Mathematical Statistics 41:1410, 1970). The two parts together
cross with probability alpha at most, at all times, whatever the looks are.
"""

from collections.abc import Callable
from functools import lru_cache
from math import erfc, exp, inf, log, pi, sqrt
from typing import Final

from shared.experiments.stats.inputs import require_positive, require_probability

TUNING: Final = 0.05
"""Of the plan: where the mixture's precision lies. The boundary is lowest between a fifth of the plan and the whole."""
WITHIN: Final = 0.9
"""Of alpha: what may be spent up to the plan."""

_BY_THE_PLAN: Final = (
    (0.0, 1.0), (0.25, 0.916), (0.5, 0.851), (1.0, 0.759), (1.5, 0.694), (2.0, 0.644), (2.5, 0.604), (3.0, 0.569),
    (4.0, 0.512), (5.0, 0.465), (6.0, 0.425), (7.0, 0.391), (8.0, 0.360), (10.0, 0.308), (12.0, 0.266), (14.0, 0.231),
    (16.0, 0.201), (20.0, 0.155),
)  # fmt: skip
"""Of crossings of e^x at any time, by x: the part up to the plan. The tests work it out again from the transition density. It falls
ever more slowly, so straight lines between the points lie above it; beyond the last one it is taken as what it is there."""
_HALVINGS: Final = 200


def limit(alpha: float, progress: float) -> float:
    """How many standard errors from the truth an estimate has to be, `progress` plans after the start, to be out of bounds."""
    require_probability(alpha=alpha)
    require_positive(progress=progress)
    if progress > 1:
        return sqrt(_after(alpha) ** 2 + log(progress))
    spread = progress + TUNING
    return sqrt(spread / progress * (2 * _threshold(alpha) + log(spread / TUNING)))


def p_value(z: float, progress: float) -> float:
    """The smallest alpha at which an estimate `z` standard errors away is out of bounds; 1 where none is below 1."""
    require_positive(progress=progress)
    if progress > 1:
        square = z * z - log(progress)
        return min(1.0, _ever(sqrt(square)) / (1 - WITHIN)) if square > 0 else 1.0
    spread = progress + TUNING
    evidence = z * z * progress / (2 * spread) + log(TUNING / spread) / 2
    return min(1.0, _spent(evidence) / WITHIN)


@lru_cache(maxsize=512)
def _threshold(alpha: float) -> float:
    """The x at which what is spent up to the plan is its part of alpha."""
    return _solve(lambda x: _spent(x) - WITHIN * alpha, log(1 / (WITHIN * alpha)))


@lru_cache(maxsize=512)
def _after(alpha: float) -> float:
    target = (1 - WITHIN) * alpha
    return _solve(lambda a: _ever(a) - target, 2 + sqrt(2 * log(1 / target)))


def _spent(x: float) -> float:
    """The chance that m exceeds e^x up to the plan."""
    return exp(-x) * _part(x) if x > 0 else 1.0


def _part(x: float) -> float:
    before = _BY_THE_PLAN[0]
    for point in _BY_THE_PLAN:
        if x <= point[0]:
            share = (x - before[0]) / (point[0] - before[0]) if point is not before else 0.0
            return before[1] + share * (point[1] - before[1])
        before = point
    return before[1]


def _ever(a: float) -> float:
    """The chance that |W| exceeds sqrt(u) sqrt(a^2 + log u) at any u >= 1."""
    return erfc(a / sqrt(2)) + 2 * a * exp(-a * a / 2) / sqrt(2 * pi) if a < inf else 0.0


def _solve(falling: Callable[[float], float], high: float) -> float:
    """Where a falling function of numbers from 0 to `high` is 0, from above."""
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return high
