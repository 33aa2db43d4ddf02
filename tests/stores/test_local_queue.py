"""The embedded queue's own promises: leases, heartbeats, how long things are kept, and the runner."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.documents import Job
from shared.jobs.local import LocalQueue
from shared.jobs.runner import Runner
from shared.sqlite import Database
from tests.contract.implementations import Clock

DAY = 86_400.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def queue(tmp_path: Path, clock: Clock) -> AsyncIterator[LocalQueue]:
    queue = LocalQueue(Database(tmp_path / "lyo.db", clock=clock), max_attempts=2, lease=60, rng=lambda: 0.5)
    yield queue
    await queue.close()


async def claimed(queue: LocalQueue) -> Job:
    job = await queue.claim(["k"])
    assert job is not None
    return job


async def state(queue: LocalQueue, job_id: str) -> tuple[str, int]:
    job = await queue.get(job_id)
    assert job is not None
    return job.state, job.attempts


async def test_t55_one_of_twenty_workers_claims_a_job(queue: LocalQueue) -> None:
    await queue.enqueue("k", {})
    jobs = await asyncio.gather(*(queue.claim(["k"]) for _ in range(20)))
    assert sum(job is not None for job in jobs) == 1


async def test_jobs_are_claimed_in_the_order_they_are_due(queue: LocalQueue, clock: Clock) -> None:
    ids = [await queue.enqueue("k", {}, delay=delay) for delay in (3, 1, 2)]
    await clock.advance(5)
    assert [(await claimed(queue)).id for _ in range(3)] == [ids[1], ids[2], ids[0]]
    assert await queue.claim(["k"]) is None


async def test_only_known_kinds_are_claimed(queue: LocalQueue) -> None:
    await queue.enqueue("newer", {})
    await queue.enqueue("k", {})
    assert (await claimed(queue)).kind == "k"
    assert await queue.claim(["k"]) is None
    assert await queue.claim([]) is None


async def test_a_lost_lease_gives_the_job_to_another_worker(queue: LocalQueue, clock: Clock) -> None:
    job_id = await queue.enqueue("k", {})
    first = await claimed(queue)
    await clock.advance(59)
    assert await queue.claim(["k"]) is None
    await clock.advance(2)
    second = await claimed(queue)
    assert second.id == job_id
    assert not await queue.heartbeat(first)
    assert not await queue.complete(first, {"by": "first"})
    assert not await queue.fail(first, RuntimeError())
    assert not await queue.release(first)
    assert await queue.complete(second, {"by": "second"})
    done = await queue.get(job_id)
    assert done is not None
    assert (done.state, done.result, done.attempts) == ("done", {"by": "second"}, 2)


async def test_a_heartbeat_keeps_the_lease(queue: LocalQueue, clock: Clock) -> None:
    await queue.enqueue("k", {})
    job = await claimed(queue)
    for _ in range(5):
        await clock.advance(50)
        assert await queue.heartbeat(job)
        assert await queue.claim(["k"]) is None


async def test_a_job_that_kills_its_workers_is_buried(queue: LocalQueue, clock: Clock) -> None:
    job_id = await queue.enqueue("k", {})
    for _ in range(2):
        await claimed(queue)
        await clock.advance(61)
    assert await queue.claim(["k"]) is None
    (dead,) = await queue.dead()
    assert dead.id == job_id
    assert dead.error is not None
    assert dead.error.startswith("WorkerLost")


async def test_a_released_job_keeps_its_attempts(queue: LocalQueue) -> None:
    job_id = await queue.enqueue("k", {})
    assert await queue.release(await claimed(queue))
    assert await state(queue, job_id) == ("pending", 0)
    assert (await claimed(queue)).attempts == 1


async def test_pauses_grow_and_vary(tmp_path: Path, clock: Clock) -> None:
    draws = iter([0.0, 0.5, 1.0, 0.5])
    queue = LocalQueue(
        Database(tmp_path / "b.db", clock=clock), max_attempts=9, backoff=(1, 2, 4), rng=lambda: next(draws)
    )
    job_id = await queue.enqueue("k", {})
    pauses = []
    for _ in range(4):
        await queue.fail(await claimed(queue), RuntimeError())
        job = await queue.get(job_id)
        assert job is not None
        pauses.append(job.run_at - clock.now)
        await clock.advance(10)
    assert pauses == [0.5, 2, 6, 4]
    await queue.close()


async def test_progress_is_noted_while_the_job_runs(queue: LocalQueue) -> None:
    job_id = await queue.enqueue("k", {})
    assert not await queue.progress(job_id, 0.5)
    await claimed(queue)
    assert await queue.progress(job_id, 0.25)
    job = await queue.get(job_id)
    assert job is not None
    assert job.progress == 0.25
    assert await queue.progress(job_id, 7)
    job = await queue.get(job_id)
    assert job is not None
    assert job.progress == 1.0


async def test_t55_a_key_is_free_again_after_a_day(queue: LocalQueue, clock: Clock) -> None:
    job_id = await queue.enqueue("k", {}, key="daily")
    await queue.complete(await claimed(queue), None)
    await clock.advance(DAY - 1)
    assert await queue.enqueue("k", {}, key="daily") == job_id
    await clock.advance(2)
    assert await queue.enqueue("k", {}, key="daily") != job_id


async def test_t55_a_pending_job_holds_its_key_however_long(queue: LocalQueue, clock: Clock) -> None:
    job_id = await queue.enqueue("k", {}, key="daily", delay=3 * DAY)
    await clock.advance(2 * DAY)
    assert await queue.enqueue("k", {}, key="daily") == job_id


async def test_finished_jobs_are_kept_a_week_and_dead_ones_a_month(queue: LocalQueue, clock: Clock) -> None:
    done = await queue.enqueue("k", {})
    await queue.complete(await claimed(queue), None)
    dead = await queue.enqueue("k", {})
    for _ in range(2):
        await queue.fail(await claimed(queue), RuntimeError())
        await clock.advance(10)
    await clock.advance(7 * DAY - 60)
    assert await queue.get(done) is not None
    await clock.advance(60)
    assert await queue.get(done) is None
    assert await state(queue, dead) == ("dead", 2)
    assert await queue.retry(dead)
    await clock.advance(40 * DAY)
    assert await state(queue, dead) == ("pending", 0)


# --- the runner, on a real clock


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[LocalQueue]:
    queue = LocalQueue(Database(tmp_path / "live.db"), max_attempts=2, lease=1.0, backoff=(0.01,))
    yield queue
    await queue.close()


async def until(queue: LocalQueue, job_id: str, wanted: str) -> Job:
    for _ in range(500):
        job = await queue.get(job_id)
        if job is not None and job.state == wanted:
            return job
        await asyncio.sleep(0.01)
    pytest.fail(f"never {wanted}: {job}")


async def test_the_runner_starts_at_once_and_runs_several_at_a_time(live: LocalQueue) -> None:
    running, most = 0, 0

    async def handler(job: Job) -> None:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0.05)
        running -= 1

    runner = Runner(live, {"k": handler}, concurrency=3, poll=30)
    runner.start()
    runner.start()
    await asyncio.sleep(0.01)
    ids = [await live.enqueue("k", {}) for _ in range(9)]
    for job_id in ids:
        await until(live, job_id, "done")
    assert most == 3
    async with asyncio.timeout(3):  # idle workers do not sit out their poll
        await runner.stop()


async def test_the_runner_keeps_the_lease_of_a_long_job(live: LocalQueue) -> None:
    runs = []

    async def handler(job: Job) -> None:
        runs.append(job.attempts)
        await asyncio.sleep(2.5)  # more than two leases

    runners = [Runner(live, {"k": handler}, concurrency=1, poll=0.02) for _ in range(2)]
    for runner in runners:
        runner.start()
    await until(live, await live.enqueue("k", {}), "done")
    for runner in runners:
        await runner.stop()
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
    cleaned = asyncio.Event()

    async def short(job: Job) -> None:
        await asyncio.sleep(0.05)

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
    await runner.stop(grace=0.2)
    assert await state(live, ids[0]) == ("done", 1)
    assert await state(live, ids[1]) == ("pending", 0)
    assert cleaned.is_set()
