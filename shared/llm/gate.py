"""A concurrency limit with a bounded queue: what does not fit is answered 503 with Retry-After, not piled up."""

import asyncio

from shared.errors import Overloaded

BUSY = "All places at the models are taken."


class Gate:
    """At most `places` inside at a time, at most `queue` waiting for a place."""

    def __init__(self, places: int, queue: int) -> None:
        self._semaphore = asyncio.Semaphore(places)
        self._queue = queue
        self._waiting = 0

    @property
    def full(self) -> bool:
        """Whether nobody more may even wait."""
        return self._semaphore.locked() and self._waiting >= self._queue

    @property
    def free(self) -> bool:
        """Whether `enter` returns at once."""
        return not self._semaphore.locked()

    async def enter(self) -> None:
        """Take a place, waiting for one if need be. Raises Overloaded when nobody more may wait."""
        if self.free:
            await self._semaphore.acquire()
            return
        if self.full:
            raise Overloaded(BUSY, retry_after=1.0)
        self._waiting += 1
        try:
            await self._semaphore.acquire()
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        """Give the place back."""
        self._semaphore.release()
