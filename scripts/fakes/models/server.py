"""The server: three wire formats at one address, scripts, counts."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from scripts.fakes.models.anthropic import AnthropicWire
from scripts.fakes.models.exchange import Ask, BadAskError, NoKeyError, Problem, Wire, plan
from scripts.fakes.models.faults import Fault, UnknownFaultError, choose
from scripts.fakes.models.gemini import GeminiWire
from scripts.fakes.models.openai import OpenAIWire
from scripts.fakes.models.play import Play
from scripts.fakes.models.record import Call, Record, Step, fingerprint, kept_body, redact

_BODY_LIMIT = 32 * 1024 * 1024
_CLOSE_SECONDS = 0.05


class FakeModels:
    """A model server that fails on demand. `async with FakeModels() as fake:` listens on 127.0.0.1 and a free port.

    `models` are the names that the lists of models give; any other name is answered as well. `keepalive` is the time in
    seconds between keep-alives of a silent answer. `clock` gives the time of calls and answers in seconds.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        models: Iterable[str] = ("fake-ok",),
        keepalive: float = 0.2,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._port = port
        self._models = tuple(models)
        self._keepalive = keepalive
        self._clock = clock
        self._record = Record()
        self._runner: web.AppRunner | None = None
        self._closing = False

    # ------------------------------------------------------------------ what tests look at

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    @property
    def openai_url(self) -> str:
        """Base URL for the OpenAI SDK."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """Base URL for the Anthropic SDK."""
        return self.url

    @property
    def gemini_url(self) -> str:
        """Base URL for the google-genai SDK."""
        return self.url

    @property
    def calls(self) -> list[Call]:
        """The last 1,000 calls to models, oldest first."""
        return list(self._record.calls)

    @property
    def open(self) -> int:
        """Answers being given now."""
        return self._record.open

    @property
    def closed_early(self) -> int:
        """Answers that the client left before they were over."""
        return self._record.closed_early

    @property
    def tokens_sent(self) -> int:
        """Tokens (pieces) sent so far."""
        return self._record.tokens_sent

    def count(self, model: str | None = None) -> int:
        """Calls so far, of one model or of all."""
        return self._record.requests if model is None else self._record.by_model[model]

    def script(self, model: str, steps: Iterable[str | Mapping[str, Any]]) -> None:
        """The next calls of `model` ("*": of any model without a script) take these in turn, then its own behaviour.

        A step is a fault word (`err500`, `n60-cut40`) or `{"fault": "ok", "text": "what to answer"}`. Raises UnknownFaultError.
        """
        self._record.script(model, steps)

    def wake(self, model: str) -> None:
        """End the cold start of a `coldNs` model now; those who wait are answered."""
        self._record.wake(model)

    def reset(self) -> None:
        """Forget calls, counts, scripts and who is awake."""
        self._record.reset()

    # ------------------------------------------------------------------ running

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_post("/__script", self._serve_script)
        app.router.add_get("/__stats", self._serve_stats)
        app.router.add_get("/__calls", self._serve_calls)
        app.router.add_post("/__reset", self._serve_reset)
        app.router.add_get("/health", self._serve_health)
        app.router.add_get("/{path:.*}models", self._serve_models)
        app.router.add_post("/{path:.*}", self._serve_model)
        # handler_cancellation: a client that leaves is noticed at once, not at the next write.
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=_CLOSE_SECONDS, access_log=None, keepalive_timeout=60
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        if self._runner is not None:
            await self._runner.cleanup()

    # ------------------------------------------------------------------ models

    async def _serve_model(self, request: web.Request) -> web.StreamResponse:
        wire = _wire_of(request.path)
        if wire is None:
            return web.json_response({"error": {"message": f"no such path: {request.path}"}}, status=404)
        self._record.requests += 1
        number = self._record.requests
        raw = await request.read()
        try:
            body = json.loads(raw)
            ask = wire.read(request.path, request.query, request.headers, body if isinstance(body, dict) else {})
        except (json.JSONDecodeError, UnicodeDecodeError, BadAskError, NoKeyError) as error:
            self._note(request, wire, number, Ask("(unread)", "", 0), kept_body({"unread": str(error)}, 0))
            return _refuse(wire, error)
        self._note(request, wire, number, ask, kept_body(body, len(raw)))
        step = self._record.next_step(ask.model) or Step(choose(ask.model, ask.user))
        answer = plan(ask, step.fault, number=number, created=int(self._clock()), text=step.text)
        play = Play(request, wire, ask, step.fault, answer, self._record, number, self._keepalive)
        return await self._run(play)

    async def _run(self, play: Play) -> web.StreamResponse:
        self._record.open += 1
        try:
            return await play.run()
        except (asyncio.CancelledError, ConnectionError):
            if not self._closing:
                self._record.closed_early += 1
            raise
        finally:
            self._record.open -= 1

    def _note(self, request: web.Request, wire: Wire, number: int, ask: Ask, body: dict[str, Any]) -> None:
        headers = redact(request.headers)
        if key := request.query.get("key"):
            headers["?key"] = fingerprint(key)
        self._record.note(Call(number, self._clock(), wire.name, request.path, ask.model, ask.stream, headers, body))

    async def _serve_models(self, request: web.Request) -> web.Response:
        """The list of models, in the format whose habits the request shows."""
        if "anthropic-version" in request.headers:
            data = [
                {"type": "model", "id": one, "display_name": one, "created_at": "2026-01-01T00:00:00Z"}
                for one in self._models
            ]
            return web.json_response({"data": data, "has_more": False, "first_id": None, "last_id": None})
        if "v1beta" in request.path:
            return web.json_response(
                {"models": [{"name": f"models/{one}", "displayName": one} for one in self._models]}
            )
        listed = [{"id": one, "object": "model", "created": 0, "owned_by": "fake"} for one in self._models]
        return web.json_response({"object": "list", "data": listed})

    # ------------------------------------------------------------------ control

    async def _serve_script(self, request: web.Request) -> web.Response:
        try:
            wanted = await request.json()
            self.script(str(wanted["model"]), list(wanted["faults"]))
        except (json.JSONDecodeError, UnknownFaultError, KeyError, TypeError) as error:
            return web.json_response({"error": {"message": str(error)}}, status=400)
        return web.json_response({"ok": True})

    async def _serve_stats(self, request: web.Request) -> web.Response:
        return web.json_response(self._record.stats())

    async def _serve_calls(self, request: web.Request) -> web.Response:
        limit = request.query.get("limit", "100")
        kept = self.calls[-int(limit) :] if limit.isdecimal() and int(limit) else []
        return web.json_response({"calls": [call.public() for call in kept]})

    async def _serve_reset(self, request: web.Request) -> web.Response:
        self.reset()
        return web.json_response({"ok": True})

    async def _serve_health(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True})


def _wire_of(path: str) -> Wire | None:
    if path.endswith("/chat/completions"):
        return OpenAIWire()
    if path.endswith("/v1/messages"):
        return AnthropicWire()
    if path.endswith((":generateContent", ":streamGenerateContent")):
        return GeminiWire()
    return None


def _refuse(wire: Wire, error: Exception) -> web.Response:
    """A request that the vendor would refuse whatever the model."""
    fault = Fault(cause="auth") if isinstance(error, NoKeyError) else Fault(status=400)
    problem: Problem = wire.problem(fault, Ask("", "", 0), str(error))
    return web.json_response(problem.body, status=problem.status)
