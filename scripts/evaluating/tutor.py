"""Does it teach, or does it answer? Dialogues of real tutoring, and students who press for the answer in twelve languages.

Measured on what a learner would be shown, through the gateway with everything that stands in it:

- `answer_leak_rate`: replies that hold the exercise's final result before the learner has named it (data with a known result)
- `held_back_rate`: replies of which the leak guard kept something back
- `asks_back_rate`: replies with a question in them
- `language_match`: replies in the learner's language, of those whose language can be told
- `guard_…`: what the leak guard makes of human teachers' turns (`human_teachers`)

`tutor_mathdial` (`test.jsonl`: question, ground_truth, student_incorrect_solution): the learner shows the wrong solution.
`tutor_bridge` (`dialogues.jsonl`: c_h): the learner's last message after the conversation so far.
The models are those that are configured (`.env`); with none it is the template floor.
"""

import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from scripts.benchmarks.progress import Progress
from scripts.evaluating import Report, Request, human_teachers, student_scripts
from shared import ids, log
from shared.agents import mentor
from shared.documents import Conversation, Said
from shared.errors import LyoError
from shared.language.answer import matches
from shared.language.detect import guess
from shared.llm.call import Answer, Call
from shared.runtime import Runtime
from shared.settings import Settings
from shared.tutoring import leak
from shared.tutoring.numbers import values

COLUMNS = ("set", "n", "leaks", "held back", "asks back", "language", "answered by")
_QUESTION = re.compile("[?\uff1f\u061f]|\u304b[\u3002!\n]|\u304b$")
"""A question's end; Japanese also asks with its particle and a full stop."""
_AT_ONCE = 4


@dataclass(frozen=True)
class Scene:
    """Where a dialogue stands: what was said, what the learner says now, and the result to be found, where it is known."""

    group: str
    language: str
    message: str
    said: tuple[tuple[str, str], ...] = ()
    answer: frozenset[Fraction] = frozenset()


@dataclass
class Tally:
    """What a group's replies were like."""

    n: int = 0
    failed: int = 0
    known: int = 0
    leaks: int = 0
    held: int = 0
    asks: int = 0
    told: int = 0
    right: int = 0
    models: Counter[str] | None = None

    def add(self, scene: Scene, answer: Answer) -> None:
        """Count one reply."""
        self.models = self.models or Counter()
        self.models[answer.model] += 1
        self.n += 1
        exercise = hidden(scene)
        self.known += bool(exercise.known)
        self.leaks += bool(exercise.known) and given_away(answer.text, exercise)
        self.held += "answer_leak" in answer.verdict.categories
        self.asks += _QUESTION.search(answer.text) is not None
        written = matches(answer.text, scene.language)
        self.told += written is not None
        self.right += written is True

    def rates(self) -> dict[str, float | None]:
        """The contract's fields; None where nothing could be told."""
        return {
            "answer_leak_rate": self.leaks / self.known if self.known else None,
            "held_back_rate": self.held / self.n if self.n else None,
            "asks_back_rate": self.asks / self.n if self.n else None,
            "language_match": self.right / self.told if self.told else None,
        }


def hidden(scene: Scene) -> leak.Exercise:
    """The scene's exercise, knowing its result as long as the learner has not named it."""
    found = leak.exercise([*(question for question, _ in scene.said), scene.message], scene.language)
    found = found or leak.Exercise(language=scene.language)
    return replace(found, known=scene.answer - found.claimed)


def given_away(text: str, found: leak.Exercise) -> bool:
    """Whether the result stands anywhere in the text; one that the exercise holds itself, only where it is said to be the result."""
    if not (found.known - found.given).isdisjoint(values(text)):
        return True
    return leak.any_leak(human_teachers.SENTENCE.split(text), found)


def evaluate(request: Request) -> Report:
    """Ask for a reply in every scene, and count."""
    report = Report(COLUMNS)
    opening = list(scenes(request))
    tallies = asyncio.run(_ask(opening))
    whole = Tally()
    for group, tally in tallies.items():
        _show(report, group, tally, f"{group}_")
        for name in ("n", "failed", "known", "leaks", "held", "asks", "told", "right"):
            setattr(whole, name, getattr(whole, name) + getattr(tally, name))
        whole.models = (whole.models or Counter()) + (tally.models or Counter())
    if whole.n:
        _show(report, "all", whole, "")
    teachers = human_teachers.measured(
        row for path in request.files("test.jsonl") for row in _rows(path) if "conversation" in row
    )
    if fields := teachers.fields():
        report.add(fields)
        report.notes.append(
            f"the leak guard on human teachers' turns: {teachers.seen} of {teachers.telling} that tell the result seen, {teachers.held} of "
            f"{teachers.others} others held back; with the result known {teachers.seen_known} and {teachers.held_known}"
        )
    return report


def scenes(request: Request) -> Iterator[Scene]:
    """The scenes of the data that is there."""
    for path in request.files("test.jsonl"):
        for row in _rows(path):
            if {"question", "ground_truth", "student_incorrect_solution"} <= row.keys():
                said = f"{row['question']}\n\n{row['student_incorrect_solution']}"
                yield Scene(
                    "mathdial", "en", said[:8_000], answer=frozenset(values(str(row["ground_truth"]).split("\n")[-1]))
                )
    for path in request.files("dialogues.jsonl"):
        for row in _rows(path):
            if "c_h" in row and (scene := _bridge(row)) is not None:
                yield scene


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _bridge(row: dict[str, Any]) -> Scene | None:
    """The conversation as exchanges, ending with what the student said last."""
    turns: list[tuple[str, str]] = []
    for part in row["c_h"]:
        who = "student" if part["user"] == "student" else "tutor"
        if turns and turns[-1][0] == who:
            turns[-1] = (who, f"{turns[-1][1]}\n{part['text']}")
        else:
            turns.append((who, str(part["text"])))
    if not turns or turns[-1][0] != "student" or not turns[-1][1].strip():
        return None
    pairs: list[tuple[str, str]] = []
    question = f"({row.get('lesson_topic', '')})"
    for who, text in turns[:-1]:
        if who == "student":
            question = text
        else:
            pairs.append((question, text))
            question = "..."
    return Scene("bridge", guess(turns[-1][1]) or "en", turns[-1][1][:8_000], tuple(pairs))


async def _ask(opening: list[Scene]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    pressing = list(student_scripts.students())
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load().model_copy(update={"data_dir": Path(folder), "log_level": "CRITICAL"})
        log.configure(settings)  # standard output is the table's
        runtime = Runtime(settings)
        progress = Progress("tutoring", len(opening) + len(pressing) * student_scripts.TURNS)
        free = asyncio.Semaphore(_AT_ONCE)

        async def one(scene: Scene) -> Answer | None:
            async with free:
                answer = await _reply(runtime, scene)
            tally = tallies.setdefault(scene.group, Tally())
            if answer is None:
                tally.failed += 1
            else:
                tally.add(scene, answer)
            progress.step(scene.group)
            return answer

        async def press(student: student_scripts.Student) -> None:
            said: list[tuple[str, str]] = []
            for message in student.turns:
                hidden = frozenset((student.answer,))
                scene = Scene(f"students_{student.language}", student.language, message, tuple(said), hidden)
                answer = await one(scene)
                said.append((message, answer.text if answer else ""))

        try:
            await asyncio.gather(*map(one, opening), *map(press, pressing))
        finally:
            progress.end()
            await runtime.close()
    return dict(sorted(tallies.items()))


async def _reply(runtime: Runtime, scene: Scene) -> Answer | None:
    """What the learner would be shown; None where nobody answered."""
    recent = [
        Said(message_id=f"m{n}", question=question, answer=answer) for n, (question, answer) in enumerate(scene.said)
    ]
    talk = Conversation(id="c", user_id="student", created_at=0, updated_at=0, recent=recent) if recent else None
    prompt = mentor.prompt(scene.message, scene.language, None, talk)
    call = Call(
        agent=mentor.AGENT,
        user_id="student",
        request_id=ids.new("r"),
        message_id=ids.new("m"),
        messages=prompt.messages,
        question=scene.message,
        language=scene.language,
        version=mentor.VERSION,
        max_output_tokens=mentor.MAX_OUTPUT_TOKENS,
        temperature=0.0,
        cacheable=False,
        guard=leak.guard([*(question for question, _ in scene.said), scene.message], scene.language),
    )
    try:
        return await runtime.gateway.complete(call)
    except LyoError:
        return None


def _show(report: Report, group: str, tally: Tally, prefix: str) -> None:
    rates = tally.rates()
    models = ", ".join(f"{name} {count}" for name, count in (tally.models or Counter()).most_common(3))
    fields: dict[str, Any] = {f"{prefix}{name}": value for name, value in rates.items()}
    fields[f"{prefix}n"] = tally.n
    if not prefix:
        fields["model"] = models
    if tally.failed:
        fields[f"{prefix}failed"] = tally.failed
    report.add(fields, group, tally.n, *rates.values(), models)
