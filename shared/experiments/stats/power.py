"""How many units an answer takes: power, the smallest effect that would be seen, units and days still needed. Pure.

An arm of n units and the control are taken to have the variance of the Summary that is given, the treatment's mean being moved by
the effect; the variance of a relative effect is the delta method's (`difference`). With a `tuning` the test is the always-valid one
(asymptotic confidence sequence: Waudby-Smith et al. 2021, arXiv:2103.06476), which is wider at every number of units. With a `prior`
an effect counts as seen when its credible interval leaves out 0. The figures are those of growthbook's planner and of its power in
the middle of an experiment. Effects count by their size: one of -5 % is as hard to see as its opposite where it is absolute, and
its own variance is taken where it is relative.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from scipy.special import ndtr, ndtri

from shared.experiments.stats.bayes import Prior
from shared.experiments.stats.difference import Effect, check_alpha, effect_variance
from shared.experiments.stats.sequential import asymptotic_interval, gbstats_rho
from shared.experiments.stats.summaries import Summary, plain

MOST_EFFECT: Final = 5.0
"""The largest relative effect that is looked for: 500 %."""
MOST_DOUBLINGS: Final = 27
"""Beyond 2^27 times the units there are, nothing is worth waiting for."""

_CLOSE: Final = 1e-5
"""How close the power is brought to what it should be."""
_STEPS: Final = 100


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is still missing: `units` of both arms, `factor` times those there are. None where no number would do.

    `power` is what there is now. With a `message` nothing can be said.
    """

    power: float
    factor: float | None
    units: float | None
    message: str | None = None


def power_of(
    effect: float,
    standard_error: float,
    *,
    alpha: float,
    two_sided: bool = True,
    prior: Prior | None = None,
) -> float:
    """The chance that an effect of this size is told from none, estimated with this standard error (above 0)."""
    check_alpha(alpha)
    tail = -float(ndtri(alpha / 2 if two_sided else alpha))
    if prior is None:
        return _beyond(effect, tail * standard_error, standard_error, two_sided=two_sided)
    upper, lower = cutpoints(effect, standard_error, prior, alpha=alpha)
    return float(ndtr(-upper) + ndtr(lower)) if two_sided else float(ndtr(-upper))


def cutpoints(effect: float, standard_error: float, prior: Prior | None, *, alpha: float) -> tuple[float, float]:
    """How many standard errors from the true effect an estimate must be for the credible interval to leave out 0: above, below."""
    variance = standard_error**2
    precision = 1 / variance + (1 / prior.variance if prior else 0.0)
    half = -float(ndtri(alpha / 2)) * variance * sqrt(precision)
    pull = variance * prior.mean / prior.variance if prior else 0.0
    return (half - pull - effect) / standard_error, (-half - pull - effect) / standard_error


def sequential_factor(units: float, *, alpha: float, tuning: float) -> float:
    """How many times as wide as the fixed-horizon interval the always-valid one is when it is looked at with `units` units."""
    return _always_valid_half(1.0, units, alpha, tuning) / -float(ndtri(alpha / 2))


def planned_error(arm: Summary, units: float, effect: float, *, relative: bool) -> float:
    """Standard error of the effect with `units` units in each of two arms like `arm`, the treatment's mean moved by `effect`."""
    moved = arm.mean + effect * (abs(arm.mean) if relative else 1.0)
    control, treatment = plain(units, arm.mean, arm.variance), plain(units, moved, arm.variance)
    return sqrt(effect_variance(control, treatment, relative=relative))


def planned_power(
    arm: Summary,
    units: float,
    effect: float,
    *,
    alpha: float,
    relative: bool,
    two_sided: bool = True,
    tuning: float | None = None,
    prior: Prior | None = None,
) -> float | None:
    """Power with `units` units in each arm; None where the Summary says nothing or a relative effect has no mean to relate to."""
    check_alpha(alpha)
    if not _plannable(arm, relative=relative) or units <= 0:
        return None
    error = planned_error(arm, units, effect, relative=relative)
    if tuning is not None:
        error *= sequential_factor(2 * units, alpha=alpha, tuning=tuning)
    return power_of(effect, error, alpha=alpha, two_sided=two_sided, prior=prior)


def units_needed(
    arm: Summary, effect: float, *, alpha: float, power: float, relative: bool, tuning: float | None = None
) -> int | None:
    """Units in each arm for this power; None where nothing can be said or 2^27 times a fixed test's do not do.

    ValueError for an effect of 0.
    """
    _check_power(alpha, power)
    if effect == 0:
        raise ValueError("effect must not be 0")
    if not _plannable(arm, relative=relative):
        return None
    one = (_reach(alpha, power) * planned_error(arm, 1, effect, relative=relative) / effect) ** 2
    if tuning is None:
        return max(2, ceil(one))

    def enough(units: int) -> bool:
        return (planned_power(arm, units, effect, alpha=alpha, relative=relative, tuning=tuning) or 0.0) >= power

    return _least(enough, max(2, ceil(one)))


def minimum_effect(
    arm: Summary,
    units: float,
    *,
    alpha: float,
    power: float,
    relative: bool,
    tuning: float | None = None,
    prior: Prior | None = None,
) -> float | None:
    """The smallest gain that `units` units in each arm show with this power; None where there is none (or none up to 500 %).

    Without a prior exact: for relative effects with r the treatment's mean over the control's and k = z^2 variance / (n mean^2),
    (r - 1)^2 = k (1 + r^2), which has no solution where k >= 1.
    """
    _check_power(alpha, power)
    if not _plannable(arm, relative=relative) or units <= 0:
        return None
    if prior is not None:
        top = MOST_EFFECT if relative else MOST_EFFECT * max(abs(arm.mean), sqrt(arm.variance))
        return _first_effect(arm, units, alpha, power, relative=relative, prior=prior, top=top)
    variance = arm.variance
    if tuning is not None:
        variance *= sequential_factor(2 * units, alpha=alpha, tuning=tuning) ** 2
    reach = _reach(alpha, power)
    if not relative:
        return reach * sqrt(2 * variance / units)
    left = 1 - reach**2 * variance / (units * arm.mean**2)
    return (1 + sqrt(1 - left**2)) / left - 1 if left > 0 else None


def remaining(
    effect: Effect,
    target: float,
    *,
    alpha: float,
    power: float,
    tests: int = 1,
    metrics: int = 1,
    tuning: float | None = None,
    prior: Prior | None = None,
) -> Remaining:
    """Units still needed to tell `target` (in the effect's own terms) from nothing, going by the error there is now.

    `tests` share alpha (Bonferroni), and all of `metrics` are to be seen together. The factor is doubled until the power is enough
    and then halved in between until it is within 1e-5.
    """
    _check_power(alpha, power)
    if effect.message is not None:
        return Remaining(0.0, None, None, effect.message)
    if target == 0:
        raise ValueError("target must not be 0")
    wanted, each = float(power ** (1 / metrics)), alpha / tests

    def reached(factor: float) -> float:
        error = effect.standard_error / sqrt(1 + factor)
        if tuning is None or prior is not None:
            return power_of(abs(target), error, alpha=each, prior=prior)
        half = _always_valid_half(error, effect.units * (1 + factor), each, tuning)
        return _beyond(abs(target), half, error, two_sided=True)

    now = reached(0.0)
    factor = 0.0 if now > wanted else _factor(reached, wanted)
    return Remaining(now, factor, None if factor is None else factor * effect.units)


def days_left(units: float | None, units_per_day: float) -> float | None:
    """Days until so many more units have come at the present rate; None where none come or no number would do."""
    if units is None or (units > 0 and units_per_day <= 0):
        return None
    return units / units_per_day if units > 0 else 0.0


def _check_power(alpha: float, power: float) -> None:
    check_alpha(alpha)
    if not alpha < power < 1:
        raise ValueError("power must be above alpha and below 1")


def _plannable(arm: Summary, *, relative: bool) -> bool:
    return arm.message is None and not (relative and arm.mean == 0)


def _reach(alpha: float, power: float) -> float:
    """How many standard errors away an effect is that is seen with this power by a two-sided test (its far side left out)."""
    return float(ndtri(power) - ndtri(alpha / 2))


def _always_valid_half(error: float, units: float, alpha: float, tuning: float) -> float:
    return asymptotic_interval(0.0, error, units, alpha=alpha, rho=gbstats_rho(alpha, tuning))[1]


def _beyond(effect: float, half: float, error: float, *, two_sided: bool) -> float:
    """The chance that an estimate of `effect` is further than `half` from 0."""
    above = float(ndtr((effect - half) / error))
    return above + float(ndtr((-half - effect) / error)) if two_sided else above


def _least(enough: Callable[[int], bool], start: int) -> int | None:
    """The least whole number from `start` on that is enough, of a condition that holds from some number on."""
    low, high = start - 1, start
    for _ in range(MOST_DOUBLINGS):
        if enough(high):
            break
        low, high = high, high * 2
    else:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _factor(reached: Callable[[float], float], wanted: float) -> float | None:
    factor = 1.0
    for _ in range(MOST_DOUBLINGS):
        if reached(factor) >= wanted:
            break
        factor *= 2
    if reached(factor) < wanted:
        return None
    low, high = 0.0, factor
    for _ in range(_STEPS):
        factor = (low + high) / 2
        over = reached(factor) - wanted
        if abs(over) < _CLOSE:
            break
        low, high = (low, factor) if over > 0 else (factor, high)
    return factor


def _first_effect(
    arm: Summary, units: float, alpha: float, power: float, *, relative: bool, prior: Prior, top: float
) -> float | None:
    """The first effect from 0 on with this power: a prior that leans one way has power without any."""

    def short(effect: float) -> float:
        error = planned_error(arm, units, effect, relative=relative)
        return power_of(effect, error, alpha=alpha, prior=prior) - power

    if short(0.0) >= 0:
        return 0.0
    step = top / 5000
    high = next((place * step for place in range(1, 5001) if short(place * step) >= 0), None)
    if high is None:
        return None
    low = high - step
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if short(middle) >= 0 else (middle, high)
    return high
