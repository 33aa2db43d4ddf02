"""The embedded queue's own promises: leases, heartbeats, how long things are kept."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.documents import Job, Profile
from shared.errors import AlreadyExists
from shared.jobs import Done
from shared.jobs.local import LocalQueue
from shared.sqlite import Database
from shared.store import Create, Write
from shared.store.sqlite import SQLiteStore
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
    assert not await queue.complete(first, Done({"by": "first"}))
    assert not await queue.fail(first, RuntimeError())
    assert not await queue.release(first)
    assert await queue.complete(second, Done({"by": "second"}))
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
    await queue.complete(await claimed(queue), Done())
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
    await queue.complete(await claimed(queue), Done())
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


async def test_an_arrival_is_told(tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    queue = LocalQueue(Database(tmp_path / "a.db", clock=clock), max_attempts=1, on_arrival=lambda: told.append("new"))
    job_id = await queue.enqueue("k", {})
    assert told == ["new"]
    await queue.fail(await claimed(queue), RuntimeError())
    assert not await queue.retry("job_never")
    assert told == ["new"]
    assert await queue.retry(job_id)
    assert told == ["new", "new"]
    await queue.close()


class Elsewhere:
    """A store that is not in the queue's file."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self.inside = SQLiteStore(Database(file, clock=clock))

    async def commit(self, *writes: Write) -> object:
        return await self.inside.commit(*writes)


async def test_effects_go_to_the_store_the_documents_are_in(tmp_path: Path, clock: Clock) -> None:
    elsewhere: Any = Elsewhere(tmp_path / "documents.db", clock)
    queue = LocalQueue(Database(tmp_path / "jobs.db", clock=clock), store=elsewhere)
    await queue.enqueue("k", {})
    job = await claimed(queue)
    latch = Done(writes=[Create(Profile(id="effect"))])
    assert await queue.complete(job, latch)
    assert await elsewhere.inside.get(Profile, "effect") is not None
    assert not await queue.complete(job, Done(writes=[Create(Profile(id="late"))]))
    assert await elsewhere.inside.get(Profile, "late") is None

    again = await queue.enqueue("k", {})
    job = await claimed(queue)
    with pytest.raises(AlreadyExists):
        await queue.complete(job, latch)
    assert await state(queue, again) == ("running", 1)
    await queue.close()
    await elsewhere.inside.close()
