"""What an experiment's figures come to: whether it would end now, and with what. Pure; only by figures that hold at every look at once.

With `alpha` for the whole experiment, k variants beside the control and m guardrails and learning metrics:

win: a variant's primary metric is better. Each variant's interval is at level alpha / k, so by Bonferroni over the variants and by
their always-validity over the looks the chance that any of them ever seems better without being so is at most alpha / 2 (the
other half is the bad side). All else that a win takes (units, a day, no alarm, guardrails, agreement) can only take wins away:
however many metrics there are, none of them makes a false win more likely.

harm: the primary, a guardrail or a learning metric is worse by more than its margin (the primary's is 0). All k (m + 1) of these
share alpha / 2 alike, so false harm is at most alpha / 2 too, and false stops of both kinds together at most alpha. Where one of
several variants is worse only on the primary metric, the experiment goes on for the sake of the others.

futility: every variant's interval excludes an effect as good as `minimum_effect`. If one is that good, that is never said of it
but with a chance of alpha / 2 (it is in its interval at every look).

Whatever the primary metric is, nothing wins that is not shown to teach as well: every other learning metric must be shown to be kept,
its always-valid interval without a loss beyond its margin; until there are figures of it, it is waited for. A rating is an opinion,
and pleasant is not the same as instructive: where the primary metric is one and no learning metric but ratings is there, a guardrail
that is no rating must be shown to be kept. Each is at level alpha (all have to agree, so that none needs a correction). A margin of 0
asks for being shown to be no worse at all.

These rates are those of always-valid intervals, which assume that what is known grows by units coming in, each of whose values is
nearly complete when it counts. Where units' sums go on growing while their number stands still, the intervals take the later looks
for the same one though the estimate moves on, and the rate can be above alpha: with 1,000 units all of the first day, hourly looks
for 28 days and an alpha of 5 %, 7.6 % (standard error 1.7) of equal arms were called different.

An alarm of the shares of the assigned units keeps wins and futility back, not harm: to stop is safe. That the variants differ in what
was delivered is no such alarm: those assigned are compared, whatever they got.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.agents.experiment_analysis import MetricAnalysis, VariantEffect, VerdictKind
from shared.stored.experiments import Experiment, ExperimentMetric

DAY: Final = 86_400.0
LEAST_AGE: Final = DAY
"""No win and no futility before: a day has hours, and learners of the morning are others than those of the evening."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the figures come to. `variant` is the one to keep; `about` those that it is said of; `metric` what did the harm.

    `because`: what kept a variant with a better primary metric from winning.
    """

    kind: VerdictKind
    variant: str | None = None
    about: tuple[str, ...] = ()
    metric: str | None = None
    because: tuple[str, ...] = ()


def win_level(experiment: Experiment) -> float:
    """The level of the primary metric's always-valid interval of each variant."""
    return experiment.alpha / max(1, len(experiment.variants) - 1)


def harm_level(experiment: Experiment) -> float:
    """The level of every interval that can stop the experiment for harm."""
    return win_level(experiment) / (1 + sum(watched(experiment, metric) for metric in experiment.metrics[1:]))


def watched(experiment: Experiment, metric: ExperimentMetric) -> bool:
    """Whether harm to this metric stops the experiment."""
    return metric.learning or metric.name in experiment.guardrails or metric.name == experiment.primary.name


def good_side(effect: VariantEffect, better: str) -> bool:
    """Whether the always-valid interval lies wholly on the side that is better."""
    low, high = effect.always_valid.low, effect.always_valid.high
    return (low is not None and low > 0) if better == "up" else (high is not None and high < 0)


def judge(
    experiment: Experiment, metrics: Sequence[MetricAnalysis], *, alarm: bool, units: int, now: float
) -> Judgement:
    """What would be decided now, whether or not the experiment may be stopped by itself. `metrics`: the primary first."""
    until = now if experiment.ended_at is None else experiment.ended_at
    age = until - experiment.started_at if experiment.started_at is not None else 0.0
    over = experiment.started_at is not None and age >= experiment.duration_days * DAY
    primary, control = metrics[0], experiment.control.name
    harms = _harms(metrics)
    better = [effect for effect in primary.effects if good_side(effect, primary.better)]
    mature = not alarm and units >= experiment.min_participants and age >= LEAST_AGE
    reasons = {effect.variant: _against(effect.variant, experiment, metrics, harms) for effect in better}
    winners = [effect for effect in better if not reasons[effect.variant]] if mature else []
    if winners:
        best = max(winners, key=lambda effect: (effect.effect.absolute or 0.0) * (1 if primary.better == "up" else -1))
        return Judgement("win", best.variant, (best.variant,))
    stopping = [(metric, variant) for metric, variant in harms if metric != primary.metric]
    if not stopping and primary.effects and len(harms) == len(primary.effects):
        stopping = harms
    if stopping:
        return Judgement("harm", control, tuple(variant for _, variant in stopping), stopping[0][0])
    because = tuple(reason for effect in better for reason in reasons[effect.variant])
    about = tuple(effect.variant for effect in better)
    if alarm:
        return Judgement("duration" if over else "untrusted", None, about, None, ("shares",))
    if mature and futile(primary, experiment.minimum_effect):
        return Judgement("futility", control, tuple(effect.variant for effect in primary.effects))
    if over:
        return Judgement("duration", None, about, None, because)
    return Judgement("collecting" if units else "nothing", None, about, None, because)


def futile(primary: MetricAnalysis, minimum: float) -> bool:
    """Whether no variant can be as good as what is worth having."""
    return bool(primary.effects) and all(_misses(effect, primary.better, minimum) for effect in primary.effects)


def _harms(metrics: Sequence[MetricAnalysis]) -> list[tuple[str, str]]:
    """(metric, variant) of everything that is shown to be worse by more than its margin."""
    return [
        (metric.metric, effect.variant)
        for metric in metrics
        for effect in metric.effects
        if effect.harm is not None and effect.harm.harmed
    ]


def _against(
    variant: str, experiment: Experiment, metrics: Sequence[MetricAnalysis], harms: Sequence[tuple[str, str]]
) -> tuple[str, ...]:
    """The metrics that keep a variant with a better primary metric from winning; `ratings` where nothing but ratings is there."""
    harmed = tuple(metric for metric, of in harms if of == variant)
    if harmed:
        return harmed
    learning = [metric for metric in metrics[1:] if metric.learning]
    open_yet = tuple(metric.metric for metric in learning if not _kept(metric, variant))
    if open_yet or not experiment.primary.rating or not all(metric.rating for metric in learning):
        return open_yet
    guardrails = [metric for metric in metrics[1:] if metric.role == "guardrail" and not metric.rating]
    if any(_kept(metric, variant) for metric in guardrails):
        return ()
    return tuple(metric.metric for metric in guardrails) or ("ratings",)


def _kept(metric: MetricAnalysis, variant: str) -> bool:
    return any(effect.harm is not None and effect.harm.kept for effect in metric.effects if effect.variant == variant)


def _misses(effect: VariantEffect, better: str, minimum: float) -> bool:
    """Whether the always-valid interval excludes an effect as good as `minimum`."""
    low, high = effect.always_valid.relative.low, effect.always_valid.relative.high
    return (high is not None and high < minimum) if better == "up" else (low is not None and low > -minimum)
