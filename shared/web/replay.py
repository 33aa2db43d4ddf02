"""What a caller under an Idempotency-Key gets who did not run the request: its key, its owner's claim, and its answer.

A running stream is followed through its event log, a finished one is shown from its document.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from shared.coordination import Coordination
from shared.documents import Exchange
from shared.errors import Interrupted
from shared.log import request_id
from shared.web.live import RUN, frame, position
from shared.web.problem import problem
from shared.web.sse import EventStream

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Key:
    """One request under its key: `id` names the exchange, `fingerprint` what was asked."""

    id: str
    fingerprint: str

    @property
    def claim(self) -> str:
        """Where the claim is held."""
        return f"exchange:{self.id}"

    @classmethod
    def of(cls, user_id: str, route: str, key: str, body: bytes) -> "Key":
        """The key of one caller on one route; the same key elsewhere is another exchange."""
        name = hashlib.blake2b(f"{user_id}\x00{route}\x00{key}".encode(), digest_size=16).hexdigest()
        return cls(name, hashlib.blake2b(body, digest_size=16).hexdigest())


@dataclass(frozen=True, slots=True)
class Claim:
    """Who runs an exchange. `run` is new for every execution, so that no two of them can be taken for one another."""

    fingerprint: str
    instance: str
    run: str

    def encode(self) -> bytes:
        """As stored in `coordination`."""
        return f"{self.fingerprint}|{self.instance}|{self.run}".encode()

    @classmethod
    def decode(cls, raw: bytes) -> "Claim":
        """What `encode` wrote."""
        return cls(*raw.decode().split("|", 2))

    def log(self, key: Key) -> str:
        """Where this execution's events are logged."""
        return f"events:{key.id}:{self.run}"


class Elsewhere:
    """A running stream of another process, followed through its event log."""

    def __init__(self, coordination: Coordination, key: Key, claim: Claim) -> None:
        self._coordination = coordination
        self._key = key
        self._claim = claim

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """Frames as they are logged; a terminal error when the owner is gone without having ended the answer."""
        quiet = 0.0
        log = self._claim.log(self._key)
        begun = await self._coordination.tail(log, 0)
        base = int(begun[0][4 : begun[0].index(b"\n")]) - 1
        after = position(after, begun[0], len(begun) if _terminal(begun[-1]) else None)
        while True:
            frames = await self._coordination.tail(log, after)
            if frames:
                after += len(frames)
                quiet = 0.0
                yield b"".join(frames)
                if _terminal(frames[-1]):
                    return
                continue
            await asyncio.sleep(POLL_SECONDS)
            quiet += POLL_SECONDS
            if quiet >= 1.0:
                quiet = 0.0
                yield b""
                if await self._owner_gone():
                    last = await self._coordination.tail(log, after)
                    ended = bool(last) and _terminal(last[-1])
                    yield b"".join(last) + (b"" if ended else _interrupted(base + after + len(last) + 1))
                    return

    def leave(self) -> None:
        """The answer runs elsewhere and is kept by its key."""

    async def _owner_gone(self) -> bool:
        claims = await self._coordination.get_many([self._key.claim])
        return claims.get(self._key.claim) != self._claim.encode()


def _interrupted(number: int) -> bytes:
    gone = Interrupted("The instance that was answering is gone. Send the request again without Last-Event-ID.")
    return frame(number, "error", problem(gone, request_id.get()))


def names(event_frame: bytes, name: bytes) -> bool:
    """Whether a frame is of that event."""
    return event_frame.split(b"\n", 2)[1] == b"event: " + name


def _terminal(event_frame: bytes) -> bool:
    return names(event_frame, b"done") or names(event_frame, b"error")


def replay(done: Exchange, after: int, wants_stream: bool) -> Response:
    """The finished answer in the form this caller wants; of an event stream, what comes behind the event `after`."""
    if wants_stream and done.status == 200 and (done.frames or '"message_id"' in done.body):
        frames = [part.encode() for part in done.frames] or _as_stream(done)
        return EventStream(Finished(frames), after)
    if not done.frames:
        return Response(done.body, done.status, media_type=done.media_type)
    return Response(done.body, done.status, media_type="application/json")


def _as_stream(done: Exchange) -> list[bytes]:
    """An answer that was first given as JSON, as the stream it would have been."""
    reply = orjson.loads(done.body)
    base = int(done.created_at * 1000) % 10**10 * RUN
    meta = {name: reply.get(name) for name in ("request_id", "conversation_id", "message_id", "language")}
    events = (("meta", meta), ("delta", {"text": reply.get("text", "")}), ("done", reply))
    return [frame(base + number, name, data) for number, (name, data) in enumerate(events, 1)]


class Finished:
    """A finished stream."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """See Readable."""
        yield b"".join(self._frames[position(after, self._frames[0], len(self._frames)) :])

    def leave(self) -> None:
        """Nothing runs."""
