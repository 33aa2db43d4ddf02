"""What vLLM's server does not do by itself, as ASGI middleware inside its process (`--middleware`): no extra hop.

- GET /health generates a token (health.py), and is 503 while draining.
- GET /metrics has the card's figures and the queue's behind vLLM's own.
- Work beyond what runs and may wait is refused at once with 429 and Retry-After, before anything of it is read.
- On SIGTERM new work is refused with 503, what is under way may end, then the engine is stopped in its own way.
"""

import asyncio
import json
import logging
import os
import signal
import time
from typing import Final

from gpu_service import log, settings
from gpu_service.gpu import Cards
from gpu_service.health import Health
from gpu_service.inner import App, Headers, Message, Receive, Scope, Send, answer, ask
from gpu_service.settings import Settings

_LOG = logging.getLogger("gpu_service")
RETRY_SECONDS: Final = 2
_JSON: Final = (b"content-type", b"application/json")
# POSTs that are done in a moment and hold no place in the engine.
_LIGHT: Final = frozenset({"/tokenize", "/detokenize", "/ping", "/v1/load_lora_adapter", "/v1/unload_lora_adapter"})
_ERROR: Final = b'data: {"error"'


class Front:
    """The middleware. `read` is for tests; the engine makes it with the application alone."""

    def __init__(self, app: App, read: Settings | None = None, cards: Cards | None = None) -> None:
        read = read or settings.load(os.environ)  # noqa: TID251 - an image of its own: shared/ is not in it
        places = read.max_num_seqs or 1
        waiting = max(4, places // 4) if read.max_queue is None else read.max_queue
        self._app = app
        self._room = places + waiting
        self._drain_seconds = read.drain_seconds
        self._project = read.gcp_project_id
        self._health = Health(app, read.served_model_name, limit=read.health_seconds, fresh=read.health_fresh_seconds)
        self._cards = cards or Cards()
        self._busy = 0  # places taken
        self._open = 0  # calls not quite over: their last bytes may still be on the way
        self._refused = {"full": 0, "draining": 0}
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._armed(send))
            return
        path, work = scope.get("path", ""), scope.get("method") == "POST" and scope.get("path") not in _LIGHT
        if path == "/health":
            await self._answer_health(scope, send)
        elif path == "/metrics":
            await self._answer_metrics(scope, send)
        elif self._draining and scope["type"] == "http":
            await self._refuse(send, 503, "draining", "the server is shutting down")
        elif work and self._busy >= self._room:
            await self._refuse(send, 429, "full", f"{self._busy} calls are running or waiting")
        elif work:
            await self._work(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    # ------------------------------------------------------------------------------------------ calls

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, count it, and write its line: never what was asked or said."""
        began, status, holds = time.monotonic(), 0, True

        async def noted(message: Message) -> None:
            nonlocal status, holds
            if message["type"] == "http.response.start":
                status = message["status"]
            body = message.get("body", b"")
            if body.startswith(_ERROR):
                status = 500  # an engine that died says so in its streams, under the 200 that was sent before
            elif body and status == 200:
                self._health.seen()
            if message["type"] == "http.response.body" and not message.get("more_body") and holds:
                # Before the last bytes go: a caller who has them comes again at once, and must find the place free.
                holds = False
                self._busy -= 1
            await send(message)

        self._busy += 1
        self._open += 1
        self._idle.clear()
        try:
            await self._app(scope, receive, noted)
        finally:
            self._busy -= holds
            self._open -= 1
            if not self._open:
                self._idle.set()
            taken = round((time.monotonic() - began) * 1000, 1)
            about = log.correlation(scope["headers"], self._project)
            log.event("gpu_service.answered", path=scope["path"], status=status, ms=taken, **about)

    async def _refuse(self, send: Send, status: int, why: str, text: str) -> None:
        self._refused[why] += 1
        headers: Headers = [_JSON, (b"retry-after", b"%d" % RETRY_SECONDS)]
        # While draining the connection goes as well: the next call then finds another instance.
        headers += [(b"connection", b"close")] if self._draining else []
        # OpenAI's form of an error, which the callers of this API read.
        await answer(
            send, status, json.dumps({"error": {"message": text, "type": why, "code": status}}).encode(), headers
        )

    # ------------------------------------------------------------------------------------------ what it says of itself

    async def _answer_health(self, scope: Scope, send: Send) -> None:
        reason = "draining" if self._draining else await self._health.check(scope)
        body = {"status": "unhealthy", "reason": reason} if reason else {"status": "healthy"}
        await answer(send, 503 if reason else 200, json.dumps(body).encode(), [_JSON, (b"cache-control", b"no-store")])

    async def _answer_metrics(self, scope: Scope, send: Send) -> None:
        plain = [
            pair for pair in scope["headers"] if pair[0] != b"accept-encoding"
        ]  # ours cannot follow compressed text
        status, headers, body = await ask(self._app, {**scope, "headers": plain}, b"")
        if status == 200:
            # The driver may take a moment; the event loop has streams to send.
            lines = [*await asyncio.to_thread(self._cards.lines), *self._lines(), ""]
            body = body.rstrip(b"\n") + b"\n" + "\n".join(lines).encode()
        await answer(send, status, body, [pair for pair in headers if pair[0].lower() != b"content-length"])

    def _lines(self) -> list[str]:
        return [
            "# HELP ai_gpu_service_in_flight Calls running or waiting here",
            "# TYPE ai_gpu_service_in_flight gauge",
            f"ai_gpu_service_in_flight {self._busy}",
            "# HELP ai_gpu_service_refused_total Calls refused without being read",
            "# TYPE ai_gpu_service_refused_total counter",
            *(f'ai_gpu_service_refused_total{{reason="{why}"}} {count}' for why, count in self._refused.items()),
        ]

    # ------------------------------------------------------------------------------------------ the end

    def _armed(self, send: Send) -> Send:
        """Take over SIGTERM once the server is up.

        vLLM sets one handler for SIGTERM and SIGINT, before its server starts. It stops the engine first, so that callers
        who come meanwhile get errors. SIGINT keeps that handler: it is how the drain here ends.
        """

        async def after(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)
            await send(message)

        return after

    def _terminate(self) -> None:
        if self._draining:  # asked twice: at once
            os.kill(os.getpid(), signal.SIGINT)
            return
        self._draining = True
        self._stopping = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        _LOG.info("gpu_service.draining", extra={"fields": {"in_flight": self._open, "seconds": self._drain_seconds}})
        try:
            await asyncio.wait_for(self._idle.wait(), self._drain_seconds)
        except TimeoutError:
            _LOG.warning("gpu_service.cut", extra={"fields": {"in_flight": self._open}})
        os.kill(os.getpid(), signal.SIGINT)
