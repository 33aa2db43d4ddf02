"""A running ops function, with what its tests need to talk to it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import uvicorn

from functions import ops
from shared.coordination.local import LocalCoordination
from shared.errors import StoreError
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime
from shared.store.sqlite import SQLiteStore

AUDIENCE, ACCOUNT = "https://ops.example.test", "scheduler@lyo-test.iam.gserviceaccount.com"


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(ops.edge.app, interface="asgi3", lifespan="off", log_level="error"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task
    listener.close()


@dataclass
class Answer:
    status: int
    body: Any
    text: str
    headers: Mapping[str, str]


@dataclass
class Site:
    """A running ops function and its tokens."""

    url: str
    session: aiohttp.ClientSession
    runtime: Runtime
    service_token: str

    def token(self, role: str, sub: str = "u1") -> str:
        if role == "service":
            return self.service_token
        return mint(read_or_create_secret(self.runtime.settings.data_dir), sub, role, 600)  # type: ignore[arg-type]

    async def ask(self, method: str, path: str, role: str | None = None, body: Any = None, token: str = "") -> Answer:
        token = token or (self.token(role) if role else "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
            text = await answer.text()
            is_json = "json" in answer.content_type
            return Answer(
                answer.status, await answer.json(content_type=None) if is_json else None, text, answer.headers
            )


class Counting(SQLiteStore):
    """The embedded store, counting its reads."""

    reads = 0

    async def get(self, kind: Any, id: str) -> Any:  # noqa: A002 - the protocol's own name
        self.reads += 1
        return await super().get(kind, id)


class Unreadable(LocalCoordination):
    """The embedded store, whose totals cannot be read."""

    async def totals(self, prefix: str) -> Mapping[str, float]:
        raise StoreError(f"canary detail {prefix}")
