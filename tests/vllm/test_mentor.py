"""The mentor as it is deployed, through its public routes, with the real engine behind it."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scripts.fakes.models import FakeModels
from shared.agents.mentor import MAX_OUTPUT_TOKENS
from shared.documents import LedgerEntry
from shared.llm.types import Schema
from shared.store import Where
from tests.processes import fetch, function
from tests.product import Product, call, rows, streamed
from tests.replicas.conftest import CHAT, Event, Pair, events, text_of
from tests.vllm.conftest import lengthened
from tests.vllm.server import MODEL, VERDICT, Server

# The first test waits for the server: checkpoint and start take up to six minutes on a busy machine.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(480)]

OURS = "gemma-4-e4b"
"""What the product calls its own model; the engine serves it as MODEL, so every first call has to learn that name."""

WHOLE = ("stop", "length")
"""How an answer ends that nobody broke off; which of the two a tiny model comes to is the machine's affair."""

QUESTIONS = {
    "en": "How do I find the area of this triangle?",
    "es": "¿Cómo puedo calcular el área de este triángulo?",
    "fr": "Comment est-ce que je calcule l'aire de ce triangle ?",
    "de": "Wie berechne ich die Fläche von diesem Dreieck?",
    "ru": "Как найти площадь этого треугольника?",
    "zh": "这个三角形的面积怎么计算？",
    "ja": "この三角形の面積はどうやって求めますか？",
    "ko": "이 삼각형의 넓이는 어떻게 구하나요?",
    "ar": "كيف أحسب مساحة هذا المثلث؟",
    "hi": "मैं इस त्रिभुज का क्षेत्रफल कैसे निकालूँ?",
}


def mentor(data: Path, url: str) -> contextlib.AbstractContextManager[Any]:
    """A process of the deployed mentor whose own model is at `url`."""
    return function("mentor", DATA_DIR=str(data), LOCAL_INFER_URL=url)


@pytest.fixture(scope="module")
def deployed(vllm_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One mentor on the engine, for all the tests that it keeps nothing from."""
    data = tmp_path_factory.mktemp("data")
    with mentor(data, vllm_url) as process:
        pair = Pair(process, process, data)
        # It learns the engine's name for the model before many ask at once: that is a test of its own.
        first = fetch(pair.a.url + CHAT, method="POST", headers=pair.headers("first"), body=b'{"message": "Hello?"}')
        assert first.status == 200, first.body
        yield pair


@pytest.fixture
async def lasting(vllm_url: str, tmp_path: Path) -> AsyncIterator[Pair]:
    """A mentor whose every answer takes all of its MAX_OUTPUT_TOKENS: some seconds."""
    async with lengthened(vllm_url) as url:
        with mentor(tmp_path, url) as process:
            yield Pair(process, process, tmp_path)


def asked(**more: object) -> dict[str, object]:
    """A body with a message that nobody has sent before."""
    return {"message": f"What is {uuid.uuid4().hex}?", **more}


async def answer(session: aiohttp.ClientSession, pair: Pair, body: dict[str, object]) -> dict[str, Any]:
    """A JSON answer that must succeed."""
    async with session.post(pair.a.url + CHAT, json=body) as response:
        reply = await response.json()
        assert response.status == 200, reply
        assert isinstance(reply, dict)
        return reply


async def stream(session: aiohttp.ClientSession, pair: Pair, body: dict[str, object], **headers: str) -> list[Event]:
    """The events of a streamed answer; header names with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.post(pair.a.url + CHAT, json=body, headers=named) as response:
        assert response.status == 200, await response.text()
        return await events(response)


async def ledger(pair: Pair, request_id: str) -> list[LedgerEntry]:
    """The rows of one request, read from the mentor's own store, by attempt."""
    async with pair.stores() as runtime:
        return await runtime.store.query(LedgerEntry, Where("request_id", "==", request_id), order="attempt")


def assert_from_the_engine(reply: dict[str, Any]) -> None:
    """The own model gave this answer, whole, and nobody else was needed."""
    assert (reply["provider"], reply["model"]) == ("gemma", OURS)
    assert not reply["degraded"]
    assert reply["finish"] in WHOLE
    assert reply["text"].strip()
    assert reply["cost_usd"] == 0  # the own model costs nothing by the token
    assert reply["usage"]["input_tokens"] > 0


async def test_t08_ten_languages_are_answered_and_their_tokens_are_the_engines(deployed: Pair, server: Server) -> None:
    before = await server.generated()
    async with aiohttp.ClientSession(headers=deployed.headers("polyglot")) as session:
        replies = await asyncio.gather(
            *(answer(session, deployed, {"message": message}) for message in QUESTIONS.values())
        )
    made = await server.generated() - before
    booked = []
    for language, reply in zip(QUESTIONS, replies, strict=True):
        assert_from_the_engine(reply)
        assert reply["language"] == language
        assert reply["cache"] == "none"
        found = await ledger(deployed, reply["request_id"])
        (final,) = [row for row in found if row.final]
        assert (final.outcome, final.usage_source, final.model) == ("ok", "provider", OURS)
        assert (final.input_tokens, final.output_tokens) == (
            reply["usage"]["input_tokens"],
            reply["usage"]["output_tokens"],
        )
        booked.extend(found)
    assert sum(row.output_tokens for row in booked) == made


async def test_a_stream_is_meta_then_deltas_then_done(deployed: Pair) -> None:
    async with aiohttp.ClientSession(headers=deployed.headers("reader")) as session:
        found = await stream(session, deployed, asked(stream=True))
    assert [event.id for event in found] == list(range(found[0].id, found[0].id + len(found)))
    assert [event.name for event in found] == ["meta", *["delta"] * (len(found) - 2), "done"]
    meta, done = found[0].data, found[-1].data
    assert text_of(found) == done["text"]
    assert {name: done[name] for name in meta} == meta
    assert_from_the_engine(done)
    final = (await ledger(deployed, done["request_id"]))[-1]
    assert (final.final, final.stream, final.usage_source) == (True, True, "provider")
    assert final.output_tokens == done["usage"]["output_tokens"] > 0
    assert final.first_token_ms is not None


async def test_t33_stop_in_mid_answer_stops_the_engine(lasting: Pair, server: Server) -> None:
    await server.until_running(0, 10)
    before = await server.generated()
    async with aiohttp.ClientSession(headers=lasting.headers("stopper")) as session:
        async with session.post(lasting.a.url + CHAT, json=asked(stream=True)) as response:
            first = await events(response, limit=4)
            path = f"/api/v1/ai/mentor/stop/{first[0].data['message_id']}"
            async with session.post(lasting.a.url + path) as stopped:
                assert (await stopped.json())["stopped"] is True
            rest = await asyncio.wait_for(events(response), 5)
        await server.until_running(0, 5)
        made = await server.generated()
        assert 0 < made - before < MAX_OUTPUT_TOKENS  # the wire lets no answer end earlier by itself
        done = rest[-1]
        assert (done.name, done.data["finish"], done.data["provider"]) == ("done", "stopped", "gemma")
        assert done.data["text"] == text_of(first + rest) != ""
        async with session.get(f"{lasting.a.url}/mentor/conversation/{first[0].data['conversation_id']}") as page:
            assert (await page.json())["messages"][1]["text"] == done.data["text"]
    assert await server.generated() == made
    (row,) = await ledger(lasting, done.data["request_id"])
    assert (row.outcome, row.final) == ("stopped", True)


async def test_t32_t33_a_reader_who_comes_back_under_its_key_misses_nothing(lasting: Pair, server: Server) -> None:
    await server.until_running(0, 10)
    before = await server.generated()
    body, key = asked(stream=True), uuid.uuid4().hex
    async with aiohttp.ClientSession(headers=lasting.headers("back", Idempotency_Key=key)) as session:
        async with session.post(lasting.a.url + CHAT, json=body) as response:
            first = await events(response, limit=5)
            response.close()
        rest = await stream(session, lasting, body, Last_Event_ID=str(first[-1].id))
        whole = first + rest
        assert [event.id for event in whole] == list(range(whole[0].id, whole[0].id + len(whole)))
        done = whole[-1]
        assert done.name == "done"
        assert done.data["text"] == text_of(whole)
        assert_from_the_engine(done.data)
        assert done.data["usage"]["output_tokens"] == MAX_OUTPUT_TOKENS
        # And once more when all is over: the same events, from the store.
        assert await stream(session, lasting, body) == whole
    assert await server.generated() - before == MAX_OUTPUT_TOKENS


async def test_the_same_question_again_is_answered_without_the_engine(deployed: Pair, server: Server) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(5):  # an answer that ran into its limit is no answer to keep
            body = {**asked(), "language": "en"}
            session.headers.update(deployed.headers("first"))
            reply = await answer(session, deployed, body)
            assert_from_the_engine(reply)
            if reply["finish"] == "stop":
                break
        before = await server.generated()
        for learner in ("first", "second"):
            session.headers.update(deployed.headers(learner))
            again = await answer(session, deployed, body)
            assert (again["cache"], again["text"], again["provider"]) == ("exact", reply["text"], "gemma")
            assert again["message_id"] != reply["message_id"]
            (row,) = await ledger(deployed, again["request_id"])
            assert (row.outcome, row.cache, row.output_tokens) == ("cached", "exact", 0)
        assert await server.generated() == before
        # Within a conversation the same words are another prompt.
        more = {**body, "conversation_id": again["conversation_id"]}
        assert (await answer(session, deployed, more))["cache"] == "none"
        assert await server.generated() > before


async def test_the_name_the_engine_serves_is_learned_once(vllm_url: str, server: Server, tmp_path: Path) -> None:
    async def refused() -> float:
        return await server.metric("http_requests_total", handler="/v1/chat/completions", status="4xx")

    before = await refused()
    assert OURS != MODEL
    with mentor(tmp_path, vllm_url) as process:
        fresh = Pair(process, process, tmp_path)
        async with aiohttp.ClientSession(headers=fresh.headers("namer")) as session:
            for number in range(4):
                reply = await answer(session, fresh, asked())
                assert_from_the_engine(reply)
                # Learning it is the provider's own affair: no attempt of the gateway is spent on it.
                assert [attempt["outcome"] for attempt in reply["route"]["attempts"]] == ["ok"], number
    assert await refused() == before + 1


async def test_the_name_is_learned_by_many_at_once(product: Product, vllm_url: str) -> None:
    # What a new instance meets under load: its first calls go out together, and all are told that there is no such
    # model. One that fails here also opens the breaker of a healthy engine. Several rounds, for it is a race.
    for _ in range(20):
        runtime = product.runtime({"gemma_4_on_device": OURS}, local_infer_url=vllm_url)
        questions = [call(cacheable=False, max_output_tokens=4) for _ in range(8)]
        answers = await asyncio.gather(*(runtime.gateway.complete(question) for question in questions))
        assert [given.provider for given in answers] == ["gemma"] * 8


@pytest.mark.parametrize("whole", [True, False])
async def test_t30_json_of_a_schema_through_the_gateway(
    product: Product, fake: FakeModels, vllm_url: str, server: Server, whole: bool
) -> None:
    # Over vLLM the first answer under a schema waits until its grammar is made.
    runtime = product.runtime({"gemma_4_on_device": OURS}, local_infer_url=vllm_url, ai_first_token_deadline=25)
    before = await server.generated()
    for _ in range(3):
        question = call(schema=Schema("verdict", VERDICT), max_output_tokens=200, temperature=1.5, cacheable=False)
        if whole:
            given = await runtime.gateway.complete(question)
            text = given.text
        else:
            result = await streamed(runtime, question)
            assert result.error is None
            assert result.answer is not None
            given, text = result.answer, result.text
        assert (given.provider, given.degraded) == ("gemma", False)
        value = json.loads(text)
        assert set(value) == {"level", "right", "steps"}
        assert len(value["steps"]) == 2
        (row,) = await rows(runtime, question)
        assert (row.outcome, row.usage_source) == ("ok", "provider")
        before += row.output_tokens
    assert await server.generated() == before
    assert fake.calls == []  # no other model stood in
