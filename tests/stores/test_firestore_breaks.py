"""Firestore that goes away: in the middle of a commit, for good, and back from a backup."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.documents import DOCUMENTS, LedgerEntry, Profile
from shared.errors import AlreadyExists, StaleVersion, StoreError
from shared.store import Add, Create, Delete, Put, Version, Where, Write, firestore_commits, firestore_link
from shared.store.firestore import FirestoreStore
from shared.store.firestore_link import READ_PATIENCE
from tests.contract.implementations import KINDS, Sample
from tests.fakes.waiting import LONG, eventually
from tests.processes import free_port
from tests.services.firestore import Emulator, emulator, own_emulator, project
from tests.services.wire import Wire


class Broken:
    """A store behind a wire that can be cut, and another instance with a wire of its own that cannot."""

    def __init__(self, wire: Wire, store: FirestoreStore, other: FirestoreStore) -> None:
        self.wire, self.store, self.other = wire, store, other

    async def unanswered(self, *writes: Write, applied: Callable[[], Awaitable[bool]]) -> asyncio.Task[list[Version]]:
        """A commit whose connection breaks after it was applied and before it was answered."""
        self.wire.back.clear()
        task = asyncio.create_task(self.store.commit(*writes))
        await eventually(applied)
        assert not task.done()
        await self.wire.cut()
        return task

    async def unsent(self, *writes: Write) -> asyncio.Task[list[Version]]:
        """A commit whose connection breaks before anything of it has arrived."""
        self.wire.there.clear()
        held = self.wire.held
        task = asyncio.create_task(self.store.commit(*writes))
        await eventually(lambda: self.wire.held > held)
        await asyncio.sleep(0.1)  # all of it
        assert not task.done()
        await self.wire.cut()
        return task

    async def hits(self) -> int | None:
        found = await self.other.get(Sample, "s")
        return None if found is None else found.hits


@pytest.fixture
async def broken(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Broken]:
    monkeypatch.setattr(firestore_commits, "PATIENCE", LONG)
    monkeypatch.setattr(firestore_link, "READ_PATIENCE", LONG)
    shared = project()
    async with Wire(emulator().host) as wire:
        store = FirestoreStore(shared, emulator_host=wire.host, kinds=KINDS)
        other = FirestoreStore(shared, emulator_host=emulator().host, kinds=KINDS)
        assert await store.get(Profile, "connected") is None
        yield Broken(wire, store, other)
        wire.restore()
        await store.close()
        await other.close()


# --- the answer of a commit is lost


async def test_t07_a_create_that_was_applied_unanswered_succeeds_and_its_version_holds(broken: Broken) -> None:
    async def applied() -> bool:
        return await broken.other.get(Profile, "p") is not None

    task = await broken.unanswered(Create(Profile(id="p", language="de")), applied=applied)
    broken.wire.restore()
    (version,) = await task
    await broken.store.commit(Put(Profile(id="p", language="fr"), expect=version))


async def test_t07_a_put_over_a_version_that_was_applied_unanswered_succeeds(broken: Broken) -> None:
    (version,) = await broken.store.commit(Create(Sample(id="s", hits=1)))

    async def applied() -> bool:
        return await broken.hits() == 2

    task = await broken.unanswered(Put(Sample(id="s", hits=2), expect=version), applied=applied)
    broken.wire.restore()
    (version,) = await task
    await broken.store.commit(Put(Sample(id="s", hits=3), expect=version))
    assert await broken.hits() == 3


async def test_t07_an_addition_beside_a_create_counts_once_though_it_was_sent_twice(broken: Broken) -> None:
    async def applied() -> bool:
        return await broken.hits() == 5

    writes = (Create(Profile(id="p")), Add(Sample, "s", {"hits": 5}), Delete(Profile, "never"))
    task = await broken.unanswered(*writes, applied=applied)
    broken.wire.restore()
    versions = await task
    assert await broken.hits() == 5
    await broken.store.commit(Put(Sample(id="s", hits=6), expect=versions[1]))
    with pytest.raises(StaleVersion):
        await broken.store.commit(Put(Profile(id="never"), expect=versions[2]))


async def test_t07_an_addition_alone_is_never_sent_twice(broken: Broken) -> None:
    async def applied() -> bool:
        return await broken.hits() == 5

    task = await broken.unanswered(Add(Sample, "s", {"hits": 5}), applied=applied)
    broken.wire.restore()
    with pytest.raises(StoreError, match="unknown"):
        await task
    assert await broken.hits() == 5


async def test_t07_a_create_that_its_own_commit_deletes_proves_nothing(broken: Broken) -> None:
    async def applied() -> bool:
        return await broken.hits() == 5

    writes = (Create(Profile(id="p")), Delete(Profile, "p"), Add(Sample, "s", {"hits": 5}))
    task = await broken.unanswered(*writes, applied=applied)
    broken.wire.restore()
    with pytest.raises(StoreError, match="unknown"):
        await task
    assert await broken.hits() == 5


async def test_somebody_elses_equal_document_is_not_taken_for_ones_own(broken: Broken) -> None:
    task = await broken.unsent(Create(Profile(id="p", language="de")))
    await broken.other.commit(Create(Profile(id="p", language="de")))
    broken.wire.restore()
    with pytest.raises(AlreadyExists):
        await task


async def test_a_put_that_somebody_else_outran_is_stale(broken: Broken) -> None:
    (version,) = await broken.store.commit(Create(Sample(id="s", hits=1)))
    task = await broken.unsent(Put(Sample(id="s", hits=2), expect=version))
    await broken.other.commit(Put(Sample(id="s", hits=2), expect=version))
    broken.wire.restore()
    with pytest.raises(StaleVersion):
        await task


async def test_what_was_not_sent_is_sent_again(broken: Broken) -> None:
    (version,) = await broken.store.commit(Create(Sample(id="s", hits=1)))
    for hits, write in enumerate((Put(Sample(id="s", hits=2), expect=version), Put(Sample(id="s", hits=3))), start=2):
        task = await broken.unsent(write)
        broken.wire.restore()
        await task
        assert await broken.hits() == hits
    task = await broken.unsent(Delete(Sample, "s"))
    broken.wire.restore()
    await task
    assert await broken.hits() is None


async def test_an_addition_that_was_not_sent_is_a_store_error(broken: Broken) -> None:
    task = await broken.unsent(Add(Sample, "s", {"hits": 5}))
    broken.wire.restore()
    with pytest.raises(StoreError, match="unknown"):
        await task
    assert await broken.hits() is None


async def test_reads_are_asked_again(broken: Broken) -> None:
    await broken.store.commit(Create(Sample(id="s", hits=1)))
    asked: list[Callable[[], Coroutine[Any, Any, object]]] = [
        lambda: broken.store.get(Sample, "s"),
        lambda: broken.store.query(Sample, Where("mixed", "==", 1)),
        lambda: broken.store.total(Sample, "mixed"),
    ]
    for ask in asked:
        broken.wire.back.clear()
        task = asyncio.create_task(ask())
        await asyncio.sleep(0.1)
        await broken.wire.cut()
        broken.wire.restore()
        await task


async def test_close_waits_for_a_commit_whose_caller_has_left(broken: Broken) -> None:
    task = await broken.unsent(Create(Profile(id="p")))
    task.cancel()
    broken.wire.restore()
    await broken.store.close()
    assert await broken.other.get(Profile, "p") is not None


# --- nobody is there


async def test_nobody_there_is_a_store_error_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firestore_commits, "PATIENCE", 1.0)
    store = FirestoreStore("nobody", emulator_host=f"127.0.0.1:{free_port()}")
    started = time.monotonic()
    with pytest.raises(StoreError) as caught:
        await store.get(Profile, "p")
    assert time.monotonic() - started < READ_PATIENCE + 15
    assert type(caught.value) is StoreError
    with pytest.raises(StoreError):
        await store.commit(Create(Profile(id="p")))
    assert time.monotonic() - started < READ_PATIENCE + 30
    await store.close()


@pytest.fixture
def own() -> Iterator[Emulator]:
    with own_emulator() as found:
        yield found


async def test_a_commit_waits_for_firestore_to_come_back_from_kill_9(
    own: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firestore_commits, "PATIENCE", 90.0)  # Java starts slowly where much else runs
    store = FirestoreStore("killed", emulator_host=own.host, kinds=KINDS)
    await store.commit(Create(Profile(id="before")))
    commits: list[asyncio.Task[list[Version]]] = []

    async def commit_constantly() -> None:
        for number in range(10_000):
            commits.append(asyncio.create_task(store.commit(Create(Profile(id=f"p{number}")))))
            await asyncio.sleep(0.002)

    constantly = asyncio.create_task(commit_constantly())
    await asyncio.sleep(0.3)
    own.kill()
    constantly.cancel()
    done = -1
    while done < (done := sum(task.done() for task in commits)):
        await asyncio.sleep(
            0.5
        )  # until what was answered before the end has been read: that is lost, this one has no disk
    commits += [asyncio.create_task(store.commit(Create(Profile(id=f"p{len(commits) + n}")))) for n in range(10)]
    await asyncio.sleep(0.1)
    pending = [number for number, task in enumerate(commits) if not task.done()]
    assert len(pending) >= 10
    await asyncio.to_thread(own.start)
    results = await asyncio.gather(*commits, return_exceptions=True)
    assert all(isinstance(result, list) for result in results), results
    for number in pending:
        assert await store.get(Profile, f"p{number}") is not None
    await store.close()


# --- from a backup


def entry(number: int) -> LedgerEntry:
    return LedgerEntry(
        id=f"le_{number}", request_id=f"r{number}", message_id="m", user_id=f"u{number % 3}", agent="mentor", attempt=0,
        final=True, model="m", provider="p", outcome="ok", stream=False, cache="off", input_tokens=1,
        cached_input_tokens=0, output_tokens=1, usage_source="provider", cost_nano_usd=2**40 + number,
        price_date="2026-01-01", latency_ms=1.5, day="2026-11-21", created_at=float(number), expires_at=2e9 + number,
    )  # fmt: skip


async def test_what_was_exported_is_there_after_a_restore_to_the_last_nano_dollar(
    own: Emulator, tmp_path: Path
) -> None:
    written: list[LedgerEntry | Profile] = [entry(number) for number in range(100)]
    written += [Profile(id=f"p/{number}", language="de", consent={"a.b": True}) for number in range(20)]
    day, learner = Where("day", "==", "2026-11-21"), Where("user_id", "==", "u1")
    store = FirestoreStore("restored", emulator_host=own.host)
    await store.commit(*(Create(document) for document in written))
    total = await store.total(LedgerEntry, "cost_nano_usd", day)
    assert total == sum(document.cost_nano_usd for document in written if isinstance(document, LedgerEntry))
    backup = await asyncio.to_thread(own.export, "restored", tmp_path)
    await store.commit(Create(Profile(id="after the backup")))
    own.kill()
    await asyncio.to_thread(own.start, backup)
    for document in written:
        assert await store.get(type(document), document.id) == document
    assert await store.get(Profile, "after the backup") is None
    assert await store.total(LedgerEntry, "cost_nano_usd", day) == total
    rows = await store.query(LedgerEntry, learner, order="created_at")
    assert [row.id for row in rows] == [f"le_{number}" for number in range(1, 100, 3)]
    assert [await store.purge(kind) for kind in DOCUMENTS] == [0] * len(DOCUMENTS)
    await store.close()
