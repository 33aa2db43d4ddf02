"""The words of one model call: frozen dataclasses, and the seam a provider fills."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "refusal"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema the answer must fit, with the name providers want for it."""

    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a provider is asked. `model` is the provider's own id. `cache_salt` parts the prefix caches of learners."""

    model: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    temperature: float = 0.7
    schema: Schema | None = None
    cache_salt: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens billed. `input_tokens` includes `cached_input_tokens`, whatever the provider's own habit is."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0

    @property
    def sound(self) -> bool:
        """Whether these are counts at all: adapters hand on what a server said, which may be text, halves or below zero."""
        counts = (self.input_tokens, self.cached_input_tokens, self.output_tokens)
        return all(type(count) is int and count >= 0 for count in counts)


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer. `usage` is None when the provider reported none (then it is estimated, and marked so)."""

    text: str
    finish: Finish
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed answer. `finish` and `usage` come when the provider says them, with or without text.

    A stream that ends without any chunk carrying `finish` was cut.
    """

    text: str = ""
    finish: Finish | None = None
    usage: Usage | None = None


class Failure(StrEnum):
    """Why a call failed, as far as the gateway's next step depends on it (see `shared.llm.failures`)."""

    CONNECTION = "connection"  # no answer was begun: refused, reset, name not found
    TIMEOUT = "timeout"  # a deadline of ours fired
    SERVER = "server"  # 5xx, overloaded, in-band server errors, request_timeout
    BUSY = "busy"  # the own server's queue is full: it asks, politely, to come back in a moment
    RATE_LIMIT = "rate_limit"  # 429 for this model
    QUOTA = "quota"  # the account's money or quota is used up
    AUTH = "auth"  # the key is refused
    NOT_FOUND = "not_found"  # the model does not exist there
    INVALID = "invalid"  # the provider refuses the request itself (4xx)
    CONTEXT = "context"  # the prompt is too long for this model
    REFUSAL = "refusal"  # the provider's own safety refuses
    EMPTY = "empty"  # 200 without content
    MALFORMED = "malformed"  # an answer that is not the protocol
    CUT = "cut"  # the stream ended without saying so
    UNFIT = "unfit"  # whole, but not the JSON that was asked for


@dataclass(slots=True)
class ProviderError(Exception):
    """A failed call, classified. `usage` is set only when the provider reported what it will bill for it."""

    failure: Failure
    detail: str = ""
    status: int | None = None
    retry_after: float | None = None
    """Seconds the provider asks to be left alone, when it says so."""
    usage: Usage | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.failure}: {self.detail}" if self.detail else str(self.failure)


class Provider(Protocol):
    """One model family's wire. No retries, no deadlines beyond the connect time-out: the gateway owns both.

    Both methods raise ProviderError and nothing else (asyncio.CancelledError passes through and must close the upstream
    connection). `stream` must be closed by the caller (`contextlib.aclosing`).
    """

    async def complete(self, request: Request) -> Completion:
        """The whole answer."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """The answer in pieces; an error of the opening is raised on the first iteration."""
        ...

    async def open(self) -> None:
        """Import and build what the first call needs: seconds for an SDK, so the gateway waits for it before its deadlines run."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
