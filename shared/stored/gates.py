"""What is kept of a language's evaluation: whether it may be answered in, and the figures that say so. Times are Unix seconds."""

from typing import ClassVar

from pydantic import Field

from shared.stored.document import Document


class LanguageGate(Document):
    """The last evaluation of one language. Id: the language's code. Written by operators (`scripts/language-gate`).

    What requests go by is `LiveConfig.languages`, written in the same commit: this is the evidence beside it.
    """

    collection: ClassVar[str] = "language_gates"

    open: bool
    model: str
    """The id of the model that answered most; `template`: none did."""
    prompts: int
    figures: dict[str, float] = Field(default_factory=dict)
    thresholds: dict[str, float] = Field(default_factory=dict)
    """What each figure was held to."""
    failed: list[str] = Field(default_factory=list)
    """The figures that missed it."""
    forced: bool = False
    """An operator's word instead of the figures'."""
    evaluated_at: float
    evaluated_by: str = ""
