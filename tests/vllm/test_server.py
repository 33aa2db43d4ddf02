"""What the product relies on of vLLM itself, asked over its wire. A new version of the engine has to pass this first."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.vllm.server import LESSON, MODEL, VERDICT, Server

if TYPE_CHECKING:
    import aiohttp

# The first test waits for the server: checkpoint and start take up to six minutes on a busy machine.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(480)]

QUESTION = [{"role": "user", "content": "What is gravity?"}]


async def events(response: "aiohttp.ClientResponse") -> AsyncIterator[dict[str, Any]]:
    """The JSON events of a stream; fails when it does not end with [DONE]."""
    done = False
    async for line in response.content:
        if line.startswith(b"data: "):
            if line.strip() == b"data: [DONE]":
                done = True
                continue
            yield json.loads(line[6:])
    assert done


async def test_serves_the_model_under_its_name(server: Server) -> None:
    async with server.session.get(server.url + "/models") as response:
        listed = await response.json()
    assert [entry["id"] for entry in listed["data"]] == [MODEL]


async def test_chat_ends_its_turn_and_counts_its_tokens(server: Server) -> None:
    # At temperature 1, and the best of five: which words a tiny model finds is the machine's affair, that its turn ends
    # at <turn|> is the engine's.
    answers = [await server.chat(messages=QUESTION, max_tokens=300, temperature=1, seed=seed) for seed in range(5)]
    assert "stop" in {answer["choices"][0]["finish_reason"] for answer in answers}
    for answer in answers:
        text, usage = answer["choices"][0]["message"]["content"], answer["usage"]
        assert text.strip()
        assert "<turn|>" not in text
        assert usage["prompt_tokens"] > 0
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_max_tokens_cuts_with_length(server: Server) -> None:
    answer = await server.chat(messages=QUESTION, max_tokens=3)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3


async def test_stream_says_what_the_whole_answer_says_then_usage(server: Server) -> None:
    whole = await server.chat(messages=QUESTION, max_tokens=64)
    body = {
        "model": MODEL,
        "messages": QUESTION,
        "max_tokens": 64,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with server.session.post(server.url + "/chat/completions", json=body) as response:
        assert response.content_type == "text/event-stream"
        got = [event async for event in events(response)]
    text = "".join(event["choices"][0]["delta"].get("content") or "" for event in got[:-1])
    assert text == whole["choices"][0]["message"]["content"]
    assert got[-2]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert got[-1]["choices"] == []
    assert got[-1]["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]
    assert len(got) > 3  # token by token, not in one piece


async def test_t30_strict_schema_is_obeyed_at_any_temperature(server: Server) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": VERDICT}}
    for seed in range(4):
        answer = await server.chat(messages=QUESTION, max_tokens=200, temperature=1.5, seed=seed, response_format=form)
        value = json.loads(answer["choices"][0]["message"]["content"])
        assert set(value) == {"level", "right", "steps"}
        assert value["level"] in ("low", "middle", "high")
        assert isinstance(value["right"], bool)
        assert len(value["steps"]) == 2
        assert answer["choices"][0]["finish_reason"] == "stop"


async def test_t33_client_leaving_mid_stream_frees_the_request(server: Server) -> None:
    body = {"model": MODEL, "messages": QUESTION, "max_tokens": 8000, "ignore_eos": True, "stream": True}
    async with server.freed():
        response = await server.session.post(server.url + "/chat/completions", json=body)
        try:
            await response.content.readany()
            await server.until_running(1, 5)
        finally:
            response.close()  # the connection goes, as when a learner's phone does


async def test_t33_client_leaving_before_the_whole_answer_frees_the_request(server: Server) -> None:
    async with server.freed():
        task = asyncio.create_task(server.chat(messages=QUESTION, max_tokens=8000, ignore_eos=True))
        try:
            await server.until_running(1, 10)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_t41_prefix_cache_is_parted_by_salt(server: Server) -> None:
    async def cached(salt: str) -> int:
        answer = await server.chat(
            messages=[{"role": "user", "content": LESSON}], max_tokens=1, cache_salt=f"server-{salt}"
        )
        return int(answer["usage"]["prompt_tokens_details"]["cached_tokens"])

    assert await cached("ana") == 0
    assert await cached("ana") > 0
    assert await cached("ben") == 0


async def test_unknown_model_and_long_prompt_are_told_apart(server: Server) -> None:
    status, body = await server.post("/chat/completions", {"model": "no-such-model", "messages": QUESTION})
    assert (status, body["error"]["type"]) == (404, "NotFoundError")
    long = [{"role": "user", "content": "gravity " * 9000}]
    status, body = await server.post("/chat/completions", {"model": MODEL, "messages": long, "max_tokens": 8})
    assert status == 400
    assert "maximum context length" in body["error"]["message"]


async def test_any_language_goes_in_and_text_comes_out(server: Server) -> None:
    for text in ("光合作用是什么？", "¿Qué es la fotosíntesis?", "ما هو التمثيل الضوئي؟", "🙂 ठीक है"):
        answer = await server.chat(messages=[{"role": "user", "content": text}], max_tokens=60)
        assert answer["choices"][0]["message"]["content"]


async def test_eight_at_once_share_the_engine(server: Server) -> None:
    alone = await server.chat(messages=QUESTION, max_tokens=32)
    answers = await asyncio.gather(*(server.chat(messages=QUESTION, max_tokens=32) for _ in range(8)))
    assert all(answer["choices"][0]["message"]["content"] for answer in answers)
    assert all(answer["usage"]["prompt_tokens"] == alone["usage"]["prompt_tokens"] for answer in answers)
