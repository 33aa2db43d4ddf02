"""The Gemini format, through the official SDK."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from scripts.fakes.models import FakeModels
from tests.fakes.waiting import eventually

ASK = "How does photosynthesis work?"


class Lesson(BaseModel):
    title: str
    steps: list[str]


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with FakeModels(keepalive=0.02) as server:
        yield server


@pytest.fixture
async def client(fake: FakeModels) -> AsyncIterator[genai.client.AsyncClient]:
    options = types.HttpOptions(base_url=fake.gemini_url, timeout=5_000)
    async with genai.Client(api_key="k", http_options=options).aio as made:
        yield made


async def whole(client: genai.client.AsyncClient, model: str, **config: Any) -> Any:
    return await client.models.generate_content(model=model, contents=ASK, config=config or None)  # type: ignore[arg-type]


async def streamed(client: genai.client.AsyncClient, model: str, **config: Any) -> list[Any]:
    """All chunks; an error carries the chunks before it in `.chunks`."""
    chunks: list[Any] = []
    try:
        stream = await client.models.generate_content_stream(model=model, contents=ASK, config=config or None)  # type: ignore[arg-type]
        async for chunk in stream:
            chunks.append(chunk)  # noqa: PERF401 - kept up to the error
    except Exception as error:
        error.chunks = chunks  # type: ignore[attr-defined]
        raise
    return chunks


def text(chunks: list[Any]) -> str:
    return "".join(chunk.text or "" for chunk in chunks)


def finish(chunks: list[Any]) -> list[str]:
    found = [chunk.candidates[0].finish_reason for chunk in chunks if chunk.candidates]
    return [str(reason.value) for reason in found if reason]


async def test_a_whole_answer(client: genai.client.AsyncClient) -> None:
    answer = await whole(client, "fake-n3-cached4-think5")
    assert answer.text == "Here is an answer in small steps: t1 light. t2 water. t3 plants."
    assert finish([answer]) == ["STOP"]
    usage = answer.usage_metadata
    assert (usage.prompt_token_count, usage.cached_content_token_count) == (7, 4)
    assert (usage.candidates_token_count, usage.thoughts_token_count, usage.total_token_count) == (3, 5, 15)


async def test_a_streamed_answer_says_the_same(client: genai.client.AsyncClient) -> None:
    chunks = await streamed(client, "fake-n3-think5")
    assert text(chunks) == (await whole(client, "fake-n3")).text
    assert finish(chunks) == ["STOP"]
    assert [chunk.usage_metadata.candidates_token_count for chunk in chunks] == [1, 2, 3, 3]
    assert chunks[-1].usage_metadata.thoughts_token_count == 5


async def test_vertex_paths_are_the_same_thing(fake: FakeModels) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer t"}) as http:
        body = {"contents": [{"role": "user", "parts": [{"text": ASK}]}]}
        for middle in ("publishers/google/models/fake-n2", "endpoints/fake-n2"):
            path = f"/v1beta1/projects/p/locations/l/{middle}:generateContent"
            async with http.post(fake.url + path, json=body) as response:
                assert (await response.json())["usageMetadata"]["candidatesTokenCount"] == 2
    assert fake.count("fake-n2") == 2


async def test_the_limit_is_honoured(client: genai.client.AsyncClient) -> None:
    answer = await whole(client, "fake-n9", max_output_tokens=4)
    assert finish([answer]) == ["MAX_TOKENS"]
    assert answer.usage_metadata.candidates_token_count == 4
    assert finish(await streamed(client, "fake-n9", max_output_tokens=4)) == ["MAX_TOKENS"]


@pytest.mark.parametrize("key", ["response_schema", "response_json_schema"])
async def test_a_schema_is_fitted(client: genai.client.AsyncClient, key: str) -> None:
    schema = Lesson if key == "response_schema" else Lesson.model_json_schema()
    config = {"response_mime_type": "application/json", key: schema}
    Lesson.model_validate_json((await whole(client, "fake-ok", **config)).text)
    Lesson.model_validate_json(text(await streamed(client, "fake-ok", **config)))
    assert (await whole(client, "fake-notjson", **config)).text.startswith("Here is")


async def test_what_gemini_refuses_is_refused(client: genai.client.AsyncClient, fake: FakeModels) -> None:
    with pytest.raises(errors.ClientError, match="mime type"):
        await whole(client, "fake-ok", response_json_schema=Lesson.model_json_schema())
    async with aiohttp.ClientSession() as http:
        url = f"{fake.url}/v1beta/models/fake-ok:generateContent"
        good = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
        async with http.post(url, json=good) as response:
            assert response.status == 401
        async with http.post(url + "?key=k", json=good) as response:
            assert response.status == 200
        for contents in ([], [{"role": "assistant", "parts": []}]):
            async with http.post(url + "?key=k", json={"contents": contents}) as response:
                assert response.status == 400


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "code", "status", "words"),
    [
        ("fake-err400", 400, "INVALID_ARGUMENT", "refused"),
        ("fake-err429-retry7", 429, "RESOURCE_EXHAUSTED", "PerMinutePerProjectPerModel.*retryDelay': '7s"),
        ("fake-quota", 429, "RESOURCE_EXHAUSTED", "exceeded your current quota.*PerDayPerProject'"),
        ("fake-auth", 401, "UNAUTHENTICATED", "invalid authentication"),
        ("fake-badkey", 400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
        ("fake-err500", 500, "INTERNAL", "internal error"),
        ("fake-err503", 503, "UNAVAILABLE", "overloaded"),
        ("fake-toolong", 400, "INVALID_ARGUMENT", "exceeds the maximum number of tokens"),
        ("fake-missing", 404, "NOT_FOUND", "fake-missing is not found"),
    ],
)
async def test_errors_in_geminis_words(
    client: genai.client.AsyncClient, stream: bool, model: str, code: int, status: str, words: str
) -> None:
    with pytest.raises(errors.APIError, match=words) as caught:
        await (streamed if stream else whole)(client, model)
    assert (caught.value.code, caught.value.status) == (code, status)


async def test_breaks_in_the_stream(client: genai.client.AsyncClient) -> None:
    with pytest.raises(Exception, match=r"(?i)payload|incomplete|closed") as caught:
        await streamed(client, "fake-n60-cut40")
    chunks = caught.value.chunks  # type: ignore[attr-defined]
    assert "t40 " in text(chunks)
    assert "t41 " not in text(chunks)
    chunks = await streamed(client, "fake-n60-eof40")
    assert "t40 " in text(chunks)
    assert finish(chunks) == []
    with pytest.raises(errors.UnknownApiResponseError):
        await streamed(client, "fake-badjson2")


@pytest.mark.parametrize(
    ("model", "code"), [("fake-n9-inband4", 500), ("fake-n9-inband4-quota", 429), ("fake-n9-inbandtimeout4", 504)]
)
async def test_inband_errors(client: genai.client.AsyncClient, model: str, code: int) -> None:
    with pytest.raises(errors.APIError) as caught:
        await streamed(client, model)
    assert caught.value.code == code
    assert "t4 " in text(caught.value.chunks)  # type: ignore[attr-defined]


async def test_silence_sends_blank_lines_that_the_sdk_bears(client: genai.client.AsyncClient, fake: FakeModels) -> None:
    options = types.HttpOptions(timeout=400)
    with pytest.raises(Exception, match=r"(?i)time|^$") as caught:
        await streamed(client, "fake-silent", http_options=options)
    assert not isinstance(caught.value, errors.UnknownApiResponseError)
    await eventually(lambda: fake.closed_early == 1)


async def test_refusals_blocks_and_nothing(client: genai.client.AsyncClient) -> None:
    refused = await whole(client, "fake-refuse")
    assert (finish([refused]), refused.text) == (["SAFETY"], None)
    assert finish(await streamed(client, "fake-refuse2")) == ["SAFETY"]
    blocked = await whole(client, "fake-blocked")
    assert blocked.prompt_feedback.block_reason.value == "PROHIBITED_CONTENT"
    assert blocked.candidates is None
    (chunk,) = await streamed(client, "fake-blocked")
    assert chunk.prompt_feedback.block_reason.value == "PROHIBITED_CONTENT"
    empty = await whole(client, "fake-empty")
    assert (finish([empty]), empty.text) == (["STOP"], None)
    assert finish(await streamed(client, "fake-empty")) == ["STOP"]
    assert finish(await streamed(client, "fake-length")) == ["MAX_TOKENS"]


async def test_a_blocked_stream_is_a_stream(fake: FakeModels) -> None:
    url = f"{fake.url}/v1beta/models/fake-blocked:streamGenerateContent?alt=sse&key=k"
    body = {"contents": [{"parts": [{"text": "hi"}]}]}
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as response:
        assert (await response.read()).startswith(b"data: {")


async def test_usage_on_demand(client: genai.client.AsyncClient) -> None:
    assert (await whole(client, "fake-usage0")).usage_metadata.total_token_count == 0
    assert (await whole(client, "fake-nousage")).usage_metadata is None
    assert (await whole(client, "fake-usagebig")).usage_metadata.candidates_token_count == 1_000_000_000
    chunks = await streamed(client, "fake-usage0")
    assert {chunk.usage_metadata.candidates_token_count for chunk in chunks} == {0}


async def test_closing_the_stream_closes_the_call(client: genai.client.AsyncClient, fake: FakeModels) -> None:
    stream: Any = await client.models.generate_content_stream(model="fake-n500-pace5ms", contents=ASK)
    await anext(stream)
    assert fake.open == 1
    await stream.aclose()
    await client.aclose()
    await eventually(lambda: fake.closed_early == 1)
    assert fake.open == 0


async def test_the_list_of_models() -> None:
    async with FakeModels(models=["a"]) as fake:
        options = types.HttpOptions(base_url=fake.gemini_url)
        async with genai.Client(api_key="k", http_options=options).aio as client:
            assert [model.name async for model in await client.models.list()] == ["models/a"]
