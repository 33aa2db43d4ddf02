"""Boundaries in closed form that grow like the law of the iterated logarithm. Pure.

Polynomial stitching: Howard, Ramdas, McAuliffe, Sekhon (2021), theorem 1. The two for quantiles: Howard and Ramdas, "Sequential
estimation of quantiles with applications to A/B testing and best-arm identification", Bernoulli 28:1704 (2022), theorems 2 and 3.
"""

from functools import lru_cache
from math import exp, inf, log, sqrt
from typing import Final

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import zeta

from shared.experiments.stats.inputs import require_positive, require_probability

_GRID: Final = 400
_HOPELESS: Final = 1e3
"""Stands for a crossing probability that cannot be bounded; anything above 1 says as much."""


def poly_stitching_bound(
    v: float, alpha: float, v_min: float, *, c: float = 0.0, s: float = 1.4, eta: float = 2.0
) -> float:
    """What a sub-gamma sum with scale `c` stays below from intrinsic time `v_min` on, at time `v` (equation 10).

    `s` above 1: how the crossing probability is spread over the epochs, each `eta` times as long as the one before.
    """
    require_positive(v=v, v_min=v_min)
    require_probability(alpha=alpha)
    _require_epochs(s, eta)
    if c < 0:
        raise ValueError(f"c must be 0 or more, not {c!r}")
    used = max(v, v_min)
    level = s * log(log(eta * used / v_min)) + log(zeta(s) / log(eta) ** s) + log(1 / alpha)
    return _stitched(eta, used, level, c)


def empirical_process_lil_bound(t: float, alpha: float, t_min: float, A: float = 0.85) -> float:  # noqa: N803 - the paper's name
    """How far the empirical distribution function is from the true one anywhere, after any number `t` >= `t_min` of values.

    A sqrt((log(1 + log(t / t_min)) + C) / t), with the smallest C that keeps the crossing probability at `alpha` (theorem 2).
    Infinite below `t_min`.
    """
    require_positive(t=t)
    require_probability(alpha=alpha)
    if t_min < 1:
        raise ValueError(f"t_min must be 1 or more, not {t_min!r}")
    if not sqrt(0.5) < A < inf:
        raise ValueError(f"A must be above 0.7072, not {A!r}")
    if t < t_min:
        return inf
    return A * sqrt((log(1 + log(t / t_min)) + _least_constant(alpha, A)) / t)


def double_stitching_bound(
    quantile_p: float, t: float, alpha: float, t_opt: float, *, delta: float = 0.5, s: float = 1.4, eta: float = 2.0
) -> float:
    """How many of `t` values more than expected may be below the `quantile_p` quantile, for all quantiles and times (theorem 3).

    `delta` is the grid's step in log odds; `s` and `eta` as in `poly_stitching_bound`. Tightest from about `t_opt` values on.
    """
    require_probability(quantile_p=quantile_p, alpha=alpha)
    require_positive(t=t, delta=delta)
    if t_opt < 1:
        raise ValueError(f"t_opt must be 1 or more, not {t_opt!r}")
    _require_epochs(s, eta)
    used = max(t, t_opt)
    odds = log(quantile_p / (1 - quantile_p))
    step = 2 * delta * sqrt(t_opt * eta / used)
    near = quantile_p if quantile_p >= 0.5 else min(0.5, 1 / (1 + exp(-(odds + step))))
    variance = near * (1 - near)
    place = sqrt(used / t_opt) * abs(odds) / (2 * delta) + 1
    sum_of_epochs = float(zeta(s))
    level = s * log(log(eta * used / t_opt)) + s * log(place)
    level += log(2 * sum_of_epochs * (2 * sum_of_epochs + 1) / (alpha * log(eta) ** s))
    return delta * sqrt(eta * used * variance / t_opt) + _stitched(
        eta, used * variance, level, (1 - 2 * quantile_p) / 3
    )


def _stitched(eta: float, v: float, level: float, c: float) -> float:
    first = (eta**0.25 + eta**-0.25) / sqrt(2)
    second = (sqrt(eta) + 1) / 2 * c * level
    return sqrt(first**2 * v * level + second**2) + second


def _require_epochs(s: float, eta: float) -> None:
    if not 1 < s < inf:
        raise ValueError(f"s must be above 1, not {s!r}")
    if not 1 < eta < inf:
        raise ValueError(f"eta must be above 1, not {eta!r}")


@lru_cache(maxsize=256)
def _least_constant(alpha: float, A: float) -> float:  # noqa: N803 - the paper's name
    low = high = 1.0
    while _least_chance(high, A) > alpha:
        high *= 2
    while _least_chance(low, A) <= alpha:
        low /= 2
    return float(brentq(lambda constant: _least_chance(constant, A) - alpha, low, high, xtol=1e-11, rtol=1e-13))


def _least_chance(C: float, A: float) -> float:  # noqa: N803 - the paper's name
    """The lowest bound of the crossing probability over the epochs' growth eta (equation 11 of the quantile paper)."""

    def excess(eta: float) -> float:
        return sqrt(eta / 2) + sqrt(2 * (eta - 1) / C) - A

    most = float(brentq(excess, 1.0, 2 * A * A, xtol=1e-13))

    def chance(eta: float) -> float:
        square = 2 / eta * (A - sqrt(2 * (eta - 1) / C)) ** 2
        if eta <= 1 or square <= 1:
            return _HOPELESS
        return min(_HOPELESS, 4 * exp(-square * C) * (1 + 1 / ((square - 1) * log(eta))))

    grid = np.linspace(1.0, most, _GRID)
    best = int(np.argmin([chance(float(eta)) for eta in grid]))
    edges = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, _GRID - 1)])
    return float(minimize_scalar(chance, bounds=edges, method="bounded", options={"xatol": 1e-12}).fun)
