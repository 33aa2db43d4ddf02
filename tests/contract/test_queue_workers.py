"""What a queue promises its workers: who holds a job, that effect and record are one, and that nothing stays lost."""

import asyncio

import pytest

from shared.documents import Job, Profile
from shared.jobs import Done, Refused, WorkerQueue
from shared.store import Create, Put
from tests.contract.implementations import OpenedQueue


async def nothing(job: Job) -> None:
    """A handler that has nothing to do."""


async def taken(queue: WorkerQueue, job_id: str) -> Job:
    """The job, claimed."""
    job = await queue.take("k", job_id)
    assert isinstance(job, Job)
    return job


# --- the effect


async def test_t56_an_effect_and_the_record_of_it_are_one(opened_queue: OpenedQueue) -> None:
    queue, store = opened_queue.subject, opened_queue.store

    async def handler(job: Job) -> Done:
        return Done({"n": 1}, [Create(Profile(id=f"effect:{job.id}"))])

    job_id = await queue.enqueue("k", {})
    await opened_queue.work({"k": handler})
    job = await queue.get(job_id)
    assert job is not None
    assert (job.state, job.result) == ("done", {"n": 1})
    assert await store.get(Profile, f"effect:{job_id}") is not None


async def test_t56_an_effect_that_is_refused_leaves_no_record_and_is_tried_again(opened_queue: OpenedQueue) -> None:
    queue, store = opened_queue.subject, opened_queue.store
    await store.commit(Put(Profile(id="head", language="en")))
    seen = []

    async def handler(job: Job) -> Done:
        found = await store.get_versioned(Profile, "head")
        assert found is not None
        seen.append(found[0].language)
        if len(seen) == 1:
            await store.commit(Put(Profile(id="head", language="de")))  # somebody else, while the handler works
        head = found[0].model_copy(update={"time_zone": f"after {found[0].language}"})
        return Done(writes=[Put(head, expect=found[1]), Create(Profile(id=f"effect:{job.id}"))])

    job_id = await queue.enqueue("k", {})
    await opened_queue.work({"k": handler})
    waiting = await queue.get(job_id)
    assert waiting is not None
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert (waiting.error or "").startswith("StaleVersion")
    assert await store.get(Profile, f"effect:{job_id}") is None
    await opened_queue.advance(1.5)
    await opened_queue.work({"k": handler})
    head = await store.get(Profile, "head")
    assert head is not None
    assert (head.language, head.time_zone, seen) == ("de", "after de", ["en", "de"])


async def test_t55_of_many_workers_one_takes_a_job_and_only_that_one_is_believed(opened_queue: OpenedQueue) -> None:
    queue, store = opened_queue.subject, opened_queue.store
    job_id = await queue.enqueue("k", {})
    told = await asyncio.gather(*(queue.take("k", job_id) for _ in range(10)))
    (first,) = [job for job in told if isinstance(job, Job)]
    assert {job.verdict for job in told if isinstance(job, Refused)} == {"busy"}

    await opened_queue.advance(queue.lease + 1)
    second = await taken(queue, job_id)
    assert not await queue.heartbeat(first)
    assert not await queue.complete(first, Done({"by": "first"}, [Create(Profile(id="first"))]))
    assert await queue.fail(first, RuntimeError()) is None
    assert not await queue.release(first)
    assert await store.get(Profile, "first") is None
    assert await queue.heartbeat(second)
    assert await queue.complete(second, Done({"by": "second"}))
    job = await queue.get(job_id)
    assert job is not None
    assert (job.state, job.attempts, job.result) == ("done", 2, {"by": "second"})


async def test_a_worker_from_an_earlier_life_of_a_job_is_not_believed(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    job_id = await queue.enqueue("k", {})
    old = await taken(queue, job_id)
    for _ in range(2):
        await opened_queue.advance(queue.lease + 1)
        last = await taken(queue, job_id)
    dead = await queue.fail(last, RuntimeError())
    assert dead is not None
    assert dead.state == "dead"
    assert await queue.retry(job_id)
    new = await taken(queue, job_id)
    assert (new.attempts, old.attempts) == (1, 1)
    assert not await queue.complete(old, Done())


async def test_a_job_that_is_not_to_be_had_says_why(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    later, done = await queue.enqueue("k", {}, delay=30), await queue.enqueue("k", {})
    await opened_queue.work({"k": nothing})
    early = await queue.take("k", later)
    assert isinstance(early, Refused)
    assert early.verdict == "early"
    assert early.wait == pytest.approx(30)
    assert await queue.take("k", done) == Refused("finished")
    assert await queue.take("k", "job_never") == Refused("unknown")
    assert await queue.take("other", later) == Refused("unknown")


async def test_a_jobs_owner_and_progress_are_kept(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    job_id = await queue.enqueue("k", {}, owner="u1")
    assert not await queue.progress(job_id, 0.5)
    assert not await queue.progress("job_never", 0.5)
    halfway: list[Job | None] = []

    async def handler(job: Job) -> None:
        for fraction in (0.5, 7):
            assert await queue.progress(job.id, fraction)
            halfway.append(await queue.get(job.id))

    await opened_queue.work({"k": handler})
    assert [(job.owner, job.progress) for job in halfway if job] == [("u1", 0.5), ("u1", 1.0)]


# --- what lost its way


async def test_t56_a_job_whose_worker_died_is_recovered(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    job_id = await queue.enqueue("k", {})
    assert await queue.recover() == 0
    await taken(queue, job_id)  # and it is never heard of again
    assert await queue.recover() == 0
    await opened_queue.advance(queue.lease + 601)
    assert await queue.recover() == 1
    assert await queue.recover() == 0
    await opened_queue.work({"k": nothing})
    job = await queue.get(job_id)
    assert job is not None
    assert (job.state, job.attempts) == ("done", 2)


async def test_a_job_that_kills_its_workers_is_buried(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    job_id = await queue.enqueue("k", {})
    for _ in range(3):
        await taken(queue, job_id)
        await opened_queue.advance(queue.lease + 601)
    assert await queue.recover() == 1
    assert await queue.take("k", job_id) == Refused("finished")
    (dead,) = await queue.dead()
    assert dead.id == job_id
    assert (dead.error or "").startswith("WorkerLost")
