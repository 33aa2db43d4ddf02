"""Our own identity token from the metadata server, played by a server on a socket that asks for its header."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web

from shared.errors import Unavailable
from shared.identity.outbound import EARLY_SECONDS, IdentityTokens
from tests.identity.issuing import NOW, Clock, rs256, service_claims

AUDIENCE = "https://lyo-gpu-1.europe-west4.run.app"


@dataclass
class Metadata:
    """Answers as Google's does: 403 without its header, else a token for the audience asked for."""

    clock: Clock
    host: str = ""
    hits: int = 0
    status: int = 200
    body: str | None = None
    slowly: bool = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.hits += 1
        await asyncio.sleep(0)
        if request.headers.get("Metadata-Flavor") != "Google":
            return web.Response(status=403)
        now = int(self.clock.now)
        claims = service_claims(aud=request.query["audience"], iat=now, exp=now + 3600)
        token = self.body if self.body is not None else rs256(claims) + "\n"
        if not self.slowly:
            return web.Response(status=self.status, text=token)
        response = web.StreamResponse()
        await response.prepare(request)
        for half in (token[: len(token) // 2], token[len(token) // 2 :]):
            await response.write(half.encode())
            await asyncio.sleep(0.05)
        return response


@asynccontextmanager
async def metadata(clock: Clock) -> AsyncIterator[Metadata]:
    server = Metadata(clock)
    app = web.Application()
    app.router.add_get("/computeMetadata/v1/instance/service-accounts/default/identity", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.host = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def test_one_token_serves_many_calls_and_is_renewed_before_its_end(clock: Clock) -> None:
    async with metadata(clock) as server:
        tokens = IdentityTokens(AUDIENCE, server.host, clock)
        first = set(await asyncio.gather(*(tokens.header() for _ in range(20))))
        assert len(first) == 1
        assert first.pop().startswith("Bearer ey")
        clock.now = NOW + 3600 - EARLY_SECONDS - 1
        await tokens.header()
        assert server.hits == 1
        clock.now += 2
        await tokens.header()
        assert server.hits == 2


async def test_a_token_that_comes_in_two_pieces_is_kept_whole(clock: Clock) -> None:
    async with metadata(clock) as server:
        whole = await IdentityTokens(AUDIENCE, server.host, clock).header()
        server.slowly = True
        assert await IdentityTokens(AUDIENCE, server.host, clock).header() == whole


@pytest.mark.parametrize("body", ["", "no token", "a.b.c", "e30.e30.x"])
async def test_what_is_no_token_is_not_shown_to_anybody(clock: Clock, body: str) -> None:
    async with metadata(clock) as server:
        server.body = body
        with pytest.raises(Unavailable):
            await IdentityTokens(AUDIENCE, server.host, clock).header()


async def test_a_server_that_says_no_or_is_not_there(clock: Clock) -> None:
    async with metadata(clock) as server:
        server.status = 404
        with pytest.raises(Unavailable, match="404"):
            await IdentityTokens(AUDIENCE, server.host, clock).header()
    with pytest.raises(Unavailable, match="cannot be reached"):
        await IdentityTokens(AUDIENCE, server.host, clock).header()
