"""What keeps an experiment from measuring what it is meant to, in sentences for operators. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shared.documents import LiveConfig
from shared.experiments.catalogue import BUILT_IN
from shared.stored.experiments import Experiment, ExperimentMetric, RunningExperiment, RunningVariant

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Here:
    """What this installation is like: the models that can be asked, those whose breaker is open, what is switched."""

    configured: Collection[str]
    unpriced: Collection[str]
    broken: Collection[str]
    live: LiveConfig
    enabled: bool


def warnings(experiment: Experiment) -> list[str]:
    """What an experiment cannot do as it is defined."""
    found = []
    primary, rest = experiment.primary, experiment.metrics[1:]
    agreeing = [one for one in rest if not one.rating and (one.learning or one.name in experiment.guardrails)]
    if primary.rating and not agreeing:
        found.append(
            f"{primary.name} is a rating, and a rating alone never decides for a variant: add a guardrail or a learning metric "
            "(next_item_correctness), or decide yourself."
        )
    if unbound := [one.name for one in experiment.metrics if one.name not in BUILT_IN and not bounded(one)]:
        found.append(f"{', '.join(unbound)}: without lowest and highest only services may send values, not learners.")
    configs = [variant.config for variant in experiment.variants]
    if all(config == configs[0] for config in configs):
        found.append("All variants are the same: this is an A/A test.")
    return found


def bounded(metric: ExperimentMetric) -> bool:
    """Whether no value of it can outweigh all others: only of such a metric learners may tell."""
    return metric.kind == "proportion" or (metric.lowest is not None and metric.highest is not None)


def problems(experiment: Experiment, here: Here, now: float) -> list[str]:
    """What is wrong with a running experiment just now; `now` is Unix seconds. Nothing for one that does not run."""
    running = experiment.running
    if experiment.state != "running" or running is None:
        return []
    found = [] if here.enabled else ["AB_TESTING_ENABLED is false: nobody is assigned."]
    found += [
        f"{variant.name}: {variant.prefer_model} {away}. Its units stay in it, and others answer meanwhile."
        for variant in running.variants
        if variant.prefer_model is not None and (away := _away(variant.prefer_model, here))
    ]
    found += [_beside(running, other) for other in here.live.experiments if _meets(running, other)]
    found += [
        f"The promoted winner of {one.experiment_id} changes {', '.join(same)} too: it holds where a variant changes nothing."
        for one in here.live.promotions
        if (same := sorted(_changes([one.variant]) & _changes(running.variants)))
    ]
    if experiment.started_at is not None and now >= experiment.started_at + experiment.duration_days * DAY:
        ends = "the monitor ends it at its next look" if experiment.auto_stop else "it has to be stopped by hand"
        found.append(f"Its duration is over: {ends}.")
    return found


def _away(model: str, here: Here) -> str:
    if model not in here.configured:
        return "is not configured here any more"
    if model in here.unpriced:
        return "has no price, or its vendor has retired it, and is not asked"
    if model in here.live.disabled_models:
        return "is switched off"
    return "is failing just now (its breaker is open)" if model in here.broken else ""


def _meets(running: RunningExperiment, other: RunningExperiment) -> bool:
    """Whether both may change the same thing for the same unit."""
    apart = running.layer is not None and running.layer == other.layer
    return other.id != running.id and not apart and bool(_changes(running.variants) & _changes(other.variants))


def _beside(running: RunningExperiment, other: RunningExperiment) -> str:
    same = ", ".join(sorted(_changes(running.variants) & _changes(other.variants)))
    return f"{other.id} changes {same} of the same units: put them into one layer next time."


def _changes(variants: Iterable[RunningVariant]) -> set[str]:
    found: set[str] = set()
    for variant in variants:
        named = {"model": variant.prefer_model, "instruction": variant.instruction, "algorithm": variant.algorithm}
        found |= {name for name, value in named.items() if value} | set(variant.live)
    return found
