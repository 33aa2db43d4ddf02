"""One SQLite file for all processes of one machine, written by group commit on the event loop.

    database = Database(path)
    total = await database.write(lambda connection: ...)    # returns after its commit
    rows = database.read("SELECT ...", (1,))                # inline, microseconds

`write` queues an operation; a flush in the same turn of the loop runs everything queued inside one
`BEGIN IMMEDIATE … COMMIT` and then resolves the futures. There is no writer thread: it would fight the event loop for
the interpreter lock. WAL with synchronous=NORMAL: what was committed survives the death of the process (kill -9); a
power cut may take the last moments. Only checkpoints fsync, and those run in a thread.

An operation checks first and writes after: it may be run again after a roll-back, so it changes nothing but the
database, and it returns plain values, no cursors. One event loop at a time uses a Database; a forked child opens its own connections.
"""

import asyncio
import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from shared import forks, sqlite_file
from shared.errors import LyoError, Overloaded, StoreError

T = TypeVar("T")

QUEUE_LIMIT = 10_000
"""Operations that may wait for a flush; the next is refused with Overloaded."""
BUSY_BATCH = 4
BUSY_DELAY = 0.0015
"""After a commit of so many writes the next one waits so many seconds for company."""
BATCH_LIMIT = 256
"""Operations of one transaction: bounds how long a flush holds the event loop."""
PATIENCE = 10.0
"""Seconds a write waits for other processes before it fails with StoreError."""
CHECKPOINT_AFTER = 500
"""Transactions of this process after which a checkpoint is due, at most one a second."""
CHECKPOINT_IDLE = 60.0
"""Seconds after which fewer transactions than that are enough."""

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_abandoned: list[object] = []
"""Connections inherited over a fork: closing them here could disturb the parent's file, so they are only kept alive."""


@dataclass(slots=True)
class _Queued:
    operation: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    alone: bool = False
    """Run in a transaction of its own, because a batch it was part of failed."""


@dataclass(slots=True)
class _Connections:
    writer: sqlite3.Connection
    reader: sqlite3.Connection

    def close(self) -> None:
        self.reader.close()
        self.writer.close()


class Database:
    """One SQLite file. Nothing is opened before the first read or write. `clock` gives Unix seconds."""

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, jitter: Callable[[], float] = random.random
    ) -> None:
        self.path = path
        self.clock = clock
        self._jitter = jitter
        self._schema: list[str] = []
        self._applied = 0
        self._generation = forks.generation
        self._connections: _Connections | None = None
        self._queue: deque[_Queued] = deque()
        self._last_batch = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flush_handle: asyncio.Handle | None = None
        self._busy_since: float | None = None
        self._checkpoint: asyncio.Task[None] | None = None
        self._checkpoint_at: float | None = None
        self._commits = 0

    def define(self, *statements: str) -> None:
        """Add `CREATE … IF NOT EXISTS` statements; they run before the next read or write."""
        self._schema.extend(statement for statement in statements if statement not in self._schema)

    async def write(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run `operation` in the next transaction and return its result after the commit.

        A LyoError of the operation is raised here and leaves the rest of the batch alone. Raises Overloaded when the
        queue is full, StoreError when the file cannot be written. Cancelling the caller does not take the write back.
        """
        self._check_process()
        if len(self._queue) >= QUEUE_LIMIT:
            raise Overloaded("the store's write queue is full")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.append(_Queued(operation, future))
        self._schedule(loop)
        return await future

    def read(self, sql: str, arguments: Sequence[Any] = ()) -> list[Any]:
        """All rows of one SELECT, as of the last commit of any process. Raises StoreError."""
        self._check_process()
        try:
            return self._open().reader.execute(sql, arguments).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"read failed: {error}") from error

    async def close(self) -> None:
        """Write what is queued and close the connections. A later use opens the file again."""
        self._check_process()
        for _ in range(20_000):  # of 1 ms at least: longer than PATIENCE, after which the queue is emptied anyway
            if not self._queue:
                break
            self._schedule(asyncio.get_running_loop())
            await asyncio.sleep(0.001)
        if self._checkpoint is not None and self._checkpoint.get_loop() is asyncio.get_running_loop():
            await asyncio.wait({self._checkpoint})
        connections, self._connections, self._applied = self._connections, None, 0
        if connections is not None:
            await asyncio.to_thread(connections.close)  # the last one out checkpoints, which fsyncs

    # --- flushing

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._flush_handle is None or self._loop is not loop:
            self._loop = loop
            if self._last_batch < BUSY_BATCH:
                self._flush_handle = loop.call_soon(self._flush, loop)
            else:  # many write at once: a moment's patience puts more of them into one commit
                self._flush_handle = loop.call_later(BUSY_DELAY, self._flush, loop)

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        self._flush_handle = None
        batch = self._take()
        if not batch:
            return
        try:
            connection = self._open().writer
            if connection.in_transaction:  # an interrupt broke into the last flush
                connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
        except (sqlite3.Error, OSError) as error:
            self._queue.extendleft(reversed(batch))
            self._wait_or_fail(loop, error)
            return
        self._busy_since = None
        self._last_batch = len(batch)
        self._commit(connection, batch)
        self._commits += 1
        self._checkpoint_if_due(loop)
        if self._queue:
            self._schedule(loop)

    def _take(self) -> list[_Queued]:
        queue = self._queue
        if queue and queue[0].alone:
            return [queue.popleft()]
        batch: list[_Queued] = []
        while queue and len(batch) < BATCH_LIMIT and not queue[0].alone:
            batch.append(queue.popleft())
        return batch

    def _commit(self, connection: sqlite3.Connection, batch: list[_Queued]) -> None:
        try:
            outcomes = _run(connection, batch)
        except Exception as error:  # noqa: BLE001 - whatever an operation raises must not take its neighbours with it
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if len(batch) == 1:
                _reject(batch[0].future, error)
                return
            for queued in batch:
                queued.alone = True
            self._queue.extendleft(reversed(batch))
            return
        for queued, (result, refusal) in zip(batch, outcomes, strict=True):
            if refusal is not None:
                _reject(queued.future, refusal)
            elif _awaited(queued.future):
                queued.future.set_result(result)

    def _wait_or_fail(self, loop: asyncio.AbstractEventLoop, error: Exception) -> None:
        """Another process holds the file: try again in 1-5 ms, and give up after PATIENCE. Other errors fail at once."""
        now = loop.time()
        if self._busy_since is None:
            self._busy_since = now
        # The low byte of an extended result code is the plain one.
        busy = isinstance(error, sqlite3.OperationalError) and (error.sqlite_errorcode or 0) & 0xFF in _BUSY
        if busy and now - self._busy_since < PATIENCE:
            self._flush_handle = loop.call_later(0.001 + 0.004 * self._jitter(), self._flush, loop)
            return
        self._busy_since = None
        failed = list(self._queue)
        self._queue.clear()
        for queued in failed:
            _reject(queued.future, error)

    # --- the file

    def _check_process(self) -> None:
        if self._generation != forks.generation:
            # A forked child: the parent writes what is queued, and its connections are not ours to use or close.
            _abandoned.append(self._connections)
            self._generation, self._connections, self._applied = forks.generation, None, 0
            self._flush_handle = self._checkpoint = self._busy_since = None
            self._queue.clear()

    def _open(self) -> _Connections:
        if self._connections is not None and self._applied == len(self._schema):
            return self._connections
        sqlite_file.prepare(self.path, self._schema)
        self._applied = len(self._schema)
        if self._connections is None:
            writer = sqlite_file.connect(self.path)
            writer.execute("PRAGMA busy_timeout=0")  # waiting is done by the event loop, see `_wait_or_fail`
            reader = sqlite_file.connect(self.path)
            reader.execute("PRAGMA query_only=ON")
            self._connections = _Connections(writer, reader)
        return self._connections

    def _checkpoint_if_due(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._checkpoint_at is None:
            self._checkpoint_at = loop.time()
        waited = loop.time() - self._checkpoint_at
        if waited < 1.0 or (self._commits < CHECKPOINT_AFTER and waited < CHECKPOINT_IDLE):
            return
        if self._checkpoint is not None and not self._checkpoint.done() and self._checkpoint.get_loop() is loop:
            return
        self._checkpoint_at, self._commits = loop.time(), 0
        self._checkpoint = loop.create_task(asyncio.to_thread(sqlite_file.checkpoint, self.path))


def _run(connection: sqlite3.Connection, batch: Sequence[_Queued]) -> list[tuple[Any, LyoError | None]]:
    """Run the operations and commit. Raises when an operation failed in a way that may have left something written."""
    outcomes: list[tuple[Any, LyoError | None]] = []
    for queued in batch:
        before = connection.total_changes
        try:
            outcomes.append((queued.operation(connection), None))
        except LyoError as refusal:
            if connection.total_changes != before:  # it wrote before it refused: the batch is rolled back
                raise
            outcomes.append((None, refusal))
    connection.execute("COMMIT")
    return outcomes


def _awaited(future: asyncio.Future[Any]) -> bool:
    return not future.done() and not future.get_loop().is_closed()


def _reject(future: asyncio.Future[Any], error: Exception) -> None:
    if not _awaited(future):
        return
    if isinstance(error, sqlite3.Error | OSError):
        failure = StoreError(f"write failed: {error}")
        failure.__cause__ = error
        future.set_exception(failure)
    else:
        future.set_exception(error)
