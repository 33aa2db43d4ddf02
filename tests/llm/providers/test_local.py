"""Servers that are not quite OpenAI, and the bytes of the hot path."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from scripts.fakes.models import FakeModels
from shared.llm.providers.chat import Reading, completion_of
from shared.llm.providers.local import OpenAICompatible
from shared.llm.types import Chunk, Failure, ProviderError, Schema, Usage
from tests.llm.providers.adapters import SCHEMA, ask, hear

Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def serving(chat: Handler, models: Handler | None = None) -> AsyncIterator[OpenAICompatible]:
    """An adapter for a server that behaves in a way of its own."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    if models is not None:
        app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider = OpenAICompatible(f"http://127.0.0.1:{runner.addresses[0][1]}/v1/")
    try:
        yield provider
    finally:
        await provider.close()
        await runner.cleanup()


def good(text: str = "yes") -> web.Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return web.json_response({"choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 1}})


def refused(text: str, status: int = 400) -> web.Response:
    return web.json_response({"error": {"message": text, "type": "invalid_request_error"}}, status=status)


@pytest.fixture
async def provider(fake: FakeModels) -> AsyncIterator[OpenAICompatible]:
    made = OpenAICompatible(fake.openai_url)
    yield made
    await made.close()


# ---------------------------------------------------------------------------------------------- another name


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_served_under_another_name_is_found_once_and_remembered(
    fake: FakeModels, provider: OpenAICompatible, stream: bool
) -> None:
    for _ in range(3):
        assert (await hear(provider, ask("fake-missing"), stream=stream)).error is None
    assert [call.model for call in fake.calls] == ["fake-missing", "fake-ok", "fake-ok", "fake-ok"]


@pytest.mark.parametrize(
    "listed",
    [
        {"data": []},
        {"data": [{"id": "wanted"}]},
        {"nothing": 1},
        "text",
    ],
)
async def test_a_list_that_does_not_help_leaves_it_not_found(listed: Any) -> None:
    calls: list[str] = []

    async def chat(request: web.Request) -> web.Response:
        calls.append((await request.json())["model"])
        return refused("The model `wanted` does not exist.", 404)

    async def models(_: web.Request) -> web.Response:
        return web.json_response(listed)

    async with serving(chat, models) as provider:
        heard = await hear(provider, ask("wanted"), stream=False)
    assert heard.error is not None
    assert heard.error.failure is Failure.NOT_FOUND
    assert calls == ["wanted"]


async def test_a_server_that_knows_no_name_at_all_is_called_twice_and_no_more() -> None:
    calls: list[str] = []

    async def chat(request: web.Request) -> web.Response:
        calls.append((await request.json())["model"])
        return refused("no such model", 404)

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "other"}]})

    async with serving(chat, models) as provider:
        heard = await hear(provider, ask("wanted"), stream=False)
    assert heard.error is not None
    assert heard.error.failure is Failure.NOT_FOUND
    assert calls == ["wanted", "other"]


# ---------------------------------------------------------------------------------------------- refused fields


@pytest.mark.parametrize(("field", "status"), [("cache_salt", 400), ("cache_salt", 422), ("stream_options", 400)])
async def test_a_refused_field_is_left_out_for_good(field: str, status: int) -> None:
    bodies: list[dict[str, Any]] = []

    async def chat(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        bodies.append(body)
        if field in body:
            return refused(f"Unrecognized request argument supplied: {field}", status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        event = {"choices": [{"delta": {"content": "yes"}, "finish_reason": "stop"}]}
        await response.write(f"data: {json.dumps(event)}\r\n\r\ndata: [DONE]\r\n\r\n".encode())
        return response

    async with serving(chat) as provider:
        for _ in range(2):
            assert (await hear(provider, ask("m", salt="s"), stream=True)).text == "yes"
    assert [field in body for body in bodies] == [True, False, False]
    kept = {"cache_salt", "stream_options"} - {field}
    assert all(name in bodies[-1] for name in kept)


async def test_any_other_400_is_not_repeated() -> None:
    calls: list[int] = []

    async def chat(_: web.Request) -> web.Response:
        calls.append(1)
        return refused("messages: must not be empty")

    async with serving(chat) as provider:
        heard = await hear(provider, ask("m", salt="s"), stream=False)
    assert heard.error is not None
    assert heard.error.failure is Failure.INVALID
    assert len(calls) == 1


async def test_a_redirect_is_not_followed() -> None:
    async def chat(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/elsewhere")

    async with serving(chat) as provider:
        heard = await hear(provider, ask("m"), stream=False)
    assert heard.error is not None
    assert (heard.error.failure, heard.error.status) == (Failure.MALFORMED, 307)


# ---------------------------------------------------------------------------------------------- the wire


async def test_connections_are_used_again() -> None:
    peers: set[Any] = set()

    async def chat(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        if not (await request.json()).get("stream"):
            return good()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b'data: {"choices": [{"delta": {"content": "yes"}, "finish_reason": "stop"}]}\n\n')
        await response.write(b"data: [DONE]\n\n")
        await asyncio.sleep(0.02)  # the end of the body comes in a packet of its own
        return response

    async with serving(chat) as provider:
        for number in range(8):
            assert (await hear(provider, ask("m"), stream=bool(number % 2))).text == "yes"
    assert len(peers) == 1


async def test_a_schema_held_in_another_mapping_is_written(fake: FakeModels, provider: OpenAICompatible) -> None:
    schema = Schema(
        "lesson", MappingProxyType({**SCHEMA.body, "properties": MappingProxyType(SCHEMA.body["properties"])})
    )
    assert (await hear(provider, ask("fake-ok", schema=schema), stream=False)).error is None
    assert fake.calls[-1].body["response_format"]["json_schema"]["schema"] == SCHEMA.body


async def test_text_that_is_no_unicode_is_refused_here(fake: FakeModels, provider: OpenAICompatible) -> None:
    heard = await hear(provider, ask("fake-ok", "broken \ud800"), stream=False)
    assert heard.error is not None
    assert heard.error.failure is Failure.INVALID
    assert fake.count() == 0


EVENTS = [
    {"choices": [{"delta": {"role": "assistant", "content": ""}, "finish_reason": None}]},
    {"choices": [{"delta": {"content": "Zwei "}, "finish_reason": None}], "usage": None},
    {"choices": [{"delta": {"content": "Äpfel 🍎"}, "finish_reason": None}]},
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    {
        "choices": [],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 8}},
    },
]


def sse(end: str) -> bytes:
    lines = [": comment", "event: x"]
    lines += [f"data: {json.dumps(event, ensure_ascii=False)}{end}" for event in EVENTS]
    return (end.join(lines) + f"{end}data: [DONE]{end}{end}").encode()


@given(end=st.sampled_from(["\n", "\r\n"]), cuts=st.lists(st.integers(0, 900), max_size=30))
def test_events_survive_any_cut_of_the_bytes(end: str, cuts: list[int]) -> None:
    raw = sse(end)
    reading, said, finish, usage = Reading(None), "", None, None
    places = [0, *sorted({cut % len(raw) for cut in cuts}), len(raw)]
    for start, stop in itertools.pairwise(places):
        chunk = reading.feed(raw[start:stop]) or Chunk()
        said += chunk.text
        finish = chunk.finish or finish
        usage = chunk.usage or usage
    assert (said, finish, usage, reading.done) == ("Zwei Äpfel 🍎", "stop", Usage(9, 8, 4), True)
    reading.tally.end()


@given(st.binary(max_size=300))
def test_rubbish_is_malformed_and_never_another_error(raw: bytes) -> None:
    reading = Reading(None)
    reading.feed(b"data: " + raw + b"\n")
    assert reading.error is None or isinstance(reading.error, ProviderError)
    with pytest.raises(ProviderError):
        completion_of(raw, None)


@pytest.mark.parametrize(
    "value", ["1", "null", '"x"', "[]", "{}", '{"choices": 1}', '{"choices": [1]}', '{"choices": [{}]}']
)
def test_json_of_another_shape_is_no_answer(value: str) -> None:
    with pytest.raises(ProviderError) as caught:
        completion_of(value.encode(), None)
    assert caught.value.failure is Failure.MALFORMED


def test_a_line_without_an_end_is_bounded() -> None:
    reading = Reading(None)
    for _ in range(40):
        reading.feed(b"x" * 65_536)
        if reading.error is not None:
            break
    assert reading.error is not None
    assert reading.error.failure is Failure.MALFORMED


@pytest.mark.parametrize(
    ("event", "failure"),
    [
        ({"object": "error", "message": "EngineDeadError", "type": "InternalServerError", "code": 500}, Failure.SERVER),
        ({"error": {"message": "EngineDeadError", "type": "BadRequestError", "code": 400}}, Failure.SERVER),
        ({"error": "llama runner process has terminated"}, Failure.SERVER),
        ({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, Failure.RATE_LIMIT),
        ({"choices": [{"delta": {}, "finish_reason": "error"}]}, Failure.SERVER),
    ],
)
def test_errors_inside_a_stream_come_after_the_text_before_them(event: dict[str, Any], failure: Failure) -> None:
    reading = Reading(None)
    text = {"choices": [{"delta": {"content": "so far"}}]}
    chunk = reading.feed(f"data: {json.dumps(text)}\n\ndata: {json.dumps(event)}\n\n".encode())
    assert chunk == Chunk("so far")
    assert reading.error is not None
    assert reading.error.failure is failure


def test_an_answer_the_server_aborted_is_cut() -> None:
    reading = Reading(None)
    reading.feed(b'data: {"choices": [{"delta": {"content": "half"}, "finish_reason": "abort"}]}\n\ndata: [DONE]\n\n')
    with pytest.raises(ProviderError) as caught:
        reading.tally.end()
    assert caught.value.failure is Failure.CUT
