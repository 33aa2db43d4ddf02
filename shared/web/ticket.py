"""The owner's side of one execution under an Idempotency-Key: what seals its answer, its lease, its event log."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.responses import Response

from shared import beat
from shared.documents import Exchange, ExchangeLease
from shared.errors import CallerError, LyoError, StaleVersion, Superseded
from shared.llm.call import Answer, Keep
from shared.log import event
from shared.log import get as logger
from shared.store import Put, Version
from shared.web.live import Live
from shared.web.replay import Shared, kept, log_name
from shared.web.sse import EventStream

_log = logger(__name__)

RETRY_SECONDS = 1.0
FREE_SECONDS = 2.0
"""The longest that a caller waits for his failed request's key to be free again before he is told of the failure."""
KEPT_SECONDS = 86_400.0
LOG_SECONDS = 600.0
LOG_PATIENCE = 5.0
"""The longest wait between two tries to log to a store that is away."""

Render = Callable[[Answer], Mapping[str, Any]]


class Ticket:
    """One execution. Its answer is stored over `version`, the state in which it claimed the key, so only once in all.

    `begun` is set when there is a stream to follow or nothing more to come, `over` when it has ended either way.
    """

    def __init__(self, shared: Shared, document: Exchange, leave: Callable[["Ticket"], None]) -> None:
        self.document = document
        self.version: Version | None = None
        self.streaming: EventStream | None = None
        self.begun = asyncio.Event()
        self.over = asyncio.Event()
        self._shared = shared
        self._leave = leave
        self._sealed = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def run(self) -> str:
        """The execution's id."""
        return self.document.run

    def seal_reply(self, render: Render) -> Keep:
        """For `Gateway.complete`: keeps `render(answer)` as the JSON reply, in the answer's own commit."""

        def seal(answer: Answer) -> tuple[Put]:
            return (self._done(answer=True, media_type="application/json", body=orjson.dumps(render(answer)).decode()),)

        return seal

    def seal_stream(self, live: Live, render: Render) -> Keep:
        """For `Gateway.stream`: keeps the events of `live` and, as its `done`, `render(answer)`, in the answer's own commit."""

        def seal(answer: Answer) -> tuple[Put]:
            body = orjson.dumps(render(answer))
            return (self._done(answer=True, media_type="application/json", **kept(live.frames, live.base, body)),)

        return seal

    async def keep(self, response: Response) -> None:
        """Keep an answer that no gateway call has sealed. Raises Superseded when another execution was first."""
        if self._sealed:
            return
        if response.status_code >= 500 or response.status_code == 429:
            await self.free()
            return
        media_type = response.media_type or "application/json"
        body = bytes(response.body).decode()
        try:
            await self._shared.store.commit(self._done(status=response.status_code, media_type=media_type, body=body))
        except StaleVersion:
            raise Superseded("The request was answered elsewhere meanwhile.") from None

    async def give_up(self, error: BaseException) -> None:
        """The execution failed: a retry under the key is a new try. What cannot be freed now is free when the lease is over."""
        if isinstance(error, Superseded):
            return
        if self._sealed and not isinstance(error, Exception):
            return  # cancelled in the middle of its commit, which may still happen: the lease decides
        # An answer that was sealed and then refused to its caller (its conversation is gone) is taken back. Not so after any
        # other failure: the commit may have happened without our hearing of it, and then it is the answer.
        await self.free(sealed=isinstance(error, CallerError))

    async def free(self, *, sealed: bool = False) -> None:
        """Let the key go. Never raises. An answer that was kept stays, unless `sealed`."""
        version = self.version
        store, now = self._shared.store, self._shared.clock()
        free = self.document.model_copy(update={"run": "", "instance": "", "lease_until": 0.0, "expires_at": now})
        try:
            async with asyncio.timeout(FREE_SECONDS):
                if self._sealed and sealed:
                    found = await store.get_versioned(Exchange, self.document.id)
                    if found is None or found[0].run != self.run:
                        return
                    version = found[1]
                await store.commit(Put(free, expect=version))
        except StaleVersion:
            return
        except (LyoError, TimeoutError) as error:
            event(_log, "exchange.unfreed", error=type(error).__name__)

    def start(self) -> None:
        """The key is claimed: keep the lease from running out as long as the execution lasts."""
        self._renew_in(self._shared.lease / 2)

    def log(self, live: Live) -> None:
        """Log a stream's events for readers in other processes until it has ended."""
        self._spawn(self._log_events(live))

    def close(self) -> None:
        """The execution has ended, and what is to be kept of it is stored. Safe to call twice."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.over.set()
        self.begun.set()
        self._leave(self)

    def _done(self, **fields: Any) -> Put:
        self._sealed = True
        expires_at = self._shared.clock() + KEPT_SECONDS
        update = {"state": "done", "status": 200, "expires_at": expires_at, **fields}
        return Put(self.document.model_copy(update=update), expect=self.version)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _renew_in(self, seconds: float) -> None:
        if not self.over.is_set():
            self._timer = asyncio.get_running_loop().call_later(seconds, lambda: self._spawn(self._renew()))

    async def _renew(self) -> None:
        """Write the lease. In a document of its own: the exchange's version must not move under the answer's commit."""
        lease = self._shared.lease
        until = self._shared.clock() + lease
        again = lease / 2
        try:
            await self._shared.store.commit(Put(ExchangeLease(id=self.run, until=until, expires_at=until + lease)))
        except LyoError as error:
            event(_log, "exchange.unrenewed", error=error.code)
            again = min(RETRY_SECONDS, again)
        self._renew_in(again)

    async def _log_events(self, live: Live) -> None:
        """Append what the log does not have yet, every `pace` seconds; less often while its store is away.

        An answer that has ended before the first time is not logged: its document says it all.
        """
        shared, name = self._shared, log_name(self.document.id, self.run)
        logged, wait = 0, shared.pace
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(beat.pause(asyncio.get_running_loop().time(), wait)):
                    await self.over.wait()
            last = self.over.is_set()
            fresh = live.frames[logged:] if logged or not last else []
            try:
                if fresh:
                    await shared.coordination.append(name, fresh, LOG_SECONDS)
                logged, wait = logged + len(fresh), shared.pace
            except LyoError as error:
                event(_log, "exchange.unlogged", error=error.code)  # its document will say it, once it is finished
                wait = min(2 * wait, LOG_PATIENCE)
            if last:
                return
