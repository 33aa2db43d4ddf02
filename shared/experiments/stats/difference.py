"""The effect of a treatment: the difference of two arms with its error, interval and p value (Welch's t test). Pure.

A relative effect is the difference over the size of the control's unadjusted mean. Its variance is the delta method's, which counts
that the control's mean is an estimate too: with V the variances of the means, b the control's unadjusted mean and h the relative
effect, (V_treatment + V_control + h^2 V_b + 2 h Cov(control, b)) / b^2; without adjustment that is
V_treatment / b^2 + V_control treatment^2 / b^4. The figures are those of growthbook's gbstats.
"""

from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt
from typing import Final, Literal

from scipy.special import stdtr, stdtrit

from shared.experiments.stats.summaries import NO_VARIANCE, NOT_FINITE, Summary

ZERO_CONTROL: Final = "control mean is zero"

Alternative = Literal["two-sided", "greater", "less"]
"""What is asked: is the treatment different, greater, less?"""


@dataclass(frozen=True, slots=True)
class Effect:
    """Treatment less control, or that over the control's mean where `relative`. `units` are those of both arms.

    `interval` holds the effect with probability 1 - alpha at one look that was planned; a one-sided one has an infinite end.
    `p_value` is for no effect. With a `message`, which says why nothing can be said, the estimate is 0, the interval everything
    and the p value 1.
    """

    estimate: float
    standard_error: float
    freedom: float
    interval: tuple[float, float]
    p_value: float
    relative: bool
    units: float
    baseline: float
    message: str | None = None


def compare(
    control: Summary,
    treatment: Summary,
    *,
    relative: bool,
    alpha: float,
    alternative: Alternative = "two-sided",
    null: float = 0.0,
) -> Effect:
    """The effect of `treatment` against `control`; `null` is the effect that the p value is for. Never raises for what was seen.

    ValueError where alpha is no probability.
    """
    check_alpha(alpha)
    message = _message(control, treatment, relative=relative)
    variance = 0.0 if message else effect_variance(control, treatment, relative=relative)
    if not message and not isfinite(variance):
        message = NOT_FINITE
    if not message and variance <= 0:
        message = NO_VARIANCE
    units = control.n + treatment.n
    if message:
        return uninformative(message, relative=relative, units=units, baseline=control.baseline)
    difference = treatment.mean - control.mean
    estimate = difference / abs(control.baseline) if relative else difference
    error, freedom = sqrt(variance), welch(control, treatment)
    return Effect(
        estimate=estimate,
        standard_error=error,
        freedom=freedom,
        interval=interval(estimate, error, freedom, alpha=alpha, alternative=alternative),
        p_value=p_value((estimate - null) / error, freedom, alternative),
        relative=relative,
        units=units,
        baseline=control.baseline,
    )


def uninformative(message: str, *, relative: bool, units: float = 0, baseline: float = 0.0) -> Effect:
    """An effect of which nothing is known, and why."""
    return Effect(0.0, 0.0, 0.0, (-inf, inf), 1.0, relative, units, baseline, message)


def effect_variance(control: Summary, treatment: Summary, *, relative: bool) -> float:
    """The variance of the estimated effect. Both arms need units, and a relative one a control mean that is not zero."""
    own, other = treatment.variance / treatment.n, control.variance / control.n
    if not relative:
        return own + other
    size = control.baseline
    lift = (treatment.expected - control.expected) / size
    of_size, together = control.baseline_variance / control.n, control.shared / control.n
    return (own + other + lift * lift * of_size + 2 * lift * together) / size / size


def welch(control: Summary, treatment: Summary) -> float:
    """Degrees of freedom of the difference of two means with variances of their own (Welch and Satterthwaite)."""
    own, other = treatment.variance / treatment.n, control.variance / control.n
    part = own / (own + other)
    return 1 / (part**2 / treatment.freedom + (1 - part) ** 2 / control.freedom)


def interval(
    estimate: float, error: float, freedom: float, *, alpha: float, alternative: Alternative = "two-sided"
) -> tuple[float, float]:
    """Student's interval: open on the side that is not asked about."""
    tail = alpha / 2 if alternative == "two-sided" else alpha
    half = -float(stdtrit(freedom, tail)) * error
    low = -inf if alternative == "less" else estimate - half
    high = inf if alternative == "greater" else estimate + half
    return low, high


def p_value(statistic: float, freedom: float, alternative: Alternative = "two-sided") -> float:
    """The chance of a t statistic at least as far out where there is no effect."""
    if alternative == "two-sided":
        return min(1.0, 2 * float(stdtr(freedom, -abs(statistic))))
    return float(stdtr(freedom, statistic if alternative == "less" else -statistic))


def scaled(effect: Effect, factor: float) -> Effect:
    """The effect in other units, such as a day's traffic: all of it times a factor above 0, the p value as it is."""
    if effect.message is not None:
        return effect
    low, high = effect.interval
    return replace(
        effect,
        estimate=effect.estimate * factor,
        standard_error=effect.standard_error * factor,
        interval=(low * factor, high * factor),
    )


def check_alpha(alpha: float) -> None:
    """ValueError where alpha is not between 0 and 1."""
    if not 0 < alpha < 1:
        raise ValueError("alpha must be above 0 and below 1")


def _message(control: Summary, treatment: Summary, *, relative: bool) -> str | None:
    for arm, summary in (("control", control), ("treatment", treatment)):
        if summary.message is not None:
            return f"{summary.message} in {arm}"
    return ZERO_CONTROL if relative and control.baseline == 0 else None
