"""A concurrency limit with a bounded queue: what does not fit is answered 503 with Retry-After, not piled up."""

import asyncio
from types import TracebackType

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

    async def __aenter__(self) -> None:
        if not self._semaphore.locked():
            await self._semaphore.acquire()
            return
        if self.full:
            raise Overloaded(BUSY, retry_after=1.0)
        self._waiting += 1
        try:
            await self._semaphore.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._semaphore.release()
