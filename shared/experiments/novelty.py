"""Does the effect wear off, or grow? The primary metric in a unit's first days and after them, and by when units came. Pure.

What is new is tried because it is new, and what is unfamiliar is disliked for that. Both effects are relative, so that days of
different number can be held against each other. The same units are in both: their two effects go up and down together, and the
variance of the difference is less than the sum of both variances, which is what the test takes. It rather says nothing than too
much. Cohorts differ in when they came and in how long they have been there: a trend in them may be either.
"""

from math import isfinite
from typing import Final

from shared.agents.experiment_analysis import CohortEffect, EffectShown, Novelty, NoveltyOfVariant
from shared.experiments import arms
from shared.experiments.moments import Moments
from shared.experiments.totals import Totals
from shared.stored.experiments import Experiment

NO_MOMENTS: Final = "a quantile is not kept by phase and cohort"
CHANGING: Final = 0.01
"""p value below which an effect is said to change."""


def novelty(experiment: Experiment, totals: Totals) -> Novelty:
    """The primary metric's effect early and late, and by cohort."""
    if experiment.primary.kind == "quantile":
        return Novelty(message=NO_MOMENTS)
    control = experiment.control.name
    early, late = arms.phases(experiment, totals)
    variants = [
        _variant(name, _effect(experiment, early[control], early[name]), _effect(experiment, late[control], late[name]))
        for name in arms.others(experiment)
    ]
    cohorts = []
    for cohort, moments in arms.cohorts(experiment, totals).items():
        for name in arms.others(experiment):
            shown, _ = _effect(experiment, moments[control], moments[name])
            cohorts.append(
                CohortEffect(cohort=cohort, variant=name, units=moments[control].n + moments[name].n, **dict(shown))
            )
    return Novelty(variants=variants, cohorts=cohorts)


def _effect(experiment: Experiment, control: Moments, treatment: Moments) -> tuple[EffectShown, float | None]:
    """The relative effect, and its standard error where there is one."""
    from shared.experiments.stats.effects import finite, held_against, summary

    kind = experiment.primary.kind
    if kind == "quantile":
        return EffectShown(message=NO_MOMENTS), None
    if kind == "proportion" and experiment.allocation == "thompson":
        kind = "mean"
    found = held_against(summary(kind, control), summary(kind, treatment), experiment.alpha).relative
    if found.message is not None:
        return EffectShown(message=found.message), None
    low, high = found.interval
    return (
        EffectShown(effect=finite(found.estimate), low=finite(low), high=finite(high)),
        finite(found.standard_error),
    )


def _variant(
    name: str, early: tuple[EffectShown, float | None], late: tuple[EffectShown, float | None]
) -> NoveltyOfVariant:
    (before, error), (after, other) = early, late
    message = before.message or after.message
    if before.effect is None or after.effect is None or error is None or other is None:
        return NoveltyOfVariant(variant=name, early=before, late=after, message=message or "numbers too large")
    from statistics import NormalDist

    difference, spread = after.effect - before.effect, (error**2 + other**2) ** 0.5
    if not isfinite(difference) or not isfinite(spread) or spread <= 0:
        return NoveltyOfVariant(variant=name, early=before, late=after, message="numbers too large")
    chance = 2 * NormalDist().cdf(-abs(difference) / spread)
    return NoveltyOfVariant(
        variant=name,
        early=before,
        late=after,
        difference=difference,
        p_value=chance,
        changing=chance < CHANGING,
        message=message,
    )
