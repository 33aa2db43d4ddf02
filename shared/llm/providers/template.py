"""The last floor: useful words without any model, in the twelve languages, when nobody else can answer.

It teaches no facts and solves nothing. The mentor's text says that the full tutor cannot be reached, quotes a little of the
learner's question, gives four steps that fit the sort of message, and asks one question back. Every other agent says what is
missing and what can be done meanwhile. Texts are data: one JSON file per language in `template_texts`, read on first use.

There is no floor for structured output: no JSON made without a model could be honest about its contents, so a call with a
schema gets the same text, or its caller's own empty reply.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.language.names import LANGUAGES, is_rtl
from shared.llm.types import Message
from shared.safety.masking import mask

_TEXTS = Path(__file__).with_name("template_texts")
_EXCERPT = 120  # characters of the learner's question that are quoted
_LOOKED_AT = 2_000  # characters of a message that are read for cues and for the excerpt

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"  # first strong isolate: the excerpt decides its own direction
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()]{0,500}\)")
_MARKUP = re.compile(r"[`|\\]|\*{2,}|_{2,}|^[#>\s-]+")
_FORMULA = re.compile(
    r"\d\s*[+*×÷=^√∫%]|[√∫∑]|\d\s*/\s*\d+\s*[+\-*=)]|\d\s+[-−]\s+\d|\b[a-zA-Z]\s?[=^]\s?[-\d(a-zA-Z]|[²³]"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What to do with one sort of message."""

    steps: tuple[str, ...]
    ask: str
    cues: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Texts:
    """One language's words."""

    away: str
    quote: str
    intro: str
    kinds: dict[str, _Kind]
    agents: dict[str, str]


def respond(agent: str, language: str, messages: Sequence[Message]) -> str:
    """The floor's text for `agent` in `language` (English when it is none of the twelve). Never empty, never raises.

    Reads the last user message only. Text from it appears in the answer solely as a short quotation without markup,
    personal data or control characters.
    """
    texts = _load(language if language in LANGUAGES else "en")
    if agent != "mentor":
        return texts.agents.get(agent, texts.agents["other"])
    question = next((message.content for message in reversed(messages) if message.role == "user"), "")[:_LOOKED_AT]
    question = _TAG.sub(" ", question)
    return _teach(texts, language, question)


def _teach(texts: _Texts, language: str, question: str) -> str:
    """The mentor's next step: what is missing, the learner's own words, four steps, one question back."""
    kind = texts.kinds[_kind(texts, question)]
    parts = [texts.away]
    quoted = excerpt(question)
    if quoted:
        if is_rtl(language) or _RTL.search(quoted):
            quoted = f"{_ISOLATE}{quoted}{_END_ISOLATE}"
        parts.append(texts.quote.replace("{excerpt}", quoted))
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(kind.steps, 1))
    parts.append(f"{texts.intro}\n{steps}")
    parts.append(kind.ask)
    return "\n\n".join(parts)


def _kind(texts: _Texts, question: str) -> str:
    """`exercise`, `concept`, `writing` or `other`, by formulas first and then by cues: the earliest in the message decides.

    English cues count in every language, because learners mix.
    """
    if _FORMULA.search(question):
        return "exercise"
    lowered = question.casefold()
    found: list[tuple[int, str]] = []
    for words in (texts, _load("en")):
        for name, kind in words.kinds.items():
            match = kind.cues.search(lowered) if name != "other" else None
            if match is not None:
                found.append((match.start(), name))
    if any(name == "writing" for _, name in found):  # "explain … in an essay" is still writing
        return "writing"
    return min(found)[1] if found else "other"


def excerpt(question: str) -> str:
    """The beginning of a question, safe to show: one line, no markup, no control or direction characters, data masked.

    At most 120 characters and an ellipsis, cut between words where there are any and never inside a letter with its marks.
    """
    plain = "".join(
        " " if character.isspace() else character
        for character in _LINK.sub(r"\1", question)
        if character.isspace()
        or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")
        or _joins(character)
    )
    plain = " ".join(_MARKUP.sub(" ", mask(plain)).split())
    if len(plain) <= _EXCERPT:
        return plain
    end = _EXCERPT
    while end > _EXCERPT - 20 and unicodedata.category(plain[end])[0] == "M":
        end -= 1
    space = plain.rfind(" ", _EXCERPT - 30, end + 1)
    return plain[: space if space > 0 else end].rstrip() + "…"


def _joins(character: str) -> bool:
    """Zero-width (non-)joiner: invisible, but part of the spelling in Hindi and of many emoji."""
    return character in "\u200c\u200d"


@cache  # bounded by the number of languages
def _load(language: str) -> _Texts:
    raw = json.loads((_TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    kinds = {
        name: _Kind(tuple(kind["steps"]), kind["ask"], _cues(language, raw["cues"].get(name, ())))
        for name, kind in raw["kinds"].items()
    }
    return _Texts(raw["away"], raw["quote"], raw["intro"], kinds, raw["agents"])


def _cues(language: str, words: Sequence[str]) -> re.Pattern[str]:
    """Beginnings of words; anywhere in the text for languages without spaces, and for Korean and Hindi word groups."""
    alternatives = "|".join(re.escape(word.casefold()) for word in words) or r"(?!)"
    boundary = "" if language in ("zh", "ja", "ko", "hi") else r"(?<!\w)"
    return re.compile(rf"{boundary}(?:{alternatives})")
