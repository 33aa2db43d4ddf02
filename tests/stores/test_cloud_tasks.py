"""What is particular to the queue over Cloud Tasks: what is sent, under which name, and what happens when it is not."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from google.cloud.tasks_v2 import CloudTasksAsyncClient, Task

from shared.documents import Job, JobKey, Profile
from shared.errors import StoreError, Unavailable
from shared.jobs import Done, sender
from shared.jobs.cloud_tasks import UNSENT_AFTER, CloudTasksQueue
from shared.jobs.sender import REST_SECONDS, Sender, _client
from shared.sqlite import Database
from shared.store import Create, Version, Where, Write
from shared.store.sqlite import SQLiteStore
from tests.contract.implementations import Clock
from tests.processes import free_port
from tests.services.tasks import Manners, Tasks
from tests.services.wire import Wire

DAY = 86_400.0
QUEUE = "projects/p/locations/l/queues/q"
JOB = Job(id="j", kind="k", payload={}, run_at=0, created_at=0, updated_at=0)


class Lossy(SQLiteStore):
    """A store whose next answers get lost: `after` the commit was done, or `before` it could be."""

    lost: str = ""

    async def commit(self, *writes: Write) -> list[Version]:
        lost, self.lost = self.lost, ""
        if lost == "before":
            raise StoreError("away")
        done = await super().commit(*writes)
        if lost:
            raise StoreError("cut off")
        return done


@pytest.fixture
def clock() -> Clock:
    return Clock(time.time())


@pytest.fixture
async def tasks(tmp_path: Path) -> AsyncIterator[Tasks]:
    """One that delivers nothing by itself."""
    tasks = Tasks(tmp_path / "tasks.db", Manners(paused=True))
    await tasks.start()
    yield tasks
    await tasks.stop()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Lossy]:
    store = Lossy(Database(tmp_path / "lyo.db", clock=clock))
    yield store
    await store.close()


def queue_over(store: SQLiteStore, clock: Clock, port: int, **changes: Any) -> CloudTasksQueue:
    options: dict[str, Any] = {
        "queue": QUEUE,
        "target_url": "https://jobs.example.test/",
        "audience": "https://jobs.example.test",
        "service_account": "tasks@p.example",
        "emulator_host": f"127.0.0.1:{port}",
        "max_attempts": 2,
    }
    return CloudTasksQueue(store, clock=clock, **(options | changes))


@pytest.fixture
async def queue(store: Lossy, clock: Clock, tasks: Tasks) -> AsyncIterator[CloudTasksQueue]:
    queue = queue_over(store, clock, tasks.port)
    yield queue
    await queue.close()


@pytest.fixture
async def severed(store: Lossy, clock: Clock) -> AsyncIterator[CloudTasksQueue]:
    """A queue over the same store whose Cloud Tasks cannot be reached."""
    queue = queue_over(store, clock, free_port(), rng=lambda: 0.0)
    yield queue
    await queue.close()


async def sent(tasks: Tasks) -> list[Task]:
    """Every task that was made, as Cloud Tasks shows it."""
    client: CloudTasksAsyncClient = _client(f"127.0.0.1:{tasks.port}", None)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{tasks.http_port}/tasks") as answer:
        names = [task["name"] for task in await answer.json()]
    found = [await client.get_task(name=name) for name in names]
    await client.transport.close()  # type: ignore[no-untyped-call]
    return found


async def claimed(queue: CloudTasksQueue, job_id: str) -> Job:
    job = await queue.take("k", job_id)
    assert isinstance(job, Job)
    return job


# --- what is sent


async def test_a_task_carries_the_jobs_id_a_token_and_the_longest_deadline(
    queue: CloudTasksQueue, tasks: Tasks, clock: Clock
) -> None:
    job_id = await queue.enqueue("k", {"secret": "payload"}, delay=120)
    (task,) = await sent(tasks)
    request = task.http_request
    assert request.url == "https://jobs.example.test/jobs/k"
    assert request.oidc_token.service_account_email == "tasks@p.example"
    assert request.oidc_token.audience == "https://jobs.example.test"
    assert task.dispatch_deadline.total_seconds() == 1800
    assert task.schedule_time.timestamp() == pytest.approx(clock.now + 120, abs=0.01)
    assert job_id.encode() in request.body
    assert b"payload" not in request.body
    assert job_id not in task.name


async def test_what_is_due_beyond_cloud_tasks_horizon_is_sent_within_it(
    queue: CloudTasksQueue, tasks: Tasks, clock: Clock
) -> None:
    await queue.enqueue("k", {}, delay=90 * DAY)
    (task,) = await sent(tasks)
    assert task.schedule_time.timestamp() == pytest.approx(clock.now + 29 * DAY, abs=1)


async def test_t55_enqueueing_a_pending_key_again_sends_the_same_task(queue: CloudTasksQueue, tasks: Tasks) -> None:
    ids = [await queue.enqueue("k", {}, key="u1") for _ in range(3)]
    assert len(set(ids)) == len(await sent(tasks)) == 1


async def test_a_retry_is_a_task_of_another_name(queue: CloudTasksQueue, tasks: Tasks, clock: Clock) -> None:
    job_id = await queue.enqueue("k", {})
    for _ in range(2):
        await queue.fail(await claimed(queue, job_id), RuntimeError())
        await clock.advance(1000)
    assert await queue.retry(job_id)
    assert len({task.name for task in await sent(tasks)}) == 2


# --- what is not sent


async def test_t56_what_could_not_be_sent_is_kept_and_sent_with_the_key_again(
    queue: CloudTasksQueue, severed: CloudTasksQueue, store: Lossy, tasks: Tasks
) -> None:
    with pytest.raises(Unavailable):
        await severed.enqueue("k", {"n": 1}, key="u1")
    assert await sent(tasks) == []
    job_id = await queue.enqueue("k", {"n": 2}, key="u1")
    assert len(await sent(tasks)) == 1
    job = await queue.get(job_id)
    assert job is not None
    assert (job.state, job.payload) == ("pending", {"n": 1})


async def test_t56_what_was_never_sent_is_recovered_once(
    queue: CloudTasksQueue, severed: CloudTasksQueue, tasks: Tasks, clock: Clock
) -> None:
    with pytest.raises(Unavailable):
        await severed.enqueue("k", {})
    assert await queue.recover() == 0  # it may be under way
    await clock.advance(UNSENT_AFTER + 1)
    assert await severed.recover() == 0
    await clock.advance(UNSENT_AFTER + 1)
    # Each sending waits twice as long, so that a paused queue is not filled with copies.
    assert await queue.recover() == 0
    await clock.advance(UNSENT_AFTER)
    assert sum(await asyncio.gather(*(queue.recover() for _ in range(5)))) == 1
    assert len(await sent(tasks)) == 1
    assert await queue.recover() == 0


async def test_recovering_is_bounded(queue: CloudTasksQueue, tasks: Tasks, clock: Clock) -> None:
    for _ in range(5):
        await queue.enqueue("k", {})
    await clock.advance(UNSENT_AFTER + 1)
    assert [await queue.recover(limit=3) for _ in range(3)] == [3, 2, 0]
    assert len(await sent(tasks)) == 10


async def test_an_unreachable_cloud_tasks_is_told_within_seconds(severed: CloudTasksQueue) -> None:
    before = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        await severed.enqueue("k", {})
    assert time.monotonic() - before < 30
    assert caught.value.retry_after is not None


async def test_while_cloud_tasks_is_away_only_the_first_waits_for_it(severed: CloudTasksQueue, store: Lossy) -> None:
    with pytest.raises(Unavailable):
        await severed.enqueue("k", {})
    took = []
    for _ in range(3):
        before = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            await severed.enqueue("k", {})
        took.append(time.monotonic() - before)
        assert 0 < (caught.value.retry_after or 0) <= REST_SECONDS
    assert min(took) < 0.35, "half the pauses between the first one's attempts"
    assert len(await store.query(Job, Where("state", "==", "pending"), order="run_at")) == 4, "kept all the same"


async def test_a_send_given_up_counts_and_after_the_rest_one_tries_whose_success_ends_it(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def given_up(ours: Sender, *, counts: bool) -> None:
        monkeypatch.setattr(sender, "GIVEN_UP_SECONDS", 0.0 if counts else 100.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ours.send(JOB, 0)

    async def refused_at_once(ours: Sender) -> None:
        with pytest.raises(Unavailable):
            async with asyncio.timeout(sender.CALL_SECONDS / 2):
                await ours.send(JOB, 0)

    async with Wire(f"127.0.0.1:{tasks.port}") as wire:
        ours = Sender(
            QUEUE, target_url="http://t", audience="a", service_account="s", emulator_host=wire.host, rest=60.0
        )
        wire.back.clear()
        await given_up(ours, counts=False)  # a caller who went away
        await given_up(ours, counts=True)
        await refused_at_once(ours)
        ours._resting_until = asyncio.get_running_loop().time()
        await asyncio.gather(given_up(ours, counts=True), refused_at_once(ours))
        await refused_at_once(ours)
        wire.restore()
        ours._resting_until = asyncio.get_running_loop().time()
        await ours.send(JOB, 0)
        await asyncio.gather(*(ours.send(JOB.model_copy(update={"id": name}), 0) for name in "ab"))
        assert len(await sent(tasks)) == 3
        await ours.close()


# --- the key


async def test_t55_a_key_is_free_again_after_a_day(queue: CloudTasksQueue, clock: Clock) -> None:
    job_id = await queue.enqueue("k", {}, key="daily")
    assert await queue.complete(await claimed(queue, job_id), Done())
    await clock.advance(DAY - 1)
    assert await queue.enqueue("k", {}, key="daily") == job_id
    await clock.advance(2)
    ids = await asyncio.gather(*(queue.enqueue("k", {}, key="daily") for _ in range(10)))
    assert len(set(ids)) == 1
    assert ids[0] != job_id


async def test_t55_a_pending_job_holds_its_key_however_long(queue: CloudTasksQueue, clock: Clock, store: Lossy) -> None:
    job_id = await queue.enqueue("k", {}, key="daily", delay=25 * DAY)
    await clock.advance(24 * DAY)
    await store.purge(JobKey)
    assert await queue.enqueue("k", {}, key="daily") == job_id


# --- a commit whose outcome nobody knows


async def test_t56_a_record_whose_answer_was_lost_is_found(queue: CloudTasksQueue, store: Lossy) -> None:
    job_id = await queue.enqueue("k", {})
    job = await claimed(queue, job_id)
    store.lost = "after"
    assert await queue.complete(job, Done({"n": 1}, [Create(Profile(id="effect"))]))
    done = await queue.get(job_id)
    assert done is not None
    assert (done.state, done.result) == ("done", {"n": 1})


async def test_t56_a_record_that_could_not_be_written_leaves_the_job_to_the_next(
    queue: CloudTasksQueue, store: Lossy, clock: Clock
) -> None:
    job_id = await queue.enqueue("k", {})
    job = await claimed(queue, job_id)
    store.lost = "before"
    with pytest.raises(StoreError):
        await queue.complete(job, Done(writes=[Create(Profile(id="effect"))]))
    assert await store.get(Profile, "effect") is None
    await clock.advance(queue.lease + 1)
    assert (await claimed(queue, job_id)).attempts == 2


async def test_a_beat_in_the_middle_of_the_record_does_not_refuse_it(queue: CloudTasksQueue, clock: Clock) -> None:
    job = await claimed(queue, await queue.enqueue("k", {}))
    done, *_ = await asyncio.gather(
        queue.complete(job, Done(writes=[Create(Profile(id="effect"))])),
        *(queue.progress(job.id, 0.5) for _ in range(5)),
    )
    assert done
