"""Two arms held against each other at every look: the always-valid band of their absolute or relative difference. Pure.

Three things that the normal distribution does not forgive at early looks are taken care of. Where arms differ in size, the smaller
one's variance is badly known and low just when its mean is (no successes yet: no variance either), so the difference's variance is
taken as no less than with the arms' common variance. A relative difference's delta-method variance vanishes as the treatment's
mean does, so its band is Fieller's instead: all lifts r for which treatment - (1 + r) control is within bounds of 0, a band of a
plain difference for each r (Fieller 1954, "Some problems in interval estimation"); it excludes 0 exactly where the absolute one
does. And nothing is said until both arms have units enough.
"""

from dataclasses import replace
from math import inf, isfinite, sqrt
from typing import Final

from shared.experiments.stats.difference import compare, effect_variance
from shared.experiments.stats.sequential import MINIMUM_UNITS, TOO_EARLY, Band, always_valid
from shared.experiments.stats.summaries import Summary

LEAST_IN_ARM: Final = 50
"""Units in either arm before anything is said."""
VAGUE_CONTROL: Final = "the control's mean is too uncertain to be relative to"


def difference_band(
    control: Summary,
    treatment: Summary,
    *,
    relative: bool,
    alpha: float,
    planned_n: float,
    minimum_n: float = MINIMUM_UNITS,
) -> Band:
    """The band of treatment less control, or of that over the control's mean. `planned_n` counts the units of both arms.

    With a message, nothing can be said. ValueError where alpha or a planned number makes no sense.
    """
    effect = compare(control, treatment, relative=False, alpha=alpha)
    if effect.message is None and min(control.n, treatment.n) < LEAST_IN_ARM:
        effect = replace(effect, message=TOO_EARLY)
    if effect.message is not None:
        return Band(-inf, inf, 1.0, effect.message)
    error = sqrt(max(effect_variance(control, treatment, relative=False), _common_variance(control, treatment)))
    found = always_valid(
        effect.estimate,
        error,
        effect.units,
        alpha=alpha,
        planned_n=planned_n,
        minimum_n=minimum_n,
        freedom=effect.freedom,
    )
    if found.message is not None or not relative:
        return found
    return _lift(control, effect.estimate, effect.standard_error, found)


def _common_variance(control: Summary, treatment: Summary) -> float:
    """Of the difference, where the units of both arms vary alike."""
    units = treatment.freedom + control.freedom
    common = (treatment.freedom * treatment.variance + control.freedom * control.variance) / units
    return common * (1 / treatment.n + 1 / control.n)


def _lift(control: Summary, difference: float, error: float, absolute: Band) -> Band:
    """Fieller's band with the absolute one's limit: where (difference - r size)^2 <= limit^2 Var(difference - r size).

    All numbers are over the size, so that the control's own scale does not matter.
    """
    vague = Band(-inf, inf, absolute.p_value, VAGUE_CONTROL)
    size = abs(control.baseline)
    if size == 0:
        return vague
    square = ((absolute.high - absolute.low) / 2 / error) * ((absolute.high - absolute.low) / 2 / error)
    lift, own = difference / size, (error / size) * (error / size)
    of_size, together = control.baseline_variance / control.n / size / size, control.shared / control.n / size / size
    if control.baseline < 0:
        together = -together
    first = 1 - square * of_size
    if not first > 0:
        return vague
    spread = own + of_size * lift * lift + 2 * lift * together + square * (together * together - of_size * own)
    middle, half = (lift + square * together) / first, sqrt(max(0.0, square * spread)) / first
    return Band(middle - half, middle + half, absolute.p_value) if isfinite(middle) and isfinite(half) else vague
