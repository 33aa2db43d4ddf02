"""The mentor: a tutor that teaches rather than answers. Typed requests and replies, and a pure prompt.

The teaching rules are written in each of the twelve languages, in its own register: one JSON file per language in
`mentor_prompts`, read on first use. Whoever changes a rule changes it in all of them and raises VERSION.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.agents.envelope import Envelope
from shared.agents.quoting import quoted
from shared.documents import Conversation, Language, Profile, Said
from shared.language.culture import LISTED, Locale, day, locale, money, number
from shared.llm.types import Message

AGENT = "mentor"
VERSION = "mentor-2"
MAX_OUTPUT_TOKENS = 700
TEMPERATURE = 0.6

RECENT_EXCHANGES = 16
RECENT_CHARACTERS = 12_000
KEPT_CHARACTERS = 2_000
"""Bounds of the window: exchanges, their characters in all, and of one text within it."""
SUMMARISE_AFTER = 14
SUMMARISE_LEAVE = 8
"""So many turns without a summary have the oldest folded into one, leaving the newest as they are."""

Id = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


class ChatRequest(BaseModel):
    """One message to the mentor. `conversation_id` continues a conversation; without it a new one begins."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    message: str = Field(min_length=1, max_length=8_000)
    conversation_id: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    language: Language | None = None
    stream: bool = False


class ChatReply(Envelope):
    """The mentor's answer."""

    conversation_id: str
    message_id: str
    text: str


class RateRequest(BaseModel):
    """A rating of one of the mentor's messages, 1 (poor) to 5 (very good)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    message_id: str = Id
    rating: int = Field(ge=1, le=5, strict=True)
    comment: str | None = Field(default=None, max_length=2_000)


class RateReply(BaseModel):
    """The rating as stored."""

    message_id: str
    rating: int
    comment: str | None


class StopReply(BaseModel):
    """`stopped`: the answer was running and has been stopped; else it had already ended."""

    message_id: str
    stopped: bool


class PageQuery(BaseModel):
    """Which page of a conversation: what follows `after` (the last page's `next`), `limit` exchanges at most."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=1_000_000_000)
    limit: int = Field(default=50, ge=1, le=100)


class MessageShown(BaseModel):
    """One message of a conversation, oldest first."""

    message_id: str
    role: Literal["learner", "mentor"]
    text: str
    created_at: float
    rating: int | None = None


class ConversationReply(BaseModel):
    """A page of a conversation; `next` is the `after` of the following page, if there is one."""

    conversation_id: str
    language: str
    count: int
    summary: str
    messages: list[MessageShown]
    next: int | None


_PROMPTS = Path(__file__).with_name("mentor_prompts")
_DAY = date(2026, 12, 31)  # shows which part of a date is the day and which the month


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages to send, and whether anything in them belongs to this learner alone."""

    messages: tuple[Message, ...]
    private: bool


def prompt(
    message: str,
    language: str,
    profile: Profile | None,
    conversation: Conversation | None,
    where: Locale | None = None,
) -> Prompt:
    """The prompt for one message: teaching rules in the learner's own language, the habits of their region, level, summary
    of what is older, recent turns, the message. `where` is the region; by default the language's first one.
    """
    texts = _load(language)
    system = [_opening(language, where or locale(language))]
    level = _level(profile)
    if level:
        system.append(texts["levels"][level])
    if conversation is not None and conversation.summary:
        system.append(texts["summary"].replace("{summary}", conversation.summary))
    messages = [Message("system", "\n\n".join(system))]
    for said in window(conversation.recent if conversation else []):
        messages.append(Message("user", quoted(said.question)))
        messages.append(Message("assistant", said.answer))
    messages.append(Message("user", quoted(message)))
    return Prompt(tuple(messages), private=bool(level) or conversation is not None)


def window(recent: list[Said]) -> list[Said]:
    """The newest exchanges that fit the bounds, oldest first."""
    fitting: list[Said] = []
    size = 0
    for said in reversed(recent[-RECENT_EXCHANGES:]):
        size += len(said.question) + len(said.answer)
        if size > RECENT_CHARACTERS:
            break
        fitting.append(said)
    return fitting[::-1]


def clipped(text: str) -> str:
    """A text as it is kept in the window."""
    return text if len(text) <= KEPT_CHARACTERS else text[: KEPT_CHARACTERS - 1] + "…"


def teaching(language: str) -> str:
    """The rules of teaching as the model reads them, in one of the twelve languages. The same rules in each."""
    texts = _load(language)
    rules = "\n".join(f"- {rule}" for rule in texts["rules"].values())
    return f"{texts['role']}\n\n{texts['heading']}\n{rules}\n{texts['quoted']}"


@cache  # bounded by the number of regions
def _opening(language: str, where: Locale) -> str:
    """What every prompt of a region begins with."""
    texts = _load(language)
    text = f"{teaching(language)}\n\n{texts['answer_in']}\n\n{texts['culture']}"
    values = {
        "number": number(12345.67, where),
        "date": day(_DAY, where),
        "money": money(1250, where),
        "quotes": f"{where.quotes[0]}…{where.quotes[1]}",
        "units": where.units,
        "names": LISTED.get(where.language, ", ").join(where.names),
        "school": where.school,
        "avoid": where.avoid,
    }
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _level(profile: Profile | None) -> str:
    if profile is None or profile.difficulty_preference is None:
        return ""
    preference = profile.difficulty_preference
    if preference < 1 / 3:
        return "easy"
    return "hard" if preference > 2 / 3 else "middle"


@cache  # bounded by the number of languages
def _load(language: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((_PROMPTS / f"{language}.json").read_text(encoding="utf-8"))
    return raw
