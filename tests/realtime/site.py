"""Real servers with the socket, and a client of it: what an app would do."""

import asyncio
import contextlib
import json
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvicorn
from starlette.types import Receive, Scope, Send

from functions import mentor
from shared.identity.local import mint, read_or_create_secret
from shared.realtime.bounds import Bounds
from shared.realtime.serve import options
from shared.realtime.socket import Realtime
from shared.runtime import Runtime, override
from shared.web.edge import Edge
from tests.fakes.waiting import LONG

CHAT = "/api/v1/ai/mentor/chat"
Frame = dict[str, Any]


@dataclass
class Talk:
    """A client's connection."""

    ws: aiohttp.ClientWebSocketResponse
    heard: list[Frame] = field(default_factory=list)

    async def say(self, kind: str, **members: Any) -> None:
        """Send a frame."""
        await self.ws.send_str(json.dumps({"type": kind, **members}))

    async def hear(self, *kinds: str) -> Frame:
        """The next frame of one of these types (of any where none is named); AssertionError on another error or the close."""
        async with asyncio.timeout(LONG):
            while True:
                message = await self.ws.receive()
                assert message.type == aiohttp.WSMsgType.TEXT, (message, self.ws.close_code)
                frame: Frame = json.loads(message.data)
                self.heard.append(frame)
                if not kinds or frame["type"] in kinds:
                    return frame
                assert frame["type"] != "error", frame

    async def answer(self, chat: str) -> list[Frame]:
        """All frames of an answer up to its end (or refusal)."""
        found: list[Frame] = []
        while not found or found[-1]["type"] not in ("done", "error"):
            frame = await self.hear()
            if frame.get("chat") == chat:
                found.append(frame)
        return found

    async def chat(self, message: str, key: str = "", **more: Any) -> list[Frame]:
        """Say something, and hear the whole answer."""
        key = key or uuid.uuid4().hex
        await self.say("chat", id=key, message=message, **more)
        return await self.answer(key)

    async def closed(self) -> tuple[int | None, str]:
        """Wait for the other side's close: its code and word."""
        async with asyncio.timeout(LONG):
            while True:
                message = await self.ws.receive()
                if message.type == aiohttp.WSMsgType.TEXT:
                    self.heard.append(json.loads(message.data))
                    continue
                return self.ws.close_code, str(message.extra or "")


def text_of(frames: list[Frame]) -> str:
    """What was said in an answer's deltas."""
    return "".join(frame["data"]["text"] for frame in frames if frame["type"] == "delta")


@dataclass
class Site:
    """One instance: its address, its runtime and its application."""

    url: str
    runtime: Runtime
    app: Realtime
    session: aiohttp.ClientSession
    server: uvicorn.Server
    talks: list[Talk] = field(default_factory=list)

    def token(self, sub: str = "u1", role: str = "learner", seconds: float = 600) -> str:
        """A token of the local mode."""
        return mint(read_or_create_secret(self.runtime.settings.data_dir), sub, role, seconds)  # type: ignore[arg-type]

    async def connect(self, path: str = "/ws/u1", **more: Any) -> Talk:
        """A connection that has not signed in. Raises WSServerHandshakeError when it is refused."""
        made = Talk(await self.session.ws_connect(self.url + path, **more))
        self.talks.append(made)
        return made

    async def close(self) -> None:
        """End what the client has open."""
        for talk in self.talks:
            await talk.ws.close()
        await self.session.close()

    async def talk(self, sub: str = "u1", **more: Any) -> Talk:
        """A connection that has signed in, by header."""
        headers = {"Authorization": f"Bearer {self.token(sub)}"}
        made = await self.connect(f"/ws/{sub}", headers=headers, **more)
        assert (await made.hear())["type"] == "ready"
        return made

    async def refused(self, path: str = "/ws/u1", **more: Any) -> tuple[int, str]:
        """Status of a handshake that is refused, and its code (over plain HTTP of the same kind the client shows no body)."""
        try:
            await self.connect(path, **more)
        except aiohttp.WSServerHandshakeError as error:
            return error.status, error.message
        raise AssertionError("it was let in")

    async def post(self, body: Any, key: str = "", stream: bool = True) -> bytes:
        """A message over HTTP."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Accept": "text/event-stream"} if stream else {}
        async with self.session.post(self.url + CHAT, json=body, headers=headers) as answer:
            return await answer.read()


class Composed:
    """The socket and the mentor behind one address, as a load balancer has them."""

    def __init__(self, app: Realtime) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/mentor/" in scope["path"]:
            await mentor.edge.app(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@contextlib.asynccontextmanager
async def serving(app: Any, listener: socket.socket | None = None) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """Serve an application on a free port, as its container would."""
    bound = listener or socket.socket()
    bound.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, interface="asgi3", lifespan="off", log_level="critical", timeout_graceful_shutdown=5, **options()
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # pytest's own
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}", server
    finally:
        server.should_exit = True
        await task
        bound.close()


async def opened(
    stack: contextlib.AsyncExitStack,
    runtime: Runtime,
    bounds: Bounds | None = None,
    listener: socket.socket | None = None,
) -> Site:
    """One instance over this runtime, until the stack ends. HTTP goes to the runtime that was opened last."""
    app = Realtime(Edge("realtime", runtime=lambda: runtime), runtime=lambda: runtime, bounds=bounds)
    stack.enter_context(override(runtime))
    url, server = await stack.enter_async_context(serving(Composed(app), listener))
    site = Site(url, runtime, app, aiohttp.ClientSession(), server)
    stack.push_async_callback(site.close)
    return site
