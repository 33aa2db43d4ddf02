"""Analytics: typed requests and replies. No I/O. Times are Unix seconds, days are UTC (YYYY-MM-DD), money is USD."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.agents.feedback import Agent, UserId
from shared.documents import Language

MOST_DAYS = 366
MOST_USERS = 100
Metric = Literal[
    "answers",
    "tokens",
    "cost_usd",
    "cost_per_answer_usd",
    "saved_by_cache_usd",
    "saved_by_routing_usd",
    "latency_ms",
    "cached",
    "degraded",
    "retried",
    "rating",
    "correct",
    "completed",
    "active_learners",
    "new_learners",
    "sessions",
]
Priority = Literal["balanced", "quality", "cost", "speed"]
Direction = Literal["rising", "falling", "no measurable change", "unknown"]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OverviewQuery(_Closed):
    """The last `days`, today included."""

    days: Days = 30


class AnalyticsEstimate(_Closed):
    """A figure over `n` of what it is a mean or a share of, with its 95 % interval; null where there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class AnalyticsTraffic(_Closed):
    """Answers, those that learners asked for apart from the product's own (`background`). `retried`: a model failed before it came."""

    answers: int
    background: int
    outcomes: dict[str, int]
    agents: dict[str, int]
    languages: dict[str, int]
    degraded: AnalyticsEstimate
    retried: AnalyticsEstimate
    latency_ms_p50: float | None
    latency_ms_p95: float | None


class AnalyticsSaving(_Closed):
    """What was not spent: `saved_usd` of `instead_usd`, which the same answers would have cost. `meaning` says as what."""

    saved_usd: float
    instead_usd: float
    share: float | None
    answers: int
    meaning: str


class AnalyticsMoney(_Closed):
    """What model calls cost, by model and in all."""

    spent_usd: float
    per_answer_usd: AnalyticsEstimate
    per_learner_usd: float | None
    models: dict[str, float]
    input_tokens: int
    output_tokens: int
    cache: AnalyticsSaving
    routing: AnalyticsSaving


class AnalyticsEngagement(_Closed):
    """Different learners on the last whole day, in its last 7 and 30; `learners` in the whole period, today included.

    `stickiness`: an average day's learners of all in 30 days. A session ends with half an hour's silence.
    """

    day: str
    daily: int
    weekly: int | None
    monthly: int | None
    stickiness: float | None
    learners: int
    new_learners: int
    sessions: int
    session_minutes_median: float | None
    messages_per_learner: float | None


class AnalyticsReturn(_Closed):
    """Of the learners whose `day`-th day after their first lies in the period, and is over: the share that was there on it."""

    day: int
    value: float | None
    low: float | None
    high: float | None
    n: int


class AnalyticsItem(_Closed):
    """What learners did with an item; `missed` is how much more of it there may have been, before it was told apart."""

    item: str
    opened: int
    completed: int
    dismissed: int
    completed_share: AnalyticsEstimate
    graded: int
    correct: AnalyticsEstimate
    missed: int


class AnalyticsContent(_Closed):
    """All that was done with items, and the busiest of them."""

    opened: int
    completed: int
    dismissed: int
    top: list[AnalyticsItem]


class AnalyticsModel(_Closed):
    """The answers one model gave to learners. `correct`: checks within a day after such an answer, which proves no cause."""

    model: str
    answers: int
    share: float
    degraded: AnalyticsEstimate
    rating: AnalyticsEstimate
    correct: AnalyticsEstimate
    cost_per_answer_usd: AnalyticsEstimate
    latency_ms_p50: float | None
    latency_ms_p95: float | None


class OverviewReply(_Closed):
    """What the product did and what came of it. `since`: the period's first day with anything in it; `notes` say what is missing and why."""

    days: int
    first_day: str
    last_day: str
    since: str | None
    notes: list[str]
    traffic: AnalyticsTraffic
    money: AnalyticsMoney
    engagement: AnalyticsEngagement
    rating: AnalyticsEstimate
    correct: AnalyticsEstimate
    retention: list[AnalyticsReturn]
    content: AnalyticsContent
    models: list[AnalyticsModel]


class TrendsQuery(_Closed):
    """One metric's course over the last `days` whole days, and today as far as it is; of one agent or language where wished.

    By hour: over the last 24 or 48 whole hours, and only what is counted by hour.
    """

    metric: Metric = "answers"
    days: Days = 30
    granularity: Literal["hour", "day"] = "day"
    agent: Agent | None = None
    language: Language | None = None


class AnalyticsPoint(_Closed):
    """A day or an hour (its beginning, UTC). `value` is null where nothing was to be measured; `n` is what stands behind it."""

    start: str
    value: float | None
    n: int
    complete: bool


class AnalyticsChange(_Closed):
    """The period's whole days (or hours) against as many before them.

    A count is told by the day (or hour), a mean or a share over all. The interval is of `difference`, which is `after` less
    `before`; `relative` is that of `before`.
    """

    before: float | None
    after: float | None
    difference: AnalyticsEstimate
    relative: float | None
    direction: Direction
    why: str


class TrendsReply(_Closed):
    """`unit`: of the values. `kind`: whether they are sums, means or shares."""

    metric: Metric
    unit: str
    kind: Literal["total", "mean", "share"]
    granularity: Literal["hour", "day"]
    points: list[AnalyticsPoint]
    change: AnalyticsChange


class LearnerQuery(_Closed):
    """The last `days`, today included."""

    days: Days = 30


class AnalyticsLearnerDay(_Closed):
    """What a learner did on one day."""

    day: str
    answers: int
    graded: int
    correct: int
    completed: int
    sessions: int
    session_minutes: float


class LearnerReply(_Closed):
    """What a learner did. `first_day` is their first ever (as far as is kept), `streak` how many days in a row until today or yesterday."""

    user_id: str
    days: int
    first_day: str | None
    last_day: str | None
    active_days: int
    streak: int
    answers: int
    agents: dict[str, int]
    cost_usd: float
    latency_ms: float | None
    rating: float | None
    ratings: int
    graded: int
    correct: AnalyticsEstimate
    opened: int
    completed: int
    dismissed: int
    sessions: int
    session_minutes: float | None
    """Of an average session."""
    by_day: list[AnalyticsLearnerDay]


class LearnersRequest(_Closed):
    """Several learners at once, over the last `days`."""

    user_ids: list[UserId] = Field(min_length=1, max_length=MOST_USERS)
    days: Days = 30


class LearnersReply(_Closed):
    """In the order asked, each once; without their single days. `unknown`: nothing is known of them."""

    users: list[LearnerReply]
    unknown: list[str]
