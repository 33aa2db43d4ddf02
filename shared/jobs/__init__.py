"""Background work: enqueue here, handle in the `jobs` function. One seam, one suite (tests/contract/test_queue.py).

At-least-once delivery; handlers are idempotent by the job's id. `key` dedupes: enqueueing the same kind and key again
while the first is pending, running or done within a day returns the first job's id.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from shared.documents import Job

Handler = Callable[[Job], Awaitable[Mapping[str, Any] | None]]
"""Does one job and returns its result (small JSON). Raising makes the queue retry with back-off, then bury it."""


class Queue(Protocol):
    """What every queue does."""

    async def enqueue(self, kind: str, payload: Mapping[str, Any], *, key: str | None = None, delay: float = 0) -> str:
        """Accept a job durably and return its id."""

    async def get(self, job_id: str) -> Job | None:
        """The job with its state, attempts, progress and last error."""

    async def dead(self, limit: int = 100) -> Sequence[Job]:
        """Jobs whose attempts are used up, newest first."""

    async def retry(self, job_id: str) -> bool:
        """Give a dead job its attempts back; False when it is not dead."""

    async def close(self) -> None:
        """Stop taking jobs; what was accepted stays accepted."""
