"""Whether an answer gives away the result that the learner is to find. Pure.

Two cases. Where the exercise can be worked out (`exercises.results`), or its result is known, a sentence that states that value
gives it away. Where it cannot (a word problem), a sentence that announces a result with a number nobody has named yet does.
What the learner has said already may be confirmed. Nothing is guarded where there is no exercise: facts may be explained.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from shared.patterns import LazyPattern
from shared.safety.verdict import ALLOW, Verdict
from shared.tutoring.cues import EXERCISE, RESULT
from shared.tutoring.exercises import results
from shared.tutoring.numbers import Number, numbers, plain, values

LEAK: Final = Verdict("block", ("answer_leak",))
_BEFORE_WORDS: Final = 45
"""Characters between the words that announce a result and its number."""
_AFTER_WORDS: Final = 14

_CUES = {
    code: LazyPattern(
        rf"(?:(?<![^\W\d_])(?:{cues})(?![^\W\d_])|=|\u2248)"
        if code not in ("zh", "ja", "ko")
        else rf"(?:{cues}|=|\u2248)"
    )
    for code, cues in RESULT.items()
}
_QUESTIONS = ("?", "\u061f", "\uff1f")
_ASKED = LazyPattern("|".join(re.escape(word) for word in EXERCISE))
_STEP = re.compile(r"[-+*/\u00d7\u00f7\u00b7\u2212^]\s*\(?[\d\w]")
_UNKNOWN = re.compile(r"(?<![^\W\d_])[a-zA-Z]\s*(?:=|\u2248)")


@dataclass(frozen=True, slots=True)
class Exercise:
    """What the learner is to find, as far as it is known.

    `known`: values of the result; empty where it cannot be worked out. `named`: numbers that the learner's own texts hold.
    """

    known: frozenset[Fraction] = frozenset()
    named: frozenset[Fraction] = frozenset()
    language: str = "en"


def exercise(messages: Sequence[str], language: str, known: Collection[Fraction] = ()) -> Exercise | None:
    """The exercise that a learner's messages (oldest first) are about; None where there is none to guard.

    `known` are results that are on record, such as those of a lesson's check questions.
    """
    found = set(known)
    for message in messages:
        found |= results(message)
    if not found and not any(_asks(message) for message in messages):
        return None
    named = {value for message in messages for value in values(message)}
    return Exercise(frozenset(found - named), frozenset(named), language)


def guard(
    messages: Sequence[str], language: str, known: Collection[Fraction] = ()
) -> Callable[[str, str], Verdict] | None:
    """A gateway's guard (`shared.llm.call.Guard`) for the answer to the last of the learner's messages; see `exercise`."""
    found = exercise(messages, language, known)
    return None if found is None else _guard(found)


def _guard(found: Exercise) -> Callable[[str, str], Verdict]:

    def judge(sentence: str, before: str) -> Verdict:
        return LEAK if gives_away(sentence, found, before) else ALLOW

    return judge


def gives_away(sentence: str, found: Exercise, before: str = "") -> bool:
    """Whether a sentence, behind what was said `before` it, states the exercise's result."""
    stated = numbers(sentence)
    if not stated:
        return False
    text = plain(before[-_BEFORE_WORDS:] + sentence).lower()
    shift = len(before[-_BEFORE_WORDS:])
    if found.known:
        return any(
            not found.known.isdisjoint(number.values) and _as_result(text, number, shift, found.language)
            for number in stated
        )
    if sentence.rstrip().endswith(_QUESTIONS):
        return False
    return any(
        found.named.isdisjoint(number.values) and _announced(text, number, shift, found.language) for number in stated
    )


def _as_result(text: str, number: Number, shift: int, language: str) -> bool:
    """A known value counts where it is announced, or long enough that nothing else would be meant by it."""
    long = sum(sign.isdigit() for sign in text[number.start + shift : number.end + shift]) > 1
    return long or _announced(text, number, shift, language, steps=True) or len(text) - shift < 2 * _AFTER_WORDS


def _announced(text: str, number: Number, shift: int, language: str, *, steps: bool = False) -> bool:
    """Whether words that announce a result stand near the number. A step on the way (`3 × 50 = 150`) announces none."""
    start, end = number.start + shift, number.end + shift
    near = text[max(0, start - _BEFORE_WORDS) : min(len(text), end + _AFTER_WORDS)]
    cues = _CUES.get(language, _CUES["en"])
    if cues.search(near) is None and (language == "en" or _CUES["en"].search(near) is None):
        return False
    return steps or _UNKNOWN.search(near) is not None or _STEP.search(text[max(0, start - 24) : start]) is None


def _asks(message: str) -> bool:
    """Whether a message is an exercise: two numbers or more, and a question or words that ask for a result."""
    if len(numbers(message)) < 2:
        return False
    return any(sign in message for sign in _QUESTIONS) or _ASKED.search(message.lower()) is not None


def any_leak(sentences: Iterable[str], found: Exercise) -> bool:
    """Whether any of an answer's sentences gives the result away."""
    before = ""
    for sentence in sentences:
        if gives_away(sentence, found, before):
            return True
        before = sentence
    return False
