"""Idempotency keys: the same key and body give the same answer and one effect, whoever asks, on whichever instance.

    free ---Create---> running ---the answer's own commit---> done (kept a day)
      ^                   |
      +---- the owner failed, or died or stalled and its lease ran out

All of it is one document of the store (`Exchange`). Claiming the key writes it; the finished answer is written over
exactly that version, in the commit that also holds the ledger rows and the turn. So however often a request ran (its owner
was taken for dead, say), one execution has effect, and the others get its answer. A caller who finds the key taken
attaches to the running stream, in this process or through its event log, or waits for the finished document.
Only answers that settle something are kept (below 500 and not 429): a retry after a 503 is a new try.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from shared import ids
from shared.coordination import Coordination
from shared.documents import Exchange
from shared.errors import AlreadyExists, Conflict, LyoError, StaleVersion, Superseded, Unavailable
from shared.log import event
from shared.log import get as logger
from shared.store import Create, Put, Store, Version
from shared.web.replay import Elsewhere, Key, Shared, is_first, lapsed, log_name, names, replay
from shared.web.sse import EventStream
from shared.web.ticket import KEPT_SECONDS, Ticket

_log = logger(__name__)

PACE_SECONDS = 0.05
LEASE_SECONDS = 20.0
WAIT_SECONDS = 150.0

Handle = Callable[[Ticket], Awaitable[Response]]
Found = tuple[Exchange, Version]


class Exchanges:
    """All keyed requests of this instance. `pace` and `lease` in seconds: see `Shared`."""

    def __init__(
        self,
        store: Store,
        coordination: Coordination,
        clock: Callable[[], float],
        instance: str,
        *,
        pace: float = PACE_SECONDS,
        lease: float = LEASE_SECONDS,
    ) -> None:
        self._shared = Shared(store, coordination, clock, pace, lease)
        self._instance = instance
        self._mine: dict[str, Ticket] = {}

    async def run(self, key: Key, after: int, wants_stream: bool, handle: Handle) -> Response:
        """Answer one keyed request: run `handle` as the owner, or replay, attach, wait.

        Raises Conflict for another body, Unavailable when the first request takes too long, StoreError.
        """
        deadline = self._shared.clock() + WAIT_SECONDS
        found: Found | None = None  # the claim itself tells whether the key is free
        while True:
            if found is None or await self._is_free(key, found[0]):
                ticket = await self._claim(key, found)
                if ticket is not None:
                    try:
                        return await self._own(ticket, handle)
                    except Superseded as error:
                        event(_log, "exchange.lost", error=error.code)
                elif found is not None and not found[0].run:
                    await asyncio.sleep(self._shared.pace)  # a free key that others are after, too
            else:
                answer = await self._follow(found[0], after, wants_stream)
                if answer is not None:
                    return answer
                if self._shared.clock() >= deadline:
                    raise Unavailable("The first request under this Idempotency-Key is still running.", retry_after=5)
                await self._wait(found[0], wants_stream)
            found = await self._shared.store.get_versioned(Exchange, key.id)

    async def _is_free(self, key: Key, document: Exchange) -> bool:
        """Whether the key may be claimed over this document. Raises Conflict when it is another request's."""
        if not document.run:
            return True
        if document.fingerprint != key.fingerprint:
            raise Conflict("This Idempotency-Key was used with another body.")
        if document.state == "done" or document.run in self._mine:
            return False
        # One of this process that is not running here was claimed by a commit whose outcome was never heard.
        return document.instance == self._instance or await lapsed(self._shared, document)

    async def _claim(self, key: Key, found: Found | None) -> Ticket | None:
        """The ticket, or None when somebody else was first."""
        now = self._shared.clock()
        document = Exchange(
            id=key.id,
            fingerprint=key.fingerprint,
            run=ids.new("x"),
            instance=self._instance,
            lease_until=now + self._shared.lease,
            created_at=now,
            expires_at=now + KEPT_SECONDS,
        )
        ticket = Ticket(self._shared, document, self._leave)
        self._mine[ticket.run] = ticket  # before it can be found in the store
        try:
            write = Create(document) if found is None else Put(document, expect=found[1])
            ticket.version = (await self._shared.store.commit(write))[0]
        except (AlreadyExists, StaleVersion):
            ticket.close()
            return None
        except BaseException:
            ticket.close()
            raise
        return ticket

    async def _own(self, ticket: Ticket, handle: Handle) -> Response:
        """Run it. A stream goes on after its response is returned; `streaming.respond` closes the ticket at its end."""
        ticket.start()
        try:
            response = await handle(ticket)
            if isinstance(response, EventStream):
                ticket.streaming = response
                ticket.begun.set()
                return response
            await ticket.keep(response)
        except BaseException as error:
            await ticket.give_up(error)
            ticket.close()
            raise
        ticket.close()
        return response

    async def _follow(self, document: Exchange, after: int, wants_stream: bool) -> Response | None:
        """The finished answer, or a stream to follow; None to look again in a moment."""
        if document.state == "done":
            return replay(document, after, wants_stream)
        if not wants_stream:
            return None
        ticket = self._mine.get(document.run)
        if ticket is not None:
            return None if ticket.streaming is None else EventStream(ticket.streaming.source, after)
        try:
            begun = await self._shared.coordination.tail(log_name(document.id, document.run), 0)
        except LyoError as error:
            event(_log, "exchange.log_unread", error=error.code)
            return None
        if not begun or not is_first(begun[0]) or names(begun[-1], b"error"):
            return None  # nothing to follow yet, or not from its beginning, or no more: the key is about to be free
        return EventStream(Elsewhere(self._shared, document.id, document.run, begun), after)

    async def _wait(self, document: Exchange, wants_stream: bool) -> None:
        ticket = self._mine.get(document.run)
        if ticket is None:
            await asyncio.sleep(self._shared.pace)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._shared.lease):
                await (ticket.begun if wants_stream else ticket.over).wait()

    def _leave(self, ticket: Ticket) -> None:
        self._mine.pop(ticket.run, None)


__all__ = ["Exchanges", "Key", "Ticket"]
