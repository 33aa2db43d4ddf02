"""What is kept of a lesson that was made for a learner: its questions with their answers, which nobody is shown."""

from math import nan
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.stored.document import Document


def _number(value: Any) -> Any:
    """Stores have no number that is not finite and hand back nothing for it: a question that no answer is right for."""
    return nan if value is None else value


class KeptQuestion(BaseModel):
    """A check question with what is right. `right`: the place of the right option; `accepted`: texts that are right.

    `percent`: `number` was written with a percent sign, so that its hundredth is right as well.
    """

    model_config = ConfigDict(extra="ignore", defer_build=True)

    id: str
    kind: Literal["short", "choice", "number"]
    prompt: str
    options: list[str] = Field(default_factory=list)
    right: int = 0
    number: Annotated[float, BeforeValidator(_number)] = 0.0
    tolerance: Annotated[float, BeforeValidator(_number)] = 0.0
    percent: bool = False
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
