"""Whether the own server may be asked, and who wakes it when it sleeps.

A server that scales to zero (LOCAL_INFER_SCALES_TO_ZERO) takes minutes to come. Until it has answered a real prompt it is
asked last and others answer, while one instance of all wakes it with a prompt of one token. What is known of it rides in
the look that every request takes anyway; that answers keep coming is told every few seconds, beside the answer's own commit.

On Cloud Run our CPU may be taken away once the response is out. Then a wake-up is not followed to its end; but it has been
sent while the message that caused it was being answered, and the platform starts the server when a request arrives,
whether or not anybody still listens. The lease runs out, and the next message, here or elsewhere, finds out how far it is.

A server that is always there has no standing: its breakers say all. `revive` then finds out when it is back (`vigil.py`).
"""

import asyncio
import contextvars
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from shared.errors import LyoError
from shared.llm.breakers import Breakers
from shared.llm.bulletin import Bulletin
from shared.llm.catalog import Model
from shared.llm.failures import fate
from shared.llm.knock import Reply, Server
from shared.llm.standing import Warm
from shared.llm.types import Failure
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)

_FRESH = 5.0
"""Seconds that "it sleeps" is believed before looking: the plan then has a paid model first, its money set aside with the look."""
_TELL_SECONDS = 15.0
"""How often an instance tells the others that answers keep coming."""
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0


class Warmth:
    """How one server stands (None: there is none). One event loop; `clock` gives Unix seconds."""

    def __init__(
        self, server: Server | None, bulletin: Bulletin, breakers: Breakers, clock: Callable[[], float]
    ) -> None:
        self.server = server
        self._bulletin = bulletin
        self._breakers = breakers
        self._clock = clock
        self._told_at = self._lost_at = self._wanted_at = 0.0
        self._waking: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self.key = bulletin.key if server is not None and server.scales else None
        """What a request reads together with its breakers; None where the server is always there."""

    # ------------------------------------------------------------------------------------------ what a request asks

    @property
    def away(self) -> tuple[str, ...]:
        """The model's name where it should be asked last, by what was seen in the last seconds. Empty: the look will tell."""
        if self.key is None or self.server is None or self._bulletin.ready:
            return ()
        return () if self._clock() - self._bulletin.seen_at > _FRESH else (self.server.model.name,)

    def saw(self, values: Mapping[str, bytes]) -> None:
        """Remember what a look found."""
        if self.key is not None:
            self._bulletin.saw(values)

    @property
    def changes(self) -> int:
        """See `Bulletin.changes`."""
        return self._bulletin.changes

    def own(self) -> dict[str, bytes]:
        """What this instance knows by itself, as a look would have found it."""
        return {} if self.key is None else self._bulletin.own()

    def asleep(self, values: Mapping[str, bytes]) -> Model | None:
        """The model that is not ready, by what a look found."""
        if self.key is None or self.server is None:
            return None
        found = self._bulletin.found(values)
        return None if found is not None and found.state == "ready" else self.server.model

    async def admits(self, model: Model, values: Mapping[str, bytes]) -> bool:
        """Whether the model may be asked now. Waits a moment for one that is only just being woken (`Pace.patience`)."""
        if self.key is None or self.server is None or model.wire != self.server.model.wire:
            return True
        if self.asleep(values) is None:
            return True
        self.rouse()
        return await self._comes_soon(self.server)

    def rouse(self) -> None:
        """Have it woken in the background, unless that is being done already, here or elsewhere."""
        current = self._bulletin.current
        if self.server is not None and (current is None or current.state != "warming"):
            self._begin_waking(self.server, lost=False)

    def wanted(self, model: Model) -> None:
        """A learner was turned away from that model: if it is ours, it is worth finding out whether it is back."""
        if self.server is not None and model.wire == self.server.model.wire:
            self._wanted_at = self._clock()

    def answered(self, age: float) -> None:
        """A real answer came, to what was asked `age` seconds ago. Told to the others every few seconds."""
        if self.key is None or self.server is None:
            return
        now, idle = self._clock(), self.server.pace.idle
        if now - self._told_at >= min(_TELL_SECONDS, idle / 4) and now - age > self._lost_at:
            self._told_at = now
            self.in_background(self._bulletin.post_ready(idle))

    # ------------------------------------------------------------------------------------------ what operators ask

    def state(self) -> Warm:
        """How it is, by what this instance has seen; `read` asks the others too."""
        if self.key is None:
            return Warm("off")
        current = self._bulletin.current
        if current is not None:
            return Warm(current.state, current.since)
        return Warm(None if self._bulletin.changed_at is None else "cold", self._bulletin.changed_at)

    async def read(self) -> Warm:
        """How it is, by what all instances know. Raises StoreError."""
        if self.key is not None:
            await self._bulletin.read()
        return self.state()

    async def wake(self) -> Warm:
        """For schedules: wake it, or keep it awake where its last answer is long ago. Waits a moment, so that the prompt has
        gone out before our own response has. Never raises StoreError."""
        if self.key is None or self.server is None:
            return self.state()
        pace = self.server.pace
        try:
            await self.read()
        except LyoError as error:
            event(_log, "warmth.unread", error=error.code)
        current = self._bulletin.current
        if current is None or current.state != "ready":
            self.rouse()
            await self._comes_soon(self.server)
        elif current.until - self._clock() < pace.idle / 2:
            reply = await self.server.knock(pace.probe)
            if reply.verdict == "answered":
                await self._bulletin.post_ready(pace.idle)
            elif reply.verdict == "failed":
                self._begin_waking(self.server, lost=True)  # it is gone, or coming anew: nobody should count on it
        return self.state()

    # ------------------------------------------------------------------------------------------ waking

    async def lose(self, server: Server, reply: Reply) -> None:
        """It does not answer: out of traffic with it on every instance, and see when it is back."""
        self._lost_at = self._wanted_at = self._clock()
        event(_log, "server.silent", failure=str(reply.failure))
        await self._shut(server, reply)
        self._begin_waking(server, lost=True)

    def _begin_waking(self, server: Server, *, lost: bool) -> None:
        if self._waking is None or self._waking.done():
            self._waking = _apart(self._wake(server, lost))

    async def _wake(self, server: Server, lost: bool) -> None:
        if not await self._bulletin.claim(server.pace.lease, anew=lost):
            return
        event(_log, "server.waking", lost=lost)
        began, up = self._clock(), False
        try:
            up = await self._ask_until_it_answers(server, began, server.pace.interval if lost else server.pace.ask)
        finally:
            if not up or not server.scales:
                await self._bulletin.let_go()
        if up:
            event(_log, "server.awake", seconds=round(self._clock() - began, 1))
            if server.scales:
                self._told_at = self._clock()
                await self._bulletin.post_ready(server.pace.idle)
            await self._breakers.proven((server.model.group, server.model.scope))

    async def _ask_until_it_answers(self, server: Server, began: float, seconds: float) -> bool:
        """False when it has not answered for too long, when it is not ours to wake any more, or (of one that is always
        there) when nobody wants it any more."""
        pace, pause = server.pace, _SHORTEST_PAUSE
        while self._clock() - began < pace.give_up:
            reply = await self._ask(server, seconds)
            if reply is None:
                return False
            if reply.verdict == "answered":
                return True
            event(_log, "server.asleep", failure=str(reply.failure), seconds=round(self._clock() - began, 1))
            if not server.scales:
                if self._clock() - self._wanted_at > pace.wanted:
                    return False
                if reply.verdict == "failed":
                    await self._shut(server, reply)
            await asyncio.sleep(min(_LONGEST_PAUSE, max(reply.retry_after or 0.0, pause * random.uniform(0.5, 1.0))))
            pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    async def _ask(self, server: Server, seconds: float) -> Reply | None:
        """One ask, the lease being renewed before and meanwhile. None: it is no longer ours, since another instance has
        taken over or has seen it answer. Writing "warming" over that would take a ready server from everybody."""
        lease = server.pace.lease
        if not await self._bulletin.claim(lease, anew=False):
            return None
        asking = asyncio.ensure_future(server.knock(seconds))
        try:
            while not (await asyncio.wait({asking}, timeout=lease / 3))[0]:
                if not await self._bulletin.claim(lease, anew=False):
                    return None
            return asking.result()
        finally:
            asking.cancel()

    async def _shut(self, server: Server, reply: Reply) -> None:
        """Open its breaker until the next ask is over, so that no learner becomes the half-open probe."""
        failure = reply.failure or Failure.TIMEOUT
        scope = server.model.scope if fate(failure) == "model" else server.model.group
        hold = server.pace.interval + 2 * _LONGEST_PAUSE
        await self._breakers.failed(scope, why=f"probe: {failure}", retry_after=hold, hard=True)

    async def _comes_soon(self, server: Server) -> bool:
        """Whether it is ready before the patience with its wake-up has ended."""
        current, pause = self._bulletin.current, 0.05
        began = self._clock() if current is None else current.since
        while not self._bulletin.ready and self._clock() < began + server.pace.patience:
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.5)
            if self._waking is None or self._waking.done():  # another instance is at it
                try:
                    await self._bulletin.read()
                except LyoError:
                    return False
        return self._bulletin.ready

    def in_background(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Do it until `close`, without anybody waiting."""
        task = _apart(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def close(self) -> None:
        """Stop waking, and leave it to others."""
        running = [task for task in (self._waking, *self._background) if task is not None and not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


def _apart(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start it in a context of its own: its lines and calls are not part of the request that happened to cause it."""
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())
