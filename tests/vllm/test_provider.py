"""`OpenAICompatible`, the provider most of the product's traffic goes through, against the engine it is made for."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.llm.providers.local import OpenAICompatible
from shared.llm.types import Chunk, Failure, Message, ProviderError, Request, Schema
from tests.vllm.server import ENDLESS, LESSON, MODEL, VERDICT, Server

# The first test waits for the server: checkpoint and start take up to six minutes on a busy machine.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(480)]

WHOLE = ("stop", "length")
"""How an answer ends that nobody broke off; which of the two a tiny model comes to is the machine's affair."""


@pytest.fixture
async def provider(vllm_url: str) -> AsyncIterator[OpenAICompatible]:
    """The provider on the running server, closed after the test."""
    made = OpenAICompatible(vllm_url)
    yield made
    await made.close()


def asking(text: str = "What is gravity?", **fields: Any) -> Request:
    """A request at temperature 0 for up to 64 tokens, unless told otherwise."""
    return Request(
        **{
            "model": MODEL,
            "messages": (Message("system", "You are a patient tutor."), Message("user", text)),
            "max_output_tokens": 64,
            "temperature": 0.0,
            **fields,
        }
    )


async def collect(provider: OpenAICompatible, request: Request) -> list[Chunk]:
    """All the chunks of a stream."""
    async with contextlib.aclosing(provider.stream(request)) as chunks:
        return [chunk async for chunk in chunks]


async def test_complete(provider: OpenAICompatible, server: Server) -> None:
    generated = await server.generated()
    answer = await provider.complete(asking())
    assert answer.text.strip()
    assert answer.finish in WHOLE
    assert answer.usage is not None
    assert answer.usage.input_tokens > 0
    # What is reported for billing is what the engine says it made.
    assert await server.generated() == generated + answer.usage.output_tokens


async def test_max_output_tokens_finishes_with_length(provider: OpenAICompatible) -> None:
    answer = await provider.complete(asking(max_output_tokens=3))
    assert answer.finish == "length"
    assert answer.usage is not None
    assert answer.usage.output_tokens == 3


async def test_stream_gives_the_same_answer_in_pieces(provider: OpenAICompatible) -> None:
    whole = await provider.complete(asking())
    chunks = await collect(provider, asking())
    assert "".join(chunk.text for chunk in chunks) == whole.text
    assert [chunk.finish for chunk in chunks if chunk.finish] == [whole.finish]
    reports = [chunk.usage for chunk in chunks if chunk.usage]
    assert len(reports) == 1
    assert whole.usage is not None
    assert (reports[0].input_tokens, reports[0].output_tokens) == (whole.usage.input_tokens, whole.usage.output_tokens)


async def test_t30_schema_is_obeyed_whole_and_streamed(provider: OpenAICompatible) -> None:
    request = asking(schema=Schema("verdict", VERDICT), max_output_tokens=200, temperature=1.5)
    whole = await provider.complete(request)
    chunks = await collect(provider, request)
    for text in (whole.text, "".join(chunk.text for chunk in chunks)):
        value = json.loads(text)
        assert set(value) == {"level", "right", "steps"}
        assert len(value["steps"]) == 2


async def test_wrong_model_name_is_resolved_once(provider: OpenAICompatible, server: Server) -> None:
    async def refused() -> float:
        return await server.metric("http_requests_total", handler="/v1/chat/completions", status="4xx")

    before = await refused()
    first = await provider.complete(asking(model="gemma-4-e4b"))
    assert await refused() == before + 1
    second = await provider.complete(asking(model="gemma-4-e4b"))
    assert await refused() == before + 1  # the name was learned
    assert first.text == second.text


async def test_t33_closing_the_stream_stops_the_generation(provider: OpenAICompatible, server: Server) -> None:
    request = asking(schema=Schema("endless", ENDLESS), max_output_tokens=8000)
    async with server.freed(), contextlib.aclosing(provider.stream(request)) as chunks:
        first = await anext(chunks)
        assert first.text
        await server.until_running(1, 5)


@pytest.mark.parametrize("way", ["stream", "complete"])
async def test_t33_cancelling_the_caller_stops_the_generation(
    provider: OpenAICompatible, server: Server, way: str
) -> None:
    request = asking(schema=Schema("endless", ENDLESS), max_output_tokens=8000)
    async with server.freed():
        reading = collect(provider, request) if way == "stream" else provider.complete(request)
        task = asyncio.ensure_future(reading)
        await server.until_running(1, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    # The provider is as good as before.
    assert (await provider.complete(asking())).finish in WHOLE


async def test_t41_cache_salt_reaches_the_engine(provider: OpenAICompatible) -> None:
    async def cached(salt: str) -> int:
        answer = await provider.complete(asking(LESSON, max_output_tokens=1, cache_salt=f"provider-{salt}"))
        assert answer.usage is not None
        assert answer.usage.cached_input_tokens < answer.usage.input_tokens
        return answer.usage.cached_input_tokens

    assert await cached("ana") == 0
    assert await cached("ana") > 0
    assert await cached("ben") == 0


async def test_too_long_a_prompt_is_classified(provider: OpenAICompatible) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.complete(asking("gravity " * 9000))
    assert caught.value.failure is Failure.CONTEXT
    assert caught.value.status == 400


BROKEN = Schema("broken", {"type": "object", "properties": {"a": {"type": "no-such-type"}}})


async def test_refused_request_is_the_callers_fault(provider: OpenAICompatible) -> None:
    with pytest.raises(ProviderError) as caught:
        await provider.complete(asking(schema=BROKEN))
    assert caught.value.failure is Failure.INVALID


async def test_refused_request_is_the_callers_fault_when_streamed(provider: OpenAICompatible) -> None:
    # vLLM opens the stream before it compiles the schema: status 200, then an error event that says 400. Taken for the
    # server's fault, one bad schema would open the breaker of a healthy engine.
    with pytest.raises(ProviderError) as caught:
        await collect(provider, asking(schema=BROKEN))
    assert caught.value.failure is Failure.INVALID
    # A refused call leaves neither the engine nor the provider worse off.
    assert (await provider.complete(asking())).finish in WHOLE


async def test_eight_at_once(provider: OpenAICompatible) -> None:
    answers = await asyncio.gather(*(provider.complete(asking()) for _ in range(8)))
    assert all(answer.text.strip() for answer in answers)
