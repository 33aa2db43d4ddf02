"""A small edge with one route of every sort, and a server for it on a real socket."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import uvicorn
from pydantic import BaseModel, ConfigDict, Field, RootModel
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from shared.errors import ConfigurationError, Overloaded
from shared.identity.caller import Role
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import json_reply, reply


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Options(Closed):
    temperature: float = Field(default=0, ge=0, le=1)


class Question(Closed):
    message: str = Field(min_length=1, max_length=100)
    options: Options = Options()
    parts: list[Options] = []


class Event(Closed):
    event_id: str
    user_id: str


class Events(RootModel[Event | list[Event]]):
    pass


class Window(Closed):
    days: int = Field(default=30, ge=1, le=90)
    user_id: str | None = None


class Echo(BaseModel):
    """What was understood."""

    user_id: str
    said: str


class Shifted(Runtime):
    """A runtime whose clock can be put forward."""

    ahead = 0.0

    def clock(self) -> float:
        return time.time() + self.ahead


def sample(runtime: Runtime) -> Edge:
    """The edge. Its handlers say what they understood, or fail in a way of their own."""
    edge = Edge("sample", description="For tests.", runtime=lambda: runtime)

    @edge.post("/sample/ask", body=Question, reply=Echo, limit="model", streams=True)
    async def ask(call: Call, body: Question) -> Response:
        """Ask something."""
        return reply(Echo(user_id=call.caller.user_id, said=body.message))

    @edge.post("/sample/events", body=Events)
    async def events(call: Call, body: Events) -> Response:
        found = body.root if isinstance(body.root, list) else [body.root]
        return json_reply({"count": len(found)}, 202)

    @edge.get("/sample/report", query=Window)
    async def report(call: Call, query: Window) -> Response:
        return json_reply({"days": query.days})

    @edge.get("/sample/profile/{user_id}", reply=Echo)
    async def profile(call: Call, user_id: str) -> Response:
        return reply(Echo(user_id=call.caller.user_id, said=user_id))

    @edge.delete("/sample/profile/{user_id}")
    async def forget(call: Call, user_id: str) -> Response:
        return Response(status_code=204)

    @edge.get("/sample/profile/me")
    async def me(call: Call) -> Response:
        return json_reply({"me": call.caller.user_id, "ip": call.client_ip})

    @edge.post("/sample/clear", body=Options | None, role="admin")
    async def clear(call: Call, body: Options | None) -> Response:
        return json_reply({"cleared": body is None})

    @edge.post("/sample/tick", role=("service", "admin"))
    async def tick(call: Call) -> Response:
        return json_reply({"role": call.caller.role})

    @edge.get("/health", role=None)
    async def health(call: Call) -> Response:
        return json_reply({"status": "healthy"})

    @edge.get("/metrics", role="any", root=True)
    async def metrics(call: Call) -> Response:
        return Response("up 1\n", media_type="text/plain", headers={"Cache-Control": "public, max-age=5"})

    _failing(edge)
    return edge


def _failing(edge: Edge) -> None:
    @edge.post("/sample/fail/{how}", body=Question)
    async def fail(call: Call, body: Question, how: str) -> Response:
        faults: dict[str, Exception] = {
            "value": ValueError(f"{body.message} {call.header('authorization')}"),
            "configuration": ConfigurationError("OPENAI_API_KEY: sk-canary-0123456789"),
            "overloaded": Overloaded("Too much to do.", retry_after=2.2),
        }
        if how == "chain":
            try:
                raise faults["value"]
            except ValueError as error:
                raise RuntimeError(body.message) from error
        if how == "model":
            Question.model_validate({"message": body.message, "secret": call.header("authorization")})
        raise faults[how]

    @edge.get("/sample/broken")
    async def broken(call: Call) -> Response:
        async def pieces() -> Any:
            yield b"first"
            await asyncio.sleep(0.01)
            raise ValueError("-".join(("canary", "in", "a", "stream")))  # whole it would stand in the traceback

        return StreamingResponse(pieces())


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """Serve on a free port of 127.0.0.1; yields the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, lifespan="off", log_config=None, ws="none", proxy_headers=False, timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined,method-assign,unused-ignore]
        running = asyncio.create_task(_serve(server, listener))
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve(sockets=[listener])


@dataclass
class Site:
    """A served edge with a client."""

    url: str
    runtime: Shifted
    edge: Edge
    session: aiohttp.ClientSession

    def bearer(self, sub: str = "u1", role: Role = "learner") -> dict[str, str]:
        """Headers of somebody who signed in."""
        secret = read_or_create_secret(self.runtime.settings.data_dir)
        return {"Authorization": "Bearer " + mint(secret, sub, role, 600)}

    async def call(
        self,
        path: str,
        json: Any = None,
        *,
        method: str | None = None,
        sub: str | None = "u1",
        role: Role = "learner",
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> "Heard":
        """One request; POST when there is something to send. `sub` None sends no token."""
        chosen = method or ("GET" if json is None and data is None else "POST")
        sent = {**(self.bearer(sub, role) if sub is not None else {}), **(headers or {})}
        async with self.session.request(chosen, self.url + path, json=json, data=data, headers=sent) as answer:
            return Heard(answer.status, answer.headers.copy(), await answer.read())


@dataclass
class Heard:
    """An answer."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        import json

        return json.loads(self.body)
