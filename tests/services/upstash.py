"""Upstash's REST API in front of a Redis server, as `python -m tests.services.upstash --port N --redis-port N --token T`.

    POST /  /pipeline  /multi-exec     commands as JSON; strings in base64 on request, as Upstash's own client asks
    GET /_count                        {"requests": …, "commands": …} so far; these two paths are not counted
    POST /_fault                       what goes wrong from now on, {} for nothing (see `Fault`)

It keeps what the real one promises and no more: a command is atomic, a pipeline is not, and an error in it is that command's.
"""

import argparse
import asyncio
import atexit
import contextlib
import ctypes
import functools
import json
import signal
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.processes import ROOT, environment, fetch, free_port, serving
from tests.services.redis import RedisServer

TOKEN = "rest-token"


@dataclass
class Fault:
    """What goes wrong with the next `times` requests (-1: with all)."""

    kind: str = ""
    """hang (for `seconds`, then nothing was done) · status · garbage · drop (nothing was done) · lost (done, but the
    answer breaks off) · short (the last answer of a pipeline is missing) · odd (every result is {"odd": 1})."""
    seconds: float = 5.0
    status: int = 500
    times: int = -1
    deny: list[str] = field(default_factory=list)
    """Commands that are refused by name, whatever else."""


class Rest:
    """The handlers, over one connection pool."""

    def __init__(self, redis_port: int, token: str) -> None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self._redis = Redis(port=redis_port, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=5)
        self._redis.response_callbacks.clear()  # as Redis answered, not as Python would like it
        self._token = token
        self._fault = Fault()
        self._counts = {"requests": 0, "commands": 0}

    def app(self) -> Starlette:
        """The ASGI application."""
        ours = [Route("/_count", self._count), Route("/_fault", self._break, methods=["POST"])]
        return Starlette(routes=[*ours, Route("/{kind:path}", self._serve, methods=["POST"])])

    async def _count(self, _: Request) -> Response:
        return JSONResponse(self._counts)

    async def _break(self, request: Request) -> Response:
        self._fault = Fault(**await request.json())
        return JSONResponse({})

    async def _serve(self, request: Request) -> Response:
        self._counts["requests"] += 1
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return JSONResponse({"error": "WRONGPASS invalid or missing auth token"}, 401)
        fault, kind = self._fault, self._fault.kind
        if kind and fault.times:
            fault.times -= 1
        else:
            kind = ""
        if kind == "hang":
            await asyncio.sleep(fault.seconds)
        if kind in ("hang", "drop"):
            return _broken()
        if kind == "status":
            return JSONResponse({"error": "ERR told to fail"}, fault.status)
        if kind == "garbage":
            return Response(b"<html>[{", media_type="text/html")
        sent: Any = await request.json()
        single = request.path_params["kind"] == ""
        commands: list[Any] = [sent] if single else sent
        if not commands or not all(isinstance(command, list) and command for command in commands):
            return JSONResponse({"error": "ERR failed to parse command"}, 400)
        self._counts["commands"] += len(commands)
        base64 = request.headers.get("upstash-encoding") == "base64"
        answers = [_said(a, base64) for a in await self._run(commands, request.path_params["kind"] == "multi-exec")]
        if kind == "lost":
            return _broken()
        if kind == "odd":
            answers = [{"result": {"odd": 1}} for _ in answers]
        if single:
            return JSONResponse(answers[0], 400 if "error" in answers[0] else 200)
        return JSONResponse(answers[:-1] if kind == "short" else answers)

    async def _run(self, commands: list[list[Any]], transaction: bool) -> list[Any]:
        from redis.exceptions import RedisError

        answers: list[Any] = [None] * len(commands)
        allowed = []
        for position, command in enumerate(commands):
            if str(command[0]).upper() in self._fault.deny:
                answers[position] = PermissionError(f"NOPERM this user has no permissions to run '{command[0]}'")
            else:
                allowed.append(position)
        try:
            async with self._redis.pipeline(transaction=transaction) as pipeline:
                for position in allowed:
                    pipeline.execute_command(*commands[position])
                found = await pipeline.execute(raise_on_error=False)
        except RedisError as error:
            found = [error] * len(allowed)
        for position, answer in zip(allowed, found, strict=True):
            answers[position] = answer
        return answers


def _broken() -> Response:
    """An answer that breaks off: the connection is closed in its middle."""

    async def body() -> Any:
        yield b'{"re'

    return StreamingResponse(body(), headers={"content-length": "1000"})


def _said(answer: Any, base64: bool) -> dict[str, Any]:
    if isinstance(answer, Exception):
        text = str(answer)
        return {"error": text if text.partition(" ")[0].isupper() else f"{_code(answer)} {text}"}
    return {"result": _plain(answer, base64)}


def _code(error: Exception) -> str:
    """The word that redis-py has taken off the server's message."""
    return {"NoScriptError": "NOSCRIPT"}.get(type(error).__name__, "ERR")


def _plain(value: Any, base64: bool) -> Any:
    if isinstance(value, bytes):
        text = value.decode("utf-8", "replace")
        return text if text == "OK" or not base64 else b64encode(value).decode()
    return [_plain(item, base64) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Upstash:
    """A running REST server and the Redis behind it."""

    url: str
    redis: RedisServer
    token: str = TOKEN

    def fault(self, kind: str = "", **more: object) -> None:
        """What goes wrong from now on; nothing without arguments."""
        body = json.dumps({"kind": kind, **more}).encode()
        assert fetch(f"{self.url}/_fault", method="POST", body=body).status == 200

    def count(self) -> Mapping[str, int]:
        """Requests and commands so far."""
        counts: dict[str, int] = json.loads(fetch(f"{self.url}/_count").body)
        return counts


@contextlib.contextmanager
def upstash(folder: Path) -> Iterator[Upstash]:
    """A Redis of its own under a REST server of its own."""
    redis = RedisServer(folder)
    redis.start()
    port = free_port()
    ports = ["--port", str(port), "--redis-port", str(redis.port), "--token", TOKEN]
    command = [sys.executable, "-m", "tests.services.upstash", *ports]
    try:
        with serving(command, port=port, cwd=ROOT, env=environment()) as server:
            yield Upstash(server.url, redis)
    finally:
        redis.stop()


@functools.cache
def shared() -> Upstash:
    """One for the whole test process, ended with it; whoever uses it takes a namespace of its own."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="redis-"))
    return stack.enter_context(upstash(Path(folder)))


def main() -> None:
    """Serve until it is ended."""
    import uvicorn

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis-port", type=int, required=True)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    if sys.platform == "linux":  # it ends with the tests also when they are killed (PR_SET_PDEATHSIG)
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    app = Rest(given.redis_port, given.token).app()
    # What hangs on demand must not keep it from ending.
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
