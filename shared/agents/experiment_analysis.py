"""What an analysis of an experiment says, as a reply. No I/O.

Effects are a variant's less the control's: `absolute` in the metric's own unit, `relative` as a share of the control's (0.04 is 4 %).
An open end of an interval is null; so is whatever cannot be said, and `message` names why. No number is ever NaN or infinite.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

VerdictKind = Literal["win", "harm", "futility", "duration", "operator", "untrusted", "collecting", "nothing"]
"""win, harm, futility, duration: what was decided or would be now. untrusted: the shares of the variants are not what they should
be. collecting: too early to say. nothing: no data yet. operator: somebody decided."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class EffectSize(_Closed):
    """A number of the absolute and of the relative effect."""

    absolute: float | None = None
    relative: float | None = None


class ValueRange(_Closed):
    """An interval; an open end is null."""

    low: float | None = None
    high: float | None = None


class EffectInterval(ValueRange):
    """The fixed-horizon interval, right for one look at the planned end: of the absolute effect, and of the relative one."""

    alpha: float
    relative: ValueRange = Field(default_factory=ValueRange)


class AlwaysValidRange(ValueRange):
    """An interval that holds at every look at once, with the p value that does."""

    p_value: float | None = None


class AlwaysValid(AlwaysValidRange):
    """Of the absolute effect, and of the relative one. `alpha`: the share of experiments in which it may ever be wrong."""

    alpha: float
    relative: AlwaysValidRange = Field(default_factory=AlwaysValidRange)
    message: str | None = None


class Figures(_Closed):
    """An effect. `p_value` is two-sided, of the fixed horizon."""

    effect: EffectSize = Field(default_factory=EffectSize)
    standard_error: EffectSize = Field(default_factory=EffectSize)
    interval: EffectInterval
    p_value: float | None = None
    always_valid: AlwaysValid
    message: str | None = None


class Cuped(_Closed):
    """The effect with what was known of the units before their exposure taken out, and by how much the variance shrank."""

    used: bool
    variance_reduction_percent: float | None = None
    figures: Figures | None = None
    message: str | None = None


class Bayes(_Closed):
    """With flat priors: the probability that no other arm is better; what choosing it would be expected to lose, in the metric's unit."""

    probability_best: float | None = None
    expected_loss: float | None = None
    message: str | None = None


class Harm(_Closed):
    """Whether the metric got worse by more than `margin` (a share of the control's).

    `p_value`: one-sided, of "worse by the margin or more", fixed horizon. `kept`: the always-valid interval excludes such a loss.
    `harmed`: it lies wholly beyond the margin on the bad side, at `alpha`, which is shared among all that can stop the experiment.
    """

    margin: float
    p_value: float | None = None
    kept: bool = False
    harmed: bool = False
    alpha: float


class Power(_Closed):
    """What the units there are can show. `now`: the chance that a fixed-horizon test sees an effect of `minimum_effect` (relative).

    `minimum_detectable_effect`: what it would see with the wanted power. `units_still_needed` (of all variants) for the fixed
    horizon, `always_valid_units` for the figures that decide, `days_remaining` until there are those.
    """

    minimum_effect: float
    wanted: float
    now: float | None = None
    minimum_detectable_effect: float | None = None
    units_still_needed: int | None = None
    always_valid_units: int | None = None
    days_remaining: float | None = None
    message: str | None = None


class Arm(_Closed):
    """A metric in one variant. `units` were exposed; without a standard error there is nothing to be compared."""

    variant: str
    is_control: bool
    units: int
    mean: float | None = None
    standard_error: float | None = None
    bayes: Bayes = Field(default_factory=Bayes)
    message: str | None = None


class VariantEffect(Figures):
    """A metric's effect in one variant: with CUPED where it helps, else `plain`."""

    variant: str
    units: int
    adjusted_p_value: float | None = None
    bayes: Bayes = Field(default_factory=Bayes)
    power: Power | None = None
    harm: Harm | None = None
    cuped: Cuped | None = None
    plain: Figures


class MetricAnalysis(_Closed):
    """A metric. `correction`: of the p values, over the variants (primary) or over the secondary metrics and variants.

    A guardrail's `adjusted_p_value` is the one-sided one of its `harm`, as it is.
    """

    metric: str
    role: Literal["primary", "secondary", "guardrail"]
    kind: Literal["mean", "proportion", "ratio", "quantile"]
    better: Literal["up", "down"]
    quantile: float | None = None
    rating: bool = False
    learning: bool = False
    correction: Literal["holm", "benjamini-hochberg", "none"] = "none"
    arms: list[Arm] = Field(default_factory=list)
    effects: list[VariantEffect] = Field(default_factory=list)
    message: str | None = None


class SrmCheck(_Closed):
    """Whether units came in the shares they should (chi-square); `alarm` where that is less likely than 1 in 1,000."""

    p_value: float | None = None
    alarm: bool = False
    expected: dict[str, float] = Field(default_factory=dict)
    observed: dict[str, int] = Field(default_factory=dict)
    message: str | None = None


class Srm(_Closed):
    """Of the units as they were assigned, and of those that got what their variant prescribes."""

    assigned: SrmCheck
    delivered: SrmCheck


class Delivered(_Closed):
    """What a variant's units got; all of them are in the analysis all the same (intention to treat).

    `treated` got what is prescribed at least once. `answers` by the model that gave them (`cache`: a cached one, `none`: no model).
    """

    variant: str
    units: int
    treated: int
    treated_share: float | None = None
    prescribed: str | None = None
    answers: dict[str, int] = Field(default_factory=dict)
    prescribed_share: float | None = None


class EffectShown(ValueRange):
    """A relative effect of the primary metric with its fixed-horizon interval."""

    effect: float | None = None
    message: str | None = None


class NoveltyOfVariant(_Closed):
    """The primary metric's effect in the units' first days and after them. `p_value` of there being no difference (cautious:
    the same units are in both, which the test does not count on)."""

    variant: str
    early: EffectShown
    late: EffectShown
    difference: float | None = None
    p_value: float | None = None
    changing: bool = False
    message: str | None = None


class CohortEffect(EffectShown):
    """Of the units first exposed in one part of the experiment's duration (0 is the first)."""

    cohort: int
    variant: str
    units: int


class Novelty(_Closed):
    """Whether the effect wears off or grows."""

    variants: list[NoveltyOfVariant] = Field(default_factory=list)
    cohorts: list[CohortEffect] = Field(default_factory=list)
    message: str | None = None


class SliceShown(_Closed):
    """A part of a bandit's traffic: the shares its units got, and what it weighs in every mean."""

    slice: int
    opened_at: float
    shares: dict[str, float]
    units: int
    weight: float | None = None


class ExperimentPlan(_Closed):
    """Where the experiment stands. `days_remaining`: until the effect wanted would be seen; `days_left`: until its duration ends."""

    units: int
    target_participants: int
    progress: float
    units_per_day: float | None = None
    units_still_needed: int | None = None
    days_remaining: float | None = None
    days_left: float | None = None
    message: str | None = None


class LookShown(_Closed):
    """What the monitor saw at one moment: the primary metric's relative effect with its always-valid interval, by variant."""

    at: float
    units: int
    effects: dict[str, EffectShown]


class Verdict(_Closed):
    """A sentence for people, and what it rests on. `variant` is the one to keep, null where nothing can be said."""

    kind: VerdictKind
    sentence: str
    variant: str | None = None
    reasons: list[str] = Field(default_factory=list)


class Analysis(_Closed):
    """All that can be said of an experiment at `at` (Unix seconds). The primary metric comes first."""

    experiment_id: str
    name: str
    state: Literal["draft", "running", "stopped", "decided"]
    at: float
    units: int
    alpha: float
    method: str
    metrics: list[MetricAnalysis]
    srm: Srm
    delivered: list[Delivered]
    novelty: Novelty
    power: Power | None = None
    plan: ExperimentPlan
    slices: list[SliceShown] = Field(default_factory=list)
    looks: list[LookShown] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    assumptions: list[str] = Field(default_factory=list)
    verdict: Verdict
    message: str | None = None
