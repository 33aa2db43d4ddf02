"""Documents: one seam, one implementation per file, one contract suite (tests/contract/test_store.py).

    store = runtime.current().store
    await store.commit(Create(turn), Put(conversation, expect=version))
    turn = await store.get(Turn, "t_1")

    sqlite.py      embedded, one file: right across processes on one machine, survives kill -9
    firestore.py   the cloud's: right across instances

`commit` is atomic over all its writes and durable against the death of the process when it returns.
There are no read-modify-write transactions: use `Create` as a latch, `Put(expect=…)` as a precondition
(re-read and retry on StaleVersion) and `Add` for counters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from shared.documents import Document

D = TypeVar("D", bound=Document)
Version = object
"""Opaque: hand back what `get_versioned` gave."""


@dataclass(frozen=True, slots=True)
class Create:
    """Write a document that must not exist yet; AlreadyExists otherwise (the whole commit is undone)."""

    document: Document


@dataclass(frozen=True, slots=True)
class Put:
    """Write a document whole. With `expect`, only over that version; StaleVersion otherwise."""

    document: Document
    expect: Version | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """Add numbers to top-level fields without reading (a field transform); creates the document with just those fields."""

    kind: type[Document]
    id: str
    deltas: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a document; nothing happens when it is not there. With `expect`, only that version; StaleVersion otherwise."""

    kind: type[Document]
    id: str
    expect: Version | None = None


Write = Create | Put | Add | Delete


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of one document."""

    kind: type[Document]
    id: str


@dataclass(frozen=True, slots=True)
class Where:
    """One condition on a declared index field (see `Document.indexes`)."""

    field: str
    op: Literal["==", ">=", ">", "<=", "<"]
    value: str | float | int | bool


class Store(Protocol):
    """What every document store does."""

    async def get(self, kind: type[D], id: str) -> D | None:  # noqa: A002 - a document's key is called id everywhere
        """One document, or None; expired documents are not there."""

    async def get_versioned(self, kind: type[D], id: str) -> tuple[D, Version] | None:  # noqa: A002 - see get
        """One document with the version that `Put(expect=…)` and `Delete(expect=…)` take."""

    async def read(self, *refs: Ref) -> "list[tuple[Any, Version] | None]":
        """Several documents with their versions in one round trip, in the order asked; None for each that is not there."""

    async def commit(self, *writes: Write) -> list[Version]:
        """Apply all writes or none; returns the version each write left (what a Delete left is nobody's version).

        Raises AlreadyExists or StaleVersion when a precondition does not hold (nothing was written then), and
        StoreError when the store cannot be reached: what then became of the writes is unknown.
        """

    async def query(
        self,
        kind: type[D],
        *where: Where,
        order: str | None = None,
        descending: bool = False,
        limit: int = 100,
    ) -> list[D]:
        """Documents that meet every condition, ordered by one field (ties by id), at most `limit`.

        The equality fields followed by the range/order field must be one of `kind.indexes`, with `-` before the last
        field for a descending order; ValueError otherwise, because Firestore would refuse what SQLite merely does slowly.
        """

    async def total(self, kind: type[Document], field: str, *where: Where) -> int | float:
        """The sum of a numeric field over all live documents that meet the equality conditions; 0 when there are none.

        The equality fields followed by `field` must be one of `kind.sums`; ValueError otherwise. Firestore adds up
        on its side, where what has expired counts until it is purged.
        """

    async def purge(self, kind: type[Document], limit: int = 500) -> int:
        """Delete up to `limit` documents past their `expires_at`; returns how many."""

    async def close(self) -> None:
        """Finish what is pending and let go of connections."""


__all__ = ["Add", "Create", "D", "Delete", "Put", "Ref", "Sequence", "Store", "Version", "Where", "Write"]
