"""What the feed keeps: the items there are to learn with, and what a learner has done with them. Times are Unix seconds."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.stored.document import Document

ItemLanguage = Literal["en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"]
Format = Literal["text", "video", "audio", "exercise", "quiz", "interactive", "project"]


class FeedItem(Document):
    """Something to learn with. Written by operators, 100 at a time at most: the growing `published_at` does no harm.

    Kept until an operator takes it out.
    """

    collection: ClassVar[str] = "feed_items"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("language", "-published_at"),)

    title: str
    topics: list[str] = Field(default_factory=list)
    skills: list[str] = Field(default_factory=list)
    difficulty: float = 0.5
    format: Format = "text"
    language: ItemLanguage = "en"
    minutes: float = 10
    published_at: float = 0
    quality: float = 0.5
    popularity: float = 0


class LearnerFeed(Document):
    """What a learner has done with items: newest last, each list bounded. Id: the learner's.

    Written when the learner says so, at most once per item and event: below 1 write/s. Kept for CONVERSATION_RETENTION_DAYS
    after its last change (`expires_at`: 500 learners/s in all).
    """

    collection: ClassVar[str] = "learner_feeds"

    done: list[str] = Field(default_factory=list)
    dismissed: list[str] = Field(default_factory=list)
    opened: list[str] = Field(default_factory=list)
    """Tells of the learner's taste, so it is kept with their consent to personalisation only."""
