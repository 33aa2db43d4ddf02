"""The affect models that ship, each loaded when it is first asked."""

from functools import cache

from shared.affect.wording import worded
from shared.textmodel.linear import FILES, Model, load

POLARITY = "polarity"
"""Negative, neutral or positive, in eight languages measured and four more by word lists alone."""
EMOTION = "emotion"
"""Anger, joy, optimism or sadness (English)."""
FEELINGS = "feelings"
"""The 28 feelings of GoEmotions, several at once (English)."""
URGENCY = "urgency"
"""A rating from 1 to 7 (English). Its data carries no licence that lets the model ship: it is there where it was made."""
ENGLISH_ONLY = frozenset((EMOTION, FEELINGS, URGENCY))


@cache
def model(name: str) -> Model:
    """A model by its name. Raises FileNotFoundError for one that was not made here."""
    return load(FILES / f"{name}.bin")


@cache
def made(name: str) -> bool:
    """Whether the model is there."""
    return (FILES / f"{name}.bin").is_file()


def scores(name: str, text: str, language: str | None) -> dict[str, float]:
    """Label -> probability. Models of one language are asked without naming it, as they were fitted."""
    return model(name).scores(worded(text), "" if name in ENGLISH_ONLY else language or "")


def rating(text: str) -> float:
    """What the urgency model says of a text."""
    return model(URGENCY).margins(worded(text))[0]
