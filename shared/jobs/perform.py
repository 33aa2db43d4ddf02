"""One attempt at one job: its handler runs under a lease that is kept alive, then what came of it is recorded.

taken = await queue.take(kind, job_id)
job = await perform(queue, handler, taken, limit=1500)
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Final, Literal

from shared import log
from shared.documents import Job
from shared.errors import AlreadyExists, LyoError, StaleVersion
from shared.jobs import Done, Handler, Refused, WorkerQueue
from shared.telemetry import trace

_log = log.get(__name__)
_Task = asyncio.Task[Done | Mapping[str, Any] | None]
CANCEL_GRACE: Final = 5.0
"""Seconds a cancelled handler gets to clean up."""
DELIVERED_LIMIT: Final = 1500.0
"""Seconds a delivered job may take: below the function's timeout and the longest that Cloud Tasks waits, both 30 min."""


async def deliver(
    queue: WorkerQueue,
    handlers: Mapping[str, Handler],
    kind: str,
    job_id: str,
    *,
    limit: float = DELIVERED_LIMIT,
) -> Job | Refused:
    """Take a job that was delivered by its id and perform it: as it is afterwards, or why nothing was done here."""
    handler = handlers.get(kind)
    if handler is None:
        return Refused("unhandled")
    taken = await queue.take(kind, job_id)
    if isinstance(taken, Refused):
        return taken
    return await perform(queue, handler, taken, limit=limit) or Refused("busy", queue.lease)


async def perform(queue: WorkerQueue, handler: Handler, job: Job, *, limit: float) -> Job | None:
    """Do a claimed job: as it is afterwards, or None when its lease was lost and another worker has it.

    A handler that runs longer than `limit` seconds is cancelled, which counts as a failed attempt. Cancelling this puts
    the job back unharmed. Raises what the store raises when the end cannot be recorded: the job comes back when its
    lease ends.
    """
    with trace.begin("run", job.kind) as span:
        ended = await _perform(queue, handler, job, limit)
        span.set(
            job_id=job.id, job_kind=job.kind, attempt=job.attempts, outcome="lost" if ended is None else ended.state
        )
        if ended is not None and ended.error is not None:
            span.fail("job_failed")
        return ended


async def _perform(queue: WorkerQueue, handler: Handler, job: Job, limit: float) -> Job | None:
    task: _Task = asyncio.create_task(_call(handler, job))
    try:
        verdict = await _follow(queue, job, task, limit)
    except asyncio.CancelledError:
        await _end(task)
        with contextlib.suppress(LyoError):  # else it comes back when its lease ends
            await queue.release(job)
        raise
    if verdict == "done":
        return await _record(queue, job, task)
    await _end(task)
    return await _fail(queue, job, TimeoutError(f"ran longer than {limit:g} s")) if verdict == "late" else None


async def _follow(queue: WorkerQueue, job: Job, task: _Task, limit: float) -> Literal["done", "lost", "late"]:
    """Wait for the handler and keep its lease."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit
    while (left := deadline - loop.time()) > 0:
        done, _ = await asyncio.wait({task}, timeout=min(queue.lease / 3, left))
        if done:
            return "done"
        try:
            if not await queue.heartbeat(job):
                return "lost"
        except LyoError:
            continue  # the store is busy: the lease has two more beats
    return "late"


async def _record(queue: WorkerQueue, job: Job, task: _Task) -> Job | None:
    error = asyncio.CancelledError("the handler was cancelled") if task.cancelled() else task.exception()
    if error is None:
        said = task.result()
        try:
            done = said if isinstance(said, Done) else Done(said)
            if not await queue.complete(job, done):
                return None
            return job.model_copy(update={"state": "done", "progress": 1.0, "error": None})
        except (TypeError, ValueError, AlreadyExists, StaleVersion) as refused:
            error = refused  # the result is no JSON, or the world its effect was meant for has moved on
    return await _fail(queue, job, error)


async def _fail(queue: WorkerQueue, job: Job, error: BaseException) -> Job | None:
    log.event(_log, "jobs.failed", job_id=job.id, kind=job.kind, attempt=job.attempts, error=type(error).__name__)
    return await queue.fail(job, error)


async def _call(handler: Handler, job: Job) -> Done | Mapping[str, Any] | None:
    return await handler(job)


async def _end(task: _Task) -> None:
    """Cancel the handler and wait for it a while; what it still raises belongs to nobody."""
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_GRACE)
    if task.done() and not task.cancelled():
        task.exception()
