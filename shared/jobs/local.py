"""Background jobs in one SQLite file: leased, so that exactly one of all processes runs a job at a time.

A job whose worker died runs again when its lease ends; a worker that lost its lease finds its results refused (the
attempt's number tells them apart). `Runner` is the worker. Times are Unix seconds.
"""

import asyncio
import random
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from shared.documents import Job
from shared.errors import Unavailable
from shared.safety.masking import mask
from shared.sqlite import Database
from shared.store import Where
from shared.store.indexes import Table

DEDUPE = 86_400.0
"""Seconds after its creation in which a finished job still answers for its key."""
DONE_KEPT = 7 * 86_400.0
DEAD_KEPT = 30 * 86_400.0
ERROR_LENGTH = 500
_LOST_AT_ONCE = 100

_TABLE = Table(Job)
# Table and field names are constants of this module: hence S608 is silenced below.
_KEY_INDEX = (
    f"CREATE INDEX IF NOT EXISTS document_jobs__key ON {_TABLE.name} "
    "(json_extract(body, '$.kind'), json_extract(body, '$.key'), json_extract(body, '$.created_at'))"
)
_BY_KEY = (
    f"SELECT body FROM {_TABLE.name} WHERE json_extract(body, '$.kind') = ? AND json_extract(body, '$.key') = ? "  # noqa: S608
    "ORDER BY json_extract(body, '$.created_at') DESC LIMIT 1"
)
_KINDS = "json_extract(body, '$.kind') IN (SELECT value FROM json_each(?))"
_DUE = (
    f"SELECT body FROM {_TABLE.name} WHERE json_extract(body, '$.state') = 'pending' "  # noqa: S608
    f"AND json_extract(body, '$.run_at') <= ? AND {_KINDS} ORDER BY json_extract(body, '$.run_at'), id LIMIT 1"
)
_LOST = (
    f"SELECT body FROM {_TABLE.name} WHERE json_extract(body, '$.state') = 'running' "  # noqa: S608
    f"AND json_extract(body, '$.lease_until') <= ? AND {_KINDS} LIMIT {_LOST_AT_ONCE}"
)

_Change = Callable[[Job, float], dict[str, Any] | None]
"""(the job as it is, now) -> the fields to change, or None to leave it."""


class LocalQueue:
    """The `Queue` protocol on a Database, and what a worker needs: claim, heartbeat, complete, fail, release.

    `backoff` are the seconds before the second, third, … attempt (the last one repeats), each times 0.5-1.5 by `rng`.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] | None = None,
        max_attempts: int = 5,
        lease: float = 60.0,
        backoff: Sequence[float] = (1, 2, 4, 8, 16),
        rng: Callable[[], float] = random.random,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self.lease = lease
        self._database = database
        self._clock = clock or database.clock
        self._max_attempts = max_attempts
        self._backoff = tuple(backoff)
        self._rng = rng
        self._new_id = new_id
        self._closed = False
        self._arrived = asyncio.Event()
        database.define(*_TABLE.schema(), _KEY_INDEX)

    # --- the protocol

    async def enqueue(self, kind: str, payload: Mapping[str, Any], *, key: str | None = None, delay: float = 0) -> str:
        """Accept a job durably and return its id; the first job's id while that one answers for the key.

        Raises Unavailable after `close`.
        """
        if self._closed:
            raise Unavailable("the queue is closed")
        fresh = f"job_{self._new_id()}"
        copy = orjson.loads(orjson.dumps(dict(payload)))

        def operation(connection: sqlite3.Connection) -> str:
            now = self._clock()
            if key is not None:
                row = connection.execute(_BY_KEY, (kind, key)).fetchone()
                first = None if row is None else Job.model_validate_json(row[0])
                if first is not None and _answers(first, now):
                    return first.id
            _save(
                connection,
                Job(id=fresh, kind=kind, payload=copy, key=key, run_at=now + delay, created_at=now, updated_at=now),
            )
            return fresh

        job_id = await self._database.write(operation)
        self.wake()
        return job_id

    async def get(self, job_id: str) -> Job | None:
        """The job with its state, attempts, progress and last error."""
        rows = self._database.read(_TABLE.get, (job_id, self._clock()))
        return Job.model_validate_json(rows[0][0]) if rows else None

    async def dead(self, limit: int = 100) -> Sequence[Job]:
        """Jobs whose attempts are used up, newest first."""
        where = (Where("state", "==", "dead"),)
        sql, arguments = _TABLE.query(where, "updated_at", True, limit, self._clock())
        return [Job.model_validate_json(row[0]) for row in self._database.read(sql, arguments)]

    async def retry(self, job_id: str) -> bool:
        """Give a dead job its attempts back; False when it is not dead."""

        def change(job: Job, now: float) -> dict[str, Any] | None:
            again = {"state": "pending", "attempts": 0, "run_at": now, "error": None, "expires_at": None}
            return again if job.state == "dead" else None

        return await self._change(job_id, change)

    async def close(self) -> None:
        """Stop taking jobs; what was accepted stays accepted. The shared database closes too and reopens on use."""
        self._closed = True
        await self._database.close()

    # --- for handlers

    async def progress(self, job_id: str, fraction: float) -> bool:
        """Note how far a running job is, 0 to 1; False when it does not run."""
        done = min(max(fraction, 0.0), 1.0)
        return await self._change(job_id, lambda job, _: {"progress": done} if job.state == "running" else None)

    # --- for workers

    async def claim(self, kinds: Iterable[str]) -> Job | None:
        """Take a due job of these kinds under a lease, or None. Jobs lost with their worker come first."""
        wanted = orjson.dumps(sorted(kinds)).decode()
        due = (self._clock(), wanted)
        if not self._database.read(_DUE, due) and not self._database.read(_LOST, due):
            return None  # an idle worker only reads

        def operation(connection: sqlite3.Connection) -> Job | None:
            now = self._clock()
            for job in self._candidates(connection, now, wanted):
                taken = {"state": "running", "attempts": job.attempts + 1, "lease_until": now + self.lease}
                return _save(connection, job.model_copy(update={**taken, "updated_at": now}))
            return None

        return await self._database.write(operation)

    async def heartbeat(self, job: Job) -> bool:
        """Extend the lease of a claimed job; False when it is no longer this worker's."""
        return await self._change(
            job.id, lambda found, now: {"lease_until": now + self.lease} if _held(found, job) else None
        )

    async def complete(self, job: Job, result: Mapping[str, Any] | None) -> bool:
        """Keep the result of a claimed job; False when it is no longer this worker's. TypeError when it is no JSON."""
        kept = None if result is None else orjson.loads(orjson.dumps(dict(result)))

        def change(found: Job, now: float) -> dict[str, Any] | None:
            done = {"state": "done", "result": kept, "progress": 1.0, "error": None, "expires_at": now + DONE_KEPT}
            return done if _held(found, job) else None

        return await self._change(job.id, change)

    async def fail(self, job: Job, error: BaseException) -> bool:
        """Put a claimed job back after a pause, or bury it. Kept of the error: its type and message, masked."""
        text = mask(f"{type(error).__name__}: {error}"[: 8 * ERROR_LENGTH])[
            :ERROR_LENGTH
        ]  # no key is cut in two unseen

        def change(found: Job, now: float) -> dict[str, Any] | None:
            if not _held(found, job):
                return None
            if found.attempts >= self._max_attempts:
                return _buried(text, now)
            pause = self._backoff[min(found.attempts, len(self._backoff)) - 1] if self._backoff else 0.0
            return {"state": "pending", "run_at": now + pause * (0.5 + self._rng()), "error": text}

        return await self._change(job.id, change)

    async def release(self, job: Job) -> bool:
        """Put a claimed job back as if it had not been claimed: its worker stops."""

        def change(found: Job, now: float) -> dict[str, Any] | None:
            back = {"state": "pending", "run_at": now, "attempts": found.attempts - 1}
            return back if _held(found, job) else None

        return await self._change(job.id, change)

    async def wait(self, seconds: float) -> None:
        """Sleep until a job is enqueued in this process (or `wake`), at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return

    def wake(self) -> None:
        """End the `wait` of those who are in it now."""
        self._arrived.set()
        self._arrived.clear()

    def _candidates(self, connection: sqlite3.Connection, now: float, kinds: str) -> Iterable[Job]:
        for row in connection.execute(_LOST, (now, kinds)).fetchall():
            job = Job.model_validate_json(row[0])
            if job.attempts < self._max_attempts:
                yield job
            else:
                buried = _buried("WorkerLost: the worker stopped during the last attempt", now)
                _save(connection, job.model_copy(update={**buried, "updated_at": now}))
        for row in connection.execute(_DUE, (now, kinds)).fetchall():
            yield Job.model_validate_json(row[0])

    async def _change(self, job_id: str, change: _Change) -> bool:
        def operation(connection: sqlite3.Connection) -> bool:
            now = self._clock()
            row = connection.execute(_TABLE.get, (job_id, now)).fetchone()
            job = None if row is None else Job.model_validate_json(row[0])
            fields = None if job is None else change(job, now)
            if job is None or fields is None:
                return False
            _save(connection, job.model_copy(update={**fields, "updated_at": now}))
            return True

        return await self._database.write(operation)


def _save(connection: sqlite3.Connection, job: Job) -> Job:
    connection.execute(_TABLE.put, (job.id, job.model_dump_json(), job.expires_at))
    return job


def _answers(first: Job, now: float) -> bool:
    """Whether enqueueing the key again means this job. A dead one does not: asking again is a deliberate re-run."""
    return first.state in ("pending", "running") or (first.state == "done" and now < first.created_at + DEDUPE)


def _held(found: Job, claimed: Job) -> bool:
    return found.state == "running" and found.attempts == claimed.attempts


def _buried(error: str, now: float) -> dict[str, Any]:
    return {"state": "dead", "error": error, "expires_at": now + DEAD_KEPT}
