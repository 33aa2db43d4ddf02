"""The OpenAI format, through the official SDK."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel, ConfigDict

from scripts.fakes.models import FakeModels
from tests.fakes.waiting import eventually

ASK: list[Any] = [{"role": "user", "content": "How does photosynthesis work?"}]


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with FakeModels(keepalive=0.02) as server:
        yield server


@pytest.fixture
async def client(fake: FakeModels) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key="sk-test", base_url=fake.openai_url, max_retries=0, timeout=5) as made:
        yield made


async def whole(client: openai.AsyncOpenAI, model: str, **more: Any) -> Any:
    return await client.chat.completions.create(model=model, messages=ASK, **more)


async def streamed(client: openai.AsyncOpenAI, model: str, **more: Any) -> list[Any]:
    """All chunks; an error carries the chunks before it in `.chunks`."""
    chunks: list[Any] = []
    try:
        stream = await client.chat.completions.create(
            model=model, messages=ASK, stream=True, stream_options={"include_usage": True}, **more
        )
        async with stream:
            async for chunk in stream:
                chunks.append(chunk)  # noqa: PERF401 - kept up to the error
    except Exception as error:
        error.chunks = chunks  # type: ignore[attr-defined]
        raise
    return chunks


def text(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def finish(chunks: list[Any]) -> list[str]:
    return [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]


async def test_a_whole_answer(client: openai.AsyncOpenAI) -> None:
    answer = await whole(client, "fake-n5-cached4-think3")
    assert (
        answer.choices[0].message.content
        == "Here is an answer in small steps: t1 light. t2 water. t3 plants. t4 numbers. t5 music."
    )
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens == 7
    assert answer.usage.prompt_tokens_details.cached_tokens == 4
    assert answer.usage.completion_tokens == 8
    assert answer.usage.completion_tokens_details.reasoning_tokens == 3
    assert answer.usage.total_tokens == 15


async def test_a_streamed_answer_says_the_same(client: openai.AsyncOpenAI) -> None:
    chunks = await streamed(client, "fake-n5")
    assert text(chunks) == (await whole(client, "fake-n5")).choices[0].message.content
    assert finish(chunks) == ["stop"]
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 5
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_usage_is_streamed_only_when_asked_for(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(model="fake-ok", messages=ASK, stream=True)
    async with stream:
        assert all([chunk.usage is None and chunk.choices async for chunk in stream])


@pytest.mark.parametrize("cap", ["max_tokens", "max_completion_tokens"])
async def test_the_limit_is_honoured(client: openai.AsyncOpenAI, cap: str) -> None:
    answer = await whole(client, "fake-n9", **{cap: 4})
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.content.endswith("t4 numbers. ")
    assert answer.usage.completion_tokens == 4
    assert finish(await streamed(client, "fake-n9", **{cap: 4})) == ["length"]


async def test_a_schema_is_fitted(client: openai.AsyncOpenAI) -> None:
    class Lesson(BaseModel):
        model_config = ConfigDict(extra="forbid")
        title: str
        steps: list[str]

    answer = await client.chat.completions.parse(model="fake-ok", messages=ASK, response_format=Lesson)
    assert isinstance(answer.choices[0].message.parsed, Lesson)
    chunks = await streamed(client, "fake-ok", response_format=_format(Lesson.model_json_schema()))
    Lesson.model_validate_json(text(chunks))
    prose = await whole(client, "fake-notjson", response_format=_format(Lesson.model_json_schema()))
    assert prose.choices[0].message.content.startswith("Here is")


def _format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "lesson", "schema": schema, "strict": True}}


async def test_what_openai_refuses_is_refused(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="additionalProperties"):
        await whole(
            client, "fake-ok", response_format=_format({"type": "object", "properties": {"a": {"type": "string"}}})
        )
    with pytest.raises(openai.BadRequestError, match="messages"):
        await client.chat.completions.create(model="fake-ok", messages=[])
    with pytest.raises(openai.BadRequestError, match="stream_options"):
        await whole(client, "fake-ok", stream_options={"include_usage": True})
    with pytest.raises(openai.BadRequestError, match="max_tokens"):
        await whole(client, "fake-ok", max_tokens=0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "error", "status", "code"),
    [
        ("fake-err400", openai.BadRequestError, 400, None),
        ("fake-err429-retry7", openai.RateLimitError, 429, "rate_limit_exceeded"),
        ("fake-quota", openai.RateLimitError, 429, "insufficient_quota"),
        ("fake-auth", openai.AuthenticationError, 401, "invalid_api_key"),
        ("fake-err500", openai.InternalServerError, 500, None),
        ("fake-err503", openai.InternalServerError, 503, None),
        ("fake-toolong", openai.BadRequestError, 400, "context_length_exceeded"),
        ("fake-missing", openai.NotFoundError, 404, "model_not_found"),
        ("fake-blocked", openai.BadRequestError, 400, "invalid_prompt"),
    ],
)
async def test_errors_in_openais_words(
    client: openai.AsyncOpenAI,
    stream: bool,
    model: str,
    error: type[openai.APIStatusError],
    status: int,
    code: str | None,
) -> None:
    with pytest.raises(error) as caught:
        await (streamed if stream else whole)(client, model)
    assert caught.value.status_code == status
    assert caught.value.code == code
    assert caught.value.response.headers.get("retry-after") == ("7" if "retry" in model else None)


async def test_cut_stream_breaks_after_exactly_so_many_tokens(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.APIError) as caught:
        await streamed(client, "fake-n60-cut40")
    chunks = caught.value.chunks  # type: ignore[attr-defined]
    assert "t40 " in text(chunks)
    assert "t41 " not in text(chunks)
    assert finish(chunks) == []


async def test_eof_stream_ends_without_a_finish(client: openai.AsyncOpenAI, fake: FakeModels) -> None:
    chunks = await streamed(client, "fake-n60-eof40")
    assert "t40 " in text(chunks)
    assert finish(chunks) == []
    assert fake.closed_early == 0
    assert (await whole(client, "fake-eof1")).choices[0].finish_reason is None


async def test_whole_answers_break_too(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.APIConnectionError):
        await whole(client, "fake-cut3")
    with pytest.raises(openai.APIConnectionError):
        await whole(client, "fake-refusedconn")
    with pytest.raises((openai.APIError, ValueError)):
        await whole(client, "fake-badjson")


async def test_inband_errors(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.APIError) as caught:
        await streamed(client, "fake-n9-inband4")
    assert caught.value.type == "server_error"
    assert "t4 " in text(caught.value.chunks)  # type: ignore[attr-defined]
    with pytest.raises(openai.APIError) as caught:
        await streamed(client, "fake-inbandtimeout1")
    assert caught.value.code == "request_timeout"
    with pytest.raises(openai.APIError) as caught:
        await streamed(client, "fake-inband0-err429")
    assert caught.value.code == "rate_limit_exceeded"


async def test_silence_with_and_without_tokens(client: openai.AsyncOpenAI) -> None:
    quick = client.with_options(timeout=1.0)
    with pytest.raises(openai.APITimeoutError) as caught:
        await streamed(quick, "fake-stall2")
    assert "t2 " in text(caught.value.chunks)  # type: ignore[attr-defined]
    with pytest.raises(openai.APITimeoutError):
        await whole(quick, "fake-silent")


async def test_refusals_lengths_and_nothing(client: openai.AsyncOpenAI) -> None:
    assert finish(await streamed(client, "fake-refuse")) == ["content_filter"]
    assert (await whole(client, "fake-refuse")).choices[0].message.content == ""
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    refused = await whole(client, "fake-refuse", response_format=_format(schema))
    assert refused.choices[0].message.refusal
    assert finish(await streamed(client, "fake-length")) == ["length"]
    chunks = await streamed(client, "fake-empty")
    assert (text(chunks), finish(chunks)) == ("", ["stop"])


async def test_usage_on_demand(client: openai.AsyncOpenAI) -> None:
    assert (await whole(client, "fake-usage0")).usage.total_tokens == 0
    assert (await whole(client, "fake-nousage")).usage is None
    assert all(chunk.usage is None for chunk in await streamed(client, "fake-nousage"))
    assert (await whole(client, "fake-usagebig")).usage.prompt_tokens == 1_000_000_000


async def test_t10_zero_usage_is_reported_before_the_break(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.APIError) as caught:
        await streamed(client, "fake-n9-cut4-usage0")
    assert [chunk.usage.total_tokens for chunk in caught.value.chunks if chunk.usage] == [0]  # type: ignore[attr-defined]


async def test_html_and_broken_json_are_no_answers(client: openai.AsyncOpenAI) -> None:
    assert text(await streamed(client, "fake-html")) == ""
    with pytest.raises(ValueError):  # the SDK lets the JSON error through
        await streamed(client, "fake-badjson2")


async def test_echo_in_pieces(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Grüß dich, Ärmel! fake-echo-chars3"}], stream=True
    )
    async with stream:
        chunks = [chunk async for chunk in stream]
    assert text(chunks) == "Grüß dich, Ärmel!"
    assert len(chunks) == 1 + 6 + 1


async def test_the_list_of_models() -> None:
    async with (
        FakeModels(models=["a", "b"]) as fake,
        openai.AsyncOpenAI(api_key="k", base_url=fake.openai_url) as client,
    ):
        page = await client.models.list()
        assert [model.id for model in page.data] == ["a", "b"]


async def test_closing_the_stream_closes_the_call(client: openai.AsyncOpenAI, fake: FakeModels) -> None:
    stream = await client.chat.completions.create(model="fake-n500-pace5ms", messages=ASK, stream=True)
    async with stream:
        await anext(aiter(stream))
        assert fake.open == 1
    await eventually(lambda: fake.closed_early == 1)
    assert fake.open == 0
    assert fake.tokens_sent < 400


async def test_t09_a_client_may_leave_between_the_last_token_and_the_usage(
    client: openai.AsyncOpenAI, fake: FakeModels
) -> None:
    stream = await client.chat.completions.create(
        model="fake-n1-pace5000ms", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    async with stream:
        async for chunk in stream:
            if (chunk.choices[0].delta.content or "").endswith("t1 light."):
                break
    await eventually(lambda: fake.closed_early == 1)
    assert fake.tokens_sent == 1
