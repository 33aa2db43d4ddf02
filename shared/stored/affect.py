"""What is kept of a learner's affect: figures, never their words. The learner sees all of it and can have it removed."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.stored.document import Document


class _Part(BaseModel):
    # An older instance must read what a newer one wrote.
    model_config = ConfigDict(extra="ignore", defer_build=True)


class Noted(_Part):
    """One event: which, when, and how strongly it speaks for each trigger (0 to 1). Where none is named it was calm."""

    event_id: str
    at: float
    levels: dict[str, float] = Field(default_factory=dict)


class Raised(_Part):
    """One time that something was offered: to which event, and why."""

    event_id: str
    trigger: str
    action: str
    at: float
    strength: float
    events: int
    """How many events spoke for it."""


class Affect(Document):
    """Where one learner stands. Id: the learner's. One write for each event that is kept, over the version read.

    Bounded: the newest events and offers only. A learner writes slower than 1/s for long. Kept for 30 days after the last
    event (`expires_at`, 500 events/s in all: a conversation's words are written only with a sign in them, other texts where a
    caller asks for it; what a learner has switched off, never).
    """

    collection: ClassVar[str] = "affect"

    noted: list[Noted] = Field(default_factory=list)
    active: list[str] = Field(default_factory=list)
    """Triggers whose rule holds."""
    raised: list[Raised] = Field(default_factory=list)
    updated_at: float = 0
