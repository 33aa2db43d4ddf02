"""How fast, dear and sure the models are: typed requests and replies. No I/O. Times are Unix seconds, money is USD."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.agents.analytics import AnalyticsEstimate, Days, Priority
from shared.agents.feedback import Agent
from shared.documents import Language


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class StatsQuery(_Closed):
    """The last `hours`, the running one included."""

    hours: Annotated[int, Field(ge=1, le=24)] = 24


class PerformanceTimes(_Closed):
    """Milliseconds from the question to the end of its answer, and to its first token where it came as a stream."""

    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    first_token_p50: float | None
    first_token_p95: float | None


class PerformanceCell(_Closed):
    """Answers of one agent by one model (`all`: together)."""

    agent: str
    model: str
    answers: int
    outcomes: dict[str, int]
    times: PerformanceTimes
    degraded: AnalyticsEstimate
    cached: AnalyticsEstimate
    failed_attempts: int
    cost_usd: float
    cost_per_answer_usd: AnalyticsEstimate


class StatsReply(_Closed):
    """`error_rate`, `open_breakers` and `dead_jobs` are from the alerts' samples: null (with a note) where none were taken lately.

    `daily_cost` is what today's calls of the whole account have cost by the counter that the cap `daily_cost_limit` is held
    against, `daily_cost_reserved` what is set aside for calls that run; the day is AI_TIME_ZONE's.
    """

    hours: int
    since: float
    until: float
    total: PerformanceCell
    cells: list[PerformanceCell]
    error_rate: float | None
    cache_hit_rate: float | None
    answers_per_minute: float
    busiest_hour: str | None
    daily_cost: float
    daily_cost_reserved: float
    daily_cost_limit: float
    day: str
    open_breakers: int | None
    dead_jobs: int | None
    notes: list[str]


class RealTimeSignal(_Closed):
    """A signal over the last minutes; null where nothing was to be measured. `events`: how many stand behind it."""

    value: float | None
    unit: str
    events: int
    help: str


class RealTimeReply(_Closed):
    """The last `seconds` before `at`, from the fleet's live counters against their last samples; and the running hour's answers."""

    at: float
    seconds: float
    signals: dict[str, RealTimeSignal]
    hour: str
    answers_this_hour: int
    agents_this_hour: dict[str, int]
    daily_cost: float
    daily_cost_limit: float
    notes: list[str]


class RecommendationRequest(_Closed):
    """Which model to ask first for an agent's answers: of simple prompts, or of `complex` ones as routing tells them apart."""

    agent: Agent
    language: Language | None = None
    priority: Priority = "balanced"
    tier: Literal["simple", "complex"] = "simple"
    days: Days = 30


class RecommendationEvidence(_Closed):
    """What is known of one configured model's answers, and how each criterion compares with the default's.

    `against_default` is empty for the default itself. Quality: ratings, and checks within a day after such answers. Reliability:
    `failed_calls`, a share of its calls for all agents; null where the fleet's totals of the period were not kept.
    """

    model: str
    answers: int
    rating: AnalyticsEstimate
    correct: AnalyticsEstimate
    failed_calls: AnalyticsEstimate
    cost_per_answer_usd: AnalyticsEstimate
    latency_ms_p50: AnalyticsEstimate
    latency_ms_p95: float | None
    against_default: dict[
        Literal["quality", "cost", "speed", "reliability"],
        Literal["better", "worse", "no measurable difference", "too little"],
    ]


class RecommendationReply(_Closed):
    """`evidence`: whether figures speak for it, or it is the routing default for want of them. `language`: whose answers were judged."""

    agent: str
    language: str | None
    priority: Priority
    recommended_model: str | None
    default_model: str | None
    evidence: bool
    reason: str
    models: list[RecommendationEvidence]
    caution: str


class CompactQuery(_Closed):
    """How many finished days to look at: more than the usual eight after a long standstill."""

    days: Annotated[int, Field(ge=1, le=366)] = 8


class CompactReply(_Closed):
    """Days that were put together out of so many documents; `busy` ones are left to the next call."""

    days: int
    documents: int
    busy: int
