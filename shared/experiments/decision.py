"""When an experiment ends by itself, and with what (`shared.experiments.judgement` has the rules and their error rates). Pure."""

from typing import Final

from shared.agents.experiment_analysis import Analysis, VerdictKind
from shared.experiments.judgement import judge
from shared.experiments.verdict import say
from shared.stored.experiments import Decision, Experiment

BY: Final = "monitor"
ENDS: Final[frozenset[VerdictKind]] = frozenset(("win", "harm", "futility", "duration"))


def decide(experiment: Experiment, analysis: Analysis, now: float) -> Decision | None:
    """What ends the experiment, None where it goes on: nothing ends it twice, nor where its owner wants to do so (`auto_stop`)."""
    if experiment.state != "running" or experiment.decision is not None or not experiment.auto_stop:
        return None
    found = judge(experiment, analysis.metrics, alarm=analysis.srm.assigned.alarm, units=analysis.units, now=now)
    if found.kind not in ENDS:
        return None
    sentence = say(experiment, analysis.metrics, analysis.srm, found, analysis.plan).sentence
    return Decision.model_validate(
        {"at": now, "by": BY, "kind": found.kind, "variant": found.variant, "sentence": sentence}
    )
