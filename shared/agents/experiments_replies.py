"""Experiments: what is answered. Times are Unix seconds. No I/O; the analysis is in `shared.agents.experiment_analysis`."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.agents.experiment_analysis import EffectShown, Srm, Verdict
from shared.stored.experiments import Kind, MetricKind, State


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class VariantShown(_Closed):
    """One arm; `weight` is its share of the experiment's units."""

    name: str
    description: str
    config: dict[str, Any]
    is_control: bool
    weight: float


class MetricShown(_Closed):
    """A metric and what it takes to say that it has got better; `margin`: how much worse a guardrail may get, of the control's.

    `lowest`, `highest`: what lies outside is refused.
    """

    name: str
    kind: MetricKind
    better: Literal["up", "down"]
    quantile: float | None
    learning: bool
    rating: bool
    margin: float
    lowest: float | None
    highest: float | None


class MetricsShown(_Closed):
    """By name, and what each of them is."""

    primary_metric: str
    secondary_metrics: list[str]
    guardrail_metrics: list[str]
    definitions: list[MetricShown]


class TargetingShown(_Closed):
    """Who may be in; an empty list is everybody."""

    languages: list[str]
    platforms: list[str]
    levels: list[str]
    agents: list[str]


class TransitionShown(_Closed):
    """A step of its course: who took it, when, and why."""

    at: float
    by: str
    before: State | None
    after: State
    why: str


class DecisionShown(_Closed):
    """What came of it; `variant` is the one to keep, null where nothing can be said. `promoted`: it was given to everybody."""

    at: float
    by: str
    kind: Literal["win", "harm", "futility", "duration", "operator"]
    variant: str | None
    sentence: str
    promoted: bool
    rolled_back_at: float | None


class ExperimentReply(_Closed):
    """An experiment with its course. `id` and `experiment_id` are the same. `warnings`: what it cannot do as it is defined."""

    id: str
    experiment_id: str
    name: str
    description: str
    experiment_type: Kind
    state: State
    variants: list[VariantShown]
    metrics: MetricsShown
    target_participants: int
    min_participants: int
    traffic_allocation: float
    duration_days: float
    layer: str | None
    targeting: TargetingShown
    allocation: Literal["fixed", "thompson"]
    alpha: float
    power: float
    minimum_effect: float
    auto_stop: bool
    auto_promote: bool
    created_at: float
    created_by: str
    started_at: float | None
    ended_at: float | None
    transitions: list[TransitionShown]
    decision: DecisionShown | None
    warnings: list[str]


class ExperimentLine(_Closed):
    """An experiment in a list. `sentence`: what was decided."""

    id: str
    experiment_id: str
    name: str
    experiment_type: Kind
    state: State
    traffic_allocation: float
    created_at: float
    started_at: float | None
    ended_at: float | None
    winner: str | None
    sentence: str | None


class ExperimentsReply(_Closed):
    """Newest first. `next`: what to give as `before` for the next page; null where this may be the last."""

    experiments: list[ExperimentLine]
    next: float | None


class BuiltInMetric(MetricShown):
    """A metric that the product measures by itself."""

    sentence: str


class MetricsReply(_Closed):
    """What the product measures of every experiment by itself."""

    metrics: list[BuiltInMetric]


class StatusReply(_Closed):
    """Where an experiment stands at `at`. `participants`: units that met their variant, by variant; `progress` of the target, up to 1.

    `traffic`: the share of all units that is in now. `waiting`: there are events that are not counted yet. `problems`: what keeps it
    from measuring what it is meant to.
    """

    id: str
    experiment_id: str
    name: str
    state: State
    at: float
    participants: dict[str, int]
    total_participants: int
    target_participants: int
    progress: float
    traffic: float
    days_running: float | None
    days_left: float | None
    srm: Srm
    verdict: Verdict
    waiting: bool
    problems: list[str]


class AnalysisLine(_Closed):
    """An experiment in a line: the primary metric's relative effect by variant, with the interval that holds at every look."""

    experiment_id: str
    name: str
    state: State
    participants: int
    primary_metric: str
    effects: dict[str, EffectShown]
    srm_alarm: bool
    days_left: float | None
    winner: str | None
    sentence: str


class AnalysesReply(_Closed):
    """All that run, and what ended in the last 30 days (20 at most); newest first. `failed`: could not be analysed now.

    `warnings`: what these figures lack.
    """

    at: float
    experiments: list[AnalysisLine]
    failed: list[str]
    warnings: list[str]


class AssignReply(_Closed):
    """`variant` is null where the unit is not in. `promoted`: the experiment is over, and `config` is its winner's, for everybody.

    Of `config` a learner sees what is the app's to do (the flags of a `feature`), operators and services all of it.
    """

    experiment_id: str
    unit_id: str
    variant: str | None
    config: dict[str, Any]
    promoted: bool = False


class IgnoredOutcome(_Closed):
    """An outcome that does not count, and why."""

    event_id: str
    reason: str


class OutcomesReply(_Closed):
    """How many are stored to be counted within a minute (`accepted`), how many do not count, how often why, and the first 20 of them.

    What is accepted counts for nothing all the same where its unit is never exposed, or its `event_id` has come before.
    """

    accepted: int
    ignored: int
    reasons: dict[str, int]
    examples: list[IgnoredOutcome]


class FoldReply(_Closed):
    """How many events were counted; `aside`: that could not be. `failed`: parts of the outbox to be tried again. `more`: call again."""

    events: int
    batches: int
    aside: int
    failed: list[str]
    more: bool


class MonitoredExperiment(_Closed):
    """What the monitor saw of one experiment, and what it did: `decided`, `round` (a bandit's next part), or nothing."""

    experiment_id: str
    state: State
    units: int
    did: Literal["nothing", "decided", "round", "failed"]
    sentence: str


class MonitorReply(_Closed):
    """`waiting`: there are events that are not counted yet."""

    experiments: list[MonitoredExperiment]
    waiting: bool
