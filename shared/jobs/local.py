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

from shared import log
from shared.documents import Job
from shared.errors import Unavailable
from shared.jobs import Done, Refused, states
from shared.sqlite import Database
from shared.store import Store, Where
from shared.store.indexes import Table
from shared.store.sqlite import SQLiteStore
from shared.telemetry import trace

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

_ALL_LOST = (
    f"SELECT body FROM {_TABLE.name} WHERE json_extract(body, '$.state') = 'running' "  # noqa: S608
    "AND json_extract(body, '$.lease_until') <= ? ORDER BY json_extract(body, '$.lease_until') LIMIT ?"
)

_Change = Callable[[Job, float], Job | None]
"""(the job as it is, now) -> as it shall be, or None to leave it."""


class LocalQueue:
    """The `WorkerQueue` protocol on a Database, and `claim` and `wait` for a worker that looks for jobs itself.

    `max_attempts`, `lease`, `backoff` and `rng` as in `states.Rules`. `on_arrival` is called whenever a job was accepted
    here, so that this process begins to work. `store` is where handlers' documents are; without it they are in this file
    too. Only there are they written in one transaction with the record: another store has them just before it.
    """

    def __init__(
        self,
        database: Database,
        *,
        store: Store | None = None,
        clock: Callable[[], float] | None = None,
        max_attempts: int = 5,
        lease: float = 60.0,
        backoff: Sequence[float] = (1, 2, 4, 8, 16),
        rng: Callable[[], float] = random.random,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        on_arrival: Callable[[], None] | None = None,
    ) -> None:
        self.lease = lease
        self._database = database
        self._store = store or SQLiteStore(database)
        self._clock = clock or database.clock
        self._rules = states.Rules(max_attempts, lease, tuple(backoff), rng)
        self._new_id = new_id
        self._on_arrival = on_arrival
        self._closed = False
        self._arrived = asyncio.Event()
        database.define(*_TABLE.schema(), _KEY_INDEX)

    # --- the protocol

    async def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        delay: float = 0,
        owner: str | None = None,
    ) -> str:
        """Accept a job durably and return its id; the first job's id while that one answers for the key.

        Raises Unavailable after `close`.
        """
        if self._closed:
            raise Unavailable("the queue is closed")
        fresh = f"job_{self._new_id()}"
        copy = states.as_json(payload)

        def operation(connection: sqlite3.Connection) -> str:
            now = self._clock()
            if key is not None:
                row = connection.execute(_BY_KEY, (kind, key)).fetchone()
                first = None if row is None else Job.model_validate_json(row[0])
                if first is not None and states.answers(first, now):
                    return first.id
            times = {"run_at": now + delay, "created_at": now, "updated_at": now}
            _save(connection, Job(id=fresh, kind=kind, payload=copy, key=key, owner=owner, **asked, **times))
            return fresh

        with trace.begin("enqueue", kind, kind=trace.PRODUCER):
            asked = {"request_id": log.request_id.get(), "traceparent": trace.traceparent()}
            job_id = await self._database.write(operation)
        self._announce()
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
        again = await self._change(job_id, states.retried)
        if again is not None:
            self._announce()
        return again is not None

    async def recover(self, limit: int = 100) -> int:
        """Put back up to `limit` jobs whose worker died, and have this process begin to work; returns how many.

        Whatever else is due needs no help: every worker of the file looks for it.
        """

        def operation(connection: sqlite3.Connection) -> int:
            now = self._clock()
            lost = [Job.model_validate_json(row[0]) for row in connection.execute(_ALL_LOST, (now, limit))]
            for job in lost:
                _save(connection, states.recovered(job, now, self._rules))
            return len(lost)

        count = await self._database.write(operation) if self._database.read(_ALL_LOST, (self._clock(), 1)) else 0
        self._announce()
        return count

    async def close(self) -> None:
        """Stop taking jobs; what was accepted stays accepted. The shared database closes too and reopens on use."""
        self._closed = True
        await self._database.close()

    # --- for handlers

    async def progress(self, job_id: str, fraction: float) -> bool:
        """Note how far a running job is, 0 to 1; False when it does not run."""
        return await self._change(job_id, lambda job, now: states.progressed(job, now, fraction)) is not None

    # --- for workers

    async def claim(self, kinds: Iterable[str]) -> Job | None:
        """Take a due job of these kinds under a lease, or None. Jobs lost with their worker come first."""
        wanted = orjson.dumps(sorted(kinds)).decode()
        due = (self._clock(), wanted)
        if not self._database.read(_DUE, due) and not self._database.read(_LOST, due):
            return None  # an idle worker only reads

        def operation(connection: sqlite3.Connection) -> Job | None:
            now = self._clock()
            for statement in (_LOST, _DUE):
                for row in connection.execute(statement, (now, wanted)).fetchall():
                    job = _save(connection, states.claimed(Job.model_validate_json(row[0]), now, self._rules))
                    if job.state == "running":
                        return job
            return None

        return await self._database.write(operation)

    async def take(self, kind: str, job_id: str) -> Job | Refused:
        """Claim one job of that kind by its id, or say why not."""

        def operation(connection: sqlite3.Connection) -> Job | Refused:
            now = self._clock()
            job = _find(connection, job_id, now)
            if job is None or job.kind != kind:
                return Refused("unknown")
            if (refused := states.refusal(job, now)) is not None:
                return refused
            job = _save(connection, states.claimed(job, now, self._rules))
            return job if job.state == "running" else Refused("finished")

        return await self._database.write(operation)

    async def heartbeat(self, job: Job) -> bool:
        """Extend the lease of a claimed job; False when it is no longer this worker's."""
        return await self._change(job.id, lambda found, now: states.beaten(found, job, now, self._rules)) is not None

    async def complete(self, job: Job, done: Done) -> bool:
        """Record that a claimed job is done and write its effect, in one commit; see `WorkerQueue.complete`."""
        result = None if done.result is None else states.as_json(done.result)
        effect = self._store.plan(*done.writes) if isinstance(self._store, SQLiteStore) else None
        if effect is None and done.writes:
            if not await self.heartbeat(job):
                return False
            await self._store.commit(*done.writes)

        def operation(connection: sqlite3.Connection) -> bool:
            now = self._clock()
            found = _find(connection, job.id, now)
            kept = None if found is None else states.completed(found, job, now, result)
            if kept is None:
                return False
            if effect is not None:
                effect(connection)  # checks its preconditions before it writes anything, and so before the record
            _save(connection, kept)
            return True

        return await self._database.write(operation)

    async def fail(self, job: Job, error: BaseException) -> Job | None:
        """Put a claimed job back after a pause, or bury it; None when it is no longer this worker's."""
        return await self._change(job.id, lambda found, now: states.failed(found, job, now, error, self._rules))

    async def release(self, job: Job) -> bool:
        """Put a claimed job back as if it had not been claimed: its worker stops."""
        return await self._change(job.id, lambda found, now: states.released(found, job, now)) is not None

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

    def _announce(self) -> None:
        if self._on_arrival is not None and not self._closed:
            self._on_arrival()
        self.wake()

    async def _change(self, job_id: str, change: _Change) -> Job | None:
        def operation(connection: sqlite3.Connection) -> Job | None:
            now = self._clock()
            job = _find(connection, job_id, now)
            changed = None if job is None else change(job, now)
            return None if changed is None else _save(connection, changed)

        return await self._database.write(operation)


def _find(connection: sqlite3.Connection, job_id: str, now: float) -> Job | None:
    row = connection.execute(_TABLE.get, (job_id, now)).fetchone()
    return None if row is None else Job.model_validate_json(row[0])


def _save(connection: sqlite3.Connection, job: Job) -> Job:
    connection.execute(_TABLE.put, (job.id, job.model_dump_json(), job.expires_at))
    return job
