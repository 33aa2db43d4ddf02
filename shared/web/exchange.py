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
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from shared import ids
from shared.coordination import Coordination
from shared.documents import Exchange
from shared.errors import AlreadyExists, Conflict, LyoError, Unavailable
from shared.log import event
from shared.log import get as logger
from shared.store import Create, Store
from shared.web.replay import POLL_SECONDS, Claim, Elsewhere, Key, names, replay
from shared.web.sse import EventStream

_log = logger(__name__)

CLAIM_SECONDS = 20.0
RENEW_SECONDS = 5.0
KEPT_SECONDS = 86_400.0
LOG_SECONDS = 600.0
WAIT_SECONDS = 150.0


class Ticket:
    """The owner's side of one running exchange: what a handler needs to stream under a key."""

    def __init__(self, exchanges: "Exchanges", key: Key, claim: Claim) -> None:
        self.key = key
        self.claim = claim
        self.frames: list[bytes] | None = None
        self.sealed = asyncio.Event()
        self.streaming: EventStream | None = None
        self._exchanges = exchanges
        self._logging = asyncio.Lock()
        self._logged = 0

    async def seal(self, frames: list[bytes], body: bytes) -> None:
        """Keep a finished stream; its terminal event may be shown afterwards. Raises StoreError when it cannot be kept."""
        if not names(frames[-1], b"error"):
            await self._exchanges.keep_frames(self.key, frames, body)
        try:
            await self.log(frames)
        except LyoError as error:
            event(_log, "exchange.unlogged", error=error.code)  # readers elsewhere end as interrupted, never as whole
        finally:
            self.sealed.set()

    async def log(self, frames: list[bytes]) -> None:
        """Append what the log does not have yet, for readers in other processes."""
        async with self._logging:
            fresh = frames[self._logged :]
            if fresh:
                await self._exchanges.coordination.append(self.claim.log(self.key), fresh, LOG_SECONDS)
                self._logged += len(fresh)


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
            done = await self._finished(key)
            if done is not None:
                return replay(done, after, wants_stream)
            raw = (await self.coordination.get_many([key.claim])).get(key.claim)
            if raw is None:
                claim = Claim(key.fingerprint, self._instance, ids.new("x"))
                if await self.coordination.swap(key.claim, None, claim.encode(), CLAIM_SECONDS):
                    return await self._own(key, claim, after, wants_stream, handle)
                continue
            _require_same(key, Claim.decode(raw).fingerprint)
            attached = await self._attach(key, Claim.decode(raw), after) if wants_stream else None
            if attached is not None:
                return attached
            await asyncio.sleep(POLL_SECONDS)
        raise Unavailable("The first request under this Idempotency-Key is still running.", retry_after=5)

    async def keep_frames(self, key: Key, frames: list[bytes], body: bytes) -> None:
        """Keep a finished stream."""
        await self._keep(key, 200, EventStream.media_type, body, [part.decode() for part in frames])

    async def _finished(self, key: Key) -> Exchange | None:
        done = await self._store.get(Exchange, key.id)
        if done is not None:
            _require_same(key, done.fingerprint)
        return done

    async def _own(
        self,
        key: Key,
        claim: Claim,
        after: int,
        wants_stream: bool,
        handle: Callable[[Ticket], Awaitable[Response]],
    ) -> Response:
        ticket = Ticket(self, key, claim)
        self._running[key.id] = ticket
        keeper = asyncio.ensure_future(self._renew(key, ticket))
        streaming = False
        try:
            # The owner before this one may have finished between our look and our claim.
            done = await self._finished(key)
            if done is not None:
                return replay(done, after, wants_stream)
            response = await handle(ticket)
            if isinstance(response, EventStream):
                ticket.streaming = response
                streaming = True
            elif response.status_code < 500 and response.status_code != 429:
                media_type = response.media_type or "application/json"
                await self._keep(key, response.status_code, media_type, bytes(response.body))
            return response
        finally:
            if streaming:
                self._releasing.add(release := asyncio.ensure_future(self._release_later(ticket, keeper)))
                release.add_done_callback(self._releasing.discard)
            else:
                await self._release(ticket, keeper)

    async def _attach(self, key: Key, claim: Claim, after: int) -> Response | None:
        """A stream to follow, or None to look again in a moment."""
        ticket = self._running.get(key.id)
        if ticket is not None and ticket.claim == claim:
            return EventStream(ticket.streaming.source, after) if ticket.streaming is not None else None
        begun = await self.coordination.tail(claim.log(key), 0)
        return EventStream(Elsewhere(self.coordination, key, claim), after) if begun else None

    async def _renew(self, key: Key, ticket: Ticket) -> None:
        """Keep the claim and, for a stream, its event log up to date until the exchange is over."""
        mine = ticket.claim.encode()
        renewed = self._clock()
        while True:
            await asyncio.sleep(POLL_SECONDS if ticket.frames is not None else RENEW_SECONDS / 5)
            try:
                if ticket.frames is not None and not ticket.sealed.is_set():
                    await ticket.log(ticket.frames)
                if self._clock() - renewed >= RENEW_SECONDS:
                    if not await self.coordination.swap(key.claim, mine, mine, CLAIM_SECONDS):
                        event(_log, "exchange.lost")  # it ran out under a stalled process: another one runs it now
                        return
                    renewed = self._clock()
            except LyoError as error:
                event(_log, "exchange.unrenewed", error=error.code)

    async def _release_later(self, ticket: Ticket, keeper: "asyncio.Future[None]") -> None:
        await ticket.sealed.wait()
        await self._release(ticket, keeper)

    async def _release(self, ticket: Ticket, keeper: "asyncio.Future[None]") -> None:
        keeper.cancel()
        await asyncio.wait({keeper})
        self._running.pop(ticket.key.id, None)
        try:
            await self.coordination.swap(ticket.key.claim, ticket.claim.encode(), None, 0)
        except LyoError as error:
            event(_log, "exchange.unreleased", error=error.code)  # it runs out by itself

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
        with contextlib.suppress(
            AlreadyExists
        ):  # a claim that ran out under a stalled owner: what was kept first stays
            await self._store.commit(Create(document))


def _require_same(key: Key, fingerprint: str) -> None:
    if fingerprint != key.fingerprint:
        raise Conflict("This Idempotency-Key was used with another body.")
