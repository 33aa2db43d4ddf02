"""What is kept of a lesson that was made for a learner: its questions with their answers, which nobody is shown."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.stored.document import Document


class KeptQuestion(BaseModel):
    """A check question with what is right. `right`: the place of the right option; `accepted`: texts that are right."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    id: str
    kind: Literal["short", "choice", "number"]
    prompt: str
    options: list[str] = Field(default_factory=list)
    right: int = 0
    number: float = 0.0
    tolerance: float = 0.0
    accepted: list[str] = Field(default_factory=list)
    hint: str = ""
    explanation: str = ""


class Lesson(Document):
    """A lesson's check questions, for grading. Id: the `lesson_id` that the learner was told.

    Written with the lesson, and when a learner answers: well below 1 write/s each. Kept for CONVERSATION_RETENTION_DAYS
    (`expires_at`: 500 lessons/s in all).
    """

    collection: ClassVar[str] = "lessons"

    user_id: str
    title: str
    language: str
    created_at: float
    questions: list[KeptQuestion] = Field(default_factory=list)
    wrong: dict[str, list[str]] = Field(default_factory=dict)
    """Wrong answers by question id, each once: how often the same one was sent does not count."""
    solved: list[str] = Field(default_factory=list)
