"""What the SDKs would do on their own, and must not: follow redirects, make more calls than one, wait for ever."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import pytest
from aiohttp import web

from shared.llm.providers.anthropic import Anthropic
from shared.llm.providers.gemini import Gemini
from shared.llm.providers.local import OpenAICompatible
from shared.llm.providers.openai import OpenAI
from shared.llm.providers.wire import Exchange, translated
from shared.llm.types import Failure, Provider, ProviderError, Usage
from tests.llm.providers.adapters import CLOUDS, ask, hear

Answer = Callable[[web.Request], web.Response]

BUILD: dict[str, Callable[[str], Provider]] = {
    "local": lambda url: OpenAICompatible(url, connect_timeout=0.2),
    "openai": lambda url: OpenAI("sk-canary-0001", url),
    "anthropic": lambda url: Anthropic("sk-canary-0001", url),
    "gemini": lambda url: Gemini("sk-canary-0001", url),
}


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server that gives the same answer to everything, and what it was asked."""
    asked: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        await request.read()
        asked.append(request)
        return answer(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", CLOUDS)
async def test_t42_a_redirect_does_not_carry_the_key_elsewhere(name: str, stream: bool) -> None:
    async with server(lambda _: web.Response(text="{}")) as (elsewhere, stolen):

        def away(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": f"{elsewhere}/v1/any"})

        async with server(away) as (url, asked):
            provider = BUILD[name](url)
            heard = await hear(provider, ask("m"), stream=stream)
            await provider.close()
    assert heard.error is not None
    assert (heard.error.failure, heard.error.status) == (Failure.MALFORMED, 307)
    assert (len(asked), len(stolen)) == (1, 0)


@pytest.mark.parametrize("stream", [False, True])
async def test_t22_gemini_does_not_go_on_by_itself(stream: bool) -> None:
    body = (
        '{"candidates": [{"content": {"parts": [{"text": "so far"}], "role": "model"}, "finishReason": "CONTINUATION",'
        ' "continuationToken": "YWJj"}], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}}'
    )

    def answer(request: web.Request) -> web.Response:
        if "alt" in request.query:
            return web.Response(text=f"data: {body}\r\n\r\n", content_type="text/event-stream")
        return web.Response(text=body, content_type="application/json")

    async with server(answer) as (url, asked):
        provider = Gemini("key", url)
        heard = await hear(provider, ask("m"), stream=stream)
        await provider.close()
    assert (heard.text, heard.finish, heard.usage) == ("so far", "length", Usage(3, 0, 2))
    assert len(asked) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_geminis_thoughts_are_not_part_of_the_answer(stream: bool) -> None:
    body = (
        '{"candidates": [{"content": {"parts": [{"text": "Hm, let me see.", "thought": true}, {"text": "Light."}]},'
        ' "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}}'
    )

    def answer(request: web.Request) -> web.Response:
        if "alt" in request.query:
            return web.Response(text=f"data: {body}\r\n\r\n", content_type="text/event-stream")
        return web.Response(text=body, content_type="application/json")

    async with server(answer) as (url, _):
        provider = Gemini("key", url)
        heard = await hear(provider, ask("m"), stream=stream)
        await provider.close()
    assert (heard.text, heard.finish) == ("Light.", "stop")


async def test_a_running_total_without_the_output_is_no_bill() -> None:
    piece = '{"candidates": [{"content": {"parts": [{"text": "so far"}]}}], "usageMetadata": {"promptTokenCount": 3}}'

    def answer(_: web.Request) -> web.Response:
        return web.Response(text=f"data: {piece}\r\n\r\n", content_type="text/event-stream")

    async with server(answer) as (url, _):
        provider = Gemini("key", url)
        heard = await hear(provider, ask("m"), stream=True)
        await provider.close()
    assert heard.error is not None
    assert (heard.error.failure, heard.error.usage, heard.usage) == (Failure.CUT, None, None)


@contextmanager
def deaf() -> Iterator[str]:
    """The URL of a listener that takes no connection, because its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ["local", *CLOUDS])
async def test_connecting_has_a_time_out(name: str, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in CLOUDS:
        monkeypatch.setattr(f"shared.llm.providers.{module}.CONNECT_TIMEOUT", 0.2)
    with deaf() as url:
        provider = BUILD[name](url)
        async with asyncio.timeout(6):  # importing an SDK may take most of it
            heard = await hear(provider, ask("m"), stream=stream)
        await provider.close()
    assert heard.error is not None
    assert heard.error.failure is Failure.CONNECTION


def test_a_failure_being_handled_meanwhile_is_not_taken_for_ours() -> None:
    """The gateway asks the next model while it handles the last one's failure, which Python then shows as context."""
    mine = ValueError("not JSON")
    mine.__context__ = aiohttp.ClientConnectionError("the model before")
    with pytest.raises(ProviderError) as caught, translated(Exchange()):
        raise mine
    assert caught.value.failure is Failure.MALFORMED


def test_t46_nothing_stands_behind_a_translated_error() -> None:
    with pytest.raises(ProviderError) as caught, translated(Exchange(), "canary"):
        raise ValueError("canary")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "canary" not in str(caught.value)


def test_a_connection_lost_after_the_finish_is_no_error() -> None:
    exchange = Exchange()
    exchange.begun = True
    with translated(exchange):
        exchange.tally.take("all of it", "stop")
        raise aiohttp.ClientPayloadError("late")
