"""Idempotency keys when things go wrong: failing stores, owners that end badly, runs after one another."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from shared.coordination.local import LocalCoordination
from shared.errors import StoreError
from shared.llm.stop import Stop
from shared.runtime import Runtime
from shared.settings import Settings
from shared.web.exchange import Exchanges, Ticket
from shared.web.live import Live
from shared.web.replay import Elsewhere, Key
from shared.web.sse import EventStream

KEY = Key.of("u1", "POST /x", "k", b"{}")


class Flaky(LocalCoordination):
    """The real coordination, with appends that fail when told to."""

    failing = 0

    async def append(self, log: str, items: Sequence[bytes], ttl: float) -> None:
        """Fail first, then work."""
        if self.failing:
            self.failing -= 1
            raise StoreError("told to fail")
        await super().append(log, items, ttl)


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    made = Runtime(Settings(auth_mode="local", data_dir=tmp_path))
    yield made
    await made.close()


def instance(runtime: Runtime, name: str, coordination: Any = None) -> Exchanges:
    return Exchanges(runtime.store, coordination or runtime.coordination, runtime.clock, name)


def live_of(ticket: Ticket) -> Live:
    live = Live("m1", "u1", Stop(), keyed=True, seal=ticket.seal)
    ticket.frames = live.frames
    return live


async def read(response: Response) -> bytes:
    assert isinstance(response, EventStream)
    return b"".join([part async for part in response.source.read(0)])


async def test_a_second_run_does_not_continue_the_log_of_a_failed_one(runtime: Runtime) -> None:
    a, b = instance(runtime, "a"), instance(runtime, "b")

    async def broken(ticket: Ticket) -> Response:
        live = live_of(ticket)
        live.publish("delta", {"text": "old"})
        await live.end("error", {"code": "interrupted"})
        return EventStream(live)

    async def good(ticket: Ticket) -> Response:
        live = live_of(ticket)
        live.publish("delta", {"text": "new"})
        asyncio.get_running_loop().call_later(0.4, lambda: asyncio.ensure_future(live.end("done", {})))
        return EventStream(live)

    assert b"old" in await read(await a.run(KEY, 0, True, broken))
    await asyncio.sleep(0.1)
    owner = await a.run(KEY, 0, True, good)
    await asyncio.sleep(0.1)
    elsewhere = await b.run(KEY, 0, True, broken)
    assert isinstance(elsewhere, EventStream)
    assert isinstance(elsewhere.source, Elsewhere)
    assert await read(elsewhere) == await read(owner)
    assert b"old" not in await read(owner)


async def test_frames_whose_logging_failed_are_logged_again(runtime: Runtime) -> None:
    flaky = Flaky(runtime.database)
    a, b = instance(runtime, "a", flaky), instance(runtime, "b")
    begun = asyncio.Event()

    async def handle(ticket: Ticket) -> Response:
        live = live_of(ticket)
        live.publish("meta", {})
        flaky.failing = 2

        async def fill() -> None:
            for number in range(5):
                await asyncio.sleep(0.1)
                live.publish("delta", {"text": str(number)})
            await live.end("done", {})

        live.task = asyncio.ensure_future(fill())  # type: ignore[attr-defined]
        begun.set()
        return EventStream(live)

    owner = await a.run(KEY, 0, True, handle)
    await begun.wait()
    assert await read(await b.run(KEY, 0, True, handle)) == await read(owner)


async def test_an_error_is_shown_even_when_it_cannot_be_logged(runtime: Runtime) -> None:
    flaky = Flaky(runtime.database)

    async def handle(ticket: Ticket) -> Response:
        live = live_of(ticket)
        live.publish("delta", {"text": "x"})
        flaky.failing = 1_000
        await live.end("error", {"code": "interrupted"})
        return EventStream(live)

    async with asyncio.timeout(2):
        assert b"event: error" in await read(await instance(runtime, "a", flaky).run(KEY, 0, True, handle))


async def test_a_finished_key_is_not_run_again_by_who_claims_it_late(runtime: Runtime) -> None:
    runs = []

    async def handle(_: Ticket) -> Response:
        runs.append(1)
        return Response(b"{}", media_type="application/json")

    class Late(Exchanges):
        """Looks before the first owner has finished, and claims after."""

        looked = False

        async def _finished(self, key: Key) -> Any:
            found = await super()._finished(key)
            if not self.looked:
                self.looked = True
                await instance(runtime, "first").run(key, 0, False, handle)
                return None
            return found

    late = Late(runtime.store, runtime.coordination, runtime.clock, "late")
    assert (await late.run(KEY, 0, False, handle)).body == b"{}"
    assert runs == [1]


async def test_a_json_caller_waits_for_the_end_of_a_running_stream(runtime: Runtime) -> None:
    exchanges = instance(runtime, "a")

    async def handle(ticket: Ticket) -> Response:
        live = live_of(ticket)
        live.publish("meta", {})
        asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(live.end("done", {"text": "all"})))
        return EventStream(live)

    await exchanges.run(KEY, 0, True, handle)
    answer = await exchanges.run(KEY, 0, False, handle)
    assert answer.body == b'{"text":"all"}'
