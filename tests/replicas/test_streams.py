"""Streams, idempotency, stop and crashes over two instances, on either kind of stores."""

import asyncio
import signal
import uuid
from pathlib import Path

import aiohttp
import pytest

from shared.documents import LedgerEntry, Turn
from shared.store import Where
from tests.fakes.waiting import eventually
from tests.replicas.cloud import Backdrop
from tests.replicas.conftest import CHAT, Models, asked, events, text_of, wires
from tests.replicas.fleet import Embedded, Fleet

pytestmark = pytest.mark.replicas


async def test_t32_a_second_caller_attaches_to_the_running_stream_of_the_other_process(
    pair: Fleet, models: Models
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


async def test_t32_the_same_json_request_waits_for_the_first_in_another_process(pair: Fleet, models: Models) -> None:
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
    pair: Fleet, models: Models
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
async def test_t33_stop_ends_the_upstream_wherever_it_runs(pair: Fleet, models: Models, where: str) -> None:
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
            rest = await asyncio.wait_for(events(response), 20)  # half of what the answer would take
        assert rest[-1].name == "done"
        assert rest[-1].data["finish"] == "stopped"
        await eventually(lambda: models.stats()["closed_early"] == early + 1)
        async with session.get(f"{pair.b.url}/mentor/conversation/{first[0].data['conversation_id']}") as page:
            assert (await page.json())["messages"][1]["text"] == text_of(first + rest)


async def test_t09_a_caller_who_leaves_without_a_key_ends_the_upstream(pair: Fleet, models: Models) -> None:
    early = models.stats()["closed_early"]
    async with aiohttp.ClientSession(headers=pair.headers("leaver")) as session:
        async with session.post(pair.a.url + CHAT, json=asked("fake-n5000-pace20ms", stream=True)) as response:
            await events(response, limit=4)
            response.close()
    await eventually(lambda: models.stats()["closed_early"] > early)


async def test_t07_what_was_answered_is_there_after_kill_9_and_once(
    models: Models, backend: Embedded | Backdrop, tmp_path: Path
) -> None:
    with backend.fleet(tmp_path, **wires(models)) as pair:
        answered: list[tuple[str, str]] = []
        async with aiohttp.ClientSession(headers=pair.headers("killed")) as session:

            async def keep_asking() -> None:
                while True:
                    key = uuid.uuid4().hex
                    body = asked()
                    async with session.post(pair.a.url + CHAT, json=body, headers={"Idempotency-Key": key}) as response:
                        reply = await response.json()
                        answered.append((key, reply["message_id"]))

            tasks = [asyncio.ensure_future(keep_asking()) for _ in range(8)]
            await eventually(lambda: len(answered) > 20)
            pair.a.kill()
            await asyncio.gather(*tasks, return_exceptions=True)
        async with pair.stores() as runtime:
            rows = await runtime.store.query(
                LedgerEntry, Where("user_id", "==", "killed"), order="created_at", limit=10_000
            )
            finals = [row.message_id for row in rows if row.final]
            assert len(finals) == len(set(finals))
            assert {message_id for _, message_id in answered} <= set(finals)
            for _, message_id in answered:
                assert await runtime.store.get(Turn, message_id) is not None


async def test_a_finished_idempotent_answer_survives_kill_9(
    models: Models, backend: Embedded | Backdrop, tmp_path: Path
) -> None:
    body, key = asked("fake-n10", stream=True), uuid.uuid4().hex
    replies = []
    with backend.fleet(tmp_path, "mentor", **wires(models)) as fleet:
        headers = fleet.headers("survivor", Idempotency_Key=key)
        for _ in range(2):
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.post(fleet.a.url + CHAT, json=body) as response,
            ):
                replies.append(await events(response))
            fleet.a.kill()
            fleet.a.start()
    assert replies[0] == replies[1]
    assert replies[0][-1].name == "done"


async def test_readers_of_an_answer_whose_process_died_get_a_terminal_error(
    models: Models, backend: Embedded | Backdrop, tmp_path: Path
) -> None:
    body, key = asked("fake-n3000-pace20ms", stream=True), uuid.uuid4().hex
    with backend.fleet(tmp_path, **wires(models)) as pair:
        async with aiohttp.ClientSession(headers=pair.headers("orphan", Idempotency_Key=key)) as session:
            async with session.post(pair.a.url + CHAT, json=body) as first:
                await events(first, limit=5)
                async with session.post(pair.b.url + CHAT, json=body) as attached:
                    await events(attached, limit=5)
                    pair.a.kill()
                    rest = await asyncio.wait_for(events(attached), 40)
        assert rest[-1].name == "error"
        assert rest[-1].data["code"] == "interrupted"


async def test_of_a_stalled_process_and_its_successor_only_one_answer_has_effect(
    models: Models, backend: Embedded | Backdrop, tmp_path: Path
) -> None:
    body, key = asked("fake-3000ms"), uuid.uuid4().hex
    before = models.requests
    with backend.fleet(tmp_path, **wires(models)) as pair:
        async with aiohttp.ClientSession(headers=pair.headers("stalled", Idempotency_Key=key)) as session:

            async def read(url: str) -> bytes:
                async with session.post(url + CHAT, json=body) as response:
                    assert response.status == 200
                    return await response.read()

            first = asyncio.ensure_future(read(pair.a.url))
            await eventually(lambda: models.requests > before)
            pair.a.signal(signal.SIGSTOP)
            try:
                second = await asyncio.wait_for(read(pair.b.url), 60)  # once the lease is over
            finally:
                pair.a.signal(signal.SIGCONT)
            assert await asyncio.wait_for(first, 40) == second
        async with pair.stores() as runtime:
            where = Where("user_id", "==", "stalled")
            found = await runtime.store.query(LedgerEntry, where, order="created_at")
            turns = await runtime.store.query(Turn, where, order="created_at")
    assert models.requests - before == 2
    assert [turn.id for turn in turns] == [row.message_id for row in found if row.final]
    (lost,) = (row for row in found if not row.final)
    assert "superseded" in lost.flags, "its bill is in the ledger all the same"
