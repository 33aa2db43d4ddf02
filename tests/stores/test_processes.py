"""The embedded stores under several processes over one file, and under kill -9."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from shared.coordination.local import LocalCoordination
from shared.documents import Profile, Turn
from shared.jobs.local import LocalQueue
from shared.sqlite import Database
from shared.store.sqlite import SQLiteStore
from tests.fakes.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """One process of `tests.stores.children`."""

    def __init__(self, process: Process) -> None:
        self.process = process

    async def line(self) -> dict[str, Any]:
        """The next line it prints; empty when it has ended."""
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            text = await self.process.stdout.readline()
        return json.loads(text) if text.endswith(b"\n") else {}

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")

    async def kill(self) -> None:
        # Not Process.kill: it may reap the child before asyncio does, which then reports 255 for what killed it.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
        await self.process.communicate()


@asynccontextmanager
async def children(command: str, file: Path, arguments: Sequence[tuple[str, ...]]) -> AsyncIterator[list[Child]]:
    """Children that stand ready at the barrier; killed at the end, whatever happened."""
    started = [
        Child(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.stores.children",
                command,
                str(file),
                *more,
                cwd=ROOT,
                stdin=PIPE,
                stdout=PIPE,
            )
        )
        for more in arguments
    ]
    try:
        for child in started:
            assert await child.line() == {"ready": True}
        yield started
    finally:
        for child in started:
            await child.kill()


async def run(command: str, file: Path, arguments: list[tuple[str, ...]]) -> list[dict[str, Any]]:
    """What each child printed after all were let go together."""
    async with children(command, file, arguments) as started:
        for child in started:
            child.go()
        return [await child.line() for child in started]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "lyo.db"


async def test_t01_four_processes_grant_exactly_what_the_cap_allows(file: Path) -> None:
    said = await run("reserve", file, [(f"p{n}", "50", "7", "600") for n in range(4)])
    assert sum(line["granted"] for line in said) == 600 // 7
    coordination = LocalCoordination(Database(file))
    spend = await coordination.spend(["account", "user"])
    for key in ("account", "user"):
        assert spend[key].committed + spend[key].reserved == 600 // 7 * 7
        assert spend[key].committed > 0
    await coordination.close()


async def test_t02_eight_processes_meet_a_new_file_and_a_new_key(file: Path) -> None:
    said = await run("reserve", file, [(f"p{n}", "1", "100", "350") for n in range(8)])
    assert sum(line["granted"] for line in said) == 3


async def test_one_process_takes_each_latch(file: Path) -> None:
    said = await run("create", file, [(f"p{n}", "200") for n in range(4)])
    assert sum(line["won"] for line in said) == 200


async def test_no_add_of_any_process_is_lost(file: Path) -> None:
    await run("count_up", file, [(f"p{n}", "2000") for n in range(4)])
    coordination = LocalCoordination(Database(file))
    assert await coordination.totals("n") == {"n": 8000.0}
    await coordination.close()


async def test_t06_a_thousand_keys_in_one_flush_are_on_disk(file: Path) -> None:
    coordination = LocalCoordination(Database(file))
    keys = [f"spend:u{n % 100}:m{n // 100}:2026-01-05" for n in range(1000)]
    await asyncio.gather(*(coordination.add({key: 1.0}) for key in keys))
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT count(*), sum(total) FROM counters").fetchone() == (1000, 1000.0)
    await coordination.close()


@pytest.mark.parametrize("after", [1, 50, 400])
async def test_t07_what_was_awaited_survives_kill_9_once(file: Path, after: int) -> None:
    seen: list[str] = []
    async with children("write", file, [("p",), ("q",)]) as started:
        for child in started:
            child.go()
        while len(seen) < after:
            seen.append((await started[0].line())["id"])
        os.kill(started[0].process.pid, signal.SIGKILL)
        while line := await started[0].line():
            seen.append(line["id"])
    for child in started:
        assert child.process.returncode == -signal.SIGKILL
    database = Database(file)
    store, coordination = SQLiteStore(database), LocalCoordination(database)
    for id_ in seen:
        assert await store.get(Turn, id_) is not None
    # Each charge is there once: what is committed is seven for every hold that is settled, no more.
    turns = database.read("SELECT count(*) FROM document_turns")[0][0]
    held = database.read("SELECT count(*) FROM holds")[0][0]
    spend = (await coordination.spend(["account"]))["account"]
    assert spend.committed % 7 == 0
    assert turns - held <= spend.committed // 7 <= turns
    assert spend.reserved == held * 10
    assert database.read("PRAGMA integrity_check") == [("ok",)]
    await database.close()


async def test_t07_a_job_whose_worker_was_killed_runs_again_and_takes_effect_once(file: Path) -> None:
    database = Database(file)
    queue, store = LocalQueue(database), SQLiteStore(database)
    job_id = await queue.enqueue("k", {})
    leases = [("first", "60", "0"), ("second", "0.1", "70"), ("third", "0.1", "200")]  # the lease is 60 s
    async with children("work", file, leases) as (first, second, third):
        first.go()
        assert await first.line() == {"started": job_id, "attempt": 1}
        os.kill(first.process.pid, signal.SIGKILL)
        second.go()
        assert await second.line() == {"started": job_id, "attempt": 2}
        assert await second.line() == {"effect": job_id}
        state = "SELECT json_extract(body, '$.state') FROM document_jobs"
        await eventually(lambda: database.read(state) == [("done",)])
        third.go()
        await asyncio.sleep(0.5)
        for child in (second, third):  # nobody runs it a third time
            child.go()
            assert await child.line() == {}
    job = await queue.get(job_id)
    assert job is not None
    assert (job.state, job.attempts, job.result) == ("done", 2, {"by": "second"})
    effect = await store.get(Profile, f"effect:{job_id}")
    assert effect is not None
    assert effect.time_zone == "second"
    await queue.close()


async def test_t55_three_processes_run_each_job_once(file: Path) -> None:
    database = Database(file)
    queue = LocalQueue(database)
    ids = [await queue.enqueue("k", {}) for _ in range(40)]
    async with children("work", file, [(f"p{n}", "0.01", "0") for n in range(3)]) as started:
        for child in started:
            child.go()
        done = "SELECT count(*) FROM document_jobs WHERE json_extract(body, '$.state') = 'done'"
        await eventually(lambda: database.read(done) == [(40,)])
        said: list[dict[str, Any]] = []
        for child in started:
            child.go()
            while line := await child.line():
                said.append(line)
    assert sorted(line["started"] for line in said if "started" in line) == sorted(ids)
    assert sorted(line["effect"] for line in said if "effect" in line) == sorted(ids)
    await queue.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # Python 3.12 warns of threads: the child uses none
async def test_a_forked_child_leaves_the_parents_queue_alone(file: Path) -> None:
    coordination = LocalCoordination(Database(file))
    await coordination.add({"n": 1})
    queued = asyncio.create_task(coordination.add({"n": 10}))
    await asyncio.sleep(0)
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(_charge_as_child(coordination))
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    await queued
    assert await coordination.totals("n") == {"n": 111.0}
    await coordination.close()


async def _charge_as_child(coordination: LocalCoordination) -> None:
    await coordination.add({"n": 100})
    if await coordination.totals("n") != {"n": 101.0}:
        os._exit(2)
