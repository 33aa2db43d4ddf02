"""What is stored, as pydantic models. The class says its collection, its indexes and when it expires.

`indexes` lists every query shape that is allowed: equality fields first, the ordered field last. Firestore needs them
declared (Terraform reads them from here), SQLite builds the same ones, so an undeclared query fails in tests too.
"""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"]


class Document(BaseModel):
    """Base of all stored documents. `id` is the key within `collection`; times are Unix seconds (UTC)."""

    # An older instance must read what a newer one wrote. A class that is never used is never built: cold starts count.
    model_config = ConfigDict(extra="ignore", defer_build=True)

    collection: ClassVar[str]
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = ()

    id: str
    expires_at: float | None = None


class Profile(Document):
    """What is known of a learner. Written by the learner's own requests: well below 1 write/s."""

    collection: ClassVar[str] = "profiles"

    language: Language | None = None
    time_zone: str | None = None
    """IANA name; whoever writes it has checked it (an unknown one falls back to the account's)."""
    difficulty_preference: float | None = Field(default=None, ge=0, le=1)
    daily_cost_limit: float | None = Field(default=None, ge=0)
    consent: dict[str, bool] = Field(default_factory=dict)


class Said(BaseModel):
    """One question with its answer, as it is kept in the conversation's recent window."""

    message_id: str
    question: str
    answer: str


class Conversation(Document):
    """A mentor conversation's head: bounded recent window and the summary of what is older. One write a message."""

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
    """One question and its answer, for the history and for ratings. Written once; a rating rewrites it."""

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
    rating: int | None = None
    comment: str | None = None
    rated_at: float | None = None


class LedgerEntry(Document):
    """One attempt on one model (or one cache hit, or the floor): what it cost and why. Written once, never changed."""

    collection: ClassVar[str] = "ledger"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("request_id", "attempt"),
        ("user_id", "created_at"),
    )

    request_id: str
    message_id: str
    user_id: str
    agent: str
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
    created_at: float


class Exchange(Document):
    """A finished answer under its Idempotency-Key, kept so that a retry gets the same bytes. Written once."""

    collection: ClassVar[str] = "exchanges"

    fingerprint: str
    status: int
    media_type: str
    body: str
    """The JSON answer; for a stream the data of its terminal event."""
    frames: list[str] = Field(default_factory=list)
    """For a stream: every event as it was sent, in order."""
    created_at: float


class Revocation(Document):
    """A token id, a learner or a key that is no longer let in. Written by operators."""

    collection: ClassVar[str] = "revocations"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("created_at",),)

    created_at: float
    reason: str = ""
    not_before: float = 0
    """Tokens issued before this moment are refused (0: all)."""


class Job(Document):
    """Background work with its state. Written on each change of state."""

    collection: ClassVar[str] = "jobs"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("state", "run_at"), ("state", "updated_at"))

    kind: str
    payload: dict[str, Any]
    key: str | None = None
    state: Literal["pending", "running", "done", "dead"] = "pending"
    attempts: int = 0
    run_at: float = 0
    lease_until: float = 0
    progress: float = 0
    result: dict[str, Any] | None = None
    error: str | None = None
    created_at: float
    updated_at: float


class RunningVariant(BaseModel):
    """One arm: its share of the experiment's traffic and what it changes."""

    name: str
    weight: float = Field(gt=0)
    prefer_model: str | None = None


class RunningExperiment(BaseModel):
    """What assignment needs of a running experiment; kept in LiveConfig so that the hot path reads nothing for it."""

    id: str
    salt: str
    traffic: float = Field(default=1.0, ge=0, le=1)
    variants: list[RunningVariant]


class LiveConfig(Document):
    """What operators and auto-tuning change while the system runs; read through a cache of seconds. Id: "live"."""

    collection: ClassVar[str] = "live_config"

    version: int = 0
    complexity_threshold: float | None = Field(default=None, ge=0, le=1)
    cache_ttl_seconds: int | None = Field(default=None, ge=0)
    disabled_models: list[str] = Field(default_factory=list)
    experiments: list[RunningExperiment] = Field(default_factory=list)
    updated_at: float = 0
    updated_by: str = ""


DOCUMENTS: tuple[type[Document], ...] = (
    Profile,
    Conversation,
    Turn,
    LedgerEntry,
    Exchange,
    Revocation,
    Job,
    LiveConfig,
)
"""Every collection there is: SQLite creates its tables from it, Terraform its indexes and TTL fields."""
