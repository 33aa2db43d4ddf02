"""Whether an answer gives away the result that the learner is to find. Pure.

Two cases. Where the exercise can be worked out (`exercises.results`), or its result is known, a sentence that states that value
gives it away. Where it cannot (a word problem), a sentence that announces a result with a number nobody has named yet does.
What the learner has said already may be confirmed. Nothing is guarded where there is no exercise: facts may be explained.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from shared.patterns import LazyPattern
from shared.safety.verdict import ALLOW, Verdict
from shared.tutoring.cues import ANSWER, CLAIM, EXERCISE, RESULT
from shared.tutoring.exercises import LOOKED_AT, results
from shared.tutoring.numbers import Number, numbers, plain, values
from shared.tutoring.words import word

LEAK: Final = Verdict("block", ("answer_leak",))
_BEFORE_WORDS: Final = 45
"""Characters between the words that announce a result and its number."""
_AFTER_WORDS: Final = 14
_RIGHT_BEFORE: Final = 24
MESSAGES: Final = 12
"""Messages of a learner that are looked at."""

_CUES = {
    code: LazyPattern(
        rf"(?:(?<![^\W\d_])(?:{cues})(?![^\W\d_])|=|\u2248)"
        if code not in ("zh", "ja", "ko")
        else rf"(?:{cues}|=|\u2248)"
    )
    for code, cues in RESULT.items()
}
_QUESTIONS = ("?", "\u061f", "\uff1f")
_ASKED = LazyPattern("|".join(EXERCISE))
_CLAIM = LazyPattern(CLAIM)
_ANSWER = LazyPattern(ANSWER)
_HIDDEN = re.compile("[\u200b-\u200f\u2060\u00ad\ufeff\u2066-\u2069]")
_EQUALS = re.compile(r"[=\u2248]\s*[-\u2212]?$")
_UNSPACED = frozenset(("zh", "ja", "ko", "ar"))
_STEP = re.compile(r"[-+*/\u00d7\u00f7\u00b7\u2212^]\s*\(?[\d\w]")
_UNKNOWN = re.compile(r"(?<![^\W\d_])[a-zA-Z]\s*(?:=|\u2248)")


@dataclass(frozen=True, slots=True)
class Exercise:
    """What the learner is to find, as far as it is known.

    `known`: values of the result; empty where it cannot be worked out. `claimed`: results that the learner has put forward.
    `given`: the numbers that the exercise itself is made of.
    """

    known: frozenset[Fraction] = frozenset()
    claimed: frozenset[Fraction] = frozenset()
    given: frozenset[Fraction] = frozenset()
    language: str = "en"


def exercise(messages: Sequence[str], language: str, known: Collection[Fraction] = ()) -> Exercise | None:
    """The exercise that a learner's messages (oldest first) are about; None where there is none to guard.

    `known` are results that are on record, such as those of a lesson's check questions. The newest messages are looked at.
    """
    found, claimed, given = set(known), set[Fraction](), set[Fraction]()
    asked = bool(known)
    for message in messages[-MESSAGES:]:
        text = message[:LOOKED_AT]
        worked_out = results(text)
        found |= worked_out
        if worked_out or _asks(text):
            asked = True
            claims = values(text[put.end() :]) if (put := _CLAIM.search(text.lower())) else set()
            claimed |= claims
            given |= values(text) - claims
        else:
            claimed |= values(text)
    if not asked:
        return None
    return Exercise(frozenset(found - claimed), frozenset(claimed), frozenset(given), language)


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
    sentence, before = _HIDDEN.sub("", sentence), _HIDDEN.sub("", before)[-_BEFORE_WORDS:]
    stated = [number for number in numbers(sentence) if found.claimed.isdisjoint(number.values)]
    spelled = list(_spelled(sentence, found))
    if not stated and not spelled:
        return False
    text, shift = plain(before + sentence).lower(), len(before)
    if found.known:
        return any(
            _as_result(text, number, shift, found)
            for number in (*stated, *spelled)
            if not found.known.isdisjoint(number.values)
        )
    if sentence.rstrip().endswith(_QUESTIONS):
        return False
    return any(_announced(text, number, shift, found) for number in stated)


def _spelled(sentence: str, found: Exercise) -> Iterator[Number]:
    """A known result that is written as a word."""
    for value in found.known:
        if value.denominator == 1 and (spelling := word(int(value), found.language)):
            unspaced = found.language in _UNSPACED
            pattern = spelling if unspaced else rf"(?<![^\W\d_])(?:{spelling})(?![^\W\d_])"
            for match in re.finditer(pattern, sentence.lower()):
                yield Number(match.start(), match.end(), frozenset((value,)))


def _as_result(text: str, number: Number, shift: int, found: Exercise) -> bool:
    """A known value counts where it is announced, or where it is long enough that nothing else would be meant by it."""
    signs = sum(sign.isdigit() for sign in text[number.start + shift : number.end + shift])
    start, asks = number.start + shift, text.rstrip().endswith(_QUESTIONS)
    if signs and len(text) - shift < 2 * _AFTER_WORDS and not asks:
        return True
    if not found.given.isdisjoint(number.values):  # one that may be spoken of, unless it is said to be the result
        before = text[max(0, start - _RIGHT_BEFORE) : start]
        return _EQUALS.search(before) is not None or _ANSWER.search(before) is not None
    return signs > 1 or _announced(text, number, shift, found, steps=True)


def _announced(text: str, number: Number, shift: int, found: Exercise, *, steps: bool = False) -> bool:
    """Whether words that announce a result stand near the number. A step on the way (`3 × 50 = 150`) announces none.

    A number of the exercise itself is announced only by a noun right before it ("the answer is 25").
    """
    start, end, language = number.start + shift, number.end + shift, found.language
    if not steps and not found.given.isdisjoint(number.values):
        return _ANSWER.search(text[max(0, start - _RIGHT_BEFORE) : start]) is not None
    near = text[max(0, start - _BEFORE_WORDS) : min(len(text), end + _AFTER_WORDS)]
    cues = _CUES.get(language, _CUES["en"])
    if steps and _ANSWER.search(near) is not None:
        return True
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
