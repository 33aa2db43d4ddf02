"""Intervals and p values that hold at every look, however many there are and whatever they were taken for. Pure.

An estimate with its standard error after `n` units (of both arms together) is all they need: the sums of independent units behave
like a Brownian motion, so these are asymptotic in the sense of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central
limit theory and asymptotic confidence sequences", Annals of Statistics 52:2613 (2024), arXiv:2103.06476: valid from some size on,
with the standard error of all units so far. `always_valid` is what experiments are decided by; the others are published methods:
the asymptotic confidence sequence, as growthbook's gbstats has it, and the mixture sequential probability ratio test.
"""

from dataclasses import dataclass
from math import exp, expm1, inf, isfinite, log, log1p, sqrt
from typing import Final

from shared.experiments.stats import horizon
from shared.experiments.stats.difference import Alternative
from shared.experiments.stats.inputs import require_positive, require_probability

MINIMUM_UNITS: Final = 100
"""Units of both arms together before anything is said (scripts/peeking: what this leaves of false alarms, also with heavy tails)."""
TOO_EARLY: Final = "too few units for an always-valid interval"
NO_ERROR: Final = "no variance"

_CLOSE: Final = 1e-6
_LEAST, _MOST = 1e-5, 0.4999
_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Band:
    """What can be said at any look: with probability 1 - alpha, `low` to `high` holds the truth at all looks together.

    `p_value` is the smallest alpha at which 0 is outside. Where nothing can be said there is a `message`: everything, and 1.
    """

    low: float
    high: float
    p_value: float
    message: str | None = None


def always_valid(
    estimate: float,
    standard_error: float,
    n: float,
    *,
    alpha: float,
    planned_n: float,
    minimum_n: float = MINIMUM_UNITS,
    freedom: float | None = None,
) -> Band:
    """The band of an estimate after `n` units of both arms, `planned_n` of which were planned; both are fixed before the first look.

    For two arms call `anytime.difference_band`, which knows what the normal distribution does not: with a relative effect's
    delta-method error, or uneven arms, this one alone calls up to a fifth of equal arms different (heavy tails, rare events).
    The boundary is `horizon`'s: narrowest up to the plan, wider after it. It takes the normal distribution's tails to those of
    Student with `freedom` degrees (n - 2 where not given: pass Welch's where the arms are of different size). What the statistics
    cannot take (too few units, no standard error) gives a message; ValueError where alpha or a planned number makes no sense.
    """
    require_probability(alpha=alpha)
    require_positive(planned_n=planned_n, minimum_n=minimum_n)
    if n < max(minimum_n, 3):
        return Band(-inf, inf, 1.0, TOO_EARLY)
    if not (isfinite(estimate) and isfinite(standard_error) and standard_error > 0):
        return Band(-inf, inf, 1.0, NO_ERROR)
    degrees = n - 2 if freedom is None else freedom
    if not degrees > 0:
        return Band(-inf, inf, 1.0, TOO_EARLY)
    progress = n / planned_n
    half = standard_error * _student(horizon.limit(alpha, progress), degrees)
    if not isfinite(half):
        return Band(-inf, inf, 1.0, TOO_EARLY)
    p_value = horizon.p_value(_normal(estimate / standard_error, degrees), progress)
    return Band(estimate - half, estimate + half, p_value)


def rho(alpha: float, n_planned: float, alternative: Alternative = "two-sided") -> float:
    """The mixture's spread with which the asymptotic sequence is narrowest at `n_planned` units, to rounding.

    With x = n rho^2 the width's derivative is 0 where x = log((x + 1) / alpha^2), and one-sided, with y = sqrt(x + 1), where
    x = 2 (2 alpha + y) / y log(1 + y / (2 alpha)). Both maps contract.
    """
    require_positive(n_planned=n_planned)
    _require_level(alpha, alternative)
    x = 1.0
    for _ in range(_STEPS):
        root = sqrt(x + 1)
        if alternative == "two-sided":
            x = log1p(x) - 2 * log(alpha)
        else:
            x = 2 * (2 * alpha + root) / root * log1p(root / (2 * alpha))
    return sqrt(x / n_planned)


def gbstats_rho(alpha: float, tuning: float = 5000, alternative: Alternative = "two-sided") -> float:
    """The spread that gbstats takes for its `sequential_tuning_parameter`: about that of `rho` (equation 161, version 7)."""
    require_positive(tuning=tuning)
    _require_level(alpha, alternative)
    level = -2 * log(alpha if alternative == "two-sided" else 2 * alpha)
    return sqrt((level + log1p(level)) / tuning)


def asymptotic_interval(
    estimate: float,
    standard_error: float,
    n: float,
    *,
    alpha: float,
    rho: float,
    alternative: Alternative = "two-sided",
) -> tuple[float, float]:
    """The asymptotic confidence sequence after `n` units (theorem 2.2; one-sided, equation 134 of version 7 of the preprint).

    A one-sided one is open on the side that is not asked about.
    """
    _require_estimate(standard_error, n, rho)
    require_probability(alpha=alpha)
    grown = n * rho * rho + 1
    unit = 2 * grown / (n * rho * rho)
    if alternative == "two-sided":
        half = standard_error * sqrt(unit * log(sqrt(grown) / alpha))
    else:
        half = standard_error * sqrt(unit * log1p(sqrt(grown) / (2 * alpha)))
    return (-inf if alternative == "less" else estimate - half, inf if alternative == "greater" else estimate + half)


def asymptotic_p(
    estimate: float, standard_error: float, n: float, *, rho: float, alternative: Alternative = "two-sided"
) -> float:
    """The smallest alpha at which `asymptotic_interval`, with the same `rho`, excludes 0; 1 where none below 1 does."""
    _require_estimate(standard_error, n, rho)
    grown = n * rho * rho + 1
    z = estimate / standard_error
    evidence = z * z * (n * rho * rho) / (2 * grown)
    if alternative == "two-sided":
        return min(1.0, exp(log(grown) / 2 - evidence))
    if (estimate <= 0) == (alternative == "greater") or evidence == 0:
        return 1.0
    return min(1.0, sqrt(grown) / (2 * expm1(evidence))) if evidence < 700 else 0.0


def gbstats_p(
    estimate: float, standard_error: float, n: float, *, rho: float, alternative: Alternative = "two-sided"
) -> float:
    """The p value that gbstats reports: two-sided `asymptotic_p`; one-sided its search between 0.00001 and 0.4999.

    The search halves until the interval's edge is within 0.000001 of 0 and then once more, so it can be off in the fourth decimal
    (and more for small effects): only to reproduce its figures.
    """
    if alternative == "two-sided":
        return asymptotic_p(estimate, standard_error, n, rho=rho)
    sign = 1 if alternative == "greater" else -1

    def edge(alpha: float) -> float:
        return asymptotic_interval(sign * estimate, standard_error, n, alpha=alpha, rho=rho, alternative="greater")[0]

    low, high = _LEAST, _MOST
    if edge(low) > 0:
        return low
    if edge(high) < 0:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        found = edge(middle)
        low, high = (middle, high) if found < 0 else (low, middle)
        if abs(found) < _CLOSE:
            break
    return (low + high) / 2


def msprt_p(estimate: float, standard_error: float, *, tau: float) -> float:
    """The always-valid p value of one look of the mixture sequential probability ratio test; the caller keeps the least so far.

    `tau` is the standard deviation of the effects that are looked for, in the estimate's units (Johari, Koomen, Pekelis, Walsh,
    "Peeking at A/B tests", KDD 2017, with the estimate's variance for 2 sigma^2 / n).
    """
    require_positive(standard_error=standard_error, tau=tau)
    z, grown = estimate / standard_error, (tau / standard_error) * (tau / standard_error)
    return min(1.0, exp(log1p(grown) / 2 - z * z / 2 / (1 + 1 / grown)))


def msprt_interval(estimate: float, standard_error: float, *, alpha: float, tau: float) -> tuple[float, float]:
    """The effects that the test with mixing deviation `tau` does not reject at `alpha`."""
    require_positive(standard_error=standard_error, tau=tau)
    require_probability(alpha=alpha)
    grown = (tau / standard_error) * (tau / standard_error)
    half = standard_error * sqrt((1 + 1 / grown) * (2 * log(1 / alpha) + log1p(grown)))
    return estimate - half, estimate + half


def _student(z: float, freedom: float) -> float:
    """The Student quantile of a normal quantile's tail: to 0.2 % from 30 degrees on for z up to 5 (Wallace 1959)."""
    scaled = z * (8 * freedom + 3) / (8 * freedom + 1)
    power = scaled * scaled / freedom
    return sqrt(freedom * expm1(power)) if power < 700 else inf


def _normal(t: float, freedom: float) -> float:
    """The normal quantile of a Student quantile's tail: `_student` backwards."""
    if not isfinite(t * t):
        return inf
    return (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log1p(t * t / freedom))


def _require_estimate(standard_error: float, n: float, rho: float) -> None:
    require_positive(standard_error=standard_error, n=n, rho=rho)


def _require_level(alpha: float, alternative: Alternative) -> None:
    require_probability(alpha=alpha)
    if alternative != "two-sided" and alpha >= 0.5:
        raise ValueError(f"alpha must be below 0.5 where one side is asked about, not {alpha!r}")
