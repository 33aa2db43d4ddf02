"""Experiments: typed requests. What they come to is checked and put together in `shared.experiments.definition`. No I/O."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from shared.documents import Language
from shared.stored.experiments import Kind, MetricKind, State

MOST_VARIANTS = 8
MOST_METRICS = 12
LONGEST_DAYS = 180
MOST_OUTCOMES = 500
LARGEST = 1e12
"""No value of a metric is larger, either way: sums of more of them than there are learners stay exact."""
LISTED = 20
MOST_QUANTILES = 3
"""Each has the values of all its units' events kept."""

Level = Literal["beginner", "intermediate", "advanced"]
Platform = Literal["ios", "android", "web", "other"]

VariantName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.+-]*$")]
MetricName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
LayerName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
UnitId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:@-]+$")]
EventId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
Word = Annotated[str, Field(min_length=1, max_length=32)]
Sentence = Annotated[str, Field(max_length=500)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
"""No text that reads as one, and no true."""
Part = Annotated[Number, Field(gt=0, le=1)]
Moment = Annotated[Number, Field(ge=0, le=1e11)]
Value = Annotated[Number, Field(ge=-LARGEST, le=LARGEST)]
Days = Annotated[Number, Field(ge=1, le=LONGEST_DAYS)]
Alpha = Annotated[Number, Field(ge=0.001, le=0.2)]
Power = Annotated[Number, Field(ge=0.5, le=0.99)]
Effect = Annotated[Number, Field(ge=0.001, le=5)]
Units = Annotated[int, Field(ge=1, le=100_000_000, strict=True)]


def _folded(given: object) -> object:
    return given.strip().lower() if isinstance(given, str) else given


Folded = BeforeValidator(_folded)
"""Words that are the same in capitals."""


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
    was learnt; `rating`: it is only an opinion, which never decides alone. `lowest`, `highest`: no value is outside, and whoever
    sends one is refused (a proportion's are 0 to 1 by themselves). Learners may send values only where both are given, or of a
    proportion: one learner's value could outweigh everybody's otherwise.
    """

    name: MetricName
    kind: MetricKind | None = None
    better: Literal["up", "down"] = "up"
    quantile: Number | None = Field(default=None, gt=0, lt=1)
    learning: bool = False
    rating: bool = False
    margin: Number | None = Field(default=None, ge=0, le=1)
    lowest: Value | None = None
    highest: Value | None = None


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
    alpha: Alpha = 0.05
    power: Power = 0.8
    minimum_effect: Effect = 0.05
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
    alpha: Alpha | None = None
    power: Power | None = None
    minimum_effect: Effect | None = None
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

    @field_validator("promote")
    @classmethod
    def _has_a_winner(cls, promote: bool, info: ValidationInfo) -> bool:
        if promote and "winner" in info.data and info.data["winner"] is None:
            raise ValueError("Needs a winner: it is the winner that is given to everybody")
        return promote


class RollbackRequest(_Closed):
    """Why the winner is taken back from everybody."""

    reason: Sentence = ""


class ExperimentsQuery(_Closed):
    """A page of experiments, newest first: created before `before` (the last page's `next`)."""

    state: State | None = None
    before: float | None = Field(default=None, ge=0, le=1e11, allow_inf_nan=False)
    limit: int = Field(default=LISTED, ge=1, le=100)


class AssignRequest(_Closed):
    """Which variant is this unit's? `expose` false: without telling anybody that the unit was shown it.

    `language`, `platform` and `level` say who the unit is where an experiment is for some only; without them the learner's profile
    and the header X-Client-Platform do.
    """

    unit_id: UnitId
    expose: bool = True
    language: Annotated[Language, Folded] | None = None
    platform: Annotated[Platform, Folded] | None = None
    level: Annotated[Level, Folded] | None = None


class OutcomeDraft(_Closed):
    """A value of a metric. The same `event_id` of a unit and metric counts once, however often it is sent.

    `denominator` is a ratio's; a learner's is 1 at most. `timestamp` and `sent_at` are of the sender's clock (Unix seconds): the value counts for as long ago as lies
    between them. Without both it counts for when it came in, and can be told from a repeat only while it is among the unit's newest
    2,000 events. A sender that tries again gives the moment of that try.
    """

    unit_id: UnitId
    metric: MetricName
    value: Value
    event_id: EventId
    denominator: Number = Field(default=1.0, ge=0, le=LARGEST)
    timestamp: Moment | None = None
    sent_at: Moment | None = None


def _listed(given: object) -> object:
    """A single outcome is read here, so that its faults are named without a place in an array."""
    return given if isinstance(given, list) else [OutcomeDraft.model_validate(given)]


OutcomesRequest = Annotated[
    list[OutcomeDraft],
    BeforeValidator(_listed, json_schema_input_type=OutcomeDraft | list[OutcomeDraft]),
    Field(min_length=1, max_length=MOST_OUTCOMES),
]
"""One outcome, or an array of them."""
