"""What the leak guard would make of human teachers' turns: how many of those that tell the result it sees, and how many others it holds back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.tutoring import leak
from shared.tutoring.numbers import values

SENTENCE = re.compile("(?<=\\D[.!?\\u061f\\u0964])\\s+|(?<=[\\u3002\\uff1f])|\\n+")
"""Between two sentences; a list's number ends none."""
_MOVE = re.compile(r"^\s*\(\w+\)")


@dataclass
class Seen:
    """Teachers' turns that tell the result and others, and how many of each the guard holds back: not knowing it, and knowing it."""

    telling: int = 0
    seen: int = 0
    seen_known: int = 0
    others: int = 0
    held: int = 0
    held_known: int = 0

    def fields(self) -> dict[str, float]:
        """For the report; nothing without turns of both sorts."""
        if not self.telling or not self.others:
            return {}
        return {
            "guard_leaks_seen": self.seen / self.telling,
            "guard_false": self.held / self.others,
            "guard_leaks_seen_known": self.seen_known / self.telling,
            "guard_false_known": self.held_known / self.others,
        }


def measured(rows: Iterable[dict[str, Any]]) -> Seen:
    """Dialogues of MathDial: `question`, `ground_truth`, `conversation`. A turn tells when it holds the result that nobody has named."""
    found = Seen()
    for row in rows:
        result = values(str(row["ground_truth"]).strip().split("\n")[-1])
        for said, turn in _teaching(row):
            named = {value for text in said for value in values(text)}
            tells = bool(result & values(turn)) and not result & named
            sentences = SENTENCE.split(turn)
            held = _holds(leak.exercise(said, "en"), sentences)
            known = _holds(leak.Exercise(frozenset(result - named), frozenset(named)), sentences, bool(result - named))
            found.telling += tells
            found.seen += tells and held
            found.seen_known += tells and known
            found.others += not tells
            found.held += held and not tells
            found.held_known += known and not tells
    return found


def _holds(exercise: leak.Exercise | None, sentences: list[str], asked: bool = True) -> bool:
    return asked and exercise is not None and leak.any_leak(sentences, exercise)


def _teaching(row: dict[str, Any]) -> Iterator[tuple[list[Any], str]]:
    """Each turn of the teacher, with what the question and the student have said before it."""
    said = [row["question"]]
    for turn in str(row["conversation"]).split("|EOM|"):
        who, _, text = turn.partition(":")
        if who.strip() == "Teacher":
            yield list(said), _MOVE.sub("", text.strip())
        else:
            said.append(text)
