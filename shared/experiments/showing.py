"""Experiments as they are answered. Pure."""

from shared.agents.experiment_analysis import Analysis, EffectShown
from shared.agents.experiments_replies import (
    AnalysisLine,
    BuiltInMetric,
    DecisionShown,
    ExperimentLine,
    ExperimentReply,
    MetricShown,
    MetricsReply,
    MetricsShown,
    StatusReply,
    TargetingShown,
    TransitionShown,
    VariantShown,
)
from shared.experiments.catalogue import BUILT_IN
from shared.experiments.definition import PLAIN
from shared.experiments.problems import warnings
from shared.experiments.slices import traffic
from shared.stored.experiments import Experiment

_SAME = ("id", "state", *PLAIN, "created_at", "created_by", "started_at", "ended_at")


def shown(experiment: Experiment) -> ExperimentReply:
    """All of it."""
    decision = experiment.decision
    return ExperimentReply(
        **{name: getattr(experiment, name) for name in _SAME},
        experiment_id=experiment.id,
        experiment_type=experiment.kind,
        variants=[VariantShown(**one.model_dump()) for one in experiment.variants],
        metrics=_metrics(experiment),
        targeting=TargetingShown(**experiment.targeting.model_dump()),
        transitions=[TransitionShown(**one.model_dump()) for one in experiment.transitions],
        decision=None if decision is None else DecisionShown(**decision.model_dump()),
        warnings=warnings(experiment),
    )


def line(experiment: Experiment) -> ExperimentLine:
    """Its line in a list."""
    decision = experiment.decision
    return ExperimentLine(
        id=experiment.id,
        experiment_id=experiment.id,
        name=experiment.name,
        experiment_type=experiment.kind,
        state=experiment.state,
        traffic_allocation=experiment.traffic_allocation,
        created_at=experiment.created_at,
        started_at=experiment.started_at,
        ended_at=experiment.ended_at,
        winner=None if decision is None else decision.variant,
        sentence=None if decision is None else decision.sentence,
    )


def built_in() -> MetricsReply:
    """The metrics that the product measures by itself."""
    return MetricsReply(
        metrics=[BuiltInMetric(**one.metric.model_dump(), sentence=one.sentence) for one in BUILT_IN.values()]
    )


def status(experiment: Experiment, found: Analysis, *, waiting: bool, problems: list[str]) -> StatusReply:
    """Where it stands, out of its analysis."""
    started, ended = experiment.started_at, experiment.ended_at
    return StatusReply(
        id=experiment.id,
        experiment_id=experiment.id,
        name=experiment.name,
        state=experiment.state,
        at=found.at,
        participants={one.variant: one.units for one in found.delivered},
        total_participants=found.units,
        target_participants=experiment.target_participants,
        progress=found.plan.progress,
        traffic=traffic(experiment.running) if experiment.state == "running" and experiment.running else 0.0,
        days_running=None if started is None else max(0.0, ((ended or found.at) - started) / 86_400),
        days_left=found.plan.days_left if experiment.state == "running" else None,
        srm=found.srm,
        verdict=found.verdict,
        waiting=waiting,
        problems=problems,
    )


def analysed(experiment: Experiment, found: Analysis) -> AnalysisLine:
    """A running experiment's analysis in a line."""
    return AnalysisLine(
        experiment_id=experiment.id,
        name=experiment.name,
        state=experiment.state,
        participants=found.units,
        primary_metric=experiment.primary.name,
        effects=effects(found),
        srm_alarm=found.srm.assigned.alarm,
        days_left=found.plan.days_left,
        winner=found.verdict.variant,
        sentence=found.verdict.sentence,
    )


def concluded(experiment: Experiment) -> AnalysisLine:
    """An ended one's, as the monitor last saw it and as it was decided."""
    look = experiment.looks[-1] if experiment.looks else None
    seen = {} if look is None else look.effects
    decision = experiment.decision
    return AnalysisLine(
        experiment_id=experiment.id,
        name=experiment.name,
        state=experiment.state,
        participants=0 if look is None else look.units,
        primary_metric=experiment.primary.name,
        effects={name: EffectShown(effect=one[0], low=one[1], high=one[2]) for name, one in seen.items()},
        srm_alarm=False,
        days_left=None,
        winner=None if decision is None else decision.variant,
        sentence="Stopped without a decision." if decision is None else decision.sentence,
    )


def effects(found: Analysis) -> dict[str, EffectShown]:
    """The primary metric's relative effect by variant, with the interval that holds at every look."""
    return {
        one.variant: EffectShown(
            effect=one.effect.relative,
            low=one.always_valid.relative.low,
            high=one.always_valid.relative.high,
            message=one.message,
        )
        for metric in found.metrics[:1]
        for one in metric.effects
    }


def _metrics(experiment: Experiment) -> MetricsShown:
    names = [metric.name for metric in experiment.metrics]
    return MetricsShown(
        primary_metric=names[0],
        secondary_metrics=[name for name in names[1:] if name not in experiment.guardrails],
        guardrail_metrics=experiment.guardrails,
        definitions=[MetricShown(**metric.model_dump()) for metric in experiment.metrics],
    )
