"""Who has to pass the contract suites. Another implementation joins by one entry in a table below.

An entry opens the implementation on something of its own and yields it with `advance`, which lets so many seconds go
by on the implementation's clock (one with a real clock sleeps: hence the suites use short times).
"""

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from shared.coordination import Coordination
from shared.coordination.local import LocalCoordination
from shared.coordination.upstash import UpstashCoordination
from shared.documents import DOCUMENTS, Document, Job
from shared.jobs import Handler, WorkerQueue
from shared.jobs.cloud_tasks import CloudTasksQueue
from shared.jobs.local import LocalQueue
from shared.jobs.perform import deliver
from shared.jobs.runner import Runner
from shared.sqlite import Database
from shared.store import Store
from shared.store.firestore import FirestoreStore
from shared.store.sqlite import SQLiteStore
from tests.services.firestore import emulator, project
from tests.services.tasks import Manners, Tasks
from tests.services.upstash import shared

S = TypeVar("S")

START = 1_800_000_000.0


class Sample(Document):
    """A document with a field of no fixed type, to see what equality means."""

    collection: ClassVar[str] = "contract_samples"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("mixed",),
        ("mixed", "rank"),
        ("mixed", "-rank"),
    )

    sums: ClassVar[tuple[tuple[str, ...], ...]] = (("mixed",), ("mixed", "rank"), ("mixed", "hits"))

    mixed: bool | int | float | str | None = None
    rank: float = 0
    hits: int = 0


KINDS: tuple[type[Document], ...] = (*DOCUMENTS, Sample)


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    async def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Opened(Generic[S]):
    """An implementation under test. `now` is its clock."""

    subject: S
    advance: Callable[[float], Awaitable[None]]
    now: Callable[[], float]


@dataclass
class OpenedQueue(Opened[WorkerQueue]):
    """A queue, the store its handlers write to, and `work`: handles what is due with these handlers until nothing is."""

    work: Callable[[dict[str, Handler]], Awaitable[None]]
    store: Store


@asynccontextmanager
async def sqlite_store(folder: Path) -> AsyncIterator[Opened[Store]]:
    clock = Clock()
    store = SQLiteStore(Database(folder / "lyo.db", clock=clock), KINDS)
    yield Opened(store, clock.advance, clock)
    await store.close()


@asynccontextmanager
async def firestore_store(folder: Path) -> AsyncIterator[Opened[Store]]:
    clock = Clock()
    store = FirestoreStore(project(), emulator_host=emulator().host, clock=clock, kinds=KINDS)
    yield Opened(store, clock.advance, clock)
    await store.close()


@asynccontextmanager
async def local_coordination(folder: Path) -> AsyncIterator[Opened[Coordination]]:
    clock = Clock()
    coordination = LocalCoordination(Database(folder / "lyo.db", clock=clock))
    yield Opened(coordination, clock.advance, clock)
    await coordination.close()


@asynccontextmanager
async def upstash_coordination(_: Path) -> AsyncIterator[Opened[Coordination]]:
    clock, server, namespace = Clock(), shared(), f"n{uuid.uuid4().hex[:12]}"
    coordination = UpstashCoordination(server.url, server.token, namespace=namespace, now=clock)

    async def advance(seconds: float) -> None:
        await clock.advance(seconds)
        server.redis.age(namespace, seconds)

    try:
        yield Opened(coordination, advance, clock)
    finally:
        await coordination.close()


@asynccontextmanager
async def local_queue(folder: Path) -> AsyncIterator[OpenedQueue]:
    clock = Clock()
    database = Database(folder / "lyo.db", clock=clock)
    queue = LocalQueue(database, max_attempts=3, backoff=(1, 2), rng=lambda: 0.5)

    async def work(handlers: dict[str, Handler]) -> None:
        await Runner(queue, handlers).drain()

    yield OpenedQueue(queue, clock.advance, clock, work, SQLiteStore(database))
    await queue.close()


@asynccontextmanager
async def cloud_tasks_over_sqlite(folder: Path) -> AsyncIterator[OpenedQueue]:
    clock = Clock(time.time())
    async with _cloud_tasks(folder, SQLiteStore(Database(folder / "lyo.db", clock=clock)), clock) as opened:
        yield opened


@asynccontextmanager
async def cloud_tasks_over_firestore(folder: Path) -> AsyncIterator[OpenedQueue]:
    clock = Clock(time.time())
    async with _cloud_tasks(
        folder, FirestoreStore(project(), emulator_host=emulator().host, clock=clock), clock
    ) as opened:
        yield opened


@asynccontextmanager
async def _cloud_tasks(folder: Path, store: Store, clock: Clock) -> AsyncIterator[OpenedQueue]:
    """Over a Cloud Tasks (its clock is the real one) that keeps what it is given: `work` delivers all of it, again and again."""
    tasks = Tasks(folder / "tasks.db", Manners(paused=True))
    await tasks.start()
    queue = CloudTasksQueue(
        store,
        queue="projects/p/locations/l/queues/q",
        target_url="http://127.0.0.1:9",
        audience="a",
        service_account="tasks@p.example",
        clock=clock,
        emulator_host=f"127.0.0.1:{tasks.port}",
        max_attempts=3,
        backoff=(1, 2),
        rng=lambda: 0.5,
    )

    async def work(handlers: dict[str, Handler]) -> None:
        ended = True
        while ended:
            ended = False
            for body in tasks.waiting():
                job = await queue.get(body["job_id"])
                if job is not None and isinstance(await deliver(queue, handlers, job.kind, job.id), Job):
                    ended = True

    yield OpenedQueue(queue, clock.advance, clock, work, store)
    await queue.close()
    await tasks.stop()
    await store.close()


STORES: dict[str, Callable[[Path], AbstractAsyncContextManager[Opened[Store]]]] = {
    "firestore": firestore_store,
    "sqlite": sqlite_store,
}
COORDINATIONS: dict[str, Callable[[Path], AbstractAsyncContextManager[Opened[Coordination]]]] = {
    "local": local_coordination,
    "upstash": upstash_coordination,
}
QUEUES: dict[str, Callable[[Path], AbstractAsyncContextManager[OpenedQueue]]] = {
    "cloud_tasks_firestore": cloud_tasks_over_firestore,
    "cloud_tasks_sqlite": cloud_tasks_over_sqlite,
    "local": local_queue,
}
