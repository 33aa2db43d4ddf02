"""Folding old turns of a conversation into a short summary, for the mentor's prompt. Pure."""

from collections.abc import Sequence

from shared.documents import Turn
from shared.language.names import LANGUAGES
from shared.llm.types import Message

AGENT = "summary"
VERSION = "summary-1"
MAX_OUTPUT_TOKENS = 300
LONGEST = 2_000
"""Characters of a summary that are kept."""

_RULES = (
    "Summarise a tutoring conversation for the tutor who will continue it. At most 120 words: what the learner is working "
    "on, what they have understood, which mistakes they made, what was agreed next. Facts only, no advice, no greeting."
)


def prompt(previous: str, turns: Sequence[Turn], language: str) -> tuple[Message, ...]:
    """The prompt that folds `turns` into `previous`."""
    lines = [f"Learner: {turn.question[:1000]}\nTutor: {turn.answer[:1000]}" for turn in turns]
    text = f"Summary so far: {previous or '(none)'}\n\nNew turns:\n" + "\n".join(lines)
    return (Message("system", f"{_RULES} Write in {LANGUAGES[language].english}."), Message("user", text))


def extract(previous: str, turns: Sequence[Turn]) -> str:
    """The summary when no model can write one: what the learner asked, in their own words, newest kept when it is long."""
    asked = " · ".join(" ".join(turn.question.split())[:120] for turn in turns)
    return f"{previous} · {asked}".strip(" ·")[-LONGEST:]
