"""Confidence sequences for shares, and an anytime test of quantiles, both by the beta-binomial mixture. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor, isfinite, log

from scipy.optimize import bisect, minimize_scalar

from shared.experiments.stats.inputs import require_positive, require_probability
from shared.experiments.stats.mixtures import BetaBinomialMixture, chance


def bernoulli_confidence_interval(
    num_successes: float, num_trials: int, alpha: float, t_opt: float, alpha_opt: float = 0.05
) -> tuple[float, float]:
    """The shares that `num_successes` of `num_trials` do not speak against: holds the true one at all times with 1 - alpha.

    Also for the mean of values between 0 and 1, with their sum as `num_successes` (Howard and others 2021, section 4.1 and
    proposition 7). Tightest at about `t_opt` trials.
    """
    require_positive(num_trials=num_trials, t_opt=t_opt)
    require_probability(alpha=alpha, alpha_opt=alpha_opt)
    if not 0 <= num_successes <= num_trials:
        raise ValueError(f"num_successes must be between 0 and num_trials, not {num_successes!r}")
    seen = num_successes / num_trials

    def evidence(p: float, at_zero: float, at_one: float) -> float:
        if p <= 0 or p >= 1:
            return at_zero if p <= 0 else at_one
        mixture = BetaBinomialMixture(p * (1 - p) * t_opt, alpha_opt, p, 1 - p, is_one_sided=False)
        return mixture.log_mixture((seen - p) * num_trials, p * (1 - p) * num_trials) - log(1 / alpha)

    low = bisect(evidence, 0.0, seen, args=(1.0, -1.0), xtol=1e-13) if seen > 0 else 0.0
    high = bisect(evidence, seen, 1.0, args=(-1.0, 1.0), xtol=1e-13) if seen < 1 else 1.0
    return float(low), float(high)


def quantile_ab_p_value(
    a_values: Sequence[float], b_values: Sequence[float], quantile_p: float, t_opt: float, alpha_opt: float = 0.05
) -> float:
    """The anytime p value of both arms having the same `quantile_p` quantile, two-sided. ValueError for an empty arm or a NaN.

    The least evidence, over all values the common quantile could have, that the two arms together give against it (Howard and
    Ramdas 2022, section 5). Tightest at about `t_opt` values an arm.
    """
    require_probability(quantile_p=quantile_p, alpha_opt=alpha_opt)
    require_positive(t_opt=t_opt)
    for name, values in (("a_values", a_values), ("b_values", b_values)):
        if len(values) == 0 or not all(map(isfinite, values)):
            raise ValueError(f"{name} must be at least one number, and finite ones")
    variance = quantile_p * (1 - quantile_p)
    mixture = BetaBinomialMixture(t_opt * variance, alpha_opt, quantile_p, 1 - quantile_p, is_one_sided=False)
    one, other = sorted(
        (_arm(a_values, quantile_p, mixture), _arm(b_values, quantile_p, mixture)), key=lambda arm: arm.end
    )
    return chance(_least_evidence(one, other))


@dataclass(frozen=True, slots=True)
class _Arm:
    """An arm's sorted values, and the evidence they give against a value being the quantile: least from `start` to `end`."""

    values: list[float]
    evidence: Callable[[float], float]
    start: float
    end: float
    least_at: float

    def against(self, x: float) -> float:
        """The evidence against `x`."""
        if self.start <= x <= self.end:
            return self.evidence(self.least_at)
        count = bisect_right(self.values, x) if x < self.start else bisect_left(self.values, x)
        return self.evidence(count / len(self.values))


def _arm(values: Sequence[float], quantile_p: float, mixture: BetaBinomialMixture) -> _Arm:
    ordered = sorted(map(float, values))
    n = len(ordered)
    evidence = partial(_evidence, mixture, quantile_p, n)
    least_at = float(minimize_scalar(evidence, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-9}).x)
    start, end = max(ceil(least_at * n), 1), min(floor(least_at * n) + 1, n)
    return _Arm(ordered, evidence, ordered[start - 1], ordered[end - 1], least_at)


def _evidence(mixture: BetaBinomialMixture, quantile_p: float, n: int, below: float) -> float:
    return mixture.log_mixture((below - quantile_p) * n, quantile_p * (1 - quantile_p) * n)


def _least_evidence(one: _Arm, other: _Arm) -> float:
    """Over all values x: below `one.end` both arms' evidence falls with x and above `other.start` both rise."""
    edges = [one.end, other.start]
    between = other.values[bisect_right(other.values, one.end) : bisect_right(other.values, other.start)]
    first = bisect_right(other.values, one.end)
    if first:
        edges.append(other.values[first - 1])
    return min(one.against(x) + other.against(x) for x in {*edges, *between})
