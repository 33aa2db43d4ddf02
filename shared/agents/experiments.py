"""Experiments: typed requests. What they come to is checked and put together in `shared.experiments.definition`. No I/O."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.stored.experiments import Kind, MetricKind, State

MOST_VARIANTS = 8
MOST_METRICS = 12
LONGEST_DAYS = 180
MOST_OUTCOMES = 500
LARGEST = 1e12
"""No value of a metric is larger, either way: sums of more of them than there are learners stay exact."""
LISTED = 20

VariantName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.+-]*$")]
MetricName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
LayerName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
UnitId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:@-]+$")]
EventId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
Word = Annotated[str, Field(min_length=1, max_length=32)]
Sentence = Annotated[str, Field(max_length=500)]
Part = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Moment = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Value = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=1, le=LONGEST_DAYS, allow_inf_nan=False)]
Units = Annotated[int, Field(ge=1, le=100_000_000, strict=True)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class VariantDraft(_Closed):
    """One arm. `config` says what it changes (`shared.experiments.config`); {} leaves everything as it is.

    `weight` is its share of the experiment's units; where no variant has one, all get as many.
    """

    name: VariantName
    description: str = Field(default="", max_length=500)
    config: dict[str, Any] = Field(default_factory=dict)
    is_control: bool = False
    weight: Part | None = None


class MetricDraft(_Closed):
    """A metric of the caller's own, whose values come in as outcomes; of a built-in one only its `margin`.

    mean: a unit's sum. proportion: whether any of a unit's values is above 0. ratio: sum of values over sum of denominators.
    quantile: of all values. `margin`: how much worse a guardrail may get, as a share of the control's. `learning`: it tells of what
    was learnt; `rating`: it is only an opinion, which never decides alone.
    """

    name: MetricName
    kind: MetricKind | None = None
    better: Literal["up", "down"] = "up"
    quantile: float | None = Field(default=None, gt=0, lt=1, allow_inf_nan=False)
    learning: bool = False
    rating: bool = False
    margin: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)


class MetricsDraft(_Closed):
    """By name: the metric that decides, those that are watched, those that must not get worse, and what the caller's own ones are."""

    primary_metric: MetricName
    secondary_metrics: list[MetricName] = Field(default_factory=list, max_length=MOST_METRICS)
    guardrail_metrics: list[MetricName] = Field(default_factory=list, max_length=MOST_METRICS)
    definitions: list[MetricDraft] = Field(default_factory=list, max_length=MOST_METRICS)


class TargetingDraft(_Closed):
    """Who may be in; an empty list is everybody. `agents`: where the variants matter."""

    languages: list[Word] = Field(default_factory=list, max_length=50)
    platforms: list[Word] = Field(default_factory=list, max_length=50)
    levels: list[Word] = Field(default_factory=list, max_length=50)
    agents: list[Word] = Field(default_factory=list, max_length=50)


class ExperimentDraft(_Closed):
    """An experiment to be. Where `min_participants` or `duration_days` is left out, the installation's own setting holds.

    `traffic_allocation`: the share of all units that is in. Experiments of one `layer` share no unit. `minimum_effect`: the smallest
    relative effect on the primary metric that is worth having.
    """

    name: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=2_000)
    experiment_type: Kind
    variants: list[VariantDraft] = Field(min_length=2, max_length=MOST_VARIANTS)
    metrics: MetricsDraft
    target_participants: Units = 1_000
    traffic_allocation: Part = 1.0
    min_participants: Units | None = None
    duration_days: Days | None = None
    layer: LayerName | None = None
    targeting: TargetingDraft = Field(default_factory=TargetingDraft)
    allocation: Literal["fixed", "thompson"] = "fixed"
    alpha: float = Field(default=0.05, ge=0.001, le=0.2, allow_inf_nan=False)
    power: float = Field(default=0.8, ge=0.5, le=0.99, allow_inf_nan=False)
    minimum_effect: float = Field(default=0.05, ge=0.001, le=5, allow_inf_nan=False)
    auto_stop: bool = True
    auto_promote: bool = False


class ExperimentChange(_Closed):
    """What is to be changed; what is left out stays. A draft can be changed in everything, a running experiment in five fields."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    description: str | None = Field(default=None, max_length=2_000)
    experiment_type: Kind | None = None
    variants: list[VariantDraft] | None = Field(default=None, min_length=2, max_length=MOST_VARIANTS)
    metrics: MetricsDraft | None = None
    target_participants: Units | None = None
    traffic_allocation: Part | None = None
    min_participants: Units | None = None
    duration_days: Days | None = None
    layer: LayerName | None = None
    targeting: TargetingDraft | None = None
    allocation: Literal["fixed", "thompson"] | None = None
    alpha: float | None = Field(default=None, ge=0.001, le=0.2, allow_inf_nan=False)
    power: float | None = Field(default=None, ge=0.5, le=0.99, allow_inf_nan=False)
    minimum_effect: float | None = Field(default=None, ge=0.001, le=5, allow_inf_nan=False)
    auto_stop: bool | None = None
    auto_promote: bool | None = None


class StartRequest(_Closed):
    """Why it is started, for its course."""

    reason: Sentence = ""


class StopRequest(_Closed):
    """Why it is stopped. With a `winner` it is decided by it, for good; `promote` gives the winner's changes to everybody."""

    reason: Sentence = ""
    winner: VariantName | None = None
    promote: bool = False


class RollbackRequest(_Closed):
    """Why the winner is taken back from everybody."""

    reason: Sentence = ""


class ExperimentsQuery(_Closed):
    """A page of experiments, newest first: created before `before` (the last page's `next`)."""

    state: State | None = None
    before: Moment | None = None
    limit: int = Field(default=LISTED, ge=1, le=100)


class AssignRequest(_Closed):
    """Which variant is this unit's? `expose` false: without telling anybody that the unit was shown it.

    `language`, `platform` and `level` say who the unit is where an experiment is for some only; without them the learner's profile does.
    """

    unit_id: UnitId
    expose: bool = True
    language: Word | None = None
    platform: Word | None = None
    level: Word | None = None


class OutcomeDraft(_Closed):
    """A value of a metric. The same `event_id` of a unit and metric counts once, however often it is sent.

    `denominator` is a ratio's. `timestamp` and `sent_at` are of the sender's clock (Unix seconds): the value counts for as long ago as lies
    between them. Without both it counts for when it came in. A sender that tries again gives the moment of that try.
    """

    unit_id: UnitId
    metric: MetricName
    value: Value
    event_id: EventId
    denominator: float = Field(default=1.0, ge=0, le=LARGEST, allow_inf_nan=False)
    timestamp: Moment | None = None
    sent_at: Moment | None = None


def _listed(given: object) -> object:
    return given if isinstance(given, list) else [given]


OutcomesRequest = Annotated[
    list[OutcomeDraft],
    BeforeValidator(_listed, json_schema_input_type=OutcomeDraft | list[OutcomeDraft]),
    Field(min_length=1, max_length=MOST_OUTCOMES),
]
"""One outcome, or an array of them."""
