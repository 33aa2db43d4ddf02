"""What counting has to know of an experiment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.experiments.slices import slice_of
from shared.stored.experiments import Experiment, ExperimentMetric, RunningExperiment

COHORTS: Final = 8
"""Parts of equal length that an experiment's duration is cut into: a unit is of the one that it was first exposed in."""
AFTER_END: Final = 86_400.0
"""Seconds that events may take to come in after an experiment's end."""
_DAY: Final = 86_400.0

Cell = tuple[str, int, int]
"""Variant, slice, cohort: where a unit is counted."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`prefers`: the model each variant asks for, None where it asks for none. Times are Unix seconds."""

    id: str
    metrics: Mapping[str, ExperimentMetric]
    primary: str
    prefers: Mapping[str, str | None]
    running: RunningExperiment
    bandit: bool
    started_at: float
    ended_at: float | None
    cohort_seconds: float

    def takes(self, at: float) -> bool:
        """Whether an event that came in at this moment is still counted."""
        return self.ended_at is None or at <= self.ended_at + AFTER_END

    def cell(self, unit: str, variant: str, first: float) -> Cell:
        """Where a unit is counted that was first exposed then. Slices tell apart only under a bandit, cohorts only without."""
        if self.bandit:
            return variant, slice_of(self.running, unit) or 0, 0
        cohort = int((first - self.started_at) // self.cohort_seconds)
        return variant, 0, min(max(cohort, 0), COHORTS - 1)


def rules_of(experiment: Experiment) -> Rules | None:
    """None for an experiment that has not been started."""
    running, started_at = experiment.running, experiment.started_at
    if running is None or started_at is None:
        return None
    return Rules(
        id=experiment.id,
        metrics={metric.name: metric for metric in experiment.metrics},
        primary=experiment.primary.name,
        prefers={variant.name: variant.prefer_model for variant in running.variants},
        running=running,
        bandit=experiment.allocation == "thompson",
        started_at=started_at,
        ended_at=experiment.ended_at,
        cohort_seconds=max(experiment.duration_days, 1e-3) * _DAY / COHORTS,
    )
