"""Feedback on answers: typed requests and replies. No I/O, and no prompt: feedback asks no model."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.documents import Language
from shared.stored.feedback import Flag

LISTED = 20

RequestId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
UserId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:@-]+$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Agent = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z_]+$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class AnswerQuality(_Closed):
    """An assessor's judgement of an answer, 0 (fails) to 1 (perfect); what is left out was not judged."""

    accuracy: Share | None = None
    helpfulness: Share | None = None
    clarity: Share | None = None
    pedagogy: Share | None = None
    safety: Share | None = None


class FeedbackRequest(_Closed):
    """What is thought of the answer to one request. What is given replaces what was given before; what is left out stays.

    `rating`, `comment`, `correction` and `flags` are the learner's, `quality` is an admin's or a service's. An empty text or list
    takes it back. `user_id` says whose request an assessor means: callers may name theirs alike.
    """

    request_id: RequestId
    user_id: UserId | None = None
    rating: int | None = Field(default=None, ge=1, le=5, strict=True)
    comment: str | None = Field(default=None, max_length=2_000)
    correction: str | None = Field(default=None, max_length=4_000)
    flags: list[Flag] | None = Field(default=None, max_length=4)
    quality: AnswerQuality | None = None


class FeedbackShown(_Closed):
    """Feedback on one answer. Times are Unix seconds."""

    request_id: str
    message_id: str
    agent: str
    model: str
    language: str
    answered_at: float
    updated_at: float
    rating: int | None
    comment: str | None
    correction: str | None
    flags: list[Flag]
    quality: dict[str, float]


class MineQuery(_Closed):
    """A page of one's own feedback: what was changed before `before` (the last page's `next`)."""

    before: float | None = Field(default=None, ge=0, le=1e11, allow_inf_nan=False)
    limit: int = Field(default=LISTED, ge=1, le=100)
    user_id: UserId | None = None
    """Somebody else's: admins only."""


class MineReply(_Closed):
    """Newest change first."""

    feedback: list[FeedbackShown]
    next: float | None


class OwnerQuery(_Closed):
    """Whose: the caller's own, or for admins somebody else's."""

    user_id: UserId | None = None


class ForgottenReply(_Closed):
    """How many were deleted. `more`: call again."""

    deleted: int
    more: bool


class SummaryQuery(_Closed):
    """The answers of the last `days`, of one agent or model or language, and apart by language where wished."""

    days: int = Field(default=30, ge=1, le=90)
    agent: Agent | None = None
    model: str | None = Field(default=None, min_length=1, max_length=128)
    language: Language | None = None
    by_language: bool = False


class ReportQuery(_Closed):
    """The last `days` against as many before them."""

    days: int = Field(default=30, ge=1, le=90)


class FeedbackEstimate(_Closed):
    """A figure with its 95 % interval; null where nothing was observed."""

    value: float | None
    low: float | None
    high: float | None


class FeedbackCell(_Closed):
    """Feedback on the answers of one agent by one model. `language` is null where all are together.

    Mean rating: Student's t; shares: Wilson's score interval. Cost, latency and attempts are means over the answers that got
    feedback, all attempts of an answer together.
    """

    agent: str
    model: str
    language: str | None
    answers: int
    ratings: int
    rating: FeedbackEstimate
    flagged: FeedbackEstimate
    flags: dict[str, int]
    comments: int
    corrections: int
    assessed: int
    quality: float | None
    attempts: float
    failed_attempts: float
    cost_usd: float
    latency_ms: float


class FleetTraffic(_Closed):
    """All answers of one agent by one model, with and without feedback: by how they ended, and their mean time."""

    agent: str
    model: str
    answers: int
    outcomes: dict[str, int]
    latency_ms: float | None


class FleetCalls(_Closed):
    """All calls of one model: the failed ones by how they failed, and the money."""

    model: str
    failed: dict[str, int]
    cost_usd: float


class FleetPeriod(_Closed):
    """What the fleet did between two moments (Unix seconds); counts of the running day are seconds old."""

    since: float
    until: float
    traffic: list[FleetTraffic]
    calls: list[FleetCalls]


class SummaryReply(_Closed):
    """`fleet` is null until the first day's totals have been kept, and where counters began anew in between."""

    days: int
    first_day: str
    last_day: str
    total: FeedbackCell
    cells: list[FeedbackCell]
    fleet: FleetPeriod | None


class FeedbackChange(_Closed):
    """One figure, this period against the one before; the interval is of the difference."""

    agent: str
    model: str
    metric: Literal["rating", "flagged"]
    before: float | None
    after: float | None
    difference: FeedbackEstimate
    n_before: int
    n_after: int
    verdict: Literal["better", "worse", "no measurable change", "too little feedback"]


class FeedbackProblem(_Closed):
    """What goes wrong most: how many answers of an agent by a model carry that flag, and what share of those with feedback."""

    agent: str
    model: str
    flag: str
    answers: int
    share: FeedbackEstimate


class FeedbackComment(_Closed):
    """A comment on a badly rated answer; personal data in it is masked."""

    request_id: str
    agent: str
    model: str
    language: str
    rating: int
    comment: str
    correction: str | None


class ReportReply(_Closed):
    """The improvement report. `confidence` is that of all the changes' intervals together (Bonferroni), `each` that of one."""

    days: int
    first_day: str
    last_day: str
    confidence: float
    each: float
    verdict: str
    changes: list[FeedbackChange]
    problems: list[FeedbackProblem]
    comments: list[FeedbackComment]
    current: list[FeedbackCell]
    previous: list[FeedbackCell]
    fleet: FleetPeriod | None
    fleet_before: FleetPeriod | None


class SnapshotReply(_Closed):
    """The day whose totals are kept; `kept` is false where they were already."""

    day: str
    kept: bool
