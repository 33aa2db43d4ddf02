"""Streams, idempotency, stop and crashes over two processes."""

import asyncio
import os
import signal
import uuid
from pathlib import Path

import aiohttp
import pytest

from shared.documents import LedgerEntry, Turn
from shared.store import Where
from tests.processes import function
from tests.replicas.conftest import CHAT, Models, Pair, events, text_of, wires

pytestmark = pytest.mark.replicas


def asked(fault: str = "", **more: object) -> dict[str, object]:
    """A body with a message of its own."""
    return {"message": f"What is {uuid.uuid4().hex} {fault}?", **more}


async def test_t32_a_second_caller_attaches_to_the_running_stream_of_the_other_process(
    pair: Pair, models: Models
) -> None:
    body, headers = asked("fake-n30-pace50ms", stream=True), pair.headers("attach", Idempotency_Key=uuid.uuid4().hex)
    before = models.requests
    async with aiohttp.ClientSession(headers=headers) as session:

        async def read(url: str, delay: float) -> str:
            await asyncio.sleep(delay)
            async with session.post(url + CHAT, json=body) as response:
                assert response.status == 200
                found = await events(response)
                assert [event.id for event in found] == list(range(found[0].id, found[0].id + len(found)))
                assert found[-1].name == "done"
                return text_of(found)

        texts = await asyncio.gather(read(pair.a.url, 0), read(pair.b.url, 0.5), read(pair.a.url, 0.7))
    assert len(set(texts)) == 1
    assert "t30 " in texts[0] + " "
    assert models.requests - before == 1


async def test_t32_the_same_json_request_waits_for_the_first_in_another_process(pair: Pair, models: Models) -> None:
    body, headers = asked("fake-800ms"), pair.headers("waiter", Idempotency_Key=uuid.uuid4().hex)
    before = models.requests
    async with aiohttp.ClientSession(headers=headers) as session:

        async def read(url: str) -> bytes:
            async with session.post(url + CHAT, json=body) as response:
                assert response.status == 200
                return await response.read()

        answers = await asyncio.gather(*(read(url) for url in (pair.a.url, pair.b.url) * 4))
        async with session.post(pair.b.url + CHAT, json=asked("another body")) as response:
            assert response.status == 409
    assert len(set(answers)) == 1
    assert models.requests - before == 1


async def test_t33_a_reader_that_comes_back_on_the_other_instance_resumes_at_its_cursor(
    pair: Pair, models: Models
) -> None:
    body, key = asked("fake-n40-pace50ms", stream=True), uuid.uuid4().hex
    before = models.requests
    async with aiohttp.ClientSession() as session:
        async with session.post(
            pair.a.url + CHAT, json=body, headers=pair.headers("back", Idempotency_Key=key)
        ) as response:
            first = await events(response, limit=8)
            response.close()
        await asyncio.sleep(0.7)
        resumed = pair.headers("back", Idempotency_Key=key, Last_Event_ID=str(first[-1].id))
        async with session.post(pair.b.url + CHAT, json=body, headers=resumed) as response:
            rest = await events(response)
    assert rest[0].id == first[-1].id + 1
    whole = first + rest
    assert [event.id for event in whole] == list(range(whole[0].id, whole[0].id + len(whole)))
    assert text_of(whole) == whole[-1].data["text"]
    assert "t40 " in text_of(whole) + " "
    assert models.requests - before == 1


@pytest.mark.parametrize("where", ["same", "other"])
async def test_t33_stop_ends_the_upstream_wherever_it_runs(pair: Pair, models: Models, where: str) -> None:
    headers = pair.headers("stopper")
    early = models.stats()["closed_early"]
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(pair.a.url + CHAT, json=asked("fake-n2000-pace20ms", stream=True)) as response:
            first = await events(response, limit=5)
            message_id = first[0].data["message_id"]
            target = pair.a.url if where == "same" else pair.b.url
            stranger = pair.headers("stranger")
            path = f"/api/v1/ai/mentor/stop/{message_id}"
            async with session.post(target + path, headers=stranger) as refused:
                assert refused.status == 404
            async with session.post(target + path) as stopped:
                assert stopped.status == 200
                assert (await stopped.json())["stopped"] is True
            rest = await asyncio.wait_for(events(response), 5)
        assert rest[-1].name == "done"
        assert rest[-1].data["finish"] == "stopped"
        await asyncio.sleep(0.3)
        assert models.stats()["closed_early"] == early + 1
        async with session.get(f"{pair.b.url}/mentor/conversation/{first[0].data['conversation_id']}") as page:
            assert (await page.json())["messages"][1]["text"] == text_of(first + rest)


async def test_t09_a_caller_who_leaves_without_a_key_ends_the_upstream(pair: Pair, models: Models) -> None:
    early = models.stats()["closed_early"]
    async with aiohttp.ClientSession(headers=pair.headers("leaver")) as session:
        async with session.post(pair.a.url + CHAT, json=asked("fake-n5000-pace20ms", stream=True)) as response:
            await events(response, limit=4)
            response.close()
    async with asyncio.timeout(8):
        while models.stats()["closed_early"] == early:
            await asyncio.sleep(0.1)


async def test_t23_a_breaker_opened_by_one_process_spares_the_target_in_the_other(
    models: Models, tmp_path: Path
) -> None:
    env = {"DATA_DIR": str(tmp_path), "LOCAL_INFER_URL": models.url + "/v1"}
    with function("mentor", **env) as a, function("mentor", **env) as b:
        pair = Pair(a, b, tmp_path)
        async with aiohttp.ClientSession(headers=pair.headers("breaker")) as session:
            for _ in range(2):
                async with session.post(a.url + CHAT, json=asked("fake-err500")) as response:
                    assert (await response.json())["degraded"]
            before = models.requests
            for url in (a.url, b.url):
                async with session.post(url + CHAT, json=asked()) as response:
                    reply = await response.json()
                    assert reply["route"]["attempts"][0]["outcome"] == "open"
            assert models.requests == before


@pytest.mark.parametrize("learner", ["one", "new"])
async def test_t01_t02_parallel_requests_at_the_cap_over_two_processes(
    models: Models, tmp_path: Path, learner: str
) -> None:
    env = {"DATA_DIR": str(tmp_path), **wires(models)}
    del env["LOCAL_INFER_URL"]
    cap = "AI_DAILY_COST_LIMIT" if learner == "one" else "AI_USER_DAILY_COST_LIMIT"
    limit = 0.004
    env[cap] = str(limit)
    with function("mentor", **env) as a, function("mentor", **env) as b:
        pair = Pair(a, b, tmp_path)
        async with aiohttp.ClientSession(headers=pair.headers(f"first-ever-{learner}")) as session:

            async def ask(url: str) -> dict[str, object]:
                async with session.post(url + CHAT, json=asked("fake-200ms")) as response:
                    assert response.status == 200
                    found: dict[str, object] = await response.json()
                    return found

            replies = await asyncio.gather(*(ask(url) for url in (a.url, b.url) * 50))
        async with pair.stores() as runtime:
            totals = await runtime.store.query(
                LedgerEntry, Where("user_id", "==", f"first-ever-{learner}"), order="created_at", limit=1000
            )
        spent = sum(row.cost_nano_usd for row in totals)
        assert 0 < spent <= limit * 1e9
        assert any(reply["degraded"] for reply in replies)
        assert sum(1 for row in totals if row.final) == 100


async def test_t07_what_was_answered_is_there_after_kill_9_and_once(models: Models, tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), **wires(models)}
    with function("mentor", **env) as a, function("mentor", **env) as b:
        pair = Pair(a, b, tmp_path)
        answered: list[tuple[str, str]] = []
        async with aiohttp.ClientSession(headers=pair.headers("killed")) as session:

            async def keep_asking() -> None:
                while True:
                    key = uuid.uuid4().hex
                    body = asked()
                    async with session.post(a.url + CHAT, json=body, headers={"Idempotency-Key": key}) as response:
                        reply = await response.json()
                        answered.append((key, reply["message_id"]))

            tasks = [asyncio.ensure_future(keep_asking()) for _ in range(8)]
            await asyncio.sleep(1.5)
            os.killpg(a.process.pid, signal.SIGKILL)
            await asyncio.gather(*tasks, return_exceptions=True)
        assert len(answered) > 20
        async with pair.stores() as runtime:
            rows = await runtime.store.query(
                LedgerEntry, Where("user_id", "==", "killed"), order="created_at", limit=10_000
            )
            finals = [row.message_id for row in rows if row.final]
            assert len(finals) == len(set(finals))
            assert {message_id for _, message_id in answered} <= set(finals)
            for _, message_id in answered:
                assert await runtime.store.get(Turn, message_id) is not None


async def test_a_finished_idempotent_answer_survives_kill_9(models: Models, tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), **wires(models)}
    body, key = asked("fake-n10", stream=True), uuid.uuid4().hex
    replies = []
    for _ in range(2):
        with function("mentor", **env) as server:
            headers = Pair(server, server, tmp_path).headers("survivor", Idempotency_Key=key)
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.post(server.url + CHAT, json=body) as response,
            ):
                replies.append(await events(response))
            os.killpg(server.process.pid, signal.SIGKILL)
    assert replies[0] == replies[1]
    assert replies[0][-1].name == "done"


async def test_readers_of_an_answer_whose_process_died_get_a_terminal_error(models: Models, tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), **wires(models)}
    body, key = asked("fake-n3000-pace20ms", stream=True), uuid.uuid4().hex
    with function("mentor", **env) as a, function("mentor", **env) as b:
        pair = Pair(a, b, tmp_path)
        async with aiohttp.ClientSession(headers=pair.headers("orphan", Idempotency_Key=key)) as session:
            async with session.post(a.url + CHAT, json=body) as first:
                await events(first, limit=5)
                async with session.post(b.url + CHAT, json=body) as attached:
                    await events(attached, limit=5)
                    os.killpg(a.process.pid, signal.SIGKILL)
                    rest = await asyncio.wait_for(events(attached), 40)
        assert rest[-1].name == "error"
        assert rest[-1].data["code"] == "interrupted"


async def test_of_a_stalled_process_and_its_successor_only_one_answer_has_effect(
    models: Models, tmp_path: Path
) -> None:
    env = {"DATA_DIR": str(tmp_path), **wires(models)}
    body, key = asked("fake-3000ms"), uuid.uuid4().hex
    before = models.requests
    with function("mentor", **env) as a, function("mentor", **env) as b:
        pair = Pair(a, b, tmp_path)
        async with aiohttp.ClientSession(headers=pair.headers("stalled", Idempotency_Key=key)) as session:

            async def read(url: str) -> bytes:
                async with session.post(url + CHAT, json=body) as response:
                    assert response.status == 200
                    return await response.read()

            first = asyncio.ensure_future(read(a.url))
            async with asyncio.timeout(10):
                while models.requests == before:
                    await asyncio.sleep(0.05)
            os.killpg(a.process.pid, signal.SIGSTOP)
            try:
                second = await asyncio.wait_for(read(b.url), 40)  # once the lease is over
            finally:
                os.killpg(a.process.pid, signal.SIGCONT)
            assert await asyncio.wait_for(first, 20) == second
        async with pair.stores() as runtime:
            where = Where("user_id", "==", "stalled")
            found = await runtime.store.query(LedgerEntry, where, order="created_at")
            turns = await runtime.store.query(Turn, where, order="created_at")
    assert models.requests - before == 2
    assert [turn.id for turn in turns] == [row.message_id for row in found if row.final]
    (lost,) = (row for row in found if not row.final)
    assert "superseded" in lost.flags, "its bill is in the ledger all the same"
