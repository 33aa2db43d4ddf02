"""The trained judgements on a text: what it contains (`moderation.bin`), what it asks for (`requests.bin`), and
whether its writer is in need (`crisis.bin`).

Scores, not verdicts: where a line is drawn is said in `shared.safety.check`. Each model is read on its first use.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Final

from shared.safety.categories import CONTENT
from shared.safety.pieces import pieces
from shared.textmodel.linear import FILES, Model, load, sigmoid

LABELS = ("any", *CONTENT)
"""The moderation model's labels: whether anything applies, and what."""
_FLOOR = 1e-9


@cache
def content_model() -> Model:
    """What a text contains."""
    return load(FILES / "moderation.bin")


@cache
def request_model() -> Model:
    """What a text asks for."""
    return load(FILES / "requests.bin")


@cache
def crisis_model() -> Model:
    """Whether somebody is in need."""
    return load(FILES / "crisis.bin")


PIECE: Final = 200
"""Characters of a long text that are looked at by themselves for its score."""


def score(text: str, model: Model | None = None) -> float:
    """How likely a moderator flags the text, between 0 and 1: a number to order texts by. `model`: another than the shipped one."""
    model = model or content_model()
    return overall(
        tuple(model.scores(text).values()), [tuple(model.scores(piece).values()) for piece in pieces(text, PIECE)]
    )


def overall(whole: Sequence[float], parts: Sequence[Sequence[float]]) -> float:
    """One number out of the probabilities of the whole text and of its pieces: the mean of the whole and of the worst piece.

    One bad passage makes a text bad. Cross-validated this beats either alone.
    """
    return sigmoid((combined(whole) + max(combined(part) for part in parts)) / 2)


def combined(probabilities: Sequence[float]) -> float:
    """Log-odds out of the model's probabilities, in the order of `LABELS`.

    Its own opinion on "anything at all" and the sum of the categories' odds are two looks at the same question; the second counts
    half. Cross-validated this beats either alone.
    """
    whole, *parts = (min(max(float(value), _FLOOR), 1 - _FLOOR) for value in probabilities)
    return math.log(whole / (1 - whole)) + 0.5 * math.log(sum(part / (1 - part) for part in parts))
