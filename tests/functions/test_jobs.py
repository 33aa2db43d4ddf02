"""Background work end to end: Cloud Tasks as a process, the jobs function as a process, an effect outside of both."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.documents import Job
from shared.errors import Unavailable
from shared.jobs.local import LocalQueue
from shared.sqlite import Database
from tests.fakes.waiting import eventually
from tests.functions.jobs_site import Site, Trainer, training
from tests.functions.jobs_worker import ACCOUNT, AUDIENCE
from tests.identity import issuing
from tests.processes import fetch, function, stop
from tests.services.tasks import KEY_ID, token
from tests.services.tasks_process import TasksProcess, tasks_process


@pytest.fixture
async def trainer() -> AsyncIterator[Trainer]:
    async with training() as made:
        yield made


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[TasksProcess]:
    with tasks_process(tmp_path, max_backoff=0.2) as process:
        yield process


@pytest.fixture
async def site(tmp_path: Path, tasks: TasksProcess, trainer: Trainer) -> AsyncIterator[Site]:
    with ExitStack() as stack:
        made = Site(tmp_path, tasks, trainer, stack)
        made.work()
        yield made
        await made.queue.close()
        await made.store.close()


# --- who may deliver


async def test_t47_only_our_account_with_our_audience_may_deliver(site: Site) -> None:
    site.tasks.behave(paused=True)
    job_id = await site.queue.enqueue("train", {})
    before = await site.queue.get(job_id)
    key, now = site.tasks.key, int(time.time())
    tokens: dict[str, tuple[str | None, int]] = {
        "none": (None, 401),
        "rubbish": ("x.y.z", 401),
        "forged": (token(issuing.private_key("thief"), ACCOUNT, AUDIENCE), 401),
        "unsigned": (issuing.raw_token({"alg": "none", "kid": KEY_ID}, issuing.service_claims(aud=AUDIENCE)), 401),
        "right audience, other account": (token(key, "someone@lyo-test.iam.gserviceaccount.com", AUDIENCE), 403),
        "right account, other audience": (token(key, ACCOUNT, "https://ops.example.test"), 401),
        "unverified e-mail": (token(key, ACCOUNT, AUDIENCE, email_verified=False), 403),
        "expired": (token(key, ACCOUNT, AUDIENCE, iat=now - 7200, exp=now - 1), 401),
        "another issuer": (token(key, ACCOUNT, AUDIENCE, iss="https://accounts.example.test"), 401),
        "learner": (site.person("u1"), 403),
        "admin": (site.person("root", "admin"), 403),
    }
    for body in (f'{{"job_id": "{job_id}"}}'.encode(), b"no json, which nobody may learn", b'{"job_id": "job_never"}'):
        for name, (bearer, status) in tokens.items():
            answer = await site.ask("POST", "/api/v1/ai/jobs/train", bearer, body)
            assert (name, answer.status) == (name, status)
    assert await site.queue.get(job_id) == before
    assert not site.trainer.created

    good = token(key, ACCOUNT, AUDIENCE)
    assert (await site.ask("POST", "/api/v1/ai/jobs/train", good, b"no json")).status == 400
    assert (await site.ask("POST", "/jobs/train", good, f'{{"job_id": "{job_id}"}}'.encode())).status == 200
    assert (await site.until(job_id, "done")).attempts == 1


async def test_t47_a_task_that_cloud_tasks_signs_for_another_account_is_never_done(site: Site) -> None:
    thief = site.sender(service_account="thief@elsewhere.iam.gserviceaccount.com")
    job_id = await thief.enqueue("train", {})

    async def refused() -> bool:
        return [(task["status"], task["deliveries"] > 1) for task in site.tasks.tasks()] == [(403, True)]

    await eventually(refused)
    job = await site.queue.get(job_id)
    assert job is not None
    assert (job.state, job.attempts) == ("pending", 0)
    await thief.close()


# --- exactly one effect


async def test_t55_twice_at_once_late_and_out_of_order_is_once(site: Site) -> None:
    site.tasks.behave(duplicate=1.0, shuffle=True, late=0.2)
    ids = [await site.queue.enqueue("train", {"hold": 0.02}) for _ in range(12)]
    jobs = [await site.until(job_id, "done") for job_id in ids]
    assert site.trainer.created == {f"tuned-{job_id}": 1 for job_id in ids}
    assert {job.attempts for job in jobs} == {1}

    async def settled() -> bool:
        return {task["state"] for task in site.tasks.tasks()} == {"done"}

    await eventually(settled)
    for task in site.tasks.tasks()[:3]:  # and long after they were done
        assert site.tasks.deliver(task["name"], times=3) == [200, 200, 200]
    assert [await site.queue.get(job_id) for job_id in ids] == jobs
    assert site.trainer.created.total() == 12


async def test_t55_the_same_key_is_one_job_and_a_deliberate_rerun_is_another(site: Site) -> None:
    ids = await asyncio.gather(*(site.queue.enqueue("train", {}, key="u1") for _ in range(8)))
    assert len(set(ids)) == 1
    await site.until(ids[0], "done")
    assert await site.queue.enqueue("train", {}, key="u1") == ids[0]
    again = await site.queue.enqueue("train", {}, key="u1 once more")
    await site.until(again, "done")
    assert site.trainer.created == {f"tuned-{ids[0]}": 1, f"tuned-{again}": 1}


async def test_t56_a_worker_killed_between_effect_and_record_is_followed_by_one_that_finds_the_effect(
    tmp_path: Path, tasks: TasksProcess, trainer: Trainer
) -> None:
    with ExitStack() as stack:
        site = Site(tmp_path, tasks, trainer, stack)
        worker = site.work(lease=1.5)
        job_id = await site.queue.enqueue("train", {"hold": 60})
        name = f"tuned-{job_id}"

        async def created() -> bool:
            return trainer.created[name] == 1

        await eventually(created)
        stop(worker.process, signal.SIGKILL)
        assert (await site.until(job_id, "running")).attempts == 1
        site.work()
        job = await site.until(job_id, "done")
        assert (job.attempts, job.result) == (2, {"model": name, "found": True})
        assert trainer.created == {name: 1}
        await site.queue.close()
        await site.store.close()


# --- a death of Cloud Tasks


async def test_t56_what_cloud_tasks_accepted_before_it_was_killed_is_delivered(site: Site) -> None:
    site.tasks.behave(paused=True)
    ids = [await site.queue.enqueue("train", {}) for _ in range(5)]
    site.tasks.kill()
    with pytest.raises(Unavailable):
        await site.queue.enqueue("train", {"n": 1}, key="sent to the dead")
    site.tasks.start(max_backoff=0.2)
    other = site.sender()  # the one that has just failed rests
    late = await other.enqueue("train", {"n": 2}, key="sent to the dead")
    await other.close()
    jobs = [await site.until(job_id, "done") for job_id in (*ids, late)]
    assert jobs[-1].payload == {"n": 1}  # the one that was kept when it could not be sent
    assert site.trainer.created == {f"tuned-{job_id}": 1 for job_id in (*ids, late)}


# --- what people see


async def test_how_far_a_job_is_tells_its_owner_and_nobody_else(site: Site) -> None:
    job_id = await site.queue.enqueue("train", {"hold": 2.5}, owner="u1", key="secret")
    path, mine = f"/api/v1/ai/jobs/{job_id}", b""

    async def halfway() -> bool:
        nonlocal mine
        mine = (await site.ask("GET", path, site.person("u1"))).body
        return b'"progress":0.5' in mine

    await eventually(halfway)
    assert b'"state":"running"' in mine
    assert b'"attempts":1' in mine
    assert b"hold" not in mine
    assert b"secret" not in mine
    assert (await site.ask("GET", path)).status == 401
    assert (await site.ask("GET", path, site.person("u2"))).status == 404
    assert (await site.ask("GET", path, token(site.tasks.key, ACCOUNT, AUDIENCE))).status == 403
    everything = await site.ask("GET", path, site.person("root", "admin"))
    assert b'"payload":{"hold":2.5}' in everything.body
    await site.until(job_id, "done")
    assert b'"found":false' in (await site.ask("GET", path, site.person("u1"))).body


async def test_a_dead_letter_is_listed_and_can_be_tried_again(site: Site) -> None:
    site.trainer.broken = True
    job_id = await site.queue.enqueue("train", {}, owner="u1")
    assert (await site.until(job_id, "dead")).attempts == 2

    async def acknowledged() -> bool:
        return [task["state"] for task in site.tasks.tasks()] == ["done"]

    await eventually(acknowledged)
    admin, retry = site.person("root", "admin"), f"/api/v1/ai/jobs/dead/{job_id}/retry"
    listed = await site.ask("GET", "/api/v1/ai/jobs/dead", admin)
    assert listed.status == 200
    assert job_id.encode() in listed.body
    for method, path in (("GET", "/api/v1/ai/jobs/dead"), ("POST", retry)):
        assert (await site.ask(method, path, site.person("u1"))).status == 403
    assert (await site.ask("POST", "/jobs/dead/job_never/retry", admin)).status == 404

    site.trainer.broken = False
    assert (await site.ask("POST", retry, admin)).status == 200
    job = await site.until(job_id, "done")
    assert job.attempts == 1
    assert site.trainer.created == {f"tuned-{job_id}": 1}
    assert (await site.ask("POST", retry, admin)).status == 409
    assert (await site.ask("GET", "/jobs/dead", admin)).body == b'{"jobs":[]}'


async def test_a_delivery_that_cannot_be_done_now_says_when(site: Site) -> None:
    site.tasks.behave(paused=True)
    service = token(site.tasks.key, ACCOUNT, AUDIENCE)
    later = await site.queue.enqueue("train", {}, delay=30)
    running = await site.queue.enqueue("train", {})
    assert isinstance(await site.queue.take("train", running), Job)
    now = time.time()
    for kind, body, status, after in (
        ("train", f'{{"job_id": "{later}"}}', 409, "30"),
        ("train", f'{{"job_id": "{running}"}}', 409, "60"),
        ("train", f'{{"job_id": "job_unknown", "sent_at": {now}}}', 409, "5"),
        ("train", f'{{"job_id": "job_unknown", "sent_at": {now - 100}}}', 200, None),
        ("newer", f'{{"job_id": "{later}"}}', 409, "60"),
    ):
        answer = await site.ask("POST", f"/jobs/{kind}", service, body.encode())
        assert (body, answer.status, answer.headers.get("retry-after")) == (body, status, after)


async def test_the_deployed_function_does_a_job_of_the_embedded_queue_by_its_id(
    tmp_path: Path, tasks: TasksProcess
) -> None:
    embedded = LocalQueue(Database(tmp_path / "lyo.db"))
    job_id = await embedded.enqueue("summarise_conversation", {"conversation_id": "c_never", "through": 8})
    names = {"SERVICE_AUDIENCE": AUDIENCE, "SERVICE_ACCOUNTS": ACCOUNT, "GOOGLE_JWKS_URL": f"{tasks.url}/jwks"}
    with function("jobs", DATA_DIR=str(tmp_path), **names) as server:
        body, path = f'{{"job_id": "{job_id}"}}'.encode(), f"{server.url}/api/v1/ai/jobs/summarise_conversation"
        assert (await asyncio.to_thread(fetch, path, method="POST", body=body)).status == 401
        headers = {"Authorization": f"Bearer {token(tasks.key, ACCOUNT, AUDIENCE)}"}
        for state in ("done", "finished"):
            answer = await asyncio.to_thread(fetch, path, method="POST", headers=headers, body=body)
            assert (answer.status, answer.body) == (200, f'{{"job_id":"{job_id}","state":"{state}"}}'.encode())
    job = await embedded.get(job_id)
    assert job is not None
    assert (job.state, job.attempts, job.result) == ("done", 1, {"summarised": 0})
    await embedded.close()
