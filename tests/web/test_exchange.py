"""Idempotency keys when things go wrong: stores away, owners that stall or end badly, runs after one another."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.responses import Response

from shared.coordination.local import LocalCoordination
from shared.documents import Exchange
from shared.errors import Conflict, StoreError, Unavailable
from shared.llm.stop import Stop
from shared.store import Create, Put, Version, Write
from shared.store.sqlite import SQLiteStore
from shared.web.exchange import LEASE_SECONDS, Exchanges
from shared.web.live import Live, Lives
from shared.web.replay import Elsewhere, Key
from shared.web.sse import EventStream
from shared.web.stops import Stops
from shared.web.ticket import Ticket
from tests.fakes.waiting import LONG, eventually
from tests.product import Product
from tests.web.keyed import KEY, PLAIN, SLOW_STREAM, Away, Instance, frames, hold, read, use


class Flaky(LocalCoordination):
    """The real coordination, with appends that fail when told to, before or after they have happened."""

    failing = 0
    unheard = 0
    begun = False

    async def append(self, log: str, items: Sequence[bytes], ttl: float) -> None:
        """Fail first, then work."""
        if self.failing:
            self.failing -= 1
            raise StoreError("told to fail")
        await super().append(log, items, ttl)
        self.begun = True
        if self.unheard:
            self.unheard -= 1
            raise StoreError("told to fail afterwards")


# --- runs after one another, and readers elsewhere


async def test_a_second_run_does_not_continue_the_log_of_a_failed_one(anywhere: Product) -> None:
    runtime = anywhere.runtime()
    held, a, b = hold(runtime), Instance(runtime, "a"), Instance(anywhere.runtime(), "b")
    broken = await a.said("What is light? fake-n8-cut4-pace50ms", stream=True)
    assert b"event: error" in broken
    owner = asyncio.ensure_future(a.said(SLOW_STREAM, stream=True))
    await held.reached()
    elsewhere = await b.ask(SLOW_STREAM, stream=True)
    assert isinstance(elsewhere, EventStream)
    assert isinstance(elsewhere.source, Elsewhere)
    held.go.set()
    assert await read(elsewhere) == await owner
    assert frames(broken)[0] not in await owner


@pytest.mark.parametrize("how", ["failing", "unheard"])
async def test_frames_whose_logging_failed_are_logged_again_and_read_once(product: Product, how: str) -> None:
    runtime = product.runtime()
    flaky = Flaky(runtime.database)
    a, b = Instance(use(runtime, coordination=flaky), "a"), Instance(product.runtime(), "b")
    owner = asyncio.ensure_future(a.said(SLOW_STREAM, stream=True))
    await eventually(lambda: flaky.begun)
    setattr(flaky, how, 2)
    elsewhere = await b.ask(SLOW_STREAM, stream=True)
    assert isinstance(elsewhere, EventStream)
    assert isinstance(elsewhere.source, Elsewhere)
    assert await read(elsewhere) == await owner
    assert getattr(flaky, how) == 0


async def test_a_reader_elsewhere_gets_from_the_document_what_the_log_lacks(product: Product) -> None:
    runtime = product.runtime()
    flaky = Flaky(runtime.database)
    a, b = Instance(use(runtime, coordination=flaky), "a"), Instance(product.runtime(), "b")
    owner = asyncio.ensure_future(a.said(SLOW_STREAM, stream=True))
    await eventually(lambda: flaky.begun)
    elsewhere = await b.ask(SLOW_STREAM, stream=True)
    assert isinstance(elsewhere, EventStream)
    assert isinstance(elsewhere.source, Elsewhere)
    flaky.failing = 1_000
    async with asyncio.timeout(LONG):
        assert await read(elsewhere) == await owner


async def test_an_error_is_shown_even_when_it_cannot_be_logged(product: Product) -> None:
    runtime = product.runtime()
    flaky = Flaky(runtime.database)
    flaky.failing = 1_000
    async with asyncio.timeout(LONG):
        said = await Instance(use(runtime, coordination=flaky), "a").said("fake-n8-cut4-pace20ms", stream=True)
    assert b"event: error" in said


async def test_a_json_caller_waits_for_the_end_of_a_running_stream(anywhere: Product) -> None:
    runtime = anywhere.runtime()
    held, a, b = hold(runtime), Instance(runtime, "a"), Instance(anywhere.runtime(), "b")
    owner = asyncio.ensure_future(a.said(SLOW_STREAM, stream=True))
    await held.reached()
    waiting = asyncio.gather(a.said(SLOW_STREAM), b.said(SLOW_STREAM))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    held.go.set()
    answers = await waiting
    done = frames(await owner)[-1]
    assert answers[0] == answers[1]
    assert done.endswith(b"data: " + answers[0] + b"\n\n")
    assert len(anywhere.fake.calls) == 1


async def test_another_body_under_the_key_is_refused_while_it_runs_and_after(anywhere: Product) -> None:
    runtime = anywhere.runtime()
    held, a = hold(runtime), Instance(runtime, "a")
    owner = asyncio.ensure_future(a.said(PLAIN))
    await held.reached()
    other = Key(KEY.id, "another body")
    with pytest.raises(Conflict):
        await a.ask("Other", key=other)
    held.go.set()
    await owner
    with pytest.raises(Conflict):
        await a.ask("Other", key=other)


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("ahead", [0, 5])
async def test_an_answer_that_settles_nothing_leaves_the_key_free(anywhere: Product, status: int, ahead: float) -> None:
    exchanges = Instance(anywhere.runtime(), "a", ahead).exchanges
    runs: list[int] = []

    async def handle(_: Ticket) -> Response:
        runs.append(1)
        return Response(b"{}", status if len(runs) == 1 else 200, media_type="application/json")

    other = Key(KEY.id, "mended body")
    assert (await exchanges.run(KEY, 0, False, handle)).status_code == status
    assert (await exchanges.run(other, 0, False, handle)).status_code == 200
    assert (await exchanges.run(other, 0, False, handle)).status_code == 200
    assert len(runs) == 2


async def test_a_finished_key_is_not_run_again_by_who_claims_it_late(product: Product) -> None:
    runtime, runs = product.runtime(), []

    async def handle(_: Ticket) -> Response:
        runs.append(1)
        return Response(b"{}", media_type="application/json")

    class Late(SQLiteStore):
        """Between this instance's look and its claim the first owner finishes."""

        async def commit(self, *writes: Write) -> list[Version]:
            if isinstance(writes[0], Put) and not runs:
                await first.run(KEY, 0, False, handle)
            return await super().commit(*writes)

    dead = Exchange(id=KEY.id, fingerprint=KEY.fingerprint, run="x", instance="dead", lease_until=1, created_at=1)
    await runtime.store.commit(Create(dead))
    first = Instance(runtime, "first").exchanges
    late = Exchanges(Late(runtime.database), runtime.coordination, runtime.clock, "late")
    assert (await late.run(KEY, 0, False, handle)).body == b"{}"
    assert runs == [1]


async def test_whoever_comes_back_after_a_broken_stream_begins_anew_at_once_elsewhere_too(anywhere: Product) -> None:
    a, b = Instance(anywhere.runtime(), "a"), Instance(anywhere.runtime(), "b")
    assert b"event: error" in await a.said("What is light? fake-n8-cut4-pace50ms", stream=True)
    async with asyncio.timeout(LEASE_SECONDS / 2):
        assert b"event: done" in await b.said("What is light?", stream=True)


# --- coordination away


@pytest.mark.parametrize("stream", [False, True])
async def test_keys_hold_while_coordination_is_away(anywhere: Product, stream: bool) -> None:
    message = SLOW_STREAM if stream else PLAIN
    here, there = (use(anywhere.runtime(), coordination=Away()) for _ in range(2))
    held, a, b = hold(here), Instance(here, "a"), Instance(there, "b")
    first = asyncio.ensure_future(a.said(message, stream=stream))
    await held.reached()
    waiting = asyncio.gather(b.said(message, stream=stream), a.said(message, stream=stream))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    held.go.set()
    answers = await waiting
    assert {await first} == set(answers)
    assert await b.said(message, stream=stream) == answers[0]
    assert len(anywhere.fake.calls) == 1
    if stream:
        assert b"event: done" in answers[0]


async def test_a_stop_without_coordination_works_here_and_is_unavailable_for_elsewhere() -> None:
    lives = Lives()
    stops = Stops(lives, Away())
    live = Live("m1", "u1", Stop(), keyed=True)
    ended = asyncio.Event()
    lives.start(live, ended.wait)  # type: ignore[arg-type]
    assert await stops.stop("m1", "u1")
    assert live.stop.reason == "stopped"
    with pytest.raises(Unavailable) as raised:
        await stops.stop("m2", "u1")
    assert raised.value.retry_after
    ended.set()
    await lives.drain(1)
