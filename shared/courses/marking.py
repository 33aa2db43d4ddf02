"""Marking a learner's answer to a check question over the stored lesson. The same answer sent again changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.courses import grading
from shared.errors import InvalidRequest, NotFound, StaleVersion, Unavailable
from shared.store import Put, Store, Write
from shared.stored.lessons import KeptQuestion, Lesson

TRIES = 3
"""Different wrong answers until the explanation is shown."""
_MOST_WRONG = 20
_RACES = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """What came of an answer. `solved`: questions of the lesson answered rightly so far; `before`: this one was already."""

    lesson: Lesson
    question: KeptQuestion
    correct: bool
    tries_left: int
    solved: int
    before: bool

    @property
    def tries(self) -> int:
        """Different answers to the question so far, this one with them."""
        return len(self.lesson.wrong.get(self.question.id, ())) + self.correct

    @property
    def revealed(self) -> bool:
        """Whether the explanation is shown."""
        return self.correct or self.before or self.tries_left == 0


Tell = Callable[[Mark], Sequence[Write]]


async def mark(
    store: Store, user_id: str, lesson_id: str, question_id: str, answer: str, *, tell: Tell | None = None
) -> Mark:
    """Grade and remember. What `tell` returns is stored in the same commit, where the answer changed anything.

    Raises NotFound where there is no such question in a lesson of this learner, InvalidRequest for what is none of a choice's
    options (which is no try), and StoreError.
    """
    for _ in range(_RACES):
        found = await store.get_versioned(Lesson, lesson_id)
        if found is None or found[0].user_id != user_id:
            raise NotFound("No such lesson.")
        lesson, version = found
        question = next((one for one in lesson.questions if one.id == question_id), None)
        if question is None:
            raise NotFound("No such question.")
        if question.kind == "choice" and grading.option(answer, question.options) is None:
            raise InvalidRequest("No such option.", fields=[("answer", "Is none of the question's options.")])
        correct = is_right(question, answer)
        after = _remembered(lesson, question, answer, correct)
        try:
            left = max(0, TRIES - len(after.wrong.get(question.id, ())))
            made = Mark(after, question, correct, left, len(after.solved), question.id in lesson.solved)
            if after != lesson:
                await store.commit(Put(after, expect=version), *(() if tell is None else tell(made)))
        except StaleVersion:
            continue  # another answer to this lesson came first
        return made
    raise Unavailable("This lesson is being answered from many places.", retry_after=1)


def is_right(question: KeptQuestion, answer: str) -> bool:
    """Whether an answer is right, by the question's kind."""
    match question.kind:
        case "choice":
            return grading.choice(answer, question.options, question.right)
        case "number":
            return grading.number(answer, question.number, question.tolerance, percent=question.percent)
        case "short":
            return grading.short(answer, question.accepted)


def _remembered(lesson: Lesson, question: KeptQuestion, answer: str, correct: bool) -> Lesson:
    if correct:
        solved = lesson.solved if question.id in lesson.solved else [*lesson.solved, question.id]
        return lesson.model_copy(update={"solved": solved})
    if question.id in lesson.solved:
        return lesson  # what was solved stays solved, and nothing is left to try
    said = grading.normal(answer)[:200]
    before = lesson.wrong.get(question.id, [])
    if said in before or len(before) >= _MOST_WRONG:
        return lesson
    return lesson.model_copy(update={"wrong": {**lesson.wrong, question.id: [*before, said]}})
