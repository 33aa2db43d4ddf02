"""The load generator counts what it should, against the suite's own upstream and against one that breaks answers off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scripts.benchmarks.client import Load
from scripts.benchmarks.load import drive
from scripts.benchmarks.upstream import TEXT, Connection, Counter

CHAT = "/v1/chat/completions"
Writer = asyncio.StreamWriter


@asynccontextmanager
async def upstream() -> AsyncIterator[tuple[int, Counter]]:
    loop, counter = asyncio.get_running_loop(), Counter()
    server = await loop.create_server(lambda: Connection(loop, counter), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], counter


@asynccontextmanager
async def answering(answer: Callable[[Writer], Awaitable[None]]) -> AsyncIterator[int]:
    """A server that reads a request's head and body and then does `answer` and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await answer(writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def once(port: int, body: str = "{}", count: int = 3, **changes: Any) -> dict[str, Any]:
    return await drive(Load(port=port, path=CHAT, body=body, concurrency=count, seconds=10, once=True, **changes))


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        ('{"n":"{n}"}', "Seine."),
        ('{"stream":true,"n":"{n}"}', "[DONE]"),
        ('{"stream":true,"n":"fake-5ms-pace2ms {n}"}', "[DONE]"),
        ('{"n":"fake-5ms {n}"}', "Seine."),
    ],
)
async def test_whole_answers_are_counted(body: str, whole: str) -> None:
    async with upstream() as (port, counter):
        found = await once(port, body, count=5, whole=whole)
    assert (found["requests"], found["failed"], found["statuses"]) == (5, 0, {"200": 5})
    assert counter.requests == 5


async def test_an_answer_without_the_text_of_a_whole_one_has_failed() -> None:
    async with upstream() as (port, _):
        found = await once(port, whole='"degraded":false')
    assert (found["requests"], found["failed"], found["p50"]) == (0, 3, None)


async def test_streams_that_are_open_together_are_counted() -> None:
    async with upstream() as (port, _):
        found = await once(port, '{"stream":true,"n":"fake-5ms-pace20ms"}', count=20, whole="[DONE]")
    assert (found["requests"], found["open_most"]) == (20, 20)
    assert found["first_p50"] < found["p50"]


async def test_another_status_has_failed() -> None:
    async def refuse(writer: Writer) -> None:
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno")

    async with answering(refuse) as port:
        found = await once(port)
    assert (found["failed"], found["statuses"]) == (3, {"503": 3})


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
async def test_an_answer_that_breaks_off_has_failed(begun: bytes) -> None:
    async def break_off(writer: Writer) -> None:
        writer.write(begun)

    async with answering(break_off) as port:
        found = await once(port)
    assert (found["requests"], found["failed"], found["statuses"]) == (0, 3, {"cut off": 3})


async def test_an_answer_that_never_ends_has_failed_when_the_time_is_over() -> None:
    async def hang(writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await asyncio.sleep(0.5)

    async with answering(hang) as port:
        found = await drive(Load(port=port, path=CHAT, body="{}", concurrency=2, seconds=0.1, once=True))
        await asyncio.sleep(0.5)
    assert (found["requests"], found["failed"]) == (0, 2)


async def test_the_loop_goes_on_until_its_time_and_numbers_every_request() -> None:
    seen: set[bytes] = set()

    class Noting(Connection):
        def _answer(self, request: bytes, body: int) -> None:
            seen.add(request[body:])
            super()._answer(request, body)

    loop, counter = asyncio.get_running_loop(), Counter()
    server = await loop.create_server(lambda: Noting(loop, counter), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        load = Load(port=port, path=CHAT, body='{"n":{n}}', concurrency=2, seconds=0.5, warm=0.1, first=1000)
        found = await drive(load)
    assert found["failed"] == 0
    assert 0 < found["requests"] <= counter.requests
    assert len(seen) == counter.requests  # no number was sent twice
    assert b'{"n":1001}' in seen


async def test_the_upstream_speaks_of_twelve_words_and_its_requests() -> None:
    async with upstream() as (port, _):
        await once(port, count=1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /__stats HTTP/1.1\r\n\r\n")
        stats = await reader.readuntil(b"}")
        writer.close()
        await writer.wait_closed()
    assert stats.endswith(b'{"requests":1}')
    assert len(TEXT) == 12


def test_a_load_survives_the_command_line() -> None:
    load = Load(port=1, path="/", body='{"message":"ü #{n}"}', concurrency=2, seconds=0.5, watch=(3, 4))
    assert Load.from_json(load.to_json()) == load
