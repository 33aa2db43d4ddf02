"""An engine's server in small, for the front to stand in: the routes it asks, signals as vLLM 0.32 takes them.

`python -m tests.gpu_service.engine PORT` serves it with the front, as a process that can be sent a signal.
"""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import uvicorn

from gpu_service.front import Front
from gpu_service.gpu import Cards
from gpu_service.inner import App, Message, Receive, Scope, Send
from gpu_service.settings import Settings, load

METRICS = b'# HELP vllm:num_requests_running Requests\nvllm:num_requests_running{model_name="tiny"} 0\n'
PIECE = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'


class Engine:
    """The application. `turn` gates every token, `over` the call's end after its last byte; `dead` is an engine that died."""

    def __init__(self) -> None:
        self.turn = asyncio.Event()
        self.turn.set()
        self.dead = False
        self.status = 200
        self.asked: list[dict[str, Any]] = []
        self.left = 0
        self.over = asyncio.Event()
        self.over.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["path"] == "/metrics":
            await _send(send, 200, METRICS, b"text/plain; version=0.0.4")
        elif scope["path"] == "/v1/chat/completions":
            await self._chat(receive, send)
        else:
            await _send(send, 200, b"{}")

    async def _chat(self, receive: Receive, send: Send) -> None:
        raw, more = b"", True
        while more:
            message = await receive()
            raw, more = raw + message["body"], message.get("more_body", False)
        body = json.loads(raw)
        self.asked.append(body)
        try:
            if body.get("stream"):
                await self._until_left(receive, self._stream(send, body["max_tokens"]))
            else:
                await self.turn.wait()
                answer = {"usage": {"completion_tokens": body["max_tokens"]}}
                await _send(send, self.status, json.dumps(answer).encode())
                await self.over.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise

    async def _until_left(self, receive: Receive, stream: Coroutine[Any, Any, None]) -> None:
        """As vLLM: the server does not cancel for a caller who left, so the application listens for it."""
        said, gone = asyncio.create_task(stream), asyncio.ensure_future(receive())
        await asyncio.wait({said, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (said, gone):
            task.cancel()
        await asyncio.gather(said, gone, return_exceptions=True)

    async def _stream(self, send: Send, pieces: int) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for _ in range(pieces):
            await self.turn.wait()
            piece = b'data: {"error": {"message": "EngineDeadError"}}\n\n' if self.dead else PIECE
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


async def _lifespan(receive: Receive, send: Send) -> None:
    for said in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{said}.complete"})


async def _send(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    start: Message = {"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def settings(**more: str) -> Settings:
    """The front's, for an engine with two places."""
    base = {"GPU_HARDWARE": "cpu", "GPU_MODEL": "gemma-4-e4b", "SERVED_MODEL_NAME": "tiny", "MAX_NUM_SEQS": "2"}
    return load({**base, **more})


class _Quiet(uvicorn.Server):
    """As vLLM's: signals are its launcher's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def served(engine: App, cards: Cards | None = None, **more: str) -> AsyncIterator[tuple[str, Front]]:
    """The front's address over a real server, and the front itself."""
    front = Front(engine, settings(**more), cards)
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Quiet(uvicorn.Config(front, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", front
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
        listening.close()


async def main(port: int, drain: str) -> None:
    """As vLLM's launcher: one handler for both signals, set before the server starts, which then stops it all."""
    server = _Quiet(uvicorn.Config(Front(Engine(), settings(DRAIN_SECONDS=drain)), port=port, log_config=None))
    stop = asyncio.Event()
    running = asyncio.create_task(server.serve())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.should_exit = server.force_exit = True
    await running
    print("stopped in order", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
