"""An experiment's analysis: all that can be said of its sums, in one reply. Pure; its cost depends on neither events nor units.

Variants are held against the control by intention to treat: a unit counts for the variant it was assigned to, whatever answered it.
Whatever comes in, there is an answer: what says nothing has a `message`. When it ends by itself stands in `judgement`.
"""

from collections.abc import Sequence
from typing import Final

from shared.agents.experiment_analysis import (
    Analysis,
    Delivered,
    EffectShown,
    LookShown,
    MetricAnalysis,
    Power,
    SliceShown,
    Srm,
    VariantEffect,
)
from shared.experiments import arms
from shared.experiments.judgement import judge
from shared.experiments.novelty import novelty
from shared.experiments.plan import days, plan, rate
from shared.experiments.totals import Totals
from shared.experiments.verdict import say
from shared.stored.experiments import Experiment, Look

METHOD: Final = "Difference to the control by intention to treat; Welch's t test, delta method, CUPED where it helps."
WEIGHTED: Final = (
    "Inverse-propensity weighting: the shares of the variants differ between the slices, so every mean is made of the slices' means, "
    "each weighted by the slice's part of all units (self-normalised within slices); plain means would be biased."
)
ASSUMPTIONS: Final = (
    "Units do not influence each other.",
    "Always-valid figures rest on the central limit theorem for estimates that are looked at all the time; they say nothing before "
    "each arm has 50 units, and may be a little optimistic where most units came long before most of their outcomes.",
)
NOTHING: Final = "no unit has been exposed"


def analyse(experiment: Experiment, totals: Totals, now: float) -> Analysis:
    """What the sums say at `now` (Unix seconds)."""
    from shared.experiments.stats.measuring import measure

    found = arms.arms(experiment, totals)
    units = sum(arm.units for arm in found.values())
    metrics = _corrected([measure(experiment, metric, totals) for metric in experiment.metrics])
    a_day = rate(totals, units, now)
    metrics[0] = _timed(metrics[0], a_day)
    power = _weakest(metrics[0].effects)
    srm = _srm(experiment, totals)
    standing = plan(experiment, totals, units, power.always_valid_units if power is not None else None, now)
    judgement = judge(experiment, metrics, alarm=srm.assigned.alarm, units=units, now=now)
    changes = novelty(experiment, totals)
    return Analysis(
        experiment_id=experiment.id,
        name=experiment.name,
        state=experiment.state,
        at=now,
        units=units,
        alpha=experiment.alpha,
        method=WEIGHTED if experiment.allocation == "thompson" else METHOD,
        metrics=metrics,
        srm=srm,
        delivered=_delivered(experiment, found),
        novelty=changes,
        power=power,
        plan=standing,
        slices=_slices(experiment, totals),
        looks=[_shown(look) for look in experiment.looks],
        warnings=_warnings(experiment, totals, srm, [one.variant for one in changes.variants if one.changing]),
        assumptions=list(ASSUMPTIONS),
        verdict=say(experiment, metrics, srm, judgement, standing),
        message=None if units else NOTHING,
    )


def _shown(one: Look) -> LookShown:
    effects = {
        variant: EffectShown(effect=effect, low=low, high=high) for variant, (effect, low, high) in one.effects.items()
    }
    return LookShown(at=one.at, units=one.units, effects=effects)


def _corrected(metrics: Sequence[MetricAnalysis]) -> list[MetricAnalysis]:
    """The p values adjusted: the primary's by Holm over the variants, the secondary ones' by Benjamini and Hochberg over all of them."""
    from shared.experiments.stats.corrections import benjamini_hochberg, holm

    secondary = [effect.p_value for metric in metrics if metric.role == "secondary" for effect in metric.effects]
    spread = iter(benjamini_hochberg(secondary))
    found = []
    for metric in metrics:
        plain = [effect.p_value for effect in metric.effects]
        if metric.role == "primary":
            adjusted, correction = holm(plain), "holm"
        elif metric.role == "secondary":
            adjusted, correction = [next(spread) for _ in plain], "benjamini-hochberg"
        else:
            adjusted, correction = [effect.harm.p_value if effect.harm else None for effect in metric.effects], "none"
        effects = [
            effect.model_copy(update={"adjusted_p_value": value})
            for effect, value in zip(metric.effects, adjusted, strict=True)
        ]
        found.append(metric.model_copy(update={"effects": effects, "correction": correction}))
    return found


def _timed(primary: MetricAnalysis, a_day: float | None) -> MetricAnalysis:
    """The primary metric with the days that the missing units take."""
    effects = []
    for effect in primary.effects:
        power = effect.power
        if power is not None:
            power = power.model_copy(update={"days_remaining": days(power.always_valid_units, a_day)})
        effects.append(effect.model_copy(update={"power": power}))
    return primary.model_copy(update={"effects": effects})


def _weakest(effects: Sequence[VariantEffect]) -> Power | None:
    """The power of the variant that takes the most units; one that cannot be told comes first."""
    known = [effect.power for effect in effects if effect.power is not None]
    return max(known, key=lambda one: (one.always_valid_units is None, one.always_valid_units or 0), default=None)


def _srm(experiment: Experiment, totals: Totals) -> Srm:
    from shared.experiments.stats.shares import check

    slices = [(seen, arms.shares(experiment, place)) for place, seen in arms.by_slice(experiment, totals).items()]
    return Srm(
        assigned=check([({name: units for name, (units, _) in seen.items()}, due) for seen, due in slices]),
        delivered=check([({name: treated for name, (_, treated) in seen.items()}, due) for seen, due in slices]),
    )


def _delivered(experiment: Experiment, found: dict[str, arms.Arm]) -> list[Delivered]:
    running = experiment.running
    models = {variant.name: variant.prefer_model for variant in running.variants} if running is not None else {}
    shown = []
    for name, arm in found.items():
        model, answers = models.get(name), sum(arm.answers.values())
        shown.append(
            Delivered(
                variant=name,
                units=arm.units,
                treated=arm.treated,
                treated_share=arm.treated / arm.units if arm.units else None,
                prescribed=model,
                answers=dict(arm.answers),
                prescribed_share=arm.answers.get(model, 0) / answers if model is not None and answers else None,
            )
        )
    return shown


def _slices(experiment: Experiment, totals: Totals) -> list[SliceShown]:
    """A bandit's slices with the shares their units got; without a bandit there is one, and nothing to tell of it."""
    running = experiment.running
    if experiment.allocation != "thompson" or running is None:
        return []
    seen = arms.by_slice(experiment, totals)
    sizes = {place: {name: units for name, (units, _) in one.items()} for place, one in seen.items()}
    weights = arms.slice_weights(sizes)
    return [
        SliceShown(
            slice=place,
            opened_at=part.opened_at,
            shares=arms.shares(experiment, place),
            units=sum(sizes.get(place, {}).values()),
            weight=weights.get(place),
        )
        for place, part in enumerate(running.slices)
    ]


def _warnings(experiment: Experiment, totals: Totals, srm: Srm, changing: Sequence[str]) -> list[str]:
    found = []
    if srm.assigned.alarm:
        found.append(
            "The units did not come in the shares they should (sample ratio mismatch): nothing here can be trusted."
        )
    if srm.delivered.alarm and not srm.assigned.alarm:
        found.append(
            "The variants differ in how many units got what was prescribed: the effect is that of assigning, not of the thing itself."
        )
    if totals.moved:
        found.append(f"{totals.moved:,} units were seen in another variant than their first; they count for the first.")
    if totals.late:
        found.append(f"{totals.late:,} outcomes came too late to be told from repeated ones, and do not count.")
    seen = arms.by_slice(experiment, totals)
    poor = [name for name in arms.names(experiment) if sum(one[name][0] for one in seen.values()) < 100]
    if seen and poor:
        found.append(f"Fewer than 100 units in {', '.join(poor)}: intervals are rough.")
    if changing:
        found.append(f"The effect changes with time in {', '.join(changing)}: it may be the charm of what is new.")
    if experiment.allocation == "thompson":
        sizes = {place: {name: units for name, (units, _) in one.items()} for place, one in seen.items()}
        left = sum(sum(one.values()) for place, one in sizes.items() if place not in arms.slice_weights(sizes))
        if left:
            found.append(
                f"{left:,} units are in slices where a variant has fewer than {arms.LEAST}: they do not count yet."
            )
    return found
