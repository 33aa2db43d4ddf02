"""The worker of the local queue: claims due jobs and runs their handlers under a lease it keeps alive.

runner = Runner(queue, {"report": handle_report})
runner.start()
...
await runner.stop()
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from shared import log
from shared.documents import Job
from shared.errors import LyoError
from shared.jobs import Handler
from shared.jobs.local import LocalQueue

_log = log.get(__name__)
_Task = asyncio.Task[Mapping[str, Any] | None]
CANCEL_GRACE = 5.0
"""Seconds a cancelled handler gets to clean up."""


class Runner:
    """Runs up to `concurrency` jobs at a time; looks for due ones every `poll` seconds and whenever one is enqueued here.

    A handler that runs longer than `limit` seconds is cancelled, which counts as a failed attempt. Only kinds that have
    a handler are claimed: others wait for a process that knows them.
    """

    def __init__(
        self,
        queue: LocalQueue,
        handlers: Mapping[str, Handler],
        *,
        concurrency: int = 4,
        poll: float = 0.5,
        limit: float = 1800.0,
    ) -> None:
        self._queue = queue
        self._handlers = dict(handlers)
        self._concurrency = concurrency
        self._poll = poll
        self._limit = limit
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to work in the running loop; a second start does nothing."""
        if not self._workers:
            self._stopping = False
            self._workers = [asyncio.create_task(self._work()) for _ in range(self._concurrency)]

    async def stop(self, grace: float = 5.0) -> None:
        """Claim no more, give running handlers `grace` seconds, then cancel them and put their jobs back unharmed."""
        self._stopping = True
        workers, self._workers = self._workers, []
        if not workers:
            return
        self._queue.wake()
        _, late = await asyncio.wait(workers, timeout=max(grace, 0))
        for worker in late:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def drain(self) -> None:
        """Do, one after the other and in this task, every job that is due now; for commands and tests."""
        while (job := await self._queue.claim(self._handlers)) is not None:
            await self._perform(job)

    async def _work(self) -> None:
        while not self._stopping:
            try:
                job = await self._queue.claim(self._handlers)
                if job is not None:
                    await self._perform(job)
                    continue
            except Exception:  # noqa: BLE001 - a broken store or one unreadable job must not end the worker
                _log.exception("jobs.worker_failed")  # what was claimed comes back when its lease ends
            await self._queue.wait(self._poll)

    async def _perform(self, job: Job) -> None:
        task: _Task = asyncio.create_task(_call(self._handlers[job.kind], job))
        try:
            verdict = await self._follow(job, task)
        except asyncio.CancelledError:
            await _end(task)
            with contextlib.suppress(LyoError):  # else it comes back when its lease ends
                await self._queue.release(job)
            raise
        if verdict == "done":
            await self._record(job, task)
        else:
            await _end(task)
            if verdict == "late":
                await self._queue.fail(job, TimeoutError(f"ran longer than {self._limit:g} s"))

    async def _follow(self, job: Job, task: _Task) -> str:
        """Wait for the handler and keep its lease: "done", "lost" (another worker has the job) or "late"."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limit
        while (left := deadline - loop.time()) > 0:
            done, _ = await asyncio.wait({task}, timeout=min(self._queue.lease / 3, left))
            if done:
                return "done"
            try:
                if not await self._queue.heartbeat(job):
                    return "lost"
            except LyoError:
                continue  # the store is busy: the lease has two more beats
        return "late"

    async def _record(self, job: Job, task: _Task) -> None:
        error = asyncio.CancelledError("the handler was cancelled") if task.cancelled() else task.exception()
        if error is None:
            try:
                await self._queue.complete(job, task.result())
            except (TypeError, ValueError) as refused:  # the result is no JSON
                error = refused
        if error is not None:
            log.event(
                _log, "jobs.failed", job_id=job.id, kind=job.kind, attempt=job.attempts, error=type(error).__name__
            )
            await self._queue.fail(job, error)


async def _call(handler: Handler, job: Job) -> Mapping[str, Any] | None:
    return await handler(job)


async def _end(task: _Task) -> None:
    """Cancel the handler and wait for it a while; what it still raises belongs to nobody."""
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_GRACE)
    if task.done() and not task.cancelled():
        task.exception()
