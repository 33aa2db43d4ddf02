"""What of a list of needs a course speaks of: each need with its state and the place in the text that says most of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.courses.matching import COVERED, PARTLY, match
from shared.courses.words import sentences

State = Literal["covered", "partly", "missing"]
BORDER = (0.2, 0.75)
"""Between these similarities words alone do not decide: a need may be said in other words, or only be named."""
_WINDOW = 3
"""Sentences that are read together: what a need asks for rarely stands in one."""
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of a course."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a need is spoken of: characters `start` to `end` of an item's text."""

    item: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """One need, in the order asked. `evidence` is None where nothing speaks of it."""

    need: str
    state: State
    similarity: float
    evidence: Evidence | None

    @property
    def borderline(self) -> bool:
        """Whether words alone do not decide."""
        return BORDER[0] <= self.similarity < BORDER[1]


def gaps(needs: Sequence[str], items: Sequence[Item], language: str) -> list[Found]:
    """Compare. Passages are runs of up to three sentences of one item."""
    spans = [span for item in items for span in _spans(item)]
    found = match(needs, [span.text for span in spans], language)
    return [
        Found(
            need,
            state_of(one.similarity),
            one.similarity,
            None if one.passage is None or one.similarity < BORDER[0] else spans[one.passage],
        )
        for need, one in zip(needs, found, strict=True)
    ]


def state_of(similarity: float) -> State:
    """The state that a similarity stands for."""
    return "covered" if similarity >= COVERED else "partly" if similarity >= PARTLY else "missing"


def share(states: Sequence[State]) -> float:
    """How much is covered, 0 to 1; what is partly covered counts half."""
    worth = {"covered": 1.0, "partly": 0.5, "missing": 0.0}
    return round(sum(worth[state] for state in states) / len(states), 4) if states else 0.0


def _spans(item: Item) -> list[Evidence]:
    places: list[tuple[int, int]] = []
    at = 0
    for sentence in sentences(item.text):
        # A sentence that was put together again over its blank space is found by its beginning.
        head = sentence[:20]
        start = item.text.find(head, at)
        if start < 0:
            continue
        at = min(len(item.text), start + len(sentence))
        places.append((start, at))
    # Single sentences come first: of two passages that say the same the first one is the evidence.
    made = [_evidence(item, start, min(end, start + _LONGEST)) for start, end in places]
    for first in range(len(places) - 1):
        start, end = places[first][0], places[min(first + _WINDOW, len(places)) - 1][1]
        end = min(end, max(start + _LONGEST, places[first][1]))
        made.append(_evidence(item, start, end))
    return made


def _evidence(item: Item, start: int, end: int) -> Evidence:
    return Evidence(item.id, item.text[start:end], start, end)
