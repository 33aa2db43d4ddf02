"""The embedded queue's worker, on a real clock."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.documents import Job
from shared.jobs.local import LocalQueue
from shared.jobs.runner import Runner
from shared.sqlite import Database
from tests.fakes.waiting import eventually


async def state(queue: LocalQueue, job_id: str) -> tuple[str, int]:
    job = await queue.get(job_id)
    assert job is not None
    return job.state, job.attempts


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[LocalQueue]:
    queue = LocalQueue(Database(tmp_path / "live.db"), max_attempts=2, backoff=(0.01,))
    yield queue
    await queue.close()


async def until(queue: LocalQueue, job_id: str, wanted: str) -> Job:
    async def found() -> bool:
        return (await state(queue, job_id))[0] == wanted

    await eventually(found)
    job = await queue.get(job_id)
    assert job is not None
    return job


async def test_the_runner_starts_at_once_and_runs_several_at_a_time(live: LocalQueue) -> None:
    running, most, all_at_once = 0, 0, asyncio.Event()

    async def handler(job: Job) -> None:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        if running == 3:
            all_at_once.set()
        await all_at_once.wait()
        await asyncio.sleep(0.01)
        running -= 1

    runner = Runner(live, {"k": handler}, concurrency=3, poll=30)
    runner.start()
    runner.start()
    await asyncio.sleep(0.01)
    ids = [await live.enqueue("k", {}) for _ in range(9)]
    for job_id in ids:
        await until(live, job_id, "done")
    assert most == 3
    async with asyncio.timeout(15):  # idle workers do not sit out their poll
        await runner.stop()


async def test_the_runner_keeps_the_lease_of_a_long_job(tmp_path: Path) -> None:
    """The clock goes on when the lease was renewed: four times, and by more than two leases."""
    now, lease, runs, finish = 1_800_000_000.0, 0.3, [], asyncio.Event()
    queue = LocalQueue(Database(tmp_path / "clocked.db", clock=lambda: now), lease=lease)

    async def handler(job: Job) -> None:
        runs.append(job.attempts)
        await finish.wait()

    async def renewed() -> bool:
        job = await queue.get(job_id)
        return job is not None and job.lease_until == now + lease

    runners = [Runner(queue, {"k": handler}, concurrency=1, poll=0.02) for _ in range(2)]
    for runner in runners:
        runner.start()
    job_id = await queue.enqueue("k", {})
    for _ in range(4):
        await eventually(renewed)
        now += 0.6 * lease
    await asyncio.sleep(0.1)  # the other one looks, too
    finish.set()
    await until(queue, job_id, "done")
    for runner in runners:
        await runner.stop()
    await queue.close()
    assert runs == [1]


async def test_the_runner_survives_bad_handlers(live: LocalQueue) -> None:
    async def no_json(job: Job) -> dict[str, object]:
        return {"x": object()}

    async def cancelled(job: Job) -> None:
        raise asyncio.CancelledError

    async def endless(job: Job) -> None:
        await asyncio.sleep(60)

    runner = Runner(live, {"a": no_json, "b": cancelled, "c": endless}, concurrency=1, poll=0.02, limit=0.1)
    runner.start()
    for kind, error in (("a", "TypeError"), ("b", "CancelledError"), ("c", "TimeoutError")):
        job = await until(live, await live.enqueue(kind, {}), "dead")
        assert job.error is not None
        assert job.error.startswith(error)
    await runner.stop()


async def test_stopping_lets_short_jobs_finish_and_puts_long_ones_back(live: LocalQueue) -> None:
    cleaned, finish = asyncio.Event(), asyncio.Event()

    async def short(job: Job) -> None:
        await finish.wait()

    async def long(job: Job) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    runner = Runner(live, {"short": short, "long": long}, poll=0.02)
    runner.start()
    ids = [await live.enqueue(kind, {}) for kind in ("short", "long")]
    for job_id in ids:
        await until(live, job_id, "running")
    stopping = asyncio.create_task(runner.stop(grace=0.5))
    await asyncio.sleep(0)
    finish.set()
    await stopping
    assert await state(live, ids[0]) == ("done", 1)
    assert await state(live, ids[1]) == ("pending", 0)
    assert cleaned.is_set()
