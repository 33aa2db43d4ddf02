"""A running ops function, with what its tests need to talk to it."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import uvicorn

from functions import ops
from shared import runtime as runtimes
from shared.coordination.local import LocalCoordination
from shared.errors import StoreError
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime
from shared.store.sqlite import SQLiteStore
from tests.identity.issuing import key_server, rs256, service_claims

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


async def opened(stack: contextlib.AsyncExitStack, make: Callable[..., Runtime]) -> Site:
    """Serve ops until the stack ends, over the runtime that `make` gives for settings which trust our service account."""
    issuer = await stack.enter_async_context(key_server())
    now = make(service_audience=AUDIENCE, service_accounts=ACCOUNT, google_jwks_url=issuer.url)
    stack.enter_context(runtimes.override(now))
    url = await stack.enter_async_context(serving())
    session = await stack.enter_async_context(aiohttp.ClientSession())
    moment = int(time.time())
    claims = service_claims(aud=AUDIENCE, email=ACCOUNT, iat=moment - 10, exp=moment + 600)
    return Site(url, session, now, rs256(claims))


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
