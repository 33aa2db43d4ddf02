"""Documents in one SQLite file: right across processes of a machine, survives kill -9. See `shared.sqlite`."""

import random
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Literal

import orjson

from shared.documents import DOCUMENTS, Document
from shared.errors import AlreadyExists, StaleVersion
from shared.sqlite import Database
from shared.store import Add, Create, D, Delete, Put, Ref, Version, Where, Write
from shared.store.indexes import Table

_Prepared = tuple[Write, Table, str, str | None, int]
"""The write, its table, its document's id, the body when there is one (dumped once, before the queue), its new version."""
_Touched = dict[tuple[str, str], Literal["there", "gone"]]


class SQLiteStore:
    """The `Store` protocol on a Database. `kinds` are the classes it has tables for; another raises ValueError."""

    def __init__(self, database: Database, kinds: Sequence[type[Document]] = DOCUMENTS) -> None:
        self._database = database
        self._tables = {kind: Table(kind) for kind in kinds}
        for table in self._tables.values():
            database.define(*table.schema())

    async def get(self, kind: type[D], id: str) -> D | None:  # noqa: A002 - the protocol's name
        """One document, or None; expired documents are not there."""
        rows = self._database.read(self._table(kind).get, (id, self._database.clock()))
        return kind.model_validate_json(rows[0][0]) if rows else None

    async def get_versioned(self, kind: type[D], id: str) -> tuple[D, Version] | None:  # noqa: A002 - the protocol's name
        """One document with the version that `Put(expect=…)` takes."""
        rows = self._database.read(self._table(kind).versioned, (id, self._database.clock()))
        return (kind.model_validate_json(rows[0][0]), rows[0][1]) if rows else None

    async def read(self, *refs: Ref) -> list[tuple[Any, Version] | None]:
        """Several documents with their versions, in the order asked; None for each that is not there."""
        return [await self.get_versioned(ref.kind, ref.id) for ref in refs]

    async def commit(self, *writes: Write) -> list[Version]:
        """Apply all writes or none, in order: a write finds what an earlier one of the same commit left.

        Returns the version each write left. Raises AlreadyExists or StaleVersion.
        """
        return await self._database.write(self.plan(*writes)) if writes else []

    def plan(self, *writes: Write) -> Callable[[sqlite3.Connection], list[Version]]:
        """The commit as an operation, for those who write documents and more in one transaction."""
        prepared = [self._prepare(write) for write in writes]
        versions: list[Version] = [write[4] for write in prepared]
        now = self._database.clock()
        guarded = [write for write in prepared if _is_guarded(write[0])]
        apart = len({(table.name, id_) for _, table, id_, _, _ in prepared}) == len(prepared)
        alone = len(guarded) == 1 and apart and not isinstance(guarded[0][0], Delete)
        first = guarded[0] if alone else None
        rest = [write for write in prepared if write is not first]

        def operation(connection: sqlite3.Connection) -> list[Version]:
            # The one write with a condition goes first and tells by itself whether it held: no look-up before.
            if (guarded or not apart) and (first is None or not _try(connection, first, now)):
                touched: _Touched = {}
                for write in prepared:
                    _check(connection, write, now, touched)
                for write in prepared:
                    _apply(connection, write, now)
                return versions
            for write in rest:
                _apply(connection, write, now)
            return versions

        return operation

    async def query(
        self,
        kind: type[D],
        *where: Where,
        order: str | None = None,
        descending: bool = False,
        limit: int = 100,
    ) -> list[D]:
        """Documents that meet every condition; see `Store.query`. ValueError for an undeclared shape."""
        sql, arguments = self._table(kind).query(where, order, descending, limit, self._database.clock())
        return [kind.model_validate_json(row[0]) for row in self._database.read(sql, arguments)]

    async def total(self, kind: type[Document], field: str, *where: Where) -> int | float:
        """The sum of a numeric field; see `Store.total`. ValueError for an undeclared shape."""
        sql, arguments = self._table(kind).total(field, where, self._database.clock())
        found: int | float = self._database.read(sql, arguments)[0][0]
        return found

    async def purge(self, kind: type[Document], limit: int = 500) -> int:
        """Delete up to `limit` documents past their `expires_at`; returns how many."""
        sql, arguments = self._table(kind).purge, (self._database.clock(), limit)
        return await self._database.write(lambda connection: connection.execute(sql, arguments).rowcount)

    async def close(self) -> None:
        """Close the database, which others may share: it opens again on their next use."""
        await self._database.close()

    def _table(self, kind: type[Document]) -> Table:
        table = self._tables.get(kind)
        if table is None:
            raise ValueError(f"{kind.__name__} is not a stored document (see documents.DOCUMENTS)")
        return table

    def _prepare(self, write: Write) -> _Prepared:
        version = random.getrandbits(63)
        if isinstance(write, Create | Put):
            document = write.document
            return write, self._table(type(document)), document.id, document.model_dump_json(), version
        return write, self._table(write.kind), write.id, None, version


def _is_guarded(write: Write) -> bool:
    return isinstance(write, Create) or (isinstance(write, Put | Delete) and write.expect is not None)


def _try(connection: sqlite3.Connection, prepared: _Prepared, now: float) -> bool:
    """Apply a Create or a Put over a version if it holds; False, with nothing written, when it has to be looked at."""
    write, table, id_, body, version = prepared
    if isinstance(write, Create):
        values = (id_, body, write.document.expires_at, version)
        return connection.execute(table.create, values).rowcount == 1
    assert isinstance(write, Put)
    given = (body, write.document.expires_at, version, id_, write.expect, now)
    return connection.execute(table.replace, given).rowcount == 1


def _check(connection: sqlite3.Connection, prepared: _Prepared, now: float, touched: _Touched) -> None:
    """Raise when the write's precondition does not hold; `touched` is what earlier writes of the commit will leave."""
    write, table, id_, _, _ = prepared
    key = (table.name, id_)
    before = touched.get(key)
    if isinstance(write, Create):
        if before == "there" or (before is None and _version(connection, table, id_, now) is not None):
            raise AlreadyExists(f"a document of {table.kind.collection} has this id")
    elif (
        isinstance(write, Put | Delete)
        and write.expect is not None
        and (before is not None or _version(connection, table, id_, now) != write.expect)
    ):
        raise StaleVersion(f"the document of {table.kind.collection} is not at this version")
    touched[key] = "gone" if isinstance(write, Delete) else "there"


def _version(connection: sqlite3.Connection, table: Table, id_: str, now: float) -> int | None:
    row = connection.execute(table.version, (id_, now)).fetchone()
    return None if row is None else int(row[0])


def _apply(connection: sqlite3.Connection, prepared: _Prepared, now: float) -> None:
    write, table, id_, body, version = prepared
    if isinstance(write, Create | Put):
        connection.execute(table.put_version, (id_, body, write.document.expires_at, version))
    elif isinstance(write, Add):
        row = connection.execute(table.body_and_expiry, (id_, now)).fetchone()
        fields: dict[str, Any] = {"id": id_} if row is None else orjson.loads(row[0])
        for field, delta in write.deltas.items():
            held = fields.get(field)
            # What is no number counts as nothing, as in Firestore's increment.
            fields[field] = held + delta if isinstance(held, int | float) and not isinstance(held, bool) else delta
        expires_at = None if row is None else row[1]
        connection.execute(table.put_version, (id_, orjson.dumps(fields).decode(), expires_at, version))
    else:
        connection.execute(table.delete, (id_,))
