"""Redis or Firestore is away, slow, or has forgotten: what learners notice, and how fast it is over."""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.coordination import Spend
from shared.documents import LedgerEntry
from shared.llm import budget
from shared.runtime import Runtime
from shared.store import Where
from tests.fakes.waiting import eventually
from tests.processes import Answer
from tests.replicas.cloud import Backdrop, Cloud
from tests.replicas.conftest import CHAT, Models, ask, asked, events, outcomes, paid, say, wires
from tests.replicas.fleet import MENTORS, Instance

pytestmark = pytest.mark.replicas

OWN = "gemma-4-e4b"
PAID = ("gpt-6.1-sol", "gpt-6-luna")
BACK_SECONDS = 20.0
"""How soon after Redis is back its users have found out, at the latest (they look every eight seconds)."""


@pytest.fixture(scope="module")
def site(behind: Backdrop, models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Paid models first, the own one last."""
    env = {"GEMINI_CONFIDENCE_THRESHOLD": "0", "AI_USER_DAILY_COST_LIMIT": "5", **wires(models)}
    with behind.fleet(tmp_path_factory.mktemp("outages"), *MENTORS, "ops", **env) as made:
        yield made


@pytest.fixture
async def session(site: Cloud) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers=site.headers("asker")) as made:
        yield made


@contextlib.asynccontextmanager
async def without_redis(site: Cloud, how: str) -> AsyncIterator[None]:
    """Redis is dead behind its REST server, or that one cuts every line, answers 500, or hangs."""
    if how == "dead":
        site.redis.redis.kill()
    else:
        site.redis.fault({"cut": "drop", "500": "status", "hangs": "hang"}[how], seconds=5)
    try:
        yield
    finally:
        if how == "dead":
            site.redis.redis.start()  # in this thread: it dies with the one that started it
        site.redis.fault()


async def health(site: Cloud) -> tuple[int, dict[str, Any]]:
    answer = await asyncio.to_thread(ask, site.ops.url + "/health", {})
    return answer.status, json.loads(answer.body)


async def all_paid(site: Cloud, session: aiohttp.ClientSession) -> bool:
    return all([(await say(session, instance.url, asked()))["model"] == PAID[0] for instance in site.mentors])


@pytest.mark.parametrize("how", ["dead", "cut", "500", "hangs"])
async def test_without_redis_the_free_model_answers_nothing_is_paid_and_nobody_waits_twice(
    site: Cloud, models: Models, session: aiohttp.ClientSession, how: str
) -> None:
    await eventually(lambda: all_paid(site, session), BACK_SECONDS)
    before = [models.of(model) for model in PAID]
    async with without_redis(site, how):
        waits: list[float] = []
        for number in range(40):
            began = time.monotonic()
            headers = {"Idempotency-Key": uuid.uuid4().hex} if number % 4 < 2 else {}
            reply = await say(session, site.mentors[number % 2].url, asked(), headers=headers)
            waits.append(time.monotonic() - began)
            assert (reply["model"], outcomes(reply)) == (OWN, ["refused", "refused", "ok"])
            assert not reply["degraded"]
        for instance in site.mentors:
            for key in ({}, {"Idempotency-Key": uuid.uuid4().hex}):
                async with session.post(instance.url + CHAT, json=asked("fake-n20", stream=True), headers=key) as got:
                    found = await events(got)
                assert (found[-1].name, found[-1].data["model"]) == ("done", OWN)
        await eventually(lambda: _is_told(site, "degraded"))
        status, told = await health(site)
        assert (status, told["stores"]) == (200, {"documents": True, "coordination": False})
        assert "the coordination store does not answer" in told["reasons"]
    assert [models.of(model) for model in PAID] == before, "money was spent that nobody had set aside"
    waits.sort()
    print(f"Redis {how}: p50 {waits[19] * 1000:.0f} ms, p95 {waits[37] * 1000:.0f} ms, max {waits[39] * 1000:.0f} ms")
    # A server that hangs costs one request of each instance its second, then one whenever it is tried again.
    assert waits[31 if how == "hangs" else 37] < 1.0
    assert waits[38] < 1.5, "more than one time-out in one request, and not for a machine that stalled once"
    took = await eventually(lambda: all_paid(site, session), BACK_SECONDS)
    print(f"Redis {how}: paid answers again after {took:.1f} s")
    await eventually(lambda: _is_told(site, "healthy"))


async def test_a_key_holds_without_redis(site: Cloud, models: Models, session: aiohttp.ClientSession) -> None:
    """T32: its latch is in the documents."""
    async with without_redis(site, "cut"):
        body, headers = asked("fake-700ms"), {"Idempotency-Key": uuid.uuid4().hex}
        before = models.requests
        answers = await asyncio.gather(
            *(say(session, site.mentors[n % 2].url, body, headers=headers) for n in range(6))
        )
        assert len({answer["message_id"] for answer in answers}) == 1
        assert models.requests == before + 1


async def test_a_database_that_has_forgotten_opens_no_cap(behind: Backdrop, models: Models, tmp_path: Path) -> None:
    limit = 1_000_000
    with behind.fleet(tmp_path, **paid(models), AI_DAILY_COST_LIMIT=str(limit / 1e9)) as site:
        async with site.stores() as stores, aiohttp.ClientSession(headers=site.headers("asker")) as session:
            for _ in range(40):
                replies = [await say(session, instance.url, asked()) for instance in site.mentors]
                if all(reply["degraded"] for reply in replies):
                    break
            assert [set(outcomes(reply)) for reply in replies] == [{"over_budget"}] * 2
            calls = models.requests
            key = budget.account_key(stores.clock(), "UTC")
            before = (await stores.coordination.spend([key]))[key]
            assert before.committed > limit / 4
            await asyncio.to_thread(site.redis.redis.wipe)
            replies = await asyncio.gather(
                *(say(session, site.mentors[n % 2].url, asked(), headers=site.headers(f"asker-{n}")) for n in range(20))
            )
            assert [set(outcomes(reply)) for reply in replies] == [{"over_budget"}] * 20
            assert models.requests == calls
            day = Where("day", "==", budget.day(stores.clock(), "UTC"))
            ledger = round(await stores.store.total(LedgerEntry, "cost_nano_usd", day))
            assert (await stores.coordination.spend([key]))[key] == before == Spend(ledger, 0)


async def test_without_firestore_it_says_so_in_time_and_goes_on_when_it_is_back(
    site: Cloud, session: aiohttp.ClientSession
) -> None:
    await eventually(lambda: all_paid(site, session), BACK_SECONDS)
    refused: list[Answer] = []

    async def try_(at: Instance, body: dict[str, object], key: dict[str, str]) -> None:
        async with session.post(at.url + CHAT, json=body, headers=key) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            refused.append(Answer(response.status, headers, await response.read()))

    site.documents.kill()
    try:
        for number in range(2):
            began = time.monotonic()
            bodies = [(instance, asked(stream=stream)) for instance in site.mentors for stream in (False, True)]
            tries = [try_(at, body, {}) for at, body in bodies]
            tries += [try_(at, body, {"Idempotency-Key": uuid.uuid4().hex}) for at, body in bodies]
            await asyncio.gather(*tries)
            took = time.monotonic() - began
            print(f"Firestore away, round {number}: {len(refused)} requests refused within {took:.1f} s")
            assert took < 25
        status, told = await health(site)
        assert (status, told["status"]) == (503, "unhealthy")
        assert told["reasons"][0] == "the document store does not answer"
    finally:
        await site.documents.restart()
    for answer in refused:
        _is_polite(answer, site)
    took = await eventually(lambda: _answers(site, session))
    print(f"Firestore back: answers again after {took:.1f} s")
    await eventually(lambda: _is_told(site, "healthy"))
    async with site.stores() as stores:
        await eventually(lambda: _settled(stores))


def _is_polite(answer: Answer, site: Cloud) -> None:
    said = answer.body.decode()
    for inner in ("grpc", "Traceback", "UNAVAILABLE", "irestore", site.documents.host, site.project):
        assert inner not in said
    if answer.headers["content-type"].startswith("text/event-stream"):  # it broke after the first byte
        assert said.rstrip("\n").rpartition("\n\n")[2].split("\n")[1] == "event: error"
        return
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert 0 < float(answer.headers["retry-after"]) < 60


async def _is_told(site: Cloud, status: str) -> bool:
    return str((await health(site))[1]["status"]) == status


async def _answers(site: Cloud, session: aiohttp.ClientSession) -> bool:
    for instance in site.mentors:
        async with session.post(instance.url + CHAT, json=asked()) as response:
            if response.status != 200:
                return False
    return True


async def _settled(stores: Runtime) -> bool:
    """Nothing is held, and the counter is the ledger: bills without a row are not."""
    key = budget.account_key(stores.clock(), "UTC")
    day = Where("day", "==", budget.day(stores.clock(), "UTC"))
    ledger = round(await stores.store.total(LedgerEntry, "cost_nano_usd", day))
    found = (await stores.coordination.spend([key]))[key]
    return found == Spend(ledger, 0)
