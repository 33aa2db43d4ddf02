"""What is checked of an outline beyond its shape: order, coverage, level, length, repetition, language. Each with its figure. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.courses import bloom
from shared.courses.matching import PARTLY, match
from shared.courses.outline import Outline, lessons, misplaced, unknown
from shared.courses.words import terms
from shared.language.answer import matches
from shared.language.detect import guess
from shared.language.names import LANGUAGES

Level = Literal["beginner", "intermediate", "advanced"]

COVERAGE = 0.8
"""The least share of the goals that lessons speak of."""
LENGTH = 0.2
"""How far the sum of minutes may be from what was asked for, in both directions."""
ALIKE = 0.85
"""The share of the longer one's terms from which two lessons say the same."""
OBSERVABLE = 0.5
"""The least share of objectives whose verb says what can be seen to be done."""
_READ = 10
"""Lessons whose first objective is read to tell the language."""
BANDS: dict[Level, tuple[float, float]] = {"beginner": (1.0, 3.8), "intermediate": (1.8, 4.8), "advanced": (2.5, 6.0)}
"""Where the mean of Bloom's levels lies."""


class Check(BaseModel):
    """One check. `passed` is null where nothing could be measured; `limit` is what `measured` is held against."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    name: Literal["order", "coverage", "level", "length", "duplicates", "readability", "questions", "language"]
    passed: bool | None
    measured: float | None
    limit: float
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an outline is held against. `minutes`: the learner's whole time, None where any length is right."""

    goals: tuple[str, ...]
    level: Level
    minutes: int | None
    language: str


def checks(outline: Outline, asked: Asked, left_out: Sequence[tuple[str, str]] = ()) -> list[Check]:
    """All checks of an outline, in a fixed order. A failed one's `detail` says what to change.

    `left_out`: titles of lessons and of what they needed in a circle, before the order was settled.
    """
    found = [_order(outline, left_out), _coverage(outline, asked), _level(outline, asked)]
    if asked.minutes is not None:
        found.append(_length(outline, asked.minutes))
    written = " ".join((outline.summary, *(one.objectives[0] for one in lessons(outline)[:_READ])))
    return [*found, _duplicates(outline, asked.language), spoken(written, asked.language)]


def spoken(text: str, language: str) -> Check:
    """Whether a text is written in the language that was asked for; null where that cannot be told."""
    fits, name = matches(text, language), LANGUAGES[language].english
    said = f"write every text in {name}" if fits is False else ""
    measured = None if fits is None else float(fits)
    return Check(name="language", passed=fits, measured=measured, limit=1, detail=said)


def _order(outline: Outline, left_out: Sequence[tuple[str, str]]) -> Check:
    strange, late = unknown(outline), misplaced(outline)
    said = [f"{lesson} needs {needed}, which is no lesson" for lesson, needed in strange[:4]]
    said += [f"{lesson} comes before {needed}, which it needs" for lesson, needed in late[:4]]
    said += [
        f"'{one[:60]}' and '{two[:60]}' needed each other; the later one is not asked for" for one, two in left_out[:4]
    ]
    wrong = len(strange) + len(late) + len(left_out)
    return Check(name="order", passed=not wrong, measured=wrong, limit=0, detail="; ".join(said))


def _coverage(outline: Outline, asked: Asked) -> Check:
    passages = [" ".join((one.title, *one.objectives, *one.skills)) for one in lessons(outline)]
    spoken = {guess(" ".join(asked.goals)), guess(" ".join(passages))} - {None}
    if not asked.goals or len(spoken) > 1:
        # Words of two languages cannot be compared.
        return Check(name="coverage", passed=None, measured=None, limit=COVERAGE, detail="")
    found = match(asked.goals, passages, asked.language)
    missed = [goal for goal, one in zip(asked.goals, found, strict=True) if one.similarity < PARTLY]
    share = 1 - len(missed) / len(asked.goals)
    said = "no lesson speaks of: " + "; ".join(goal[:80] for goal in missed[:5]) if missed else ""
    return Check(name="coverage", passed=share >= COVERAGE, measured=round(share, 4), limit=COVERAGE, detail=said)


def _level(outline: Outline, asked: Asked) -> Check:
    objectives = [objective for lesson in lessons(outline) for objective in lesson.objectives]
    mean, share = bloom.mean_level(objectives, asked.language)
    low, high = BANDS[asked.level]
    if mean is None or share < OBSERVABLE:
        said = "begin each objective with a verb whose doing can be seen (explain, solve, compare), not with know or understand"
        return Check(name="level", passed=False, measured=round(share, 4), limit=OBSERVABLE, detail=said)
    fits = low <= mean <= high
    wanted = "more demanding" if mean < low else "simpler"
    said = "" if fits else f"objectives of a course for {asked.level} learners should be {wanted}"
    return Check(name="level", passed=fits, measured=round(mean, 2), limit=low if mean < low else high, detail=said)


def _length(outline: Outline, minutes: int) -> Check:
    total = sum(lesson.minutes for lesson in lessons(outline))
    off = total / minutes - 1
    said = "" if abs(off) <= LENGTH else f"the lessons take {total} minutes and should take {minutes}"
    return Check(name="length", passed=abs(off) <= LENGTH, measured=round(abs(off), 4), limit=LENGTH, detail=said)


def _duplicates(outline: Outline, language: str) -> Check:
    """Two lessons are the same that say the same and ask for the same: understanding a thing and using it are two lessons."""
    looked = [
        (
            one.title,
            frozenset(terms(" ".join((one.title, *one.objectives)), language)),
            bloom.mean_level(one.objectives, language)[0],
        )
        for one in lessons(outline)
    ]
    found = [
        (first[0], second[0])
        for first, second in combinations(looked, 2)
        if first[2] == second[2] and len(first[1] & second[1]) >= ALIKE * max(1, len(first[1]), len(second[1]))
    ]
    said = "; ".join(f"'{one[:60]}' and '{two[:60]}' are the same lesson" for one, two in found[:4])
    return Check(name="duplicates", passed=not found, measured=len(found), limit=0, detail=said)


def failed(found: Sequence[Check]) -> list[str]:
    """What a model is told to put right."""
    return [f"{check.name}: {check.detail}" for check in found if check.passed is False]
