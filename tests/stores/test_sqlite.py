"""Group commit on the event loop: what a batch may do to its members, and what other processes may do to it."""

import asyncio
import fcntl
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from shared import sqlite, sqlite_file
from shared.errors import AlreadyExists, Overloaded, StoreError
from shared.sqlite import Database
from tests.fakes.waiting import eventually

INSERT = "INSERT INTO t (id) VALUES (?)"
Operation = Callable[[sqlite3.Connection], object]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "x.db")
    database.define("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)")
    yield database
    await database.close()


def insert(*ids: int) -> Operation:
    def operation(connection: sqlite3.Connection) -> int:
        for id_ in ids:
            connection.execute(INSERT, (id_,))
        return ids[0]

    return operation


def held(database: Database) -> list[int]:
    return [row[0] for row in database.read("SELECT id FROM t ORDER BY id")]


async def together(database: Database, *operations: Operation) -> list[object]:
    return await asyncio.gather(*(database.write(operation) for operation in operations), return_exceptions=True)


async def test_nothing_is_opened_before_the_first_use(tmp_path: Path) -> None:
    database = Database(tmp_path / "deep" / "x.db")
    database.define("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)")
    assert list(tmp_path.iterdir()) == []
    await database.close()
    assert list(tmp_path.iterdir()) == []
    assert database.read("SELECT * FROM t") == []
    assert (tmp_path / "deep" / "x.db").stat().st_mode & 0o077 == 0
    await database.close()


async def test_first_openers_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with path.with_name("x.db.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        opening = asyncio.create_task(asyncio.to_thread(sqlite_file.prepare, path, ["CREATE TABLE t (id INTEGER)"]))
        _, waiting = await asyncio.wait({opening}, timeout=0.3)
        assert waiting
        assert path.stat().st_size == 0
    await opening
    assert path.stat().st_size > 0


async def test_what_is_queued_together_is_one_transaction(database: Database) -> None:
    def version(connection: sqlite3.Connection) -> int:
        return connection.total_changes

    database.read("SELECT 1 FROM t")
    with closing(sqlite3.connect(database.path)) as other:
        before = other.execute("PRAGMA data_version").fetchone()
        seen = await together(database, *(insert(n) for n in range(100)), version)
        assert seen == [*range(100), 100]
        assert other.execute("PRAGMA data_version").fetchone() != before
    assert held(database) == list(range(100))


async def test_a_refusal_leaves_the_batch_alone(database: Database) -> None:
    def refuse(connection: sqlite3.Connection) -> None:
        raise AlreadyExists("taken")

    results = await together(database, insert(1), refuse, insert(2))
    assert results[0::2] == [1, 2]
    assert isinstance(results[1], AlreadyExists)
    assert held(database) == [1, 2]


async def test_an_unexpected_failure_hurts_only_its_own_operation(database: Database) -> None:
    def crash(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT, (50,))
        raise KeyError("bug")

    results = await together(database, insert(1), crash, insert(2), insert(3, 2), insert(4))
    assert [results[0], results[2], results[4]] == [1, 2, 4]
    assert isinstance(results[1], KeyError)
    assert isinstance(results[3], StoreError)
    assert held(database) == [1, 2, 4]
    assert await database.write(insert(5)) == 5


async def test_a_refusal_after_a_write_is_undone(database: Database) -> None:
    def careless(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT, (50,))
        raise AlreadyExists("too late")

    results = await together(database, insert(1), careless, insert(2))
    assert isinstance(results[1], AlreadyExists)
    assert held(database) == [1, 2]


async def test_more_than_a_batch(database: Database) -> None:
    count = 3 * sqlite.BATCH_LIMIT + 1
    assert await together(database, *(insert(n) for n in range(count))) == list(range(count))
    assert held(database) == list(range(count))


async def test_a_full_queue_refuses(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "QUEUE_LIMIT", 10)
    results = await together(database, *(insert(n) for n in range(12)))
    assert results[:10] == list(range(10))
    assert all(isinstance(result, Overloaded) for result in results[10:])
    assert await database.write(insert(99)) == 99


async def test_a_cancelled_caller_does_not_lose_the_write(database: Database) -> None:
    tasks = [asyncio.create_task(database.write(insert(n))) for n in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[1], asyncio.CancelledError)
    assert held(database) == [0, 1, 2]


async def test_a_write_waits_for_another_process_without_blocking_the_loop(database: Database) -> None:
    await database.write(insert(1))
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(database.write(insert(2)))
        turns = []
        for _ in range(20):
            started = asyncio.get_running_loop().time()
            await asyncio.sleep(0.005)
            turns.append(asyncio.get_running_loop().time() - started)
            assert held(database) == [1]
        assert not task.done()
        assert sorted(turns)[10] < 0.2, "the machine may stall at a few of them"
        other.execute("COMMIT")
    assert await task == 2


async def test_a_write_does_not_wait_for_ever(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.write(insert(1))
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        results = await together(database, insert(2), insert(3))
        assert all(isinstance(result, StoreError) for result in results)
        other.execute("COMMIT")
    assert await database.write(insert(4)) == 4
    assert held(database) == [1, 4]


async def test_an_unwritable_place_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    database = Database(tmp_path / "file" / "x.db")
    with pytest.raises(StoreError):
        await database.write(insert(1))
    with pytest.raises(StoreError):
        database.read("SELECT 1")
    await database.close()


async def test_the_log_is_checkpointed_beside_the_writing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_AFTER", 2)
    monkeypatch.setattr(sqlite_file, "WAL_LIMIT", 50_000)
    log = database.path.with_name("x.db-wal")
    for n in range(50):
        await database.write(insert(n))
    before = log.stat().st_size
    assert before > 50_000
    assert database.path.stat().st_size < 20_000  # the log holds it all
    await asyncio.sleep(1.1)
    await database.write(insert(50))
    await eventually(lambda: not behind(database))
    for n in range(51, 61):  # into the beginning of the log again, which does not grow
        await database.write(insert(n))
    assert log.stat().st_size <= before + 10_000
    assert len(held(database)) == 61


def behind(database: Database) -> bool:
    """Whether the file alone, without its log, lacks the last row."""
    alone = database.path.with_name("alone.db")
    alone.write_bytes(database.path.read_bytes())
    with closing(sqlite3.connect(alone)) as copy:
        return bool(copy.execute("SELECT max(id) FROM t").fetchone() != (50,))


async def test_the_log_starts_anew_under_constant_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "WAL_LIMIT", 50_000)
    path, stop, written = tmp_path / "x.db", threading.Event(), 0
    sqlite_file.prepare(path, ["CREATE TABLE t (id INTEGER PRIMARY KEY)"])

    def write_constantly() -> None:
        nonlocal written
        with closing(sqlite_file.connect(path, 10)) as connection:
            while not stop.is_set():
                connection.execute(INSERT, (written,))
                written += 1

    async def checkpointed() -> bool:
        """Again and again, until the rows' pages (one each at least) are twice as many as the log has."""
        await asyncio.to_thread(sqlite_file.checkpoint, path)
        rows = written
        # The log is there once somebody writes; before, there is none to look at.
        return rows > 500 and path.with_name("x.db-wal").stat().st_size / 4096 < rows / 2

    writing = asyncio.create_task(asyncio.to_thread(write_constantly))
    try:
        await eventually(checkpointed)
    finally:
        stop.set()
        await writing


async def test_a_closed_database_opens_again(database: Database) -> None:
    await database.write(insert(1))
    await database.close()
    assert held(database) == [1]
    await database.close()
    assert await database.write(insert(2)) == 2


async def test_a_definition_may_come_late(database: Database) -> None:
    await database.write(insert(1))
    database.define("CREATE TABLE IF NOT EXISTS late (id INTEGER PRIMARY KEY)")
    assert database.read("SELECT * FROM late") == []


def test_a_write_that_outlives_its_loop_is_flushed_by_the_next(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.db")
    database.define("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)")
    abandoned = database.write(insert(1))

    async def abandon() -> None:
        abandoned.send(None)  # queued, and the file is held by another: the flush is put off
        await asyncio.sleep(0)

    async def resume() -> list[int]:
        await database.write(insert(2))
        found = held(database)
        await database.close()
        return found

    assert database.read("SELECT * FROM t") == []
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asyncio.run(abandon())
        other.execute("COMMIT")
    assert asyncio.run(resume()) == [1, 2]
    abandoned.close()


async def test_close_returns_when_all_is_written(database: Database) -> None:
    tasks = [asyncio.create_task(database.write(insert(n))) for n in range(1000)]
    await asyncio.sleep(0)
    await database.close()
    with closing(sqlite3.connect(database.path)) as other:
        assert other.execute("SELECT count(*) FROM t").fetchone() == (1000,)
    await asyncio.gather(*tasks)
