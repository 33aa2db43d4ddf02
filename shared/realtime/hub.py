"""The connections of this process: how many there may be, and how they end when it does."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from shared.errors import Overloaded, Unavailable
from shared.realtime.bounds import Bounds

if TYPE_CHECKING:
    from shared.web.live import Lives

T = TypeVar("T")
REPLACED = 1008
GOING_AWAY = 1001
ENDING = "This instance is about to end. Connect again."


class Member(Protocol):
    """A connection as the hub knows it."""

    def close(self, code: int, reason: str) -> None:
        """End it, with a close code and a word on why."""
        ...

    def warn(self, reason: str, seconds: float) -> None:
        """Tell the app that the connection ends in `seconds`."""
        ...

    @property
    def busy(self) -> bool:
        """Whether an answer is being shown."""
        ...


class Hub:
    """Counts connections and keeps what must outlive them."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.draining = False
        self._waiting: set[Member] = set()
        self._learners: dict[str, list[Member]] = {}
        self._kept: set[asyncio.Task[Any]] = set()

    @property
    def members(self) -> list[Member]:
        """Every connection."""
        return [*self._waiting, *(one for found in self._learners.values() for one in found)]

    def enter(self, member: Member) -> None:
        """A connection that has not signed in yet. Raises Overloaded, or Unavailable while this process ends."""
        if self.draining:
            raise Unavailable(ENDING)
        if len(self._waiting) >= self.bounds.waiting:
            raise Overloaded("Too many connections wait for their sign-in.", retry_after=self.bounds.sign_in)
        self._waiting.add(member)

    def sign_in(self, member: Member, user_id: str) -> None:
        """It is this learner's. One more than a learner may have closes the oldest: a phone that changed networks leaves
        connections behind that look alive for a while, and must not be locked out by them."""
        self._waiting.discard(member)
        own = self._learners.setdefault(user_id, [])
        own.append(member)
        if len(own) > self.bounds.per_learner:
            own[0].close(REPLACED, "replaced by a newer connection")
            del own[0]

    def leave(self, member: Member, user_id: str) -> None:
        """It has ended."""
        self._waiting.discard(member)
        own = self._learners.get(user_id, [])
        if member in own:
            own.remove(member)
        if not own:
            self._learners.pop(user_id, None)

    def keep(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """A task that goes on when the connection it was begun for has gone."""
        task = asyncio.ensure_future(work)
        self._kept.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._kept.discard(task)
        if not task.cancelled():
            task.exception()  # its reader was told, if it is still there

    async def drain(self, lives: "Lives") -> None:
        """The process is about to end: tell everybody, wait for the answers under way (those that are left end with what
        they have), show their ends, and close with 1001. Whoever comes back finds the answer under its key."""
        self.draining = True
        for member in self.members:
            member.warn("restart", self.bounds.drain)
        if self._kept:
            await asyncio.wait(self._kept, timeout=self.bounds.drain)
        await lives.drain(self.bounds.drain)
        await self._until(lambda: not any(member.busy for member in self.members))
        for member in self.members:
            member.close(GOING_AWAY, "the instance ends: connect again")
        await self._until(lambda: not self.members)

    async def _until(self, true: Callable[[], bool], seconds: float = 1.0) -> None:
        for _ in range(round(seconds / 0.02)):
            if true():
                return
            await asyncio.sleep(0.02)
