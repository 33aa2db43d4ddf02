"""The exact cache's rules: what an answer is filed under, and whether it may be filed at all. Pure.

Two scopes. `shared` entries answer anybody who asks the same thing in the same words; `learner:<id>` entries answer
only the learner they came from. The scope is part of the key, so a private entry cannot be found by anybody else.
Whether a turn may be shared is the agent's word (`Call.shareable`): true only when nothing in the prompt came from the
learner's person, history or profile.
"""

import hashlib
import re
from dataclasses import dataclass

import orjson

from shared.llm.types import Finish, Message, Schema, Usage

PREFIX = "cache:"
_LONGEST = 16_384  # characters of one entry

# Answers that are an apology or a refusal in disguise: right for one moment, wrong for the next caller.
_APOLOGY = re.compile(
    r"^\W*(?:i(?:'|’)?m (?:very |really |so )?sorry|sorry\b|i apologi[sz]e|my apologies|unfortunately,? i|i can(?:no|')t|i am (?:unable|not able)|"
    r"i(?:'|’)m (?:unable|not able)|as an ai\b|lo siento|perdona|desculpe|lamento|mi dispiace|je suis désolé|désolé|"
    r"es tut mir leid|entschuldig|leider kann ich|извините|прости|к сожалению|抱歉|对不起|很抱歉|申し訳|すみません|죄송|미안|"
    r"عذر|آسف|أعتذر|क्षमा|माफ़|मुझे खेद)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored answer: the words, who said them, and what they cost when they were made."""

    text: str
    model: str
    provider: str
    usage: Usage
    cost_nano_usd: int


def key(
    *,
    scope: str,
    agent: str,
    version: str,
    language: str,
    messages: tuple[Message, ...],
    max_output_tokens: int,
    temperature: float,
    schema: Schema | None,
    prefer: str | None,
) -> str:
    """Where an answer to exactly this prompt is filed.

    `version` joins prompt, safety policy and configuration versions: when any of them changes, every older entry is
    out of reach at once.
    """
    parts = [scope, agent, version, language, str(max_output_tokens), str(temperature), prefer or ""]
    if schema is not None:
        parts.append(orjson.dumps(schema.body, option=orjson.OPT_SORT_KEYS).decode())
    for message in messages:
        parts.append(message.role)
        parts.append(message.content)
    # As a JSON list, so that no two different prompts can run together into the same bytes.
    return f"{PREFIX}{scope}:{hashlib.blake2b(orjson.dumps(parts), digest_size=20).hexdigest()}"


def storable(text: str, finish: Finish, *, blocked: bool) -> bool:
    """Whether an answer may be kept: complete, safe, no apology, not enormous."""
    return (
        finish == "stop" and not blocked and bool(text.strip()) and len(text) <= _LONGEST and not _APOLOGY.match(text)
    )


def encode(entry: Entry) -> bytes:
    """As stored."""
    return orjson.dumps(entry)


def decode(raw: bytes) -> Entry | None:
    """What `encode` wrote, or None when it cannot be read (an older instance's form): then it is a miss."""
    try:
        fields = orjson.loads(raw)
        return Entry(**{**fields, "usage": Usage(**fields["usage"])})
    except (ValueError, TypeError, KeyError):
        return None
