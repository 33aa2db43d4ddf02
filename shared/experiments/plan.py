"""How long an experiment still takes at the rate at which units come. Pure."""

from math import ceil, isfinite
from typing import Final

from shared.agents.experiment_analysis import ExperimentPlan
from shared.experiments.totals import Totals
from shared.stored.experiments import Experiment

DAY: Final = 86_400.0
LEAST_TIME: Final = 3_600.0
"""Seconds of collecting before a rate is said: the first minutes' learners are no day's."""
FOREVER: Final = 3_650.0
"""Days above which nothing is foretold."""


def rate(totals: Totals, units: int, now: float) -> float | None:
    """Units a day since the first was exposed; None before LEAST_TIME or where none was."""
    if totals.first_exposure is None or units < 1 or now - totals.first_exposure < LEAST_TIME:
        return None
    found = units / (now - totals.first_exposure) * DAY
    return found if isfinite(found) and found > 0 else None


def days(units: int | None, a_day: float | None) -> float | None:
    """How long `units` more take; None where that is unknown or longer than FOREVER."""
    if units is None or a_day is None:
        return None
    found = units / a_day
    return round(found, 1) if found <= FOREVER else None


def plan(experiment: Experiment, totals: Totals, units: int, needed: int | None, now: float) -> ExperimentPlan:
    """Where it stands. `needed`: units still needed to see the effect wanted, None where that cannot be said."""
    a_day = rate(totals, units, now)
    left = None
    if experiment.started_at is not None and experiment.state == "running":
        left = round(max(0.0, experiment.started_at + experiment.duration_days * DAY - now) / DAY, 2)
    missing = max(0, experiment.min_participants - units)
    if needed is not None:
        missing = max(missing, needed)
    remaining = days(missing, a_day) if needed is not None or missing else None
    message = None
    if a_day is None:
        message = "no units yet" if not units else "too early to say how many units come in a day"
    elif remaining is not None and left is not None and remaining > left:
        message = f"at this rate the experiment ends {ceil(remaining - left)} days before it can tell"
    return ExperimentPlan(
        units=units,
        target_participants=experiment.target_participants,
        progress=min(1.0, units / experiment.target_participants) if experiment.target_participants > 0 else 1.0,
        units_per_day=None if a_day is None else round(a_day, 2),
        units_still_needed=missing if needed is not None or missing else None,
        days_remaining=remaining,
        days_left=left,
        message=message,
    )
