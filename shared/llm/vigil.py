"""Notices that the own server has fallen silent under traffic, long before each learner's own deadline does.

While calls to it are under way and nothing at all has come back for `Pace.silence`, it is probed with a real prompt, once an
interval over all instances. A probe that fails opens its breaker for everybody and sends those who wait for its first
words on to the next model. Real text outweighs a probe: a server that speaks, to whomever, is alive. Where all is well
nothing is sent, and what it costs a request is an entry in a table.
"""

import asyncio
import contextvars
from collections.abc import Callable

from shared.coordination import Coordination
from shared.errors import LyoError
from shared.llm.attempt import Attempt, Run
from shared.llm.breakers import Breakers
from shared.llm.failures import COUNTS
from shared.llm.knock import Server
from shared.llm.warmth import Warmth

_CONFIRM = 0.2
"""Seconds between finding silence and believing it: after a stall of our own, what has come meanwhile is read first."""


class Vigil:
    """Watches the calls to one server. One event loop.

    `whole`: how long an unstreamed call may be silent. A server that answers one after the other (Ollama on a laptop) is
    not dead because a long answer keeps it busy; one of many places is.
    """

    def __init__(
        self,
        server: Server,
        warmth: Warmth,
        coordination: Coordination,
        breakers: Breakers,
        *,
        whole: float,
        clock: Callable[[], float],
    ) -> None:
        self.wire = server.model.wire
        self._server = server
        self._warmth = warmth
        self._coordination = coordination
        self._breakers = breakers
        self._whole = whole
        self._clock = clock
        self._monotonic = server.monotonic
        self.heard = 0.0
        """When text of this server came last, on the monotonic clock."""
        self._calls: dict[int, tuple[Run, Attempt]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._probing: asyncio.Task[None] | None = None

    def begin(self, run: Run, attempt: Attempt) -> None:
        """A call goes out."""
        self._calls[id(attempt)] = (run, attempt)
        if self._timer is None:
            # In a context of its own, which later looks inherit: they watch all calls, and outlive this one's request.
            self._timer = asyncio.get_running_loop().call_later(
                self._server.pace.silence, self._look, context=contextvars.Context()
            )

    def end(self, attempt: Attempt) -> None:
        """It is over, however it ended."""
        self._calls.pop(id(attempt), None)

    def tell(self, attempt: Attempt) -> None:
        """How it ended."""
        if attempt.error is None:
            if attempt.ending == "ok":
                self.heard = now = self._monotonic()
                self._warmth.answered(now - attempt.started)
        elif self._server.scales and attempt.error.failure in COUNTS:
            # Its place may just have been taken by one that starts for minutes: better to know before learners wait.
            self._probe()

    def _look(self, found: bool = False) -> None:
        """See whether calls have waited too long; `found`: they had, a moment ago."""
        self._timer = None
        if not self._calls:
            return
        now, pace = self._monotonic(), self._server.pace
        due = min(
            max(self.heard, attempt.started) + (pace.silence if run.stream else self._whole)
            for run, attempt in self._calls.values()
        )
        loop = asyncio.get_running_loop()
        if due > now:
            self._timer = loop.call_later(due - now, self._look)
        elif not found:
            self._timer = loop.call_later(_CONFIRM, self._look, True)
        else:
            self._probe()
            self._timer = loop.call_later(pace.interval, self._look)

    def _probe(self) -> None:
        if self._probing is None or self._probing.done():
            self._probing = self._warmth.in_background(self._verify())

    async def _verify(self) -> None:
        began = self._monotonic()
        if await (self._ask(began) if await self._mine() else self._hear(began)):
            for run, attempt in list(self._calls.values()):
                if attempt.first_token_ms is None:
                    run.stop.hurry()

    async def _mine(self) -> bool:
        """Whether this instance is the one to probe."""
        try:
            key = f"probe:{self.wire}"
            return await self._coordination.swap(key, None, b"1", self._server.pace.interval)
        except LyoError:
            return True  # nobody can say more

    async def _ask(self, began: float) -> bool:
        """Probe it; true when it is gone."""
        reply = await self._server.knock(self._server.pace.probe)
        if reply.verdict != "failed" or self.heard > began:
            return False
        await self._warmth.lose(self._server, reply)
        return True

    async def _hear(self, began: float) -> bool:
        """Wait for the verdict of whoever probes; true when it is gone."""
        await asyncio.sleep(self._server.pace.probe)
        try:
            states = await self._breakers.snapshot()
        except LyoError:
            return False
        model = self._server.model
        shut = any(states[scope].status(self._clock()) == "open" for scope in (model.group, model.scope))
        return shut and self.heard < began
