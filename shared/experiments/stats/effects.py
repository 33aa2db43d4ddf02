"""An effect as it is shown: with its fixed-horizon and its always-valid figures, plain and with CUPED, and whether it is harm. Pure.

An always-valid interval takes the tails of Student's distribution with the effect's own degrees of freedom: an error from a jackknife
over G groups has G - 1 of them however many units there are. Nothing here raises for what was seen: what cannot be said is None with a message.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt
from typing import Final, Literal, ParamSpec, TypeVar

from shared.agents.experiment_analysis import (
    AlwaysValid,
    AlwaysValidRange,
    Cuped,
    EffectInterval,
    EffectSize,
    Figures,
    Harm,
    ValueRange,
)
from shared.experiments.moments import PAIRS, Moments
from shared.experiments.stats.anytime import LEAST_IN_ARM, VAGUE_CONTROL, difference_band
from shared.experiments.stats.difference import Effect, compare, p_value, uninformative
from shared.experiments.stats.quantile import jackknife
from shared.experiments.stats.sequential import Band
from shared.experiments.stats.summaries import (
    NOT_FINITE,
    SumKind,
    Summary,
    adjust,
    adjusted,
    plain,
    slope,
)

SURE: Final = 3.0
"""Standard errors that the control's mean must be from 0 before anything is told relative to it: nearer, the delta method fails."""
LEAST_REDUCTION: Final = 0.01
"""CUPED is used from this reduction of the variance on: below, the two ways differ by less than what makes either of them wrong."""
FEW: Final = "too few units with values in an arm for an always-valid interval"
NO_COVARIATE: Final = "nothing is known of the units before their exposure"
NO_REDUCTION: Final = "what was known before the exposure hardly foretells the metric"

Found = TypeVar("Found")
Given = ParamSpec("Given")


@dataclass(frozen=True, slots=True)
class Terms:
    """What an effect is judged by: fixed-horizon intervals at `alpha`, always-valid ones at `level`, planned for `planned` units
    of both arms."""

    alpha: float
    level: float
    planned: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Two arms held against each other. `least`: the units that the poorer one rests on."""

    control: Summary
    treatment: Summary
    absolute: Effect
    relative: Effect
    least: float


def finite(value: float | None) -> float | None:
    """The number, None where it is none or has no end."""
    return value if value is not None and isfinite(value) else None


def guarded(otherwise: Found, compute: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """What is computed, or `otherwise` where numbers are so large or so small that arithmetic gives up on them."""
    try:
        return compute(*given, **named)
    except (OverflowError, ZeroDivisionError):
        return otherwise


def summary(kind: SumKind, moments: Moments, theta: float = 0.0) -> Summary:
    """An arm's estimate, less theta times itself from before."""
    hopeless = plain(moments.n, 0.0, 0.0, flaw=NOT_FINITE)
    return guarded(hopeless, adjusted, kind, moments, theta)


def common_slope(kind: SumKind, control: Moments, treatments: Sequence[Moments]) -> float:
    """One theta for all arms, so that their adjusted means can be held against each other."""
    together = sum(treatments, Moments())
    found = guarded(0.0, slope, kind, control, together)
    return found if isfinite(found) else 0.0


def weight_of(kind: SumKind, moments: Moments) -> float:
    """How many units an estimate rests on: for a ratio (sum den)^2 / (sum den^2), Kish's effective number: those without any event
    add nothing to it, and of a few that have nearly all of them it is little more than those few."""
    squares = moments.products[PAIRS.index((1, 1))]
    if kind != "ratio" or not moments.n:
        return float(moments.n)
    return guarded(0.0, lambda: moments.sums[1] ** 2 / squares)


def of_quantile(value: float | None, left_out: Sequence[float | None], units: int) -> Summary:
    """An arm's quantile with the jackknife's error."""
    if value is None:
        return plain(0, 0.0, 0.0, freedom=0)
    hopeless = plain(units, 0.0, 0.0, flaw=NOT_FINITE)
    return guarded(hopeless, jackknife, value, left_out, units)


def held_against(control: Summary, treatment: Summary, alpha: float) -> Compared:
    """The absolute and the relative effect."""
    units = control.n + treatment.n
    absolute, relative = (
        guarded(
            uninformative(NOT_FINITE, relative=one, units=units), compare, control, treatment, relative=one, alpha=alpha
        )
        for one in (False, True)
    )
    if relative.message is None and abs(control.baseline) < SURE * sqrt(control.baseline_variance / control.n):
        relative = uninformative(VAGUE_CONTROL, relative=True, units=units)
    return Compared(control, treatment, absolute, relative, min(control.n, treatment.n))


def band(compared: Compared, level: float, terms: Terms, *, relative: bool) -> Band:
    """The always-valid interval of the absolute or the relative effect at `level`; without ends where a message says why."""
    effect = compared.relative if relative else compared.absolute
    if effect.message is not None or not compared.least >= LEAST_IN_ARM:
        return Band(-inf, inf, 1.0, effect.message or FEW)
    return guarded(
        Band(-inf, inf, 1.0, NOT_FINITE),
        difference_band,
        compared.control,
        compared.treatment,
        relative=relative,
        alpha=level,
        planned_n=terms.planned,
    )


def figures(compared: Compared, terms: Terms) -> Figures:
    """An effect as it is shown."""
    absolute, relative = compared.absolute, compared.relative
    ever, ever_relative = (band(compared, terms.level, terms, relative=one) for one in (False, True))
    return Figures(
        effect=EffectSize(absolute=_said(absolute, absolute.estimate), relative=_said(relative, relative.estimate)),
        standard_error=EffectSize(
            absolute=_said(absolute, absolute.standard_error), relative=_said(relative, relative.standard_error)
        ),
        interval=EffectInterval(
            low=finite(absolute.interval[0]),
            high=finite(absolute.interval[1]),
            alpha=terms.alpha,
            relative=ValueRange(low=finite(relative.interval[0]), high=finite(relative.interval[1])),
        ),
        p_value=_said(absolute, absolute.p_value),
        always_valid=AlwaysValid(
            low=finite(ever.low),
            high=finite(ever.high),
            p_value=_sure(ever),
            alpha=terms.level,
            message=ever.message,
            relative=AlwaysValidRange(
                low=finite(ever_relative.low), high=finite(ever_relative.high), p_value=_sure(ever_relative)
            ),
        ),
        message=absolute.message or relative.message,
    )


def with_cuped(
    kind: SumKind, control: Moments, treatment: Moments, before: Compared, terms: Terms
) -> tuple[Cuped, Compared]:
    """The effect with CUPED, whether to use it, and the effect that is to be used."""
    if before.absolute.message is not None:
        return Cuped(used=False, message=before.absolute.message), before
    after = guarded(None, _adjusted, kind, control, treatment, terms.alpha, before.least)
    if after is None or after.absolute.message is not None:
        return Cuped(used=False, message=NO_COVARIATE), before
    reduction = 1 - (after.absolute.standard_error / before.absolute.standard_error) ** 2
    if reduction == 0:
        return Cuped(used=False, message=NO_COVARIATE), before
    used = reduction >= LEAST_REDUCTION
    shown = Cuped(
        used=used,
        variance_reduction_percent=round(100 * reduction, 2),
        figures=figures(after, terms),
        message=None if used else NO_REDUCTION,
    )
    return shown, after if used else before


def harm(compared: Compared, better: Literal["up", "down"], margin: float, level: float, terms: Terms) -> Harm:
    """Whether the treatment is worse by more than `margin`, a share of the control's; the absolute effect stands in for 0."""
    effect = compared.relative if margin > 0 and compared.relative.message is None else compared.absolute
    allowed = margin if effect.relative else 0.0
    if effect.message is not None:
        return Harm(margin=margin, alpha=level)
    sign = 1 if better == "up" else -1
    mild, strict = (band(compared, one, terms, relative=effect.relative) for one in (terms.level, level))
    return Harm(
        margin=margin,
        p_value=finite(p_value((sign * effect.estimate + allowed) / effect.standard_error, effect.freedom, "greater")),
        kept=(mild.low if sign > 0 else -mild.high) >= -allowed,
        harmed=(strict.high if sign > 0 else -strict.low) < -allowed,
        alpha=level,
    )


def _adjusted(kind: SumKind, control: Moments, treatment: Moments, alpha: float, least: float) -> Compared | None:
    return replace(held_against(*adjust(kind, control, treatment), alpha), least=least)


def error_of(found: Summary) -> float | None:
    """The standard error of an arm's mean; None where it says nothing."""
    return finite((found.variance / found.n) ** 0.5) if found.message is None else None


def _said(effect: Effect, value: float) -> float | None:
    return finite(value) if effect.message is None else None


def _sure(found: Band) -> float | None:
    return found.p_value if found.message is None else None
