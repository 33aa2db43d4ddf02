"""The Anthropic format, through the official SDK."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import anthropic
import pytest
from pydantic import BaseModel, ConfigDict

from scripts.fakes.models import FakeModels
from tests.fakes.waiting import eventually

ASK: list[Any] = [{"role": "user", "content": "How does photosynthesis work?"}]


class Lesson(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    steps: list[str]


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with FakeModels(keepalive=0.02) as server:
        yield server


@pytest.fixture
async def client(fake: FakeModels) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(api_key="k", base_url=fake.anthropic_url, max_retries=0, timeout=5) as made:
        yield made


async def whole(client: anthropic.AsyncAnthropic, model: str, **more: Any) -> Any:
    return await client.messages.create(**{"model": model, "messages": ASK, "max_tokens": 1000, **more})


async def streamed(client: anthropic.AsyncAnthropic, model: str, **more: Any) -> list[Any]:
    """All events; an error carries the events before it in `.events`."""
    events: list[Any] = []
    try:
        stream = await client.messages.create(
            **{"model": model, "messages": ASK, "max_tokens": 1000, "stream": True, **more}
        )
        async with stream:
            async for event in stream:
                events.append(event)  # noqa: PERF401 - kept up to the error
    except Exception as error:
        error.events = events  # type: ignore[attr-defined]
        raise
    return events


def text(events: list[Any]) -> str:
    deltas = [event.delta for event in events if event.type == "content_block_delta"]
    return "".join(delta.text if delta.type == "text_delta" else delta.partial_json for delta in deltas)


def stop(events: list[Any]) -> list[str]:
    return [event.delta.stop_reason for event in events if event.type == "message_delta"]


async def test_a_whole_answer(client: anthropic.AsyncAnthropic) -> None:
    answer = await whole(client, "fake-n3-cached4-think5")
    assert answer.content[0].text == "Here is an answer in small steps: t1 light. t2 water. t3 plants."
    assert answer.stop_reason == "end_turn"
    assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens, answer.usage.output_tokens) == (3, 4, 8)


async def test_a_streamed_answer_says_the_same(client: anthropic.AsyncAnthropic) -> None:
    events = await streamed(client, "fake-n3-cached4")
    assert text(events) == (await whole(client, "fake-n3")).content[0].text
    assert stop(events) == ["end_turn"]
    assert [event.type for event in events if event.type != "content_block_delta"] == [
        "message_start",
        "content_block_start",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert (events[0].message.usage.input_tokens, events[0].message.usage.output_tokens) == (3, 1)
    assert events[0].message.usage.cache_read_input_tokens == 4
    assert events[-2].usage.output_tokens == 3


async def test_the_sdks_own_stream_gathers_the_message(client: anthropic.AsyncAnthropic) -> None:
    async with client.messages.stream(model="fake-n3", messages=ASK, max_tokens=100) as stream:
        message = await stream.get_final_message()
    assert message.content[0].text == (await whole(client, "fake-n3")).content[0].text  # type: ignore[union-attr]
    assert message.usage.output_tokens == 3


async def test_the_limit_is_honoured(client: anthropic.AsyncAnthropic) -> None:
    answer = await whole(client, "fake-n9", max_tokens=4)
    assert (answer.stop_reason, answer.usage.output_tokens) == ("max_tokens", 4)
    assert stop(await streamed(client, "fake-n9", max_tokens=4)) == ["max_tokens"]


async def test_a_forced_tool_is_used(client: anthropic.AsyncAnthropic) -> None:
    forced: dict[str, Any] = {
        "tools": [{"name": "lesson", "input_schema": Lesson.model_json_schema()}],
        "tool_choice": {"type": "tool", "name": "lesson"},
    }
    answer = await whole(client, "fake-ok", **forced)
    assert (answer.content[0].type, answer.content[0].name, answer.stop_reason) == ("tool_use", "lesson", "tool_use")
    Lesson.model_validate(answer.content[0].input)
    events = await streamed(client, "fake-ok", **forced)
    Lesson.model_validate_json(text(events))
    assert stop(events) == ["tool_use"]
    async with client.messages.stream(model="fake-ok", messages=ASK, max_tokens=100, **forced) as stream:
        assert (await stream.get_final_message()).content[0].input == answer.content[0].input  # type: ignore[union-attr]
    prose = await whole(client, "fake-notjson", **forced)
    assert (prose.content[0].type, prose.stop_reason) == ("text", "end_turn")
    cut = await whole(client, "fake-ok", **forced, max_tokens=2)
    assert (cut.content[0].type, cut.stop_reason) == ("tool_use", "max_tokens")


async def test_a_schema_is_fitted(client: anthropic.AsyncAnthropic) -> None:
    output = {"format": {"type": "json_schema", "schema": Lesson.model_json_schema()}}
    answer = await whole(client, "fake-ok", output_config=output)
    Lesson.model_validate_json(answer.content[0].text)
    Lesson.model_validate_json(text(await streamed(client, "fake-ok", output_config=output)))
    parsed = await client.messages.parse(model="fake-ok", messages=ASK, max_tokens=500, output_format=Lesson)
    assert isinstance(parsed.parsed_output, Lesson)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "system", "content": "x"}]}, "Unexpected role"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"extra_body": {"temperature": 1.0}}, "temperature: Extra inputs"),
        ({"extra_body": {"temperature": 1.5}, "extra_headers": {"anthropic-version": "2023-06-01"}}, "range: 0..1"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}}},
            "additional",
        ),
        ({"tools": [], "tool_choice": {"type": "tool", "name": "x"}}, "not found"),
    ],
)
async def test_what_anthropic_refuses_is_refused(
    client: anthropic.AsyncAnthropic, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(anthropic.BadRequestError, match=reason):
        await whole(client, "fake-ok", **change)


async def test_the_older_api_version_still_takes_a_temperature(client: anthropic.AsyncAnthropic) -> None:
    older = {"anthropic-version": "2023-06-01"}
    assert (await whole(client, "fake-ok", extra_body={"temperature": 0.2}, extra_headers=older)).content


@pytest.mark.parametrize(("header", "value"), [("x-api-key", "k"), ("Authorization", "Bearer k"), ("x-none", "k")])
async def test_either_key_header_is_taken_and_none_is_not(fake: FakeModels, header: str, value: str) -> None:
    async with aiohttp.ClientSession() as http:
        body = {"model": "m", "max_tokens": 9, "messages": ASK}
        headers = {header: value, "anthropic-version": "2023-06-01"}
        async with http.post(fake.url + "/v1/messages", json=body, headers=headers) as response:
            assert response.status == (401 if header == "x-none" else 200)
        async with http.post(fake.url + "/v1/messages", json=body, headers={"x-api-key": "k"}) as response:
            assert response.status == 400


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "error", "status", "kind", "words"),
    [
        ("fake-err400", anthropic.BadRequestError, 400, "invalid_request_error", "refused"),
        ("fake-err429-retry7", anthropic.RateLimitError, 429, "rate_limit_error", "rate limit"),
        ("fake-quota", anthropic.BadRequestError, 400, "invalid_request_error", "credit balance is too low"),
        ("fake-quota-err402", anthropic.APIStatusError, 402, "billing_error", "credit balance is too low"),
        ("fake-auth", anthropic.AuthenticationError, 401, "authentication_error", "invalid x-api-key"),
        ("fake-err500", anthropic.InternalServerError, 500, "api_error", "Internal"),
        ("fake-err529", anthropic.InternalServerError, 529, "overloaded_error", "Overloaded"),
        ("fake-toolong", anthropic.BadRequestError, 400, "invalid_request_error", "prompt is too long"),
        ("fake-missing", anthropic.NotFoundError, 404, "not_found_error", "model: fake-missing"),
    ],
)
async def test_errors_in_anthropics_words(
    client: anthropic.AsyncAnthropic,
    stream: bool,
    model: str,
    error: type[Exception],
    status: int,
    kind: str,
    words: str,
) -> None:
    with pytest.raises(error, match=words) as caught:
        await (streamed if stream else whole)(client, model)
    value: Any = caught.value
    assert (value.status_code, value.body["error"]["type"]) == (status, kind)
    assert value.response.headers.get("retry-after") == ("7" if "retry" in model else None)


async def test_breaks_in_the_stream(client: anthropic.AsyncAnthropic) -> None:
    with pytest.raises(Exception, match=r"incomplete|closed|peer") as caught:
        await streamed(client, "fake-n60-cut40")
    events = caught.value.events  # type: ignore[attr-defined]
    assert "t40 " in text(events)
    assert "t41 " not in text(events)
    events = await streamed(client, "fake-n60-eof40")
    assert "t40 " in text(events)
    assert stop(events) == []
    assert events[-1].type == "content_block_delta"
    with pytest.raises(ValueError):  # the SDK lets the JSON error through
        await streamed(client, "fake-badjson2")
    with pytest.raises(anthropic.APIConnectionError):
        await whole(client, "fake-refusedconn")


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("fake-n9-inband4", "api_error"),
        ("fake-n9-inband4-err529", "overloaded_error"),
        ("fake-n9-inbandtimeout4", "timeout_error"),
    ],
)
async def test_inband_errors(client: anthropic.AsyncAnthropic, model: str, kind: str) -> None:
    with pytest.raises(anthropic.APIStatusError) as caught:
        await streamed(client, model)
    body: Any = caught.value.body
    assert body["error"]["type"] == kind
    assert "t4 " in text(caught.value.events)  # type: ignore[attr-defined]


async def test_pings_come_while_it_is_silent(client: anthropic.AsyncAnthropic, fake: FakeModels) -> None:
    async with client.messages.with_streaming_response.create(
        model="fake-silent", messages=ASK, max_tokens=10, stream=True
    ) as response:
        chunks = response.iter_bytes()
        assert b"event: ping" in await anext(chunks)
        assert b"event: ping" in await anext(chunks)
    await eventually(lambda: fake.closed_early == 1)


async def test_refusals_lengths_and_nothing(client: anthropic.AsyncAnthropic) -> None:
    refused = await whole(client, "fake-refuse")
    assert (refused.stop_reason, refused.content) == ("refusal", [])
    events = await streamed(client, "fake-refuse2")
    assert stop(events) == ["refusal"]
    assert "t2 " in text(events)
    assert stop(await streamed(client, "fake-length")) == ["max_tokens"]
    empty = await whole(client, "fake-empty")
    assert (empty.stop_reason, empty.content, empty.usage.output_tokens) == ("end_turn", [], 0)
    assert stop(await streamed(client, "fake-empty")) == ["end_turn"]


async def test_usage_on_demand(client: anthropic.AsyncAnthropic) -> None:
    assert (await whole(client, "fake-usage0")).usage.input_tokens == 0
    assert (await whole(client, "fake-nousage")).usage is None
    assert (await whole(client, "fake-usagebig")).usage.output_tokens == 1_000_000_000
    events = await streamed(client, "fake-usage0")
    assert events[0].message.usage.output_tokens == events[-2].usage.output_tokens == 0
    assert (await streamed(client, "fake-nousage"))[-2].usage is None


async def test_closing_the_stream_closes_the_call(client: anthropic.AsyncAnthropic, fake: FakeModels) -> None:
    stream = await client.messages.create(model="fake-n500-pace5ms", messages=ASK, max_tokens=1000, stream=True)
    async with stream:
        await anext(aiter(stream))
        assert fake.open == 1
    await eventually(lambda: fake.closed_early == 1)
    assert fake.open == 0


async def test_the_list_of_models() -> None:
    async with (
        FakeModels(models=["a"]) as fake,
        anthropic.AsyncAnthropic(api_key="k", base_url=fake.anthropic_url) as client,
    ):
        assert [model.id async for model in client.models.list()] == ["a"]


async def test_the_call_is_remembered(client: anthropic.AsyncAnthropic, fake: FakeModels) -> None:
    await whole(client, "fake-ok")
    assert fake.calls[0].format == "anthropic"
    assert fake.calls[0].body["max_tokens"] == 1000
    assert json.dumps(fake.calls[0].public())
