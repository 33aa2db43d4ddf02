"""The grammar of faults: a name such as `fake-n60-pace5ms-cut40` read into a frozen Fault. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Break = Literal["cut", "eof", "stall", "inband", "badjson"]
"""Where an answer breaks: connection closed, ended without a finish, silence, error event, malformed JSON."""

Cause = Literal["quota", "auth", "badkey", "toolong", "missing", "blocked", "timeout"]
"""What an error is about, where its HTTP status alone does not say it."""

Instead = Literal["silent", "html", "refusedconn"]
"""What is sent in place of an answer."""

MAX_TOKENS = 100_000
MAX_SECONDS = 600.0

# A word is a letter-or-digit run; a decimal point belongs to it only between digits, so "fake-cut5." ends a sentence.
_NAME = re.compile(r"(?<![\w-])fake((?:-[a-z0-9]+(?:\.[0-9]+[a-z]*)?)+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """How one call is answered. Times in seconds, `*_after` in tokens of the answer. The default is a good answer."""

    latency: float = 0.0
    """Before the status line."""
    first: float = 0.0
    """Between the headers and the first token (added to the latency where nothing is streamed)."""
    cold: float = 0.0
    """Between the model's first call and the moment it is awake; calls until then wait, as at a service that scales to zero."""
    pace: float = 0.0
    """Between two tokens, and between the last one and the finish; an answer that is not streamed takes `pace` times its tokens."""
    tokens: int = 12
    chars: int = 0
    """When positive, the answer is streamed in pieces of so many characters."""
    echo: bool = False
    """The answer is the last user message without its fake word."""
    prose: bool = False
    """Prose even where a schema was asked for."""
    status: int | None = None
    cause: Cause | None = None
    retry_after: float | None = None
    stop: Break | None = None
    stop_after: int = 0
    instead: Instead | None = None
    finish: Literal["stop", "length", "refusal"] = "stop"
    refuse_after: int = 0
    usage: Literal["real", "zero", "none", "big"] = "real"
    cached: int = 0
    thinking: int = 0
    known: int = 0
    """How many words of the name named a behaviour."""
    labels: tuple[str, ...] = field(default=())
    """Words of the name that name no behaviour: they only tell one model from another."""


class UnknownFaultError(ValueError):
    """A fault word that the grammar does not know, where a label makes no sense (scripts)."""


Change = dict[str, Any]


def _seconds(number: str, unit: float = 1.0) -> float:
    return min(float(number) * unit, MAX_SECONDS)


def _tokens(number: str) -> int:
    return min(int(number or 0), MAX_TOKENS)


def _break(match: re.Match[str]) -> Change:
    return {"stop": match[1], "stop_after": _tokens(match[2])}


_FLAGS: dict[str, Change] = {
    "ok": {},
    "quota": {"cause": "quota"},
    "auth": {"cause": "auth"},
    "badkey": {"cause": "badkey"},
    "toolong": {"cause": "toolong"},
    "missing": {"cause": "missing"},
    "blocked": {"cause": "blocked"},
    "silent": {"instead": "silent"},
    "html": {"instead": "html"},
    "refusedconn": {"instead": "refusedconn"},
    "empty": {"tokens": 0},
    "length": {"finish": "length"},
    "usage0": {"usage": "zero"},
    "nousage": {"usage": "none"},
    "usagebig": {"usage": "big"},
    "notjson": {"prose": True},
    "echo": {"echo": True},
}

_NUMBERED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Change]], ...] = (
    (re.compile(r"(\d+(?:\.\d+)?)ms"), lambda m: {"latency": _seconds(m[1], 0.001)}),
    (re.compile(r"slowfirst(\d+(?:\.\d+)?)s"), lambda m: {"first": _seconds(m[1])}),
    (re.compile(r"cold(\d+(?:\.\d+)?)s"), lambda m: {"cold": _seconds(m[1])}),
    (re.compile(r"pace(\d+(?:\.\d+)?)ms"), lambda m: {"pace": _seconds(m[1], 0.001)}),
    (re.compile(r"n(\d{1,6})"), lambda m: {"tokens": _tokens(m[1])}),
    (re.compile(r"chars(\d{1,6})"), lambda m: {"chars": _tokens(m[1])}),
    (re.compile(r"err([45]\d\d)"), lambda m: {"status": int(m[1])}),
    (re.compile(r"retry(\d+(?:\.\d+)?)"), lambda m: {"retry_after": float(m[1])}),
    (re.compile(r"(cut|eof|stall|inband|badjson)(\d{0,6})"), _break),
    (
        re.compile(r"inbandtimeout(\d{0,6})"),
        lambda m: {"stop": "inband", "stop_after": _tokens(m[1]), "cause": "timeout"},
    ),
    (re.compile(r"refuse(\d{0,6})"), lambda m: {"finish": "refusal", "refuse_after": _tokens(m[1])}),
    (re.compile(r"cached(\d{1,9})"), lambda m: {"cached": int(m[1])}),
    (re.compile(r"think(\d{1,9})"), lambda m: {"thinking": int(m[1])}),
)


def _change(word: str) -> Change | None:
    """What one word changes; None when the grammar does not know it."""
    if word in _FLAGS:
        return _FLAGS[word]
    for pattern, read in _NUMBERED:
        if match := pattern.fullmatch(word):
            return read(match)
    return None


def parse(text: str) -> Fault | None:
    """The fault of the first `fake-…` name in `text`; None when there is none. Words it does not know are labels."""
    match = _NAME.search(text)
    if match is None:
        return None
    changes: Change = {}
    labels: list[str] = []
    words = match[1].lower().strip("-").split("-")
    for word in words:
        change = _change(word)
        if change is None:
            labels.append(word)
        else:
            changes |= change
    return Fault(**changes, known=len(words) - len(labels), labels=tuple(labels))


def parse_words(words: str) -> Fault:
    """The fault of hyphenated words, with or without `fake-` before them. Raises UnknownFaultError: a script has no labels."""
    name = words if words.startswith("fake-") else f"fake-{words}"
    fault = parse(name)
    if fault is None or fault.labels or _NAME.fullmatch(name) is None:
        raise UnknownFaultError(f"no such fault: {words!r}")
    return fault


def choose(model: str, message: str) -> Fault:
    """The fault of one call: the message's fake word where it names a behaviour, else the model's, else a good answer.

    "fake-news" in a learner's sentence names no behaviour and changes nothing.
    """
    spoken = parse(message)
    if spoken is not None and spoken.known:
        return spoken
    return parse(model) or Fault()


def without_word(message: str) -> str:
    """The message without its fake words."""
    return _NAME.sub("", message).strip()
