"""Who has to pass the contract suites. Another implementation joins by one entry in a table below.

An entry opens the implementation on something of its own and yields it with `advance`, which lets so many seconds go
by on the implementation's clock (one with a real clock sleeps: hence the suites use short times).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from shared.coordination import Coordination
from shared.coordination.local import LocalCoordination
from shared.documents import DOCUMENTS, Document
from shared.jobs import Handler, Queue
from shared.jobs.local import LocalQueue
from shared.jobs.runner import Runner
from shared.sqlite import Database
from shared.store import Store
from shared.store.sqlite import SQLiteStore

S = TypeVar("S")

START = 1_800_000_000.0


class Sample(Document):
    """A document with a field of no fixed type, to see what equality means."""

    collection: ClassVar[str] = "contract_samples"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("mixed",), ("mixed", "rank"))

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
class OpenedQueue(Opened[Queue]):
    """A queue, and `work`: handles what is due with these handlers until nothing is."""

    work: Callable[[dict[str, Handler]], Awaitable[None]]


@asynccontextmanager
async def sqlite_store(folder: Path) -> AsyncIterator[Opened[Store]]:
    clock = Clock()
    store = SQLiteStore(Database(folder / "lyo.db", clock=clock), KINDS)
    yield Opened(store, clock.advance, clock)
    await store.close()


@asynccontextmanager
async def local_coordination(folder: Path) -> AsyncIterator[Opened[Coordination]]:
    clock = Clock()
    coordination = LocalCoordination(Database(folder / "lyo.db", clock=clock))
    yield Opened(coordination, clock.advance, clock)
    await coordination.close()


@asynccontextmanager
async def local_queue(folder: Path) -> AsyncIterator[OpenedQueue]:
    clock = Clock()
    queue = LocalQueue(Database(folder / "lyo.db", clock=clock), max_attempts=3, backoff=(1, 2), rng=lambda: 0.5)

    async def work(handlers: dict[str, Handler]) -> None:
        await Runner(queue, handlers).drain()

    yield OpenedQueue(queue, clock.advance, clock, work)
    await queue.close()


STORES: dict[str, Callable[[Path], AbstractAsyncContextManager[Opened[Store]]]] = {"sqlite": sqlite_store}
COORDINATIONS: dict[str, Callable[[Path], AbstractAsyncContextManager[Opened[Coordination]]]] = {
    "local": local_coordination
}
QUEUES: dict[str, Callable[[Path], AbstractAsyncContextManager[OpenedQueue]]] = {"local": local_queue}
