"""An agent's function, served over a product: what the tests of curriculum and curation talk to."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from shared import runtime as runtimes
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime
from shared.web.edge import Edge
from tests.web.sample import serving


@dataclass
class Reply:
    """An answer over HTTP."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]


@dataclass
class Site:
    """A running function."""

    url: str
    session: aiohttp.ClientSession
    runtime: Runtime

    async def post(self, path: str, body: Any, user: str = "u1", key: str | None = None) -> Reply:
        """POST as a learner."""
        token = mint(read_or_create_secret(self.runtime.settings.data_dir), user, "learner", 600)
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        async with self.session.post(f"{self.url}/api/v1/ai{path}", json=body, headers=headers) as answer:
            return Reply(answer.status, await answer.json(content_type=None), answer.headers)


@contextlib.asynccontextmanager
async def open_site(edge: Edge, runtime: Runtime) -> AsyncIterator[Site]:
    """Serve the edge over that runtime."""
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(runtimes.override(runtime))
        url = await stack.enter_async_context(serving(edge.app))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Site(url, session, runtime)
