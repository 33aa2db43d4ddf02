"""Experiments: what is stored of them, of their units and of what has come in about them."""

from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, Field

from shared.stored.document import Document

SHARDS: Final = 32
"""Parts an experiment's sums are kept in; a unit belongs to one for ever. They are the groups of the jackknife too."""

Kind = Literal["model_selection", "prompt", "feature", "personalization", "optimization"]
State = Literal["draft", "running", "stopped", "decided"]
MetricKind = Literal["mean", "proportion", "ratio", "quantile"]


class Slice(BaseModel):
    """A part of the experiment's traffic with the shares its units got. Written when it is opened, never changed.

    `ranges` are half-open intervals of the hash that decides who is in. Widening traffic adds a slice; so does each round of a
    bandit, with shares of its own: no unit that is in ever moves. `weights` are in the order of the variants.
    """

    ranges: list[tuple[float, float]]
    weights: list[float]
    opened_at: float = 0


class RunningVariant(BaseModel):
    """One arm: its share of the experiment's traffic and what it changes."""

    name: str
    weight: float = Field(gt=0)
    prefer_model: str | None = None
    instruction: str = ""
    """Added to the agent's own prompt."""
    live: dict[str, Any] = Field(default_factory=dict)
    """LiveConfig fields that hold for its units."""
    algorithm: str | None = None
    """How the learner's feed is put in order."""


class Targeting(BaseModel):
    """Who may be in; an empty list is everybody. `agents`: where the variants matter."""

    languages: list[str] = Field(default_factory=list)
    platforms: list[str] = Field(default_factory=list)
    levels: list[str] = Field(default_factory=list)
    agents: list[str] = Field(default_factory=list)


class RunningExperiment(BaseModel):
    """What assignment needs of a running experiment; kept in LiveConfig so that the hot path reads nothing for it."""

    id: str
    salt: str
    layer: str | None = None
    """Experiments of one layer share no unit: their slices are disjoint ranges of the layer's hash."""
    slices: list[Slice]
    variants: list[RunningVariant]
    targeting: Targeting = Field(default_factory=Targeting)


class Promotion(BaseModel):
    """A winner's changes, for everybody, until they are taken back."""

    experiment_id: str
    variant: RunningVariant
    targeting: Targeting = Field(default_factory=Targeting)
    at: float
    by: str


class ExperimentMetric(BaseModel):
    """A metric and what it takes to say that it has got better.

    mean: a unit's sum. proportion: whether any of a unit's values is above 0. ratio: sum over sum of units (one value and one
    denominator an event), by the delta method. quantile: of all events' values. `margin`: how much worse a guardrail may get,
    as a share of the control's. `learning`: whether it tells of what was learnt; `rating`: whether it is only an opinion.
    `lowest`, `highest`: no value that is sent lies outside.
    """

    name: str
    kind: MetricKind
    better: Literal["up", "down"] = "up"
    quantile: float | None = None
    learning: bool = False
    rating: bool = False
    margin: float = 0.0
    lowest: float | None = None
    highest: float | None = None


class ExperimentVariant(BaseModel):
    """One arm as it was asked for. `config` is what the caller gave; what it comes to is in the RunningVariant of that name."""

    name: str
    description: str = ""
    config: dict[str, Any] = Field(default_factory=dict)
    is_control: bool = False
    weight: float


class Transition(BaseModel):
    """A change of an experiment: who, when, from which state to which, and why."""

    at: float
    by: str
    before: State | None
    after: State
    why: str = ""


class Decision(BaseModel):
    """What came of an experiment; made once. `variant` is the one to keep, None where nothing can be said."""

    at: float
    by: str
    kind: Literal["win", "harm", "futility", "duration", "operator"]
    variant: str | None
    sentence: str
    promoted: bool = False
    rolled_back_at: float | None = None


class Look(BaseModel):
    """What the monitor saw at one moment of the primary metric, by variant: the relative effect with its always-valid interval."""

    at: float
    units: int
    effects: dict[str, tuple[float | None, float | None, float | None]]


class Experiment(Document):
    """An experiment's definition and course. Written by operators and by the monitor: below 1 write/s. Kept for ever.

    `running` is what was put into LiveConfig when it was started (None before): slices and variants as units met them.
    """

    collection: ClassVar[str] = "experiments"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("-created_at",), ("state", "-created_at"))

    name: str
    description: str = ""
    kind: Kind
    state: State = "draft"
    variants: list[ExperimentVariant]
    metrics: list[ExperimentMetric]
    """The primary one first."""
    guardrails: list[str] = Field(default_factory=list)
    target_participants: int
    min_participants: int
    traffic_allocation: float
    duration_days: float
    layer: str | None = None
    targeting: Targeting = Field(default_factory=Targeting)
    allocation: Literal["fixed", "thompson"] = "fixed"
    alpha: float = 0.05
    power: float = 0.8
    minimum_effect: float = 0.05
    """The smallest relative effect on the primary metric that is worth having."""
    auto_stop: bool = True
    auto_promote: bool = False
    running: RunningExperiment | None = None
    created_at: float
    created_by: str
    started_at: float | None = None
    ended_at: float | None = None
    transitions: list[Transition] = Field(default_factory=list)
    decision: Decision | None = None
    looks: list[Look] = Field(default_factory=list)

    @property
    def primary(self) -> ExperimentMetric:
        """The metric that decides."""
        return self.metrics[0]

    @property
    def control(self) -> ExperimentVariant:
        """The variant that the others are held against."""
        return next(variant for variant in self.variants if variant.is_control)


class ExperimentUnit(Document):
    """One unit's part in one experiment. Id: a hash of both, so that no learner's id is in it. Written by the fold of its place.

    `body` is JSON (`shared.experiments.unit`): when it was first exposed, to which variant, its sums so far, and the ids of the
    events that are in them. Expires with the experiment's records.
    """

    collection: ClassVar[str] = "experiment_units"

    body: str


class ExperimentShard(Document):
    """The sums of a part of an experiment's units. Id: `experiment:shard`. Written by the fold of its place, at its own version.

    `body` is JSON (`shared.experiments.shards`): sums in whole numbers, and the moments of the first and the last exposure, of which
    only the least and the greatest is taken. So any order of events gives the same.
    """

    collection: ClassVar[str] = "experiment_shards"

    body: str
