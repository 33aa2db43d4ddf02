"""An analysis in a sentence for people who ship products, and the numbers behind it. Pure."""

from collections.abc import Sequence
from typing import Final

from shared.agents.experiment_analysis import ExperimentPlan, MetricAnalysis, Srm, VariantEffect, Verdict
from shared.experiments.judgement import Judgement
from shared.stored.experiments import Experiment

SHARES: Final = "shares"
RATINGS: Final = "ratings"


def say(
    experiment: Experiment, metrics: Sequence[MetricAnalysis], srm: Srm, judgement: Judgement, plan: ExperimentPlan
) -> Verdict:
    """What the figures come to. What was decided stays: its sentence is said again."""
    decided = experiment.decision
    if decided is not None:
        return Verdict(
            kind=decided.kind, sentence=decided.sentence, variant=decided.variant, reasons=_numbers(experiment, metrics)
        )
    primary = metrics[0]
    sayings = {
        "win": lambda: _win(metrics, judgement),
        "harm": lambda: _harm(metrics, judgement),
        "futility": lambda: _futility(experiment, primary, judgement),
        "duration": lambda: _duration(experiment, metrics, judgement, srm, plan),
        "untrusted": lambda: _untrusted(srm),
        "collecting": lambda: _collecting(experiment, metrics, judgement, plan),
    }
    sentence = sayings.get(judgement.kind, lambda: "Nothing to say yet: no unit has been exposed.")()
    return Verdict(
        kind=judgement.kind, sentence=sentence, variant=judgement.variant, reasons=_numbers(experiment, metrics)
    )


def percent(share: float) -> str:
    """A share as people read it: one digit after the point below 10 %, none from there on, two below 0.1 %."""
    size = abs(share) * 100
    if 0 < size < 0.095:
        return f"{size:.2g} %" if size >= 0.001 else "under 0.001 %"
    return f"{size:.1f} %" if size < 9.95 else f"{size:,.0f} %"


def number(value: float) -> str:
    """A value with four digits that count."""
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:.4g}"


def words(metric: str) -> str:
    """A metric's name as it is spoken."""
    return metric.replace("_", " ")


def between(low: float | None, high: float | None, *, share: bool = True) -> str:
    """An interval: `between 1.2 % and 7.0 %`, with the directions where its ends have two."""

    def end(value: float) -> str:
        return percent(value) if share else number(abs(value))

    if low is None and high is None:
        return "anything is possible"
    if low is None or high is None:
        known = low if low is not None else high or 0.0
        return f"{'at least' if low is not None else 'at most'} {end(known)} {'higher' if known >= 0 else 'lower'}"
    if low >= 0 or high <= 0:
        near, far = sorted((abs(low), abs(high)))
        return f"between {end(near)} and {end(far)}"
    return f"between {end(low)} lower and {end(high)} higher"


def change(effect: VariantEffect) -> str:
    """How a metric has changed: `4.1 % higher (between 1.2 % and 7.0 %)`, by the always-valid interval."""
    relative, absolute = effect.effect.relative, effect.effect.absolute
    value, ever, share = (
        (relative, effect.always_valid.relative, True)
        if relative is not None
        else (absolute, effect.always_valid, False)
    )
    if value is None:
        return f"not comparable yet ({effect.message or effect.always_valid.message or 'nothing is known'})"
    size = percent(value) if share else number(abs(value))
    return f"{size} {'higher' if value >= 0 else 'lower'} ({between(ever.low, ever.high, share=share)})"


def _of(metric: MetricAnalysis, variant: str) -> VariantEffect | None:
    return next((effect for effect in metric.effects if effect.variant == variant), None)


def _changed(metric: MetricAnalysis, variant: str) -> str:
    effect = _of(metric, variant)
    return "not comparable" if effect is None else change(effect)


def _win(metrics: Sequence[MetricAnalysis], judgement: Judgement) -> str:
    variant = judgement.variant or ""
    kept = []
    for metric in metrics[1:]:
        effect = _of(metric, variant)
        if effect is not None and effect.harm is not None and effect.harm.kept:
            worse = "lower" if metric.better == "up" else "higher"
            room = f" (at most {percent(effect.harm.margin)} {worse})" if effect.harm.margin else ""
            kept.append(f"{words(metric.metric)} is no worse{room}")
    rest = "".join(f", and {one}" for one in kept[:3])
    return f"Keep {variant}: {words(metrics[0].metric)} is {_changed(metrics[0], variant)}{rest}."


def _harm(metrics: Sequence[MetricAnalysis], judgement: Judgement) -> str:
    variant = judgement.about[0]
    metric = next((metric for metric in metrics if metric.metric == judgement.metric), metrics[0])
    primary = metrics[0]
    good = ""
    if metric.metric != primary.metric:
        effect = _of(primary, variant)
        value = effect.effect.absolute if effect is not None else None
        if value is not None and (value > 0) == (primary.better == "up"):
            good = f", whatever it does for {words(primary.metric)} ({_changed(primary, variant)})"
    return f"Keep {judgement.variant}: with {variant}, {words(metric.metric)} is {_changed(metric, variant)}{good}."


def _futility(experiment: Experiment, primary: MetricAnalysis, judgement: Judgement) -> str:
    lines = "; ".join(f"with {variant} it is {_changed(primary, variant)}" for variant in judgement.about)
    return (
        f"Keep {judgement.variant}: {words(primary.metric)} does not get better by {percent(experiment.minimum_effect)}, "
        f"which is what would be worth having: {lines}."
    )


def _duration(
    experiment: Experiment, metrics: Sequence[MetricAnalysis], judgement: Judgement, srm: Srm, plan: ExperimentPlan
) -> str:
    if SHARES in judgement.because:
        return _untrusted(srm)
    primary = metrics[0]
    spent = f"after {experiment.duration_days:g} days and {plan.units:,} units"
    if not plan.units:
        return f"No measurable difference {spent}: nothing came in."
    if judgement.because:
        return f"No winner {spent}: {_held_back(metrics, judgement)}."
    lines = "; ".join(f"with {effect.variant} it is {change(effect)}" for effect in primary.effects)
    return (
        f"No measurable difference in {words(primary.metric)} {spent}: {lines or primary.message or 'none is known'}."
    )


def _untrusted(srm: Srm) -> str:
    seen = ", ".join(
        f"{name} {srm.assigned.observed.get(name, 0):,} where {round(due):,} were due"
        for name, due in srm.assigned.expected.items()
    )
    chance = srm.assigned.p_value
    told = "" if chance is None else f" (p {chance:.1g})"
    return f"Do not trust these figures: the units did not come in the shares they should: {seen}{told}. Find out why first."


def _collecting(
    experiment: Experiment, metrics: Sequence[MetricAnalysis], judgement: Judgement, plan: ExperimentPlan
) -> str:
    primary = metrics[0]
    if judgement.because:
        go_on = "Stopped" if experiment.state == "stopped" else "Go on"
        return f"{go_on}: {_held_back(metrics, judgement)}."
    lines = "; ".join(f"with {effect.variant} it is {change(effect)}" for effect in primary.effects)
    so_far = f" So far for {words(primary.metric)}: {lines}." if lines else f" {_capital(primary.message)}"
    if experiment.state == "stopped":
        return f"Stopped before anything could be decided.{so_far}"
    if judgement.about:
        return f"Go on for now: no decision before a full day and {experiment.min_participants:,} units.{so_far}"
    missing = plan.units_still_needed
    if missing is None:
        return f"Too early to say.{so_far}"
    if not missing:
        return f"No difference yet that would decide.{so_far}"
    time = f", about {plan.days_remaining:g} days at the present rate" if plan.days_remaining is not None else ""
    if all(effect.power is None or effect.power.units_still_needed is None for effect in primary.effects):
        return f"Too early to say: about {missing:,} more units are needed before anything is decided{time}.{so_far}"
    what = f"to tell a difference of {percent(experiment.minimum_effect)}"
    return f"Too early to say: about {missing:,} more units are needed {what}{time}.{so_far}"


def _held_back(metrics: Sequence[MetricAnalysis], judgement: Judgement) -> str:
    """Why a variant with a better primary metric does not win."""
    variant, primary = judgement.about[0], metrics[0]
    better = f"with {variant}, {words(primary.metric)} is {_changed(primary, variant)}"
    if RATINGS in judgement.because:
        return f"{better}, but ratings alone ship nothing: no learning metric and no guardrail is measured beside them"
    margins = {
        metric.metric: effect.harm.margin
        for metric in metrics
        if (effect := _of(metric, variant)) is not None and effect.harm is not None
    }
    what = " and ".join(
        f"{words(name)} is no worse than its margin of {percent(margins.get(name, 0.0))} allows"
        for name in dict.fromkeys(judgement.because)
    )
    waited = " and ".join(
        words(metric.metric)
        for metric in metrics
        if metric.metric in judgement.because and metric.learning and not _known(metric, variant)
    )
    wait = f"; nothing can be said of {waited} yet, and without learning nothing wins" if waited else ""
    return f"{better}, but it is not shown that {what}{wait}"


def _known(metric: MetricAnalysis, variant: str) -> bool:
    effect = _of(metric, variant)
    return effect is not None and (effect.always_valid.low is not None or effect.always_valid.high is not None)


def _numbers(experiment: Experiment, metrics: Sequence[MetricAnalysis]) -> list[str]:
    """A line for each variant of the metrics that decide."""
    lines = []
    for metric in metrics:
        if metric.role == "secondary" and not metric.learning:
            continue
        means = {arm.variant: arm for arm in metric.arms}
        control = means.get(experiment.control.name)
        for effect in metric.effects:
            arm = means.get(effect.variant)
            if arm is None or control is None or arm.mean is None or control.mean is None:
                continue
            told = "" if effect.p_value is None else f", p {effect.p_value:.2g} if this were the only look"
            lines.append(
                f"{metric.metric}, {effect.variant}: {number(arm.mean)} of {arm.units:,} units against "
                f"{number(control.mean)} of {control.units:,}; {change(effect)}{told}"
            )
    return lines


def _capital(text: str | None) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else "Nothing can be compared yet."
