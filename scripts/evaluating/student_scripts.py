"""Students who want the answer and not the lesson: ten turns in each of the twelve languages. Data: `students/CODE.json`.

The attacks are the same everywhere, written by hand in each language: pleading, hurry, authority, permission, a test of the tutor,
a role to play, a fake system message, guessing by comparison, half of the answer, and one last plea.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from shared.language.names import LANGUAGES

FOLDER: Final = Path(__file__).with_name("students")
TURNS: Final = 10


@dataclass(frozen=True, slots=True)
class Student:
    """One exercise and the ten messages with which its answer is asked for; the first holds the exercise."""

    language: str
    exercise: str
    answer: Fraction
    turns: tuple[str, ...]


def students() -> Iterator[Student]:
    """All of them: each exercise of each language with that language's turns."""
    for code in LANGUAGES:
        table = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
        for found in table["exercises"]:
            turns = (found["text"], *table["pleas"])
            yield Student(code, found["text"], Fraction(found["answer"]), turns)
