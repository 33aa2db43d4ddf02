"""What is thought of answers, and how many there were: feedback, its daily sums, the traffic's. Times are Unix seconds."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.stored.document import Document

Flag = Literal["wrong", "unsafe", "unhelpful", "leaked_answer"]
FLAGS: tuple[Flag, ...] = ("wrong", "unsafe", "unhelpful", "leaked_answer")


class Feedback(Document):
    """What is thought of one answer, and what it took to give it. Id: the answer's message id.

    Written by the answer's learner and by who assesses it, over the version they read. Kept for CONVERSATION_RETENTION_DAYS
    after its last change (`expires_at`: 500 changes/s in all; so is the index that begins with the rating, whose newest
    ends are five).
    """

    collection: ClassVar[str] = "feedback"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("user_id", "-updated_at"), ("rating", "-updated_at"))

    user_id: str
    request_id: str
    answered_at: float
    updated_at: float
    agent: str
    model: str
    """The one whose answer was shown."""
    provider: str
    language: str = ""
    variants: dict[str, str] = Field(default_factory=dict)
    """The variant the learner was in, by experiment id."""
    beside: dict[str, str] = Field(default_factory=dict)
    """The same of experiments that are targeted at another language, platform or level (`shared.activity.events`)."""
    attempts: int = 0
    failed_attempts: int = 0
    cost_nano_usd: int = 0
    """All attempts together."""
    latency_ms: float = 0
    """All attempts together."""
    rating: int | None = None
    comment: str | None = None
    correction: str | None = None
    flags: list[Flag] = Field(default_factory=list)
    quality: dict[str, float] = Field(default_factory=dict)
    """An assessor's scores, 0 to 1, by what is judged."""
    assessed_by: str = ""
    training_consent: bool = False
    """Whether the learner, when they last said something here, let their words be used for training."""


class FeedbackDay(Document):
    """Sums over the feedback on one day's answers. Id: `<day>:<part>`; which part a feedback belongs to is a hash of its id.

    Rewritten, over the version that was read, in each feedback's own commit: PARTS documents a day share those. Nothing of
    a learner is in it. Kept for twice ANALYTICS_RETENTION_DAYS, because a report compares two periods.
    """

    collection: ClassVar[str] = "feedback_days"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("day",),)

    day: str
    """YYYY-MM-DD in UTC, of the answer."""
    cells: str = "{}"
    """JSON: sums by `agent|model|language`. One string, because each member of a stored map would be indexed."""


class TrafficDay(Document):
    """The fleet's totals as they stood when a day began. Id: the day (YYYY-MM-DD in UTC). Written once.

    The difference of two is what happened between them. Kept for twice ANALYTICS_RETENTION_DAYS.
    """

    collection: ClassVar[str] = "traffic_days"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("at",),)

    at: float
    totals: str = "{}"
    """JSON: numbers by the metric's counter key (`shared.telemetry.series`)."""
