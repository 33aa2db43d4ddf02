"""One metric of an experiment, in all its variants: estimates, effects, the Bayesian view, harm and power. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final, Literal

from shared.agents.experiment_analysis import Arm, Bayes, Harm, MetricAnalysis, Power, VariantEffect
from shared.experiments import arms, sketch
from shared.experiments.judgement import harm_level, watched, win_level
from shared.experiments.moments import Moments
from shared.experiments.stats.bayes import Better, Ranking, best
from shared.experiments.stats.effects import (
    Compared,
    Terms,
    common_slope,
    error_of,
    figures,
    finite,
    guarded,
    harm,
    held_against,
    of_quantile,
    summary,
    weight_of,
    with_cuped,
)
from shared.experiments.stats.power import power_of
from shared.experiments.stats.sequential import always_valid
from shared.experiments.stats.summaries import SumKind, Summary
from shared.experiments.totals import Histogram, Totals
from shared.stored.experiments import Experiment, ExperimentMetric

NO_WEIGHTS: Final = "quantiles cannot be weighted by slice: a bandit's are shown, not compared"
MOST_TIMES: Final = 2.0**20
"""Times the units there are beyond which nothing is worth waiting for."""

HEADROOM: Final = 2.0
"""Times the units planned for up to which the intervals are at their narrowest: at the plan itself they are as narrow as with 1, and
an experiment that more come to than was thought goes on being able to tell."""
LEAST_PLAN: Final = 200.0
LEAST_BEYOND: Final = 30.0
"""Events that an arm must have beyond a quantile for it to have an always-valid interval: of fewer, a group leaves none."""

Role = Literal["primary", "secondary", "guardrail"]


@dataclass(frozen=True, slots=True)
class Estimates:
    """A metric's estimates by variant, the sums that they are of where there are such, and what keeps them from being compared.

    `evidence`: how many units each estimate really rests on; `units`: how many were counted.
    """

    summaries: Mapping[str, Summary]
    evidence: Mapping[str, float]
    units: Mapping[str, int]
    moments: Mapping[str, Moments] | None = None
    kind: SumKind = "mean"
    message: str | None = None


def role_of(experiment: Experiment, metric: ExperimentMetric) -> Role:
    """What a metric is for."""
    if metric.name == experiment.primary.name:
        return "primary"
    return "guardrail" if metric.name in experiment.guardrails else "secondary"


def terms_of(experiment: Experiment, metric: ExperimentMetric, variant: str) -> Terms:
    """What its effect is judged by. The units planned for are fixed before the first one comes, as the intervals take it."""
    primary = role_of(experiment, metric) == "primary"
    shares = arms.shares(experiment)
    pair = shares.get(variant, 0.0) + shares.get(experiment.control.name, 0.0)
    if experiment.allocation == "thompson":
        pair = 2 / len(experiment.variants)
    return Terms(
        alpha=experiment.alpha,
        level=win_level(experiment) if primary else experiment.alpha,
        planned=max(LEAST_PLAN, HEADROOM * experiment.target_participants * pair),
    )


def measure(experiment: Experiment, metric: ExperimentMetric, totals: Totals) -> MetricAnalysis:
    """Everything about one metric; p values are not yet adjusted, and days are not yet told."""
    found = estimate(experiment, metric, totals)
    control = experiment.control.name
    effects, bases = [], {}
    if found.message is None:
        for variant in arms.others(experiment):
            effects.append(_effect(experiment, metric, found, control, variant))
            bases[variant] = effects[-1].cuped is not None and effects[-1].cuped.used
    views = rank(experiment, metric, found, adjusted=any(bases.values()))
    effects = [effect.model_copy(update={"bayes": views[effect.variant]}) for effect in effects]
    shown = [
        Arm(
            variant=name,
            is_control=name == control,
            units=found.units[name],
            mean=finite(one.mean) if one.n > 0 and one.flaw is None else None,
            standard_error=error_of(one),
            bayes=views[name],
            message=one.message,
        )
        for name, one in found.summaries.items()
    ]
    return MetricAnalysis(
        metric=metric.name,
        role=role_of(experiment, metric),
        kind=metric.kind,
        better=metric.better,
        quantile=metric.quantile,
        rating=metric.rating,
        learning=metric.learning,
        arms=shown,
        effects=effects,
        message=found.message or next((effect.message for effect in effects if effect.message), None),
    )


def estimate(experiment: Experiment, metric: ExperimentMetric, totals: Totals) -> Estimates:
    """Every variant's estimate of a metric."""
    bandit = experiment.allocation == "thompson"
    if metric.kind == "quantile":
        q, units = metric.quantile or 0.5, arms.arms(experiment, totals)
        groups = {name: totals.histograms.get((name, metric.name), ()) for name in units}
        quantiles = {name: _quantile(q, groups[name], arm.units) for name, arm in units.items()}
        beyond = {name: min(q, 1 - q) * sum(map(sketch.total, groups[name])) for name in units}
        evidence = {name: arm.units if beyond[name] >= LEAST_BEYOND else 0.0 for name, arm in units.items()}
        sizes = {name: arm.units for name, arm in units.items()}
        return Estimates(quantiles, evidence, sizes, message=NO_WEIGHTS if bandit else None)
    # A bandit's sums are weighted, so that a share's variance is no longer p(1 - p): as a mean it is right.
    kind: SumKind = "mean" if metric.kind == "proportion" and bandit else metric.kind
    moments = arms.moments(experiment, totals, metric.name)
    counted = {name: one.n for name, one in moments.items()}
    if bandit:
        counted = {name: arm.units for name, arm in arms.arms(experiment, totals).items()}
        shared = arms.moments(experiment, totals, metric.name, common=True)
        moments = {name: _wider(kind, one, shared[name]) for name, one in moments.items()}
    summaries = {name: summary(kind, one) for name, one in moments.items()}
    return Estimates(summaries, {name: weight_of(kind, one) for name, one in moments.items()}, counted, moments, kind)


def rank(
    experiment: Experiment, metric: ExperimentMetric, found: Estimates, *, adjusted: bool = False
) -> dict[str, Bayes]:
    """The Bayesian view of every arm, with one theta for all of them where CUPED is used."""
    summaries = dict(found.summaries)
    if adjusted and found.moments is not None:
        treatments = [found.moments[name] for name in arms.others(experiment)]
        theta = common_slope(found.kind, found.moments[experiment.control.name], treatments)
        summaries = {name: summary(found.kind, one, theta) for name, one in found.moments.items()}
    poor = next((f"{one.message} in {name}" for name, one in summaries.items() if one.message is not None), None)
    poor = found.message or poor
    views = dict.fromkeys(summaries, Bayes(message=poor))
    if poor is not None:
        return views
    posteriors = [(one.mean, (one.variance / one.n) ** 0.5) for one in summaries.values()]
    scale = max(max(abs(mean), sd) for mean, sd in posteriors)
    ranking = guarded(None, _ranking, posteriors, scale, metric.better)
    if ranking is None:
        return views
    return {
        name: Bayes(probability_best=finite(chance), expected_loss=finite(loss * scale))
        for name, chance, loss in zip(summaries, ranking.chances, ranking.losses, strict=True)
    }


def outlook(experiment: Experiment, terms: Terms, compared: Compared, units: int) -> Power:
    """Power for the effect worth having. The units of the pair are grown as a whole; `units` are those of all variants."""
    wanted, target = experiment.power, experiment.minimum_effect
    relative, alpha = compared.relative, terms.level
    said = Power(minimum_effect=target, wanted=wanted, message=relative.message)
    if relative.message is not None or target <= 0:
        return said
    error, n = _error_of_none(compared), relative.units
    reach = NormalDist().inv_cdf(1 - alpha / 2)

    def fixed(factor: float) -> bool:
        return power_of(target, error / factor**0.5, alpha=alpha) >= wanted

    def ever(factor: float) -> bool:
        smaller = error / factor**0.5
        half = _half(terms, smaller, n * factor, compared)
        return half is not None and NormalDist().cdf((target - half) / smaller) >= wanted

    now = guarded(None, _power, target, error, alpha)
    more, always = (_times(enough) for enough in (fixed, ever))
    return said.model_copy(
        update={
            "now": now,
            "minimum_detectable_effect": finite((reach + NormalDist().inv_cdf(wanted)) * error),
            "units_still_needed": None if more is None else ceil((more - 1) * units),
            "always_valid_units": None if always is None else ceil((always - 1) * units),
        }
    )


def _error_of_none(compared: Compared) -> float:
    """The relative effect's standard error if there were none: a plan must not depend on the effect that was seen."""
    one, other = compared.control, compared.treatment
    return sqrt(one.variance * (1 / one.n + 1 / other.n)) / abs(one.baseline)


def _power(target: float, error: float, alpha: float) -> float | None:
    return power_of(target, error, alpha=alpha)


def _ranking(posteriors: Sequence[tuple[float, float]], scale: float, better: Better) -> Ranking | None:
    return best([(mean / scale, sd / scale) for mean, sd in posteriors], better)


def _half(terms: Terms, error: float, units: float, compared: Compared) -> float | None:
    freedom = compared.relative.freedom
    found = guarded(None, always_valid, 0.0, error, units, alpha=terms.level, planned_n=terms.planned, freedom=freedom)
    return None if found is None else finite(found.high)


def _effect(
    experiment: Experiment, metric: ExperimentMetric, found: Estimates, control: str, variant: str
) -> VariantEffect:
    terms = terms_of(experiment, metric, variant)
    one, other = found.summaries[control], found.summaries[variant]
    least = min(found.evidence[control], found.evidence[variant])
    compared = replace(held_against(one, other, terms.alpha), least=least)
    plain = used = figures(compared, terms)
    cuped = None
    if found.moments is not None:
        cuped, compared = with_cuped(found.kind, found.moments[control], found.moments[variant], compared, terms)
        used = cuped.figures if cuped.used and cuped.figures is not None else plain
    hurt: Harm | None = None
    if watched(experiment, metric):
        margin = 0.0 if role_of(experiment, metric) == "primary" else metric.margin
        hurt = harm(compared, metric.better, margin, harm_level(experiment), terms)
    shown = VariantEffect(
        variant=variant, units=found.units[variant], cuped=cuped, plain=plain, harm=hurt, **dict(used)
    )
    if role_of(experiment, metric) != "primary":
        return shown
    units = sum(found.units.values())
    return shown.model_copy(update={"power": outlook(experiment, terms, compared, units)})


def _wider(kind: SumKind, own: Moments, common: Moments) -> Moments:
    """Those of two sums with the same means after which the estimate varies more."""
    return common if summary(kind, common).variance > summary(kind, own).variance else own


def _quantile(q: float, groups: Sequence[Histogram], units: int) -> Summary:
    """An arm's quantile of all events, with the error of leaving each group of units out in turn; empty groups are none."""
    some = [group for group in groups if group]
    whole = sketch.merged(some)
    left_out = []
    for group in some:
        sketch.merge(whole, group, -1)
        left_out.append(sketch.quantile(whole, q))
        sketch.merge(whole, group)
    return of_quantile(sketch.quantile(whole, q), left_out, units)


def _times(enough: Callable[[float], bool]) -> float | None:
    """The least multiple of the units there are (1 or more) that is enough, to a thousandth; None above MOST_TIMES."""
    if guarded(False, enough, 1.0):
        return 1.0
    high = 2.0
    while not guarded(False, enough, high):
        high *= 2
        if high > MOST_TIMES:
            return None
    low = high / 2
    while high - low > 1e-3 * low:
        middle = (low + high) / 2
        low, high = (low, middle) if guarded(False, enough, middle) else (middle, high)
    return high
