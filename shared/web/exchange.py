"""Idempotency keys: the same key and body give the same answer and one execution, whoever asks, on whichever instance.

    free ---claim---> running ---seal---> finished (an Exchange document, kept a day)
      ^                  |
      +---- the owner failed, or died and its claim ran out

A claim is a value in `coordination` that its owner renews; a caller who finds it taken attaches: to the running answer
in this process, to its event log when another process runs it, or waits for the finished document. An owner that dies
leaves its claim to run out: readers get a terminal `interrupted` error, and the next caller runs the request anew.
Only answers that settle something are kept (below 500 and not 429): a retry after a 503 is a new try.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.responses import Response

from shared.coordination import Coordination
from shared.documents import Exchange
from shared.errors import AlreadyExists, Conflict, Unavailable
from shared.store import Create, Store
from shared.web.live import frame
from shared.web.sse import EventStream

T = TypeVar("T")

CLAIM_SECONDS = 20.0
RENEW_SECONDS = 5.0
KEPT_SECONDS = 86_400.0
LOG_SECONDS = 600.0
POLL_SECONDS = 0.05
WAIT_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Key:
    """One request under its key: `id` names the exchange, `fingerprint` what was asked."""

    id: str
    fingerprint: str

    @property
    def claim(self) -> str:
        """Where the claim is held."""
        return f"exchange:{self.id}"

    @property
    def log(self) -> str:
        """Where a running answer's events are logged."""
        return f"events:{self.id}"

    @classmethod
    def of(cls, user_id: str, route: str, key: str, body: bytes) -> "Key":
        """The key of one caller on one route; the same key elsewhere is another exchange."""
        name = hashlib.blake2b(f"{user_id}\x00{route}\x00{key}".encode(), digest_size=16).hexdigest()
        return cls(name, hashlib.blake2b(body, digest_size=16).hexdigest())


class Ticket:
    """The owner's side of one running exchange: what a handler needs to stream under a key."""

    def __init__(self, exchanges: "Exchanges", key: Key) -> None:
        self.key = key
        self.frames: list[bytes] | None = None
        self.sealed = asyncio.Event()
        self.streaming: EventStream | None = None
        self._exchanges = exchanges
        self._logged = 0

    async def seal(self, frames: list[bytes], body: bytes) -> None:
        """Store a finished stream; its terminal event may be shown afterwards. Raises StoreError when it cannot be kept."""
        if not frames[-1].split(b"\n", 2)[1].endswith(b"error"):
            await self._exchanges.store_frames(self.key, frames, body)
        try:
            await self.log(frames)
        finally:
            self.sealed.set()

    async def log(self, frames: list[bytes]) -> None:
        """Append what the log does not have yet, for readers in other processes."""
        fresh = frames[self._logged :]
        if fresh:
            self._logged += len(fresh)
            await self._exchanges.coordination.append(self.key.log, fresh, LOG_SECONDS)


class Exchanges:
    """All keyed requests of this instance."""

    def __init__(self, store: Store, coordination: Coordination, clock: Callable[[], float], instance: str) -> None:
        self.coordination = coordination
        self._store = store
        self._clock = clock
        self._instance = instance
        self._running: dict[str, Ticket] = {}
        self._releasing: set[asyncio.Future[None]] = set()

    async def run(
        self, key: Key, after: int, wants_stream: bool, handle: Callable[[Ticket], Awaitable[Response]]
    ) -> Response:
        """Answer one keyed request: replay, attach, wait, or run `handle` as the owner."""
        deadline = self._clock() + WAIT_SECONDS
        while self._clock() < deadline:
            done = await self._store.get(Exchange, key.id)
            if done is not None:
                return _replay(_same(key, done.fingerprint, done), after, wants_stream)
            mine = self._claim_value(key)
            if await self.coordination.swap(key.claim, None, mine, CLAIM_SECONDS):
                return await self._own(key, handle)
            attached = await self._attach(key, after)
            if attached is not None:
                return attached
            await asyncio.sleep(POLL_SECONDS)
        raise Unavailable("The first request under this Idempotency-Key is still running.", retry_after=5)

    async def store_frames(self, key: Key, frames: list[bytes], body: bytes) -> None:
        """Keep a finished stream."""
        await self._keep(key, 200, EventStream.media_type, body, [part.decode() for part in frames])

    async def _own(self, key: Key, handle: Callable[[Ticket], Awaitable[Response]]) -> Response:
        ticket = Ticket(self, key)
        self._running[key.id] = ticket
        keeper = asyncio.ensure_future(self._renew(key, ticket))
        streaming = False
        try:
            response = await handle(ticket)
            if isinstance(response, EventStream):
                ticket.streaming = response
                streaming = True
            elif response.status_code < 500 and response.status_code != 429:
                await self._keep(
                    key, response.status_code, response.media_type or "application/json", bytes(response.body)
                )
            return response
        finally:
            if streaming:
                self._releasing.add(release := asyncio.ensure_future(self._release_later(key, ticket, keeper)))
                release.add_done_callback(self._releasing.discard)
            else:
                await self._release(key, keeper)

    async def _attach(self, key: Key, after: int) -> Response | None:
        """A stream to follow, or None to look again in a moment."""
        raw = (await self.coordination.get_many([key.claim])).get(key.claim)
        if raw is None:
            return None
        _same(key, raw.decode().partition("|")[0], None)
        ticket = self._running.get(key.id)
        if ticket is not None:
            return EventStream(ticket.streaming.source, after) if ticket.streaming is not None else None
        begun = await self.coordination.tail(key.log, 0)
        return EventStream(Elsewhere(self.coordination, key), after) if begun else None

    async def _renew(self, key: Key, ticket: Ticket) -> None:
        """Keep the claim and, for a stream, its event log up to date until the exchange is over."""
        mine = self._claim_value(key)
        renewed = self._clock()
        while True:
            await asyncio.sleep(POLL_SECONDS if ticket.frames is not None else RENEW_SECONDS / 5)
            if ticket.frames is not None and not ticket.sealed.is_set():
                await ticket.log(ticket.frames)
            if self._clock() - renewed >= RENEW_SECONDS:
                renewed = self._clock()
                await self.coordination.swap(key.claim, mine, mine, CLAIM_SECONDS)

    async def _release_later(self, key: Key, ticket: Ticket, keeper: "asyncio.Future[None]") -> None:
        await ticket.sealed.wait()
        await self._release(key, keeper)

    async def _release(self, key: Key, keeper: "asyncio.Future[None]") -> None:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper
        self._running.pop(key.id, None)
        await self.coordination.swap(key.claim, self._claim_value(key), None, 0)

    async def _keep(self, key: Key, status: int, media_type: str, body: bytes, frames: list[str] | None = None) -> None:
        now = self._clock()
        document = Exchange(
            id=key.id,
            fingerprint=key.fingerprint,
            status=status,
            media_type=media_type,
            body=body.decode(),
            frames=frames or [],
            created_at=now,
            expires_at=now + KEPT_SECONDS,
        )
        with contextlib.suppress(AlreadyExists):  # a claim that ran out under a stalled owner: the first answer stands
            await self._store.commit(Create(document))

    def _claim_value(self, key: Key) -> bytes:
        return f"{key.fingerprint}|{self._instance}".encode()


class Elsewhere:
    """A running stream of another process, followed through its event log."""

    def __init__(self, coordination: Coordination, key: Key) -> None:
        self._coordination = coordination
        self._key = key

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """Frames as they are logged; a terminal error when the owner is gone without having ended the answer."""
        quiet = 0.0
        while True:
            frames = await self._coordination.tail(self._key.log, after)
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
                if not (await self._coordination.get_many([self._key.claim])):
                    last = await self._coordination.tail(self._key.log, after)
                    yield b"".join(last) if last else frame(after + 1, "error", INTERRUPTED)
                    return

    def leave(self) -> None:
        """The answer runs elsewhere and is kept by its key."""


INTERRUPTED = {
    "type": "about:blank",
    "title": "Answer interrupted",
    "status": 502,
    "code": "interrupted",
    "detail": "The instance that was answering is gone. Send the request again without Last-Event-ID.",
    "request_id": "",
}


def _terminal(event: bytes) -> bool:
    return event.split(b"\n", 2)[1] in (b"event: done", b"event: error")


def _same(key: Key, fingerprint: str, value: T) -> T:
    if fingerprint != key.fingerprint:
        raise Conflict("This Idempotency-Key was used with another body.")
    return value


def _replay(done: Exchange, after: int, wants_stream: bool) -> Response:
    if not done.frames:
        return Response(done.body, done.status, media_type=done.media_type)
    if wants_stream:
        return EventStream(_Finished([part.encode() for part in done.frames]), after)
    return Response(done.body, done.status, media_type="application/json")


class _Finished:
    """A finished stream."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = frames

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """All frames after the first `after` ones."""
        yield b"".join(self._frames[after:])

    def leave(self) -> None:
        """Nothing runs."""
