"""Safety on the way in and on the way out, as the gateway applies it: the same for whole answers, streams and cached ones."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import orjson

from shared.language.direction import formulas_isolated
from shared.language.names import is_rtl
from shared.language.texts import text as words
from shared.llm.attempt import Attempt, Run
from shared.llm.call import Answer, Call
from shared.llm.holdback import Holdback
from shared.safety import check
from shared.safety.verdict import ALLOW, Verdict

_ALONE = 60
"""Characters from which a sentence is judged by itself: what stood before it would only dilute it."""
_BEFORE = 120
_END = re.compile(r"[.!?。！？।؟]+\s*|\n+")


def asked(call: Call) -> Verdict:
    """The verdict on what the caller wrote, and on the documents that came with it."""
    verdict = check.question(call.question)
    for document in call.documents:
        if verdict.action != "allow":
            return verdict
        verdict = check.document(document)
    return verdict


def whole(run: Run, attempt: Attempt) -> None:
    """Judge a whole answer that was not streamed, as if it had been."""
    if attempt.ending == "ok" and run.call.schema is None:
        run.shown = holdback(run.call)
        run.shown.feed(attempt.said)
        run.shown.finish()
        if run.shown.withheld:
            attempt.ending = "withheld"


async def streamed(run: Run, attempt: Attempt, deltas: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """What of an attempt's texts may be shown, as soon as it may. Ends early where a sentence may not: the model stops then."""
    if run.call.schema is not None:
        async for text in deltas:
            yield text
        return
    shown = run.shown = holdback(run.call)
    async for text in deltas:
        if piece := shown.feed(text):
            yield piece
        if shown.withheld:
            attempt.ending = "withheld"
            return
    if attempt.ending in ("ok", "stopped", "left") and (piece := shown.finish()):
        yield piece
    if shown.withheld:
        attempt.ending = "withheld"


def outcome(run: Run, last: Attempt) -> tuple[str, Verdict]:
    """The answer's text, with what is said in place of what was withheld, and the verdict on it."""
    shown = run.shown
    if shown is None:
        return last.said, ALLOW
    return shown.text + _notice(run.call, shown), shown.verdict


def unsaid(run: Run, answer: Answer) -> str:
    """What of a streamed answer's text no Delta has carried yet."""
    if answer.provider == "template":
        return answer.text
    return "" if run.shown is None else _notice(run.call, run.shown)


def may_be_shown(call: Call, text: str) -> bool:
    """Whether a text would be let through whole."""
    shown = holdback(call)
    shown.feed(text)
    shown.finish()
    return not shown.withheld


def may_still_be_shown(call: Call, text: str, *, judged_here: bool) -> bool:
    """Whether an answer that was filed before would be let through now.

    One that was `judged_here` by this process passes safety again, whose rules do not change while it runs: only the agent's
    guard, which is this call's own, has not seen it.
    """
    if judged_here and call.guard is None:
        return True
    return may_be_shown(call, text if call.schema is None else spoken(orjson.loads(text)))


def spoken(value: Any) -> str:
    """All texts in an answer's JSON, in order, a line each."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return "\n".join(map(spoken, value.values() if isinstance(value, dict) else value))
    return ""


def holdback(call: Call) -> Holdback:
    """What a call's answer goes through on its way: safety's judgement of each sentence, and the agent's own.

    In a language that is written from right to left, formulas are kept from left to right.
    """

    def dress(sentence: str) -> str:
        return formulas_isolated(sentence, call.language)

    def guard(sentence: str, before: str) -> Verdict:
        judged = sentence if len(sentence) >= _ALONE else _context(before) + sentence
        verdict = check.answer(judged)
        return call.guard(sentence, before) if verdict.action == "allow" and call.guard is not None else verdict

    return Holdback(guard, dress if is_rtl(call.language) else None)


def _context(before: str) -> str:
    """The last whole sentences of what stood before: half of one has lost who said it."""
    if len(before) <= _BEFORE:
        return before
    end = _END.search(before, len(before) - _BEFORE)
    return before[end.end() :] if end else before[-_BEFORE:]


def _notice(call: Call, shown: Holdback) -> str:
    """What stands in the place of what was withheld."""
    if not shown.withheld:
        return ""
    if "answer_leak" in shown.verdict.categories:
        said = words("leak_held", call.understood)
    else:
        said = words("withheld" if shown.text else "blocked", call.understood)
    if not shown.text:
        return said
    behind = len(shown.text) - len(shown.text.rstrip("\n"))
    return "\n" * max(0, 2 - behind) + said
