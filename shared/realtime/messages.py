"""What app and server say to each other: JSON text frames, each with a `type`.

An app's frame is parsed into one of the models here; unknown types and unknown fields are refused. What the server says
of an answer carries `chat` (the name the app gave it), `id` (the event's number, the same as over server-sent events)
and `data` (exactly that event's data), so that a reader may leave one transport and go on over the other.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from shared.agents.mentor import ChatRequest
from shared.errors import LyoError
from shared.language.detect import accepted
from shared.web.problem import problem

LONGEST_TOKEN: Final = 8_192

ChatId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]
"""An Idempotency-Key: 1 to 200 visible ASCII characters."""


class Auth(BaseModel):
    """Sign in, or go on with a new token. `app_check`: Firebase App Check's token, where that is asked for."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["auth"]
    token: str = Field(min_length=1, max_length=LONGEST_TOKEN, pattern=r"^[\x21-\x7e]+$")
    app_check: str | None = Field(default=None, min_length=1, max_length=LONGEST_TOKEN, pattern=r"^[\x21-\x7e]+$")


class Chat(ChatRequest):
    """Say something to the mentor. `id` is its Idempotency-Key: the same id and message again is the same answer."""

    type: Literal["chat"]
    id: ChatId
    stream: Literal[True] = True

    def request(self) -> ChatRequest:
        """The same as the body of `POST /mentor/chat`."""
        return ChatRequest.model_validate(self.model_dump(exclude={"type", "id"}))


class Resume(BaseModel):
    """Go on with an answer behind the event `after` (0: from its beginning), after a new connection for example."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["resume"]
    id: ChatId
    after: int = Field(default=0, ge=0, lt=10**15)


class Stop(BaseModel):
    """Stop an answer that is being written, by the `message_id` of its `meta`."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["stop"]
    message_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


class Ping(BaseModel):
    """Is anybody there? Answered with `pong`, also before the sign-in."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["ping"]


Message = Auth | Chat | Resume | Stop | Ping
MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def said(kind: str, **members: Any) -> str:
    """A frame that is not an answer's event."""
    return orjson.dumps({"type": kind, **members}).decode()


def failed(error: BaseException, request_id: str, language: str | None, **about: str) -> str:
    """A refusal or failure of what `about` names: a problem, and in how many seconds to try again where that helps. It has
    no `id`; an answer's own last event has. `language`: what the learner is told in, as Accept-Language has it."""
    members: dict[str, Any] = {**about, "data": problem(error, request_id, accepted(language) or "en")}
    if isinstance(error, LyoError) and error.retry_after is not None:
        members["retry_after"] = error.retry_after
    return said("error", **members)


def events(chat: str, joined: bytes) -> Iterator[str]:
    """Frames out of server-sent events as answers keep them. Their data is JSON in one line, so a blank line ends each."""
    name = orjson.dumps(chat).decode()
    for part in joined.split(b"\n\n"):
        if part:
            number, kind, data = (line.partition(b": ")[2].decode() for line in part.split(b"\n"))
            yield f'{{"type":"{kind}","chat":{name},"id":{number},"data":{data}}}'
