"""What is common to the three wire formats: what was asked, what will be answered, and the seam a format fills. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from scripts.fakes.models.faults import Fault, without_word
from scripts.fakes.models.schema import fit
from scripts.fakes.models.text import pieces, split

Body = Mapping[str, Any]
ABSURD_TOKENS = 1_000_000_000


class BadAskError(Exception):
    """The vendor would refuse this request with a 400; the text is the vendor's reason."""


class NoKeyError(Exception):
    """The request carries no key where the vendor demands one."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, read. `limit` is the cap on output tokens; `tool` the name of a tool that the request forces."""

    model: str
    user: str
    """Text of the last user message."""
    input_tokens: int
    stream: bool = False
    limit: int | None = None
    schema: Mapping[str, Any] | None = None
    tool: str | None = None
    report_usage: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """Tokens to report. `input` includes `cached`, `output` includes `thinking`; formats differ, each translates."""

    input: int
    cached: int
    output: int
    thinking: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A planned answer: its pieces, how it ends, what it will say it cost (None: nothing)."""

    id: str
    created: int
    pieces: tuple[str, ...]
    finish: Literal["stop", "length", "refusal"]
    usage: Tally | None
    tool: str | None = None

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the vendor's words."""

    status: int
    body: dict[str, Any]


class Wire(Protocol):
    """One vendor's format. Frames are the bytes of the stream, ready to write."""

    name: str
    keepalive: bytes
    """Bytes that carry nothing, as this vendor's clients bear them."""
    broken: bytes
    """An event whose JSON is malformed."""
    break_with_usage: bool
    """Whether an explicit report of usage must be sent by itself before a break, because it normally comes last."""

    def read(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Body) -> Ask:
        """The request. Raises BadAskError or NoKeyError."""
        ...

    def headers(self, number: int) -> dict[str, str]:
        """Response headers of the vendor."""
        ...

    def whole(self, ask: Ask, answer: Answer, *, finished: bool = True) -> dict[str, Any]:
        """The body of an answer that is not streamed; without its finish reason when not `finished`."""
        ...

    def opening(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """Frames before the first piece."""
        ...

    def piece(self, ask: Ask, answer: Answer, index: int) -> bytes:
        """The frame of piece `index`, from 0."""
        ...

    def closing(self, ask: Ask, answer: Answer) -> Sequence[bytes]:
        """Frames after the last piece."""
        ...

    def usage(self, ask: Ask, answer: Answer) -> bytes:
        """A frame that only reports usage."""
        ...

    def problem(self, fault: Fault, ask: Ask, detail: str = "") -> Problem:
        """The error of a fault; `detail` replaces the text where the request itself was bad."""
        ...

    def inband(self, fault: Fault, ask: Ask) -> bytes:
        """The error as an event inside a stream."""
        ...


def plan(ask: Ask, fault: Fault, *, number: int, created: int, text: str | None = None) -> Answer:
    """The answer to `ask` under `fault`. `text` (scripted) replaces what would be said. The limit cuts it, as a vendor does."""
    parts = _parts(ask, fault, text)
    finish = fault.finish
    if finish == "refusal":
        parts = parts[: fault.refuse_after]
    elif ask.limit is not None and len(parts) > ask.limit:
        parts, finish = parts[: ask.limit], "length"
    tool = ask.tool if not fault.prose and finish != "refusal" else None
    return Answer(f"{number:06d}", created, parts, finish, _tally(ask, fault, len(parts)), tool)


def _parts(ask: Ask, fault: Fault, text: str | None) -> tuple[str, ...]:
    if text is not None:
        return split(text, fault.chars)
    if fault.echo:
        return split(without_word(ask.user), fault.chars)
    if fault.tokens == 0:
        return ()
    if ask.schema is not None and not fault.prose:
        return split(json.dumps(fit(ask.schema), ensure_ascii=False), fault.chars)
    made = pieces(fault.tokens)
    return split("".join(made), fault.chars) if fault.chars else made


def _tally(ask: Ask, fault: Fault, output: int) -> Tally | None:
    match fault.usage:
        case "none":
            return None
        case "zero":
            return Tally(0, 0, 0, 0)
        case "big":
            return Tally(ABSURD_TOKENS, 0, ABSURD_TOKENS, 0)
        case "real":
            # A prompt is never shorter than the part of it that came from the cache.
            return Tally(max(ask.input_tokens, fault.cached), fault.cached, output + fault.thinking, fault.thinking)


def sse(data: Mapping[str, Any] | str, event: str | None = None) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {text}\n\n".encode()


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or a list of parts with `text` in them."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def positive(value: Any, name: str) -> int | None:
    """A cap on tokens, None when absent. Raises BadAskError unless it is a whole number of at least one."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadAskError(f"{name}: expected a positive integer, got {value!r}")
    return value
