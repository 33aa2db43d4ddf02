"""`python -m scripts.benchmarks.upstream --port 9200`: an OpenAI-format model server that costs next to nothing.

So that what is measured in front of it is the product and not the fake: no framework, answers built once. A word
`fake-<N>ms` anywhere in the request's body is the latency before the answer, `fake-<N>ms-pace<M>ms` also spreads a
stream's words M ms apart. Every answer has 12 words and a usage report. GET /__stats counts the requests so far.
"""

import argparse
import asyncio
import json
import re
from typing import cast

TEXT = ("Paris", " is", " the", " capital", " of", " France", ",", " on", " the", " river", " Seine", ".")
_USAGE = {"prompt_tokens": 400, "completion_tokens": len(TEXT), "total_tokens": 400 + len(TEXT)}
_FAKE = re.compile(rb"fake-(\d{1,5})ms(?:-pace(\d{1,5})ms)?")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM = re.compile(rb'"stream": ?true')
_MOST_BYTES = 4 * 2**20  # of a request that is not complete


def _head(kind: str) -> dict[str, object]:
    return {"id": "chatcmpl-bench", "object": kind, "created": 1_760_000_000, "model": "bench"}


def _whole(kind: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)


def _frame(delta: dict[str, str] | None, finish: str | None = None) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    usage = {"usage": _USAGE} if delta is None else {}
    event = b"data: %b\n\n" % json.dumps(_head("chat.completion.chunk") | {"choices": choices} | usage).encode()
    return _chunk(event)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_MESSAGE = {"index": 0, "message": {"role": "assistant", "content": "".join(TEXT)}, "finish_reason": "stop"}
JSON_ANSWER = _whole(
    b"application/json",
    json.dumps(_head("chat.completion") | {"choices": [_MESSAGE], "usage": _USAGE}).encode(),
)
MODELS = _whole(b"application/json", b'{"object":"list","data":[{"id":"bench","object":"model"}]}')
OPENING = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FRAMES = [_frame({"content": word}) for word in TEXT]
CLOSING = _frame({}, "stop") + _frame(None) + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
STREAMED = OPENING + b"".join(FRAMES) + CLOSING


class Counter:
    """Requests of all connections."""

    requests = 0


class Connection(asyncio.Protocol):
    """One client; its requests are answered in turn."""

    def __init__(self, loop: asyncio.AbstractEventLoop, counter: Counter) -> None:
        self._loop = loop
        self._counter = counter
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client: a timer that is still running finds nobody to write to."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._buffer = self._buffer + data if self._buffer else data
        while not self._answering and self._transport is not None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                break
            found = _LENGTH.search(self._buffer, 0, end + 2)
            size = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < size:
                break
            request, self._buffer = self._buffer[:size], self._buffer[size:]
            self._answer(request, end + 4)
        if len(self._buffer) > _MOST_BYTES and self._transport is not None:
            self._transport.abort()

    def _answer(self, request: bytes, body: int) -> None:
        if request.startswith(b"GET /__stats"):
            return self._write(_whole(b"application/json", b'{"requests":%d}' % self._counter.requests))
        if request.startswith(b"GET "):
            return self._write(MODELS)
        self._counter.requests += 1
        fault = _FAKE.search(request, body)
        streamed = _STREAM.search(request, body) is not None
        latency = int(fault[1]) / 1000 if fault else 0.0
        pace = int(fault[2]) / 1000 if fault and fault[2] else 0.0
        if streamed and pace:
            self._answering = True
            self._loop.call_later(latency, self._word, 0, pace)
        elif latency:
            self._answering = True
            self._loop.call_later(latency, self._late, STREAMED if streamed else JSON_ANSWER)
        else:
            self._write(STREAMED if streamed else JSON_ANSWER)
        return None

    def _late(self, answer: bytes) -> None:
        self._write(answer)
        self._next()

    def _word(self, index: int, pace: float) -> None:
        opening = OPENING if index == 0 else b""
        if index < len(FRAMES):
            self._write(opening + FRAMES[index])
            self._loop.call_later(pace, self._word, index + 1, pace)
        else:
            self._write(CLOSING)
            self._next()

    def _next(self) -> None:
        self._answering = False
        self.data_received(b"")

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


async def serve(port: int) -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    loop = asyncio.get_running_loop()
    counter = Counter()
    server = await loop.create_server(lambda: Connection(loop, counter), "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Run the server."""
    import uvloop

    parser = argparse.ArgumentParser(prog="upstream", description="A model server that costs next to nothing.")
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
