"""Background work over the real stores: one effect and one bill, whatever the queue and the workers go through."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from shared.documents import Conversation, Job, LedgerEntry
from shared.runtime import Runtime
from shared.store import Where
from tests.fakes.waiting import eventually
from tests.functions import jobs_worker
from tests.functions.jobs_site import training
from tests.processes import free_port
from tests.replicas.cloud import ACCOUNT, AUDIENCE, Backdrop, Cloud
from tests.replicas.conftest import Models, ask, asked, say, wires
from tests.replicas.fleet import MENTORS, Instance
from tests.services.tasks import token

pytestmark = pytest.mark.replicas

KIND = "summarise_conversation"
PAID_ONLY = {"LOCAL_INFER_URL": ""}


@pytest.fixture(scope="module")
def site(behind: Backdrop, models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Two mentors, and two jobs functions of which Cloud Tasks knows the first. Paid models: a summary has a bill."""
    env = {**wires(models), **PAID_ONLY}
    with behind.fleet(tmp_path_factory.mktemp("work"), *MENTORS, "jobs", "jobs", **env) as made:
        yield made


async def talk(site: Cloud, user: str, count: int = 14) -> str:
    """A conversation that is long enough to be summarised, over both instances; returns its id."""
    async with aiohttp.ClientSession(headers=site.headers(user)) as session:
        name = f"talk-{user}"
        for n in range(count):
            await say(session, site.mentors[n % 2].url, asked(conversation_id=name))
    return name


async def jobs_of(stores: Runtime, state: str, user: str) -> list[Job]:
    found = await stores.store.query(Job, Where("state", "==", state), order="run_at", limit=500)
    return [job for job in found if job.owner == user]


async def test_t55_a_task_delivered_twice_at_once_to_two_workers_is_one_summary_and_one_bill(
    site: Cloud, models: Models
) -> None:
    user = "twice"
    site.tasks.manners(paused=True)
    try:
        name = await talk(site, user)
        async with site.stores() as stores:
            (job,) = await jobs_of(stores, "pending", user)
            before = models.requests
            headers = {"Authorization": f"Bearer {token(site.tasks.key, ACCOUNT, AUDIENCE)}"}
            models.script("gpt-6-luna", "500ms")
            urls = [f"{worker.url}/api/v1/ai/jobs/{KIND}" for worker in site.of("jobs")] * 4
            answers = await asyncio.gather(
                *(asyncio.to_thread(ask, url, headers, method="POST", body={"job_id": job.id}) for url in urls)
            )
            statuses = sorted(answer.status for answer in answers)
            assert statuses.count(200) >= 1
            assert set(statuses) <= {200, 409}, "409: come again"
            site.tasks.manners(paused=False, duplicate=1.0)  # and now as Cloud Tasks brings it, twice at once
            await eventually(lambda: _delivered(site, job.id))
            done = await stores.queue.get(job.id)
            talked = await stores.store.get(Conversation, name)
            rows = await stores.store.query(LedgerEntry, Where("user_id", "==", user), order="created_at", limit=100)
            assert done is not None
            assert (done.state, done.attempts, done.result) == ("done", 1, {"summarised": 6})
            assert talked is not None
            assert (talked.summarised, bool(talked.summary), talked.count) == (6, True, 14)
            bills = [row for row in rows if row.agent == "summary"]
            assert models.requests - before == len(bills) == 1
            assert bills[0].cost_nano_usd > 0
            for worker in site.of("jobs"):  # long after it was done
                url = f"{worker.url}/api/v1/ai/jobs/{KIND}"
                late = await asyncio.to_thread(ask, url, headers, method="POST", body={"job_id": job.id})
                assert b'"finished"' in late.body
            assert models.requests - before == 1
    finally:
        site.tasks.manners(paused=False, duplicate=0.0)


async def test_t56_a_worker_killed_between_effect_and_record_is_followed_by_one_that_finds_the_effect(
    behind: Backdrop, site: Cloud, tmp_path: Path
) -> None:
    """A worker of the same framework with a lease of two seconds and a trainer whose models cost, over Firestore."""
    behind.tasks.manners(max_backoff=0.2)
    async with training() as trainer, site.stores() as stores:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.functions.jobs_worker", str(port), site.tasks.host, trainer.url, "2"]
        names = {"SERVICE_AUDIENCE": jobs_worker.AUDIENCE, "SERVICE_ACCOUNTS": jobs_worker.ACCOUNT}
        worker = Instance(command, port, {**site.env, **names})
        queue = jobs_worker.queue(stores.store, site.tasks.host, url, stores.clock)
        try:
            await asyncio.to_thread(worker.start)
            job_id = await queue.enqueue("train", {"hold": 60})
            made = f"tuned-{job_id}"
            await eventually(lambda: _is(trainer.created[made] == 1))
            await asyncio.to_thread(worker.kill)
            before = await queue.get(job_id)
            assert before is not None
            assert (before.state, before.attempts) == ("running", 1)
            await asyncio.to_thread(worker.start)
            await eventually(lambda: _done(stores, job_id))
            job = await queue.get(job_id)
            assert job is not None
            assert (job.attempts, job.result) == (2, {"model": made, "found": True})
            assert trainer.created == {made: 1}
        finally:
            await asyncio.to_thread(worker.stop)
            await queue.close()
            behind.tasks.manners(max_backoff=1.0)


async def _is(value: bool) -> bool:
    return value


async def _done(stores: Runtime, job_id: str) -> bool:
    job = await stores.queue.get(job_id)
    return job is not None and job.state == "done"


async def _delivered(site: Cloud, job_id: str) -> bool:
    tasks = await asyncio.to_thread(site.tasks.listed)
    return [task["state"] for task in tasks if task.get("job_id") == job_id] == ["done"]
