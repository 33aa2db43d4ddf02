"""What every queue does, sentence by sentence of `shared.jobs`. The queues under test give a job three attempts."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from shared.documents import Job
from shared.errors import LyoError
from shared.jobs import Handler, Queue
from tests.contract.implementations import OpenedQueue

DAY = 86_400.0


class Doing:
    """A handler that notes what it was given; its first `failures` runs raise."""

    def __init__(self, failures: int = 0, result: Mapping[str, Any] | None = None) -> None:
        self.jobs: list[Job] = []
        self._failures = failures
        self._result = result

    async def __call__(self, job: Job) -> Mapping[str, Any] | None:
        self.jobs.append(job)
        if len(self.jobs) <= self._failures:
            raise RuntimeError(f"no luck {len(self.jobs)}")
        return self._result


@pytest.fixture
def queue(opened_queue: OpenedQueue) -> Queue:
    return opened_queue.subject


async def test_a_job_is_accepted_run_and_remembered(opened_queue: OpenedQueue) -> None:
    queue, doing = opened_queue.subject, Doing(result={"n": 1, "text": "ü"})
    job_id = await queue.enqueue("report", {"days": 30, "nested": [None, True]})
    accepted = await queue.get(job_id)
    assert accepted is not None
    assert (accepted.id, accepted.kind, accepted.state, accepted.attempts) == (job_id, "report", "pending", 0)
    assert accepted.created_at == accepted.run_at == opened_queue.now()
    await opened_queue.work({"report": doing})
    assert [(job.id, job.payload, job.attempts) for job in doing.jobs] == [
        (job_id, {"days": 30, "nested": [None, True]}, 1)
    ]
    done = await queue.get(job_id)
    assert done is not None
    assert (done.state, done.result, done.progress, done.error) == ("done", {"n": 1, "text": "ü"}, 1.0, None)
    await opened_queue.work({"report": doing})
    assert len(doing.jobs) == 1


async def test_an_unknown_job_is_none(queue: Queue) -> None:
    assert await queue.get("job_never") is None


async def test_a_delayed_job_waits(opened_queue: OpenedQueue) -> None:
    doing = Doing()
    await opened_queue.subject.enqueue("k", {}, delay=2)
    await opened_queue.work({"k": doing})
    assert doing.jobs == []
    await opened_queue.advance(2.5)
    await opened_queue.work({"k": doing})
    assert len(doing.jobs) == 1


async def test_a_failed_job_is_tried_again_after_a_pause(opened_queue: OpenedQueue) -> None:
    queue, doing = opened_queue.subject, Doing(failures=1)
    job_id = await queue.enqueue("k", {})
    await opened_queue.work({"k": doing})
    waiting = await queue.get(job_id)
    assert waiting is not None
    assert (waiting.state, waiting.attempts, waiting.error) == ("pending", 1, "RuntimeError: no luck 1")
    assert waiting.run_at > opened_queue.now()
    await opened_queue.work({"k": doing})
    assert len(doing.jobs) == 1
    await opened_queue.advance(1.5)
    await opened_queue.work({"k": doing})
    done = await queue.get(job_id)
    assert done is not None
    assert (done.state, done.attempts, done.error) == ("done", 2, None)


async def use_up(opened: OpenedQueue, handler: Handler, kind: str = "k") -> None:
    for _ in range(3):
        await opened.work({kind: handler})
        await opened.advance(3)


async def test_a_job_that_keeps_failing_is_buried_and_can_be_dug_out(opened_queue: OpenedQueue) -> None:
    queue, doing = opened_queue.subject, Doing(failures=3, result={"ok": True})
    job_id = await queue.enqueue("k", {})
    assert not await queue.retry(job_id)
    await use_up(opened_queue, doing)
    dead = await queue.get(job_id)
    assert dead is not None
    assert (dead.state, dead.attempts, dead.error) == ("dead", 3, "RuntimeError: no luck 3")
    await opened_queue.work({"k": doing})
    assert len(doing.jobs) == 3

    assert await queue.retry(job_id)
    assert not await queue.retry(job_id)
    assert not await queue.retry("job_never")
    assert list(await queue.dead()) == []
    again = await queue.get(job_id)
    assert again is not None
    assert (again.state, again.attempts) == ("pending", 0)
    await opened_queue.work({"k": doing})
    done = await queue.get(job_id)
    assert done is not None
    assert (done.state, done.attempts) == ("done", 1)
    assert not await queue.retry(job_id)


async def test_the_dead_are_listed_newest_first(opened_queue: OpenedQueue) -> None:
    buried = []
    for _ in range(3):
        buried.append(await opened_queue.subject.enqueue("k", {}))
        await use_up(opened_queue, Doing(failures=3))
    await opened_queue.subject.enqueue("k", {})
    assert [job.id for job in await opened_queue.subject.dead()] == buried[::-1]
    assert [job.id for job in await opened_queue.subject.dead(limit=2)] == buried[:0:-1]


@pytest.mark.parametrize("before", [0, 455, 470, 480])
async def test_t46_a_key_in_an_error_is_not_kept(opened_queue: OpenedQueue, before: int) -> None:
    async def leak(job: Job) -> None:
        raise RuntimeError("x" * before + " sk-canary0123456789canary0123456789 for ada@example.org")

    job_id = await opened_queue.subject.enqueue("k", {})
    await opened_queue.work({"k": leak})
    job = await opened_queue.subject.get(job_id)
    assert job is not None
    assert job.error is not None
    assert "canary" not in job.error
    assert "ada" not in job.error


# --- the key


async def test_t55_the_same_kind_and_key_is_one_job(opened_queue: OpenedQueue) -> None:
    queue, doing = opened_queue.subject, Doing()
    ids = await asyncio.gather(*(queue.enqueue("tune", {"n": n}, key="u1") for n in range(20)))
    assert len(set(ids)) == 1
    await opened_queue.work({"tune": doing})
    assert len(doing.jobs) == 1
    assert await queue.enqueue("tune", {}, key="u1") == ids[0]
    assert await queue.enqueue("tune", {}, key="u2") != ids[0]
    assert await queue.enqueue("other", {}, key="u1") != ids[0]
    first, second = await queue.enqueue("tune", {}), await queue.enqueue("tune", {})
    assert first != second


async def test_t55_a_running_job_still_answers_for_its_key(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    again: list[str] = []

    async def handler(job: Job) -> None:
        if not again:
            again.append(await queue.enqueue("tune", {}, key="k"))

    job_id = await queue.enqueue("tune", {}, key="k")
    await opened_queue.work({"tune": handler})
    assert again == [job_id]


async def test_t55_a_dead_job_does_not_answer_for_its_key(opened_queue: OpenedQueue) -> None:
    job_id = await opened_queue.subject.enqueue("k", {}, key="k")
    await use_up(opened_queue, Doing(failures=3))
    assert await opened_queue.subject.enqueue("k", {}, key="k") != job_id


# --- closing


async def test_a_closed_queue_takes_nothing_and_loses_nothing(opened_queue: OpenedQueue) -> None:
    queue = opened_queue.subject
    job_id = await queue.enqueue("k", {})
    await queue.close()
    with pytest.raises(LyoError, match="closed"):
        await queue.enqueue("k", {})
    assert await queue.get(job_id) is not None
