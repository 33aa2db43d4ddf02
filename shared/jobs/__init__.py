"""Background work: enqueue here, handle in the `jobs` function. One seam, one suite (tests/contract/test_queue.py).

At-least-once delivery, exactly one effect: documents a handler returns (`Done.writes`) are written in one commit with the
record that the job is done, and what a handler does elsewhere it names by the job's id. `key` dedupes: enqueueing the same
kind and key again while the first is pending, running or done within a day returns the first job's id.

    local.py         embedded, on SQLite; `runner.py` is its worker
    cloud_tasks.py   the cloud's: Cloud Tasks delivers, the store keeps the state
    states.py        what can happen to a job, pure
    perform.py       one attempt: the handler under a lease, then the record
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from shared.documents import Job
from shared.store import Write

Verdict = Literal["finished", "busy", "early", "unknown", "unhandled"]
"""Why a job is not to be had: it is done or dead, another worker has it, it is not due, there is none of that id and
kind, or this process has no handler for its kind."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a handler has to say: its result (small JSON), and the documents that are its effect.

    `writes` are committed together with the record that the job is done, or not at all: with preconditions in them a
    second delivery changes nothing (the commit is refused and the job is tried again or found done).
    """

    result: Mapping[str, Any] | None = None
    writes: Sequence[Write] = ()


Handler = Callable[[Job], Awaitable[Done | Mapping[str, Any] | None]]
"""Does one job; a mapping stands for a Done without writes. Raising makes the queue retry with back-off, then bury it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that is not to be had. `wait`: seconds after which it may be."""

    verdict: Verdict
    wait: float = 0.0


class Queue(Protocol):
    """What every queue does."""

    async def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        delay: float = 0,
        owner: str | None = None,
    ) -> str:
        """Accept a job durably and return its id. `owner` is the learner who may see how far it is.

        Raises Unavailable when it cannot be accepted or sent; asking again under the same key then makes no second job.
        """

    async def get(self, job_id: str) -> Job | None:
        """The job with its state, attempts, progress and last error."""

    async def progress(self, job_id: str, fraction: float) -> bool:
        """Note how far a running job is, 0 to 1; False when it does not run. For handlers."""

    async def dead(self, limit: int = 100) -> Sequence[Job]:
        """Jobs whose attempts are used up, newest first."""

    async def retry(self, job_id: str) -> bool:
        """Give a dead job its attempts back; False when it is not dead."""

    async def recover(self, limit: int = 100) -> int:
        """Set going again what was accepted and lost its way (never sent, or its worker died); returns how many."""

    async def close(self) -> None:
        """Stop taking jobs; what was accepted stays accepted."""


class WorkerQueue(Queue, Protocol):
    """A queue as its workers see it. A claimed job shows who holds it: what a worker without its lease says is refused."""

    @property
    def lease(self) -> float:
        """Seconds after which a silent worker counts as dead."""

    async def take(self, kind: str, job_id: str) -> Job | Refused:
        """Claim one job of that kind by its id, or say why not."""

    async def heartbeat(self, job: Job) -> bool:
        """Extend the lease of a claimed job; False when it is no longer this worker's."""

    async def complete(self, job: Job, done: Done) -> bool:
        """Record that a claimed job is done and write its effect, in one commit; False when it is no longer this worker's.

        Raises AlreadyExists or StaleVersion when a precondition of its writes does not hold, TypeError when the result
        is no JSON; nothing was recorded then.
        """

    async def fail(self, job: Job, error: BaseException) -> Job | None:
        """Put a claimed job back after a pause, or bury it: as it is then, or None when it is no longer this worker's."""

    async def release(self, job: Job) -> bool:
        """Put a claimed job back as if it had not been claimed: its worker stops."""
