"""What is stored, as pydantic models. The class says its collection, its indexes and when it expires.

`indexes` lists every query shape that is allowed: equality fields first, the ordered field last, with `-` before it for a
descending order. Firestore needs them declared (`scripts/indexes` tells Terraform), SQLite builds the same ones, so an
undeclared query fails in tests too.

How fast may a document be written? Firestore takes about 1 write/s to one document for long (bursts are fine), and about
500/s to a collection with an index over values that only grow, because its newest end is one place. `expires_at` is such
an index, in every collection: it counts where documents get an expiry as they are made. So is an index that begins with a
growing value, or with a value that many documents share at a time and goes on with a growing one: each class says so.
"""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from shared.stored.activity import Happening, LearnerActivity, Rollup
from shared.stored.affect import Affect
from shared.stored.animations import Animation, AnimationVideo
from shared.stored.document import Document as Document  # noqa: PLC0414 - its users import it from here
from shared.stored.exchanges import Exchange as Exchange  # noqa: PLC0414 - the same
from shared.stored.exchanges import ExchangeLease as ExchangeLease  # noqa: PLC0414 - the same
from shared.stored.experiments import Experiment, ExperimentShard, ExperimentUnit, Promotion
from shared.stored.experiments import RunningExperiment as RunningExperiment  # noqa: PLC0414 - the same
from shared.stored.experiments import RunningVariant as RunningVariant  # noqa: PLC0414 - the same
from shared.stored.feed import FeedItem, LearnerFeed
from shared.stored.feedback import Feedback, FeedbackDay, TrafficDay
from shared.stored.gates import LanguageGate
from shared.stored.lessons import Lesson
from shared.stored.watching import Alert, AlertRules, AlertState

Language = Literal["en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"]


class Profile(Document):
    """What is known of a learner. Written by the learner's own requests: well below 1 write/s. Kept while the account is."""

    collection: ClassVar[str] = "profiles"

    language: Language | None = None
    time_zone: str | None = None
    """IANA name; whoever writes it has checked it (an unknown one falls back to the account's)."""
    difficulty_preference: float | None = Field(default=None, ge=0, le=1)
    daily_cost_limit: float | None = Field(default=None, ge=0)
    consent: dict[str, bool] = Field(default_factory=dict)
    sentiment: bool = True
    """Whether the learner's words may be read for affect. Help in a crisis does not depend on it."""


class Said(BaseModel):
    """One question with its answer, as it is kept in the conversation's recent window."""

    message_id: str
    question: str
    answer: str


class Conversation(Document):
    """A mentor conversation's head: bounded recent window and the summary of what is older.

    One write a message and one a summary: a learner reads and types for longer than the second each needs. Kept for
    CONVERSATION_RETENTION_DAYS after its last message (`expires_at`: 500 messages/s in all, see above).
    """

    collection: ClassVar[str] = "conversations"

    user_id: str
    language: str = "en"
    created_at: float
    updated_at: float
    count: int = 0
    summary: str = ""
    summarised: int = 0
    recent: list[Said] = Field(default_factory=list)


class Turn(Document):
    """One question and its answer, for the history and for ratings. Written once; a rating rewrites it.

    Kept as long as its conversation was to be kept when it was written (`expires_at`: 500 messages/s in all). Both indexes
    begin with an id and are written in as many places as there are conversations and learners.
    """

    collection: ClassVar[str] = "turns"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("conversation_id", "sequence"), ("user_id", "created_at"))

    conversation_id: str
    user_id: str
    sequence: int
    created_at: float
    question: str
    answer: str
    language: str
    model: str
    provider: str
    finish: str
    degraded: bool
    variants: dict[str, str] = Field(default_factory=dict)
    """The variant the learner was in, by experiment id."""
    beside: dict[str, str] = Field(default_factory=dict)
    """The same of experiments that are targeted at another language, platform or level (`shared.activity.events`)."""
    rating: int | None = None
    comment: str | None = None
    rated_at: float | None = None


class LedgerEntry(Document):
    """One attempt on one model (or one cache hit, or the floor): what it cost and why. Written once, never changed.

    Expires when nobody has to account for it any more. Two indexes grow at one end, 500 rows/s in all: `expires_at`, and
    (`day`, `cost_nano_usd`), where the day's free answers stand in the order of their ids.
    """

    collection: ClassVar[str] = "ledger"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("request_id", "attempt"),
        ("request_id", "user_id", "-created_at"),
        ("user_id", "created_at"),
    )
    sums: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("day", "cost_nano_usd"),
        ("user_id", "learner_day", "cost_nano_usd"),
    )

    request_id: str
    message_id: str
    user_id: str
    agent: str
    version: str = ""
    """Of the agent's prompt and policy."""
    language: str = ""
    variants: dict[str, str] = Field(default_factory=dict)
    """The variant the learner was in, by experiment id."""
    beside: dict[str, str] = Field(default_factory=dict)
    """The same of experiments that are targeted at another language, platform or level (`shared.activity.events`)."""
    attempt: int
    final: bool
    """True on the one row of a request that gave the learner's answer."""
    model: str
    provider: str
    outcome: str
    stream: bool
    cache: str
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    usage_source: Literal["provider", "estimate", "none"]
    cost_nano_usd: int
    price_date: str
    flags: list[str] = Field(default_factory=list)
    latency_ms: float
    first_token_ms: float | None = None
    day: str
    """The account's day (YYYY-MM-DD in AI_TIME_ZONE) the money belongs to."""
    learner_day: str = ""
    """The learner's own day, in the learner's zone."""
    created_at: float


class Revocation(Document):
    """A token id, a learner or a key that is no longer let in.

    Written by operators, so that the growing `created_at` index does no harm. Expires with the last token it refuses.
    """

    collection: ClassVar[str] = "revocations"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("created_at",), ("-created_at",))

    created_at: float
    reason: str = ""
    not_before: float = 0
    """Tokens issued before this moment are refused (0: all)."""


class Job(Document):
    """Background work with its state. Written on each change of state."""

    collection: ClassVar[str] = "jobs"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("state", "run_at"),
        ("state", "lease_until"),
        ("state", "-updated_at"),
    )

    kind: str
    payload: dict[str, Any]
    key: str | None = None
    owner: str | None = None
    """The learner who may see how far it is."""
    request_id: str = ""
    traceparent: str = ""
    """The request that asked for it, and its place in that request's trace: how its own lines and spans are found."""
    state: Literal["pending", "running", "done", "dead"] = "pending"
    attempts: int = 0
    claims: int = 0
    """How often a worker took it, in all its lives: tells one worker's hold from another's."""
    sending: int = 0
    """How often it was handed to a delivery service anew: part of the name it has there."""
    run_at: float = 0
    lease_until: float = 0
    progress: float = 0
    result: dict[str, Any] | None = None
    error: str | None = None
    created_at: float
    updated_at: float


class JobKey(Document):
    """Which job answers for a kind and a key. Id: a hash of both. Written in one commit with each job it names."""

    collection: ClassVar[str] = "job_keys"

    job_id: str


class LiveConfig(Document):
    """What operators and auto-tuning change while the system runs; read through a cache of seconds. Id: "live".

    One document: 1 write/s, by those who read its version before. Who changes anything raises `version`, which is part of
    what cached answers are filed under: every older entry is out of reach then.
    """

    collection: ClassVar[str] = "live_config"

    version: int = 0
    complexity_threshold: float | None = Field(default=None, ge=0, le=1)
    cache_ttl_seconds: int | None = Field(default=None, ge=0)
    disabled_models: list[str] = Field(default_factory=list)
    languages: dict[str, bool] = Field(default_factory=dict)
    """Languages that an evaluation opened or closed; any other is as shipped (`shared.language.gate`)."""
    optimization_level: Literal["conservative", "balanced", "aggressive", "maximum"] | None = None
    experiments: list[RunningExperiment] = Field(default_factory=list)
    promotions: list[Promotion] = Field(default_factory=list)
    """Winners of experiments, for everybody; a later one wins over an earlier, a running experiment over both."""
    updated_at: float = 0
    updated_by: str = ""


DOCUMENTS: tuple[type[Document], ...] = (
    Profile,
    Conversation,
    Turn,
    LedgerEntry,
    Exchange,
    ExchangeLease,
    Revocation,
    Job,
    JobKey,
    LiveConfig,
    Alert,
    AlertRules,
    AlertState,
    Animation,
    AnimationVideo,
    Lesson,
    LanguageGate,
    Affect,
    FeedItem,
    LearnerFeed,
    Feedback,
    FeedbackDay,
    TrafficDay,
    Experiment,
    ExperimentUnit,
    ExperimentShard,
    Happening,
    LearnerActivity,
    Rollup,
)
"""Every collection there is: SQLite creates its tables from it, Terraform its indexes and TTL fields."""
