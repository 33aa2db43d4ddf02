"""Owners of an Idempotency-Key that stall or die, and commits whose outcome is not heard: one answer has effect."""

import asyncio
import subprocess
import sys
import time

import orjson
import pytest

from shared.documents import Conversation, Exchange, ExchangeLease, LedgerEntry
from shared.errors import NotFound, StoreError
from shared.store import Create, Put, Version, Write
from shared.store.sqlite import SQLiteStore
from shared.web.exchange import LEASE_SECONDS
from tests.fakes.waiting import eventually
from tests.processes import ROOT
from tests.product import Product
from tests.web.keyed import KEY, PLAIN, SLOW_STREAM, Instance, Unheard, effects, frames, hold, read, use


async def test_of_a_stalled_owner_and_its_successor_only_one_answer_has_effect(anywhere: Product) -> None:
    runtime = anywhere.runtime()
    held = hold(runtime)
    stalled, successor = Instance(runtime, "a"), Instance(anywhere.runtime(), "b", ahead=60)
    first = asyncio.ensure_future(stalled.said(PLAIN))
    await held.reached()
    second = await successor.said("What is light?")
    held.go.set()
    assert await first == second
    turns, final = await effects(stalled.runtime)
    assert len(turns) == len(final) == 1
    assert turns[0].id == orjson.loads(second)["message_id"] == final[0].message_id
    assert len(anywhere.fake.calls) == 2
    assert await stalled.said(PLAIN) == second


async def test_readers_of_a_stalled_stream_are_told_to_come_back_and_get_the_kept_one(anywhere: Product) -> None:
    runtime = anywhere.runtime()
    held = hold(runtime)
    stalled, successor = Instance(runtime, "a"), Instance(anywhere.runtime(), "b", ahead=60)
    first = asyncio.ensure_future(stalled.said(SLOW_STREAM, stream=True))
    await held.reached()
    second = await successor.said("What is light?", stream=True)
    held.go.set()
    last = frames(await first)[-1]
    assert b"event: error" in last
    assert b'"code":"interrupted"' in last
    seen = int(last.split(b"\n")[0].removeprefix(b"id: "))
    assert await stalled.said(SLOW_STREAM, stream=True, after=seen) == second, "an id of the other run counts as none"
    turns, final = await effects(stalled.runtime)
    assert len(turns) == len(final) == 1


async def test_an_execution_that_lasts_keeps_its_lease(anywhere: Product) -> None:
    """The clock goes on when the lease was renewed: four times, and by more than two leases."""
    runtime, lease, now = anywhere.runtime(), 0.4, time.time()
    held = hold(runtime)
    owner, other = (
        Instance(one, name, lease=lease, clock=lambda: now) for one, name in ((runtime, "a"), (anywhere.runtime(), "b"))
    )
    first = asyncio.ensure_future(owner.said(SLOW_STREAM, stream=True))

    async def renewed() -> bool:
        claim = await runtime.store.get(Exchange, KEY.id)
        found = claim and await runtime.store.get(ExchangeLease, claim.run)
        return bool(found and found.until == now + lease)

    for _ in range(4):
        now += 0.6 * lease
        await eventually(renewed)
    elsewhere = await other.ask(SLOW_STREAM, stream=True)
    held.go.set()
    assert await read(elsewhere) == await first
    assert len(anywhere.fake.calls) == 1


async def test_a_short_execution_writes_its_key_twice_and_no_lease(product: Product) -> None:
    runtime = product.runtime()
    written: list[str] = []

    class Noting(SQLiteStore):
        async def commit(self, *writes: Write) -> list[Version]:
            written.extend(type(write.document).__name__ for write in writes if isinstance(write, Create | Put))
            return await super().commit(*writes)

    await Instance(use(runtime, store=Noting(runtime.database)), "a").said("What is light?")
    assert written.count(Exchange.__name__) == 2
    assert ExchangeLease.__name__ not in written


async def test_t07_an_answer_whose_process_died_right_after_its_commit_is_replayed(product: Product) -> None:
    arguments = [str(product.data_dir), product.fake.openai_url]
    command = [sys.executable, "-m", "tests.web.dying", *arguments]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=subprocess.PIPE)
    _, printed = await process.communicate()
    assert process.returncode == -9, printed.decode()
    before = len(product.fake.calls)
    assert before == 1
    survivor = Instance(product.runtime(), "b")
    reply = orjson.loads(await survivor.said("What is light?"))
    assert len(product.fake.calls) == before
    turns, final = await effects(survivor.runtime)
    assert [turn.id for turn in turns] == [row.message_id for row in final] == [reply["message_id"]]


async def test_an_answer_whose_commit_was_not_heard_of_is_replayed(product: Product) -> None:
    runtime = product.runtime()
    store = Unheard(runtime.database)
    owner = Instance(use(runtime, store=store), "a")
    store.silent, store.times = LedgerEntry, 1
    with pytest.raises(StoreError):
        await owner.said("What is light?")
    reply = orjson.loads(await owner.said("What is light?"))
    assert len(product.fake.calls) == 1
    turns, final = await effects(runtime)
    assert [turn.id for turn in turns] == [row.message_id for row in final] == [reply["message_id"]]


async def test_a_claim_that_was_not_heard_of_does_not_stand_in_the_way_of_a_retry(product: Product) -> None:
    runtime = product.runtime()
    store = Unheard(runtime.database)
    owner = Instance(use(runtime, store=store), "a")
    store.times = 1
    with pytest.raises(StoreError):
        await owner.said("What is light?")
    async with asyncio.timeout(LEASE_SECONDS / 2):
        await owner.said("What is light?")


async def test_an_answer_its_caller_was_refused_is_not_kept(anywhere: Product) -> None:
    runtime = anywhere.runtime()
    held, owner = hold(runtime), Instance(runtime, "a")
    first = asyncio.ensure_future(owner.said(PLAIN, conversation="mine"))
    await held.reached()
    taken = Conversation(id="mine", user_id="somebody else", created_at=1, updated_at=1)
    await runtime.store.commit(Create(taken))
    held.go.set()
    for attempt in (first, owner.said(PLAIN, conversation="mine")):
        with pytest.raises(NotFound):
            await attempt
