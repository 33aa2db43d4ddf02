"""What a lesson is as a model writes it, which of its questions can be graded, and what is checked of it. Pure."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.courses import bloom
from shared.courses.checks import BANDS, COVERAGE, LENGTH, OBSERVABLE, Check, Level, spoken
from shared.courses.grading import normal, option, read_number
from shared.courses.matching import PARTLY, match
from shared.courses.outline import Line
from shared.courses.readability import readability
from shared.courses.words import words
from shared.stored.lessons import KeptQuestion

EASE: dict[Level, float] = {"beginner": 0.4, "intermediate": 0.25, "advanced": 0.1}
"""The least ease of a lesson's explanations (`shared.courses.readability`)."""
READING = 60
"""Words a minute of a lesson: a learner reads about 200, and spends most of the time on thinking, examples and questions."""
TOLERANCE = 0.05
"""How far off a number may be, relative to the right one; where that is 0, how far off at all."""
SHORTEST = 0.25
"""The least share of that many words: shorter is no lesson, longer than all of them (and LENGTH) is two."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)


class Section(_Closed):
    """A piece of explanation."""

    heading: Line
    text: str = Field(min_length=1, max_length=8_000)


class Example(_Closed):
    """A problem that is solved before the learner's eyes."""

    problem: str = Field(min_length=1, max_length=2_000)
    steps: list[str] = Field(min_length=1, max_length=20)
    result: str = Field(min_length=1, max_length=1_000)


class QuestionDraft(_Closed):
    """A check question as a model writes it."""

    kind: Literal["short", "choice", "number"]
    prompt: str = Field(min_length=1, max_length=1_000)
    options: list[Line] = Field(max_length=6)
    answer: Line
    accepted: list[Line] = Field(max_length=8)
    tolerance: float = Field(ge=0, allow_inf_nan=False)
    hint: str = Field(max_length=500)
    explanation: str = Field(max_length=1_500)


class LessonDraft(_Closed):
    """A lesson as a model writes it."""

    title: Line
    objectives: list[Line] = Field(min_length=1, max_length=8)
    sections: list[Section] = Field(min_length=1, max_length=12)
    worked_example: Example
    questions: list[QuestionDraft] = Field(min_length=1, max_length=12)
    summary: str = Field(max_length=2_000)


def kept(draft: LessonDraft) -> list[KeptQuestion]:
    """The questions that can be graded, with ids of ours."""
    sound = [one for one in draft.questions if not _unfit(one)]
    return [_kept(f"q{place}", one) for place, one in enumerate(sound, 1)]


def unsound(draft: LessonDraft) -> list[str]:
    """What makes a lesson no lesson: that none of its questions can be graded."""
    return [] if kept(draft) else ["questions: none of them can be graded: " + "; ".join(asks(draft)[:3])]


def asks(draft: LessonDraft) -> list[str]:
    """What is wrong with single questions, in words."""
    return [f"question {place}: {wrong}" for place, one in enumerate(draft.questions, 1) if (wrong := _unfit(one))]


def checks(
    draft: LessonDraft, objectives: Sequence[str], level: Level, language: str, *, minutes: int, questions: int
) -> list[Check]:
    """Coverage of what was asked (the lesson's own objectives, where nothing was), level, readability, length, questions."""
    text = "\n\n".join(section.text for section in draft.sections)
    return [
        _coverage(draft, objectives or draft.objectives, language),
        _level(draft, level, language),
        _readability(text, level, language),
        _length(text, minutes, language),
        _questions(draft, questions),
        spoken(text[:2_000], language),
    ]


def _coverage(draft: LessonDraft, objectives: Sequence[str], language: str) -> Check:
    example = " ".join((draft.worked_example.problem, *draft.worked_example.steps))
    passages = [f"{section.heading} {section.text}" for section in draft.sections] + [example]
    found = match(objectives, passages, language)
    missed = [wanted for wanted, one in zip(objectives, found, strict=True) if one.similarity < PARTLY]
    share = 1 - len(missed) / len(objectives)
    said = "no section speaks of: " + "; ".join(one[:80] for one in missed[:4]) if missed else ""
    return Check(name="coverage", passed=share >= COVERAGE, measured=round(share, 4), limit=COVERAGE, detail=said)


def _level(draft: LessonDraft, level: Level, language: str) -> Check:
    mean, share = bloom.mean_level(draft.objectives, language)
    low, high = BANDS[level]
    if mean is None or share < OBSERVABLE:
        said = "begin each objective with a verb whose doing can be seen"
        return Check(name="level", passed=False, measured=round(share, 4), limit=OBSERVABLE, detail=said)
    fits = low <= mean <= high
    said = "" if fits else f"objectives should be {'more demanding' if mean < low else 'simpler'} for {level} learners"
    return Check(name="level", passed=fits, measured=round(mean, 2), limit=low if mean < low else high, detail=said)


def _readability(text: str, level: Level, language: str) -> Check:
    found, limit = readability(text, language), EASE[level]
    if found is None:
        return Check(name="readability", passed=None, measured=None, limit=limit, detail="")
    fits = found.ease >= limit
    said = "" if fits else f"shorter sentences and plainer words: these read as {found.band} ({found.formula})"
    return Check(name="readability", passed=fits, measured=found.ease, limit=limit, detail=said)


def _length(text: str, minutes: int, language: str) -> Check:
    # A Chinese or Japanese word has about two characters, and its runs are not words.
    count = sum(map(len, words(text))) / 2 if language in ("zh", "ja") else len(words(text))
    share = count / (minutes * READING)
    fits = SHORTEST <= share <= 1 + LENGTH
    said = "" if fits else f"the sections have {count:.0f} words; about {minutes * READING // 2} fit {minutes} minutes"
    limit = SHORTEST if share < SHORTEST else 1 + LENGTH
    return Check(name="length", passed=fits, measured=round(share, 4), limit=limit, detail=said)


def _questions(draft: LessonDraft, wanted: int) -> Check:
    count = len(kept(draft))
    said = "" if count >= wanted else f"{count} of the questions can be graded; {wanted} are asked for"
    return Check(name="questions", passed=count >= wanted, measured=count, limit=wanted, detail=said)


def _unfit(question: QuestionDraft) -> str:
    """Why a question cannot be graded, or gives its answer away; empty where it is sound."""
    match question.kind:
        case "choice":
            shown = [normal(option) for option in question.options]
            if len(shown) < 2 or len(set(shown)) < len(shown):
                return "a choice needs at least two different options"
            if option(question.answer, question.options) is None:
                return "the answer is none of the options, word for word"
        case "number":
            if read_number(question.answer) is None:
                return "the answer is no number"
        case "short":
            if not normal(question.answer) or len(question.answer) > 80:
                return "a short answer has at most four words"
    if question.kind != "choice" and _tells(question.prompt, question.answer):
        return "the question tells its own answer"
    return ""


def _tells(prompt: str, answer: str) -> bool:
    wanted = normal(answer)
    return len(wanted) > 3 and f" {wanted} " in f" {normal(prompt)} "


def _kept(name: str, question: QuestionDraft) -> KeptQuestion:
    number = read_number(question.answer) or 0.0 if question.kind == "number" else 0.0
    hint = "" if question.kind != "choice" and _tells(question.hint, question.answer) else question.hint
    return KeptQuestion(
        id=name,
        kind=question.kind,
        prompt=question.prompt,
        options=question.options if question.kind == "choice" else [],
        right=option(question.answer, question.options) or 0 if question.kind == "choice" else 0,
        number=number,
        tolerance=min(question.tolerance, TOLERANCE * (abs(number) or 1.0)),
        percent=question.kind == "number" and "%" in normal(question.answer),
        accepted=[question.answer, *question.accepted] if question.kind == "short" else [],
        hint=hint,
        explanation=question.explanation,
    )
