"""The worker of the local queue: claims due jobs and runs their handlers under a lease it keeps alive.

runner = Runner(queue, {"report": handle_report})
runner.start()
...
await runner.stop()
"""

import asyncio
import contextvars
from collections.abc import Mapping

from shared import log
from shared.documents import Job
from shared.jobs import Handler
from shared.jobs.local import LocalQueue
from shared.jobs.perform import perform
from shared.telemetry.trace import Tracer

_log = log.get(__name__)


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
        tracer: Tracer | None = None,
    ) -> None:
        self._queue = queue
        self._handlers = dict(handlers)
        self._concurrency = concurrency
        self._poll = poll
        self._limit = limit
        self._tracer = tracer or Tracer()
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to work in the running loop; a second start does nothing."""
        if not self._workers:
            self._stopping = False
            # Each with a context of its own: a job is not the work of the request that happened to start the workers.
            self._workers = [
                asyncio.create_task(self._work(), context=contextvars.Context()) for _ in range(self._concurrency)
            ]

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
        before = log.request_id.set(job.request_id)
        try:
            with self._tracer.work(job.traceparent, service="jobs", name="deliver", of=job.kind) as place:
                place.set(request_id=job.request_id)
                await perform(self._queue, self._handlers[job.kind], job, limit=self._limit)
        finally:
            log.request_id.reset(before)
