"""What a caller under an Idempotency-Key gets who did not run the request: its key, and its answer.

A finished answer is shown from its document, a stream that runs in another process through its event log. The log is a
convenience: what it lacks (its store may be away) comes from the document once the answer is finished.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from shared.coordination import Coordination
from shared.documents import Exchange, ExchangeLease
from shared.errors import Interrupted, LyoError
from shared.log import event, request_id
from shared.log import get as logger
from shared.store import Store
from shared.web.live import RUN, encoded, frame, position
from shared.web.problem import problem
from shared.web.sse import EventStream

_log = logger(__name__)

QUIET_SECONDS = 1.0
"""After so long without news of an answer that runs elsewhere, its document is looked at."""
LOST_SECONDS = 60.0
"""After so long without being able to look at it either, its reader is told to come back."""
STREAM_BYTES = 700_000
"""A stream whose texts and last event are longer is kept without its single texts (a Firestore document ends at 1 MiB)."""


@dataclass(frozen=True, slots=True)
class Key:
    """One request under its key: `id` names the exchange, `fingerprint` what was asked."""

    id: str
    fingerprint: str

    @classmethod
    def of(cls, user_id: str, route: str, key: str, body: bytes) -> "Key":
        """The key of one caller on one route; the same key elsewhere is another exchange."""
        name = hashlib.blake2b(f"{user_id}\x00{route}\x00{key}".encode(), digest_size=16).hexdigest()
        return cls(name, hashlib.blake2b(body, digest_size=16).hexdigest())


def target(path: str, query: bytes = b"") -> str:
    """The route of a POST, for `Key.of`. The whole target is part of it: the same key on another conversation is another
    request. `path` is the documented one, with its parameters filled in, whichever form of it was called."""
    return f"POST {path}?{query.decode('latin-1')}"


@dataclass(frozen=True, slots=True)
class Shared:
    """What exchanges need of the world.

    `pace`: seconds between two looks at, or writes to, what instances share. `lease`: after so many seconds without a sign
    of its owner an execution is given up.
    """

    store: Store
    coordination: Coordination
    clock: Callable[[], float]
    pace: float
    lease: float


def log_name(key: str, run: str) -> str:
    """Where the events of one execution are logged for readers in other processes."""
    return f"events:{key}:{run}"


async def lapsed(shared: Shared, document: Exchange) -> bool:
    """Whether a running exchange is no longer believed in: its owner has died or stalled. Raises StoreError."""
    now = shared.clock()
    if document.lease_until > now:
        return False
    lease = await shared.store.get(ExchangeLease, document.run)
    return lease is None or lease.until <= now


class Elsewhere:
    """A running stream of another process, followed through its event log, of which `begun` is what is there already."""

    def __init__(self, shared: Shared, key: str, run: str, begun: Sequence[bytes]) -> None:
        self._shared = shared
        self._key = key
        self._run = run
        self._begun = begun
        self._base = _number(begun[0]) - 1
        self._taken = 0

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """Frames as they are logged; a terminal error when the owner is gone without having ended the answer."""
        pace = self._shared.pace
        seen = position(after, self._begun[0], len(self._begun) if _terminal(self._begun[-1]) else None)
        quiet = lost = 0.0
        items, self._taken = self._begun, len(self._begun)
        while True:
            fresh = self._behind(items, seen)
            if fresh:
                seen, quiet = seen + len(fresh), 0.0
                yield b"".join(fresh)
                if _terminal(fresh[-1]):
                    return
            await asyncio.sleep(pace)
            items = await self._tail()
            quiet = 0.0 if items else quiet + pace
            if quiet >= max(QUIET_SECONDS, 2 * pace):
                lost, quiet = lost + quiet, 0.0
                yield b""
                try:
                    rest = await self._rest(seen)
                    lost = 0.0
                except LyoError as error:
                    event(_log, "exchange.unread", error=error.code)
                    rest = None if lost < LOST_SECONDS else self._interrupted(seen)
                if rest is not None:
                    yield rest
                    return

    def leave(self) -> None:
        """The answer runs elsewhere and is kept by its key."""

    def _behind(self, items: Sequence[bytes], seen: int) -> list[bytes]:
        """The frames that follow the first `seen` ones: an append that was repeated is in the log twice."""
        fresh: list[bytes] = []
        for item in items:
            if _number(item) == self._base + seen + len(fresh) + 1:
                fresh.append(item)
        return fresh

    async def _tail(self) -> Sequence[bytes]:
        try:
            items = await self._shared.coordination.tail(log_name(self._key, self._run), self._taken)
        except LyoError as error:
            event(_log, "exchange.log_unread", error=error.code)
            return ()
        self._taken += len(items)
        return items

    async def _rest(self, seen: int) -> bytes | None:
        """The end of the answer when it has come to one, or its owner to his; None while it runs. Raises StoreError."""
        found = await self._shared.store.get(Exchange, self._key)
        if found is not None and found.run == self._run:
            if found.state == "done":
                frames = frames_of(found)
                return b"".join(frames[min(seen, len(frames) - 1) :])
            if not await lapsed(self._shared, found):
                return None
        last = self._behind(await self._tail(), seen)
        ended = bool(last) and _terminal(last[-1])
        return b"".join(last) + (b"" if ended else self._interrupted(seen + len(last)))

    def _interrupted(self, seen: int) -> bytes:
        gone = Interrupted("The instance that was answering is gone. Send the request again without Last-Event-ID.")
        return frame(self._base + seen + 1, "error", problem(gone, request_id.get()))


def _number(event_frame: bytes) -> int:
    return int(event_frame[4 : event_frame.index(b"\n")])


def is_first(event_frame: bytes) -> bool:
    """Whether a frame is the first event of its run."""
    return _number(event_frame) % RUN == 1


def names(event_frame: bytes, name: bytes) -> bool:
    """Whether a frame is of that event."""
    return event_frame.split(b"\n", 2)[1] == b"event: " + name


def _terminal(event_frame: bytes) -> bool:
    return names(event_frame, b"done") or names(event_frame, b"error")


def _data(event_frame: bytes) -> bytes:
    return event_frame.split(b"\n", 2)[2].removeprefix(b"data: ").rstrip(b"\n")


def kept(frames: Sequence[bytes], base: int, body: bytes) -> dict[str, str | int]:
    """A stream as fields of its Exchange: `frames` are those before the `done` event, whose data is `body`."""
    texts = orjson.dumps([orjson.loads(_data(part))["text"] for part in frames if names(part, b"delta")])
    fits = len(texts) + len(body) <= STREAM_BYTES
    return {
        "base": base,
        "meta": _data(frames[0]).decode(),
        "texts": texts.decode() if fits else "",
        "body": body.decode(),
    }


def frames_of(done: Exchange) -> list[bytes]:
    """Every event of a finished stream as it was sent; of an answer that was first given as JSON, as it would have been."""
    reply = {} if done.meta and done.texts else orjson.loads(done.body)
    base = done.base or int(done.created_at * 1000) % 10**10 * RUN
    meta = done.meta.encode() or orjson.dumps(
        {
            name: reply.get(name)
            for name in ("request_id", "conversation_id", "message_id", "language", "direction", "notice")
        }
    )
    texts = orjson.loads(done.texts) if done.texts else [reply.get("text", "")]
    deltas = [frame(base + number, "delta", {"text": text}) for number, text in enumerate(texts, 2)]
    return [encoded(base + 1, "meta", meta), *deltas, encoded(base + len(texts) + 2, "done", done.body.encode())]


def replay(done: Exchange, after: int, wants_stream: bool) -> Response:
    """The finished answer in the form this caller wants; of an event stream, what comes behind the event `after`."""
    if wants_stream and done.answer:
        return EventStream(Finished(frames_of(done)), after)
    return Response(done.body, done.status, media_type=done.media_type)


class Finished:
    """A finished stream."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """See Readable."""
        yield b"".join(self._frames[position(after, self._frames[0], len(self._frames)) :])

    def leave(self) -> None:
        """Nothing runs."""
