"""Outcomes from outside: which of them count, for when, and why the others do not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.activity.events import Outcome
from shared.agents.experiments import OutcomeDraft
from shared.errors import Conflict, Forbidden, InvalidRequest
from shared.experiments.catalogue import BUILT_IN
from shared.experiments.problems import bounded
from shared.experiments.slices import arm_of
from shared.stored.experiments import Experiment, ExperimentMetric

LATE_SECONDS: Final = 86_400.0
"""So long after an experiment's end outcomes of before it still count."""


@dataclass(slots=True)
class Intake:
    """The events to be counted, and (event id, reason) of what does not count."""

    events: list[Outcome] = field(default_factory=list)
    ignored: list[tuple[str, str]] = field(default_factory=list)


def take_in(
    experiment: Experiment, drafts: Sequence[OutcomeDraft], *, learner: str | None, now: float, many: bool = True
) -> Intake:
    """What becomes of these outcomes. `learner`: who sends them, None for those who may send any; `now` is the server's clock.

    `many`: whether an array was sent, whose places faults are named by. Raises Forbidden where a learner tells of others, of what
    the product measures itself or of a metric without bounds, InvalidRequest for a metric that the experiment does not have and for
    a value outside a metric's bounds, and Conflict for an experiment that was never started.
    """
    _require_theirs(experiment, drafts, learner, many)
    _require_bounds(experiment, drafts, learner, many)
    if experiment.running is None:
        raise Conflict(f"The experiment is {experiment.state}: it has no units yet.")
    found = Intake()
    seen: set[tuple[str, str, str]] = set()
    for draft in drafts:
        at = when(draft, now)
        key = (draft.unit_id, draft.metric, draft.event_id)
        if key in seen:
            found.ignored.append((draft.event_id, "the same event again"))
        elif experiment.ended_at is not None and (at or now) > experiment.ended_at:
            found.ignored.append((draft.event_id, "after the experiment's end"))
        elif experiment.ended_at is not None and now > experiment.ended_at + LATE_SECONDS:
            found.ignored.append((draft.event_id, "more than a day after the experiment's end"))
        elif arm_of(experiment.running, draft.unit_id) is None:
            found.ignored.append((draft.event_id, "the unit is not in the experiment"))
        else:
            found.events.append(_event(experiment.id, draft, at))
        seen.add(key)
    return found


def when(draft: OutcomeDraft, now: float) -> float | None:
    """When it happened by the server's clock, None for "when it came in".

    A device's clock may be years off. How long ago something was by that clock is believed all the same, so both its moments are
    needed; what lies in its own future happened when it was sent.
    """
    if draft.timestamp is None or draft.sent_at is None:
        return None
    return now - max(0.0, draft.sent_at - draft.timestamp)


def _event(experiment_id: str, draft: OutcomeDraft, at: float | None) -> Outcome:
    return Outcome(
        unit=draft.unit_id,
        id=f"o:{draft.metric}:{draft.event_id}",
        experiment=experiment_id,
        metric=draft.metric,
        value=draft.value,
        den=draft.denominator,
        at=at,
    )


def _require_theirs(experiment: Experiment, drafts: Sequence[OutcomeDraft], learner: str | None, many: bool) -> None:
    known = [metric.name for metric in experiment.metrics]
    own = [name for name in known if name not in BUILT_IN]
    if learner is not None:
        if any(draft.unit_id != learner for draft in drafts):
            raise Forbidden("Outcomes of somebody else.")
        if measured := sorted({draft.metric for draft in drafts} & BUILT_IN.keys()):
            raise Forbidden(f"{', '.join(measured)}: the product measures this itself.")
    may = known if learner is None else own
    wrong = [(place, draft.metric) for place, draft in enumerate(drafts) if draft.metric not in may]
    if wrong:
        takes = f"the experiment takes {', '.join(may) or 'none'}"
        raise InvalidRequest(
            "The experiment has no such metric.",
            fields=[(_path(place, "metric", many), f"No metric {name!r}: {takes}") for place, name in wrong],
        )
    if learner is not None and (
        told := sorted({one.metric for one in drafts if not bounded(_metric(experiment, one))})
    ):
        raise Forbidden(
            f"{', '.join(told)}: learners tell only of metrics that are defined with lowest and highest, and of proportions."
        )


def _require_bounds(experiment: Experiment, drafts: Sequence[OutcomeDraft], learner: str | None, many: bool) -> None:
    wrong: list[tuple[str, str]] = []
    for place, draft in enumerate(drafts):
        metric = _metric(experiment, draft)
        low, high = (0.0, 1.0) if metric.kind == "proportion" else (metric.lowest, metric.highest)
        if (low is not None and draft.value < low) or (high is not None and draft.value > high):
            wrong.append((_path(place, "value", many), f"{metric.name} takes {_between(low, high)}"))
        if learner is not None and metric.kind == "ratio" and draft.denominator > 1:
            wrong.append((_path(place, "denominator", many), f"{metric.name}: a learner's denominator is 1 at most"))
    if wrong:
        raise InvalidRequest(f"{wrong[0][1]}.", fields=wrong)


def _metric(experiment: Experiment, draft: OutcomeDraft) -> ExperimentMetric:
    return next(one for one in experiment.metrics if one.name == draft.metric)


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"values of {high:.15g} at most"
    return f"values of {low:.15g} at least" if high is None else f"values from {low:.15g} to {high:.15g}"


def _path(place: int, name: str, many: bool) -> str:
    return f"{place}.{name}" if many else name
