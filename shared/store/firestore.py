"""Documents in Firestore: right across instances. See `shared.store` for what it promises.

Every precondition is Firestore's own (`exists`, `last_update_time`): there are no transactions, whose contention on one
document costs seconds. Retries are made here alone (`firestore_link`), and a commit whose answer was lost is sent
again only where that is safe: where nothing is added, or where a precondition stops it from being applied twice.

Expiry goes by this process's clock; Firestore's TTL policy removes what has expired within a day or so.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from shared import forks
from shared.documents import DOCUMENTS, Document
from shared.errors import Overloaded
from shared.store import Create, D, Put, Ref, Version, Where, Write
from shared.store import firestore_commits as commits
from shared.store import firestore_queries as queries
from shared.store import firestore_values as values
from shared.store import firestore_writes as writing
from shared.store.firestore_commits import Operations
from shared.store.firestore_link import Link, connect
from shared.store.indexes import check_limit, check_shape, check_total

QUEUE_LIMIT = 10_000
"""Commits under way; the next is refused with Overloaded."""
_PAGE = 20
"""Documents asked for at least when expired ones have shortened a page."""
_PURGED_AT_ONCE = 500

_abandoned: list[object] = []
"""Links of another loop or inherited over a fork: closing them here could disturb what is not ours."""


class FirestoreStore:
    """The `Store` protocol on one database of a project. Nothing is connected before the first use.

    `emulator_host` (host:port) is spoken to in the clear and without credentials. `kinds` are the classes it stores.
    """

    def __init__(
        self,
        project: str,
        database: str = "(default)",
        *,
        emulator_host: str | None = None,
        clock: Callable[[], float] = time.time,
        kinds: Sequence[type[Document]] = DOCUMENTS,
    ) -> None:
        self.operations = Operations()
        self._where = (project, database, emulator_host)
        self._clock = clock
        self._kinds = frozenset(kinds)
        self._opening: asyncio.Task[Link] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._generation = forks.generation
        self._pending: set[asyncio.Task[list[Version]]] = set()
        for kind in kinds:
            if clash := values.RESERVED & kind.model_fields.keys():
                raise ValueError(f"{kind.__name__}: {sorted(clash)} are the store's own fields")

    # --- reading

    async def get(self, kind: type[D], id: str) -> D | None:  # noqa: A002 - the protocol's name
        """One document, or None; expired documents are not there."""
        found = await self.get_versioned(kind, id)
        return None if found is None else found[0]

    async def get_versioned(self, kind: type[D], id: str) -> tuple[D, Version] | None:  # noqa: A002 - the protocol's name
        """One document with the version that `Put(expect=…)` takes."""
        return (await self.read(Ref(kind, id)))[0]

    async def read(self, *refs: Ref) -> list[tuple[Any, Version] | None]:
        """Several documents with their versions in one round trip, as of one moment; None for each that is not there."""
        for ref in refs:
            self._check(ref.kind)
        if not refs:
            return []
        link = await self._link()
        names = [f"{link.documents}/{values.name(ref.kind, ref.id)}" for ref in refs]
        found, now = await commits.fetch(link, names, self.operations), self._clock()
        return [_live(ref.kind, found.get(name), now) for ref, name in zip(refs, names, strict=True)]

    async def query(
        self,
        kind: type[D],
        *where: Where,
        order: str | None = None,
        descending: bool = False,
        limit: int = 100,
    ) -> list[D]:
        """Documents that meet every condition; see `Store.query`. ValueError for an undeclared shape."""
        self._check(kind)
        order = check_shape(kind, where, order, descending)
        check_limit(limit)
        link = await self._link()
        request = link.request("RunQuery")
        query = request.structured_query
        queries.select(query, kind, where, order, descending)
        kept: list[D] = []
        wanted = limit
        while True:
            query.limit.value = wanted
            found = [part.document for part in await link.ask("RunQuery", request) if part.HasField("document")]
            self.operations.reads += max(1, len(found))
            now = self._clock()
            live = (_live(kind, document, now) for document in found)
            kept.extend(one[0] for one in live if one is not None)
            if len(found) < wanted or len(kept) >= limit:
                return kept[:limit]
            queries.go_on_after(query, found[-1])  # expired ones do not shorten the page
            wanted = max(limit - len(kept), _PAGE)

    async def total(self, kind: type[Document], field: str, *where: Where) -> int | float:
        """The sum of a numeric field, added up by Firestore; what has expired counts until it is removed."""
        self._check(kind)
        check_total(kind, where, field)
        link = await self._link()
        request = link.request("RunAggregationQuery")
        aggregation = request.structured_aggregation_query
        queries.select(aggregation.structured_query, kind, where, field, False)
        queries.sum_of(aggregation, field)
        found, billed = queries.summed((await link.ask("RunAggregationQuery", request))[0].result)
        self.operations.reads += billed
        return found

    # --- writing

    async def commit(self, *writes: Write) -> list[Version]:
        """Apply all writes or none, in order; returns the version each write left. See `Store.commit`.

        Cancelling the caller does not take the commit back. An `Add` to an expired document starts it anew in a second
        commit: when that fails, the other writes of this one have been applied.
        """
        for write in writes:
            self._check(type(write.document) if isinstance(write, Create | Put) else write.kind)
        if not writes:
            return []
        if len(self._pending) >= QUEUE_LIMIT:
            raise Overloaded("too many commits are under way")
        task = asyncio.get_running_loop().create_task(self._commit(writes))
        self._pending.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    async def purge(self, kind: type[Document], limit: int = 500) -> int:
        """Delete up to `limit` documents past their `expires_at`; returns how many."""
        self._check(kind)
        removed = 0
        while removed < limit:
            wanted = min(limit - removed, _PURGED_AT_ONCE)
            gone = await self._purge(kind, wanted)
            removed += gone
            if gone < wanted:
                break
        return removed

    async def close(self) -> None:
        """Wait for the commits under way and close the connection. A later use opens another."""
        opening, self._opening = self._opening, None
        mine = opening is not None and self._loop is asyncio.get_running_loop() and self._generation == forks.generation
        if self._pending and mine:
            await asyncio.wait(self._pending)
        if opening is not None and mine:
            link = (await asyncio.gather(opening, return_exceptions=True))[0]
            if isinstance(link, Link):
                await link.close()

    # --- inside

    def _check(self, kind: type[Document]) -> None:
        if kind not in self._kinds:
            raise ValueError(f"{kind.__name__} is not a stored document (see documents.DOCUMENTS)")

    async def _link(self) -> Link:
        loop = asyncio.get_running_loop()
        opening = self._opening
        if opening is None or self._loop is not loop or self._generation != forks.generation:
            if opening is not None:
                _abandoned.append(opening)
                self._pending = set()
            self._loop, self._generation = loop, forks.generation
            opening = self._opening = loop.create_task(connect(*self._where))
        if not opening.done():
            await asyncio.wait({opening})
        if opening.exception() is not None and self._opening is opening:
            self._opening = None
        return opening.result()

    def _finished(self, task: asyncio.Task[list[Version]]) -> None:
        self._pending.discard(task)
        if not task.cancelled():
            task.exception()  # its caller may have left

    async def _commit(self, writes: Sequence[Write]) -> list[Version]:
        return list(await commits.apply(await self._link(), writes, self._clock, self.operations))

    async def _purge(self, kind: type[Document], limit: int) -> int:
        link = await self._link()
        request = link.request("RunQuery")
        queries.expired(request.structured_query, kind, self._clock(), limit)
        found = [part.document for part in await link.ask("RunQuery", request) if part.HasField("document")]
        self.operations.reads += max(1, len(found))
        return await commits.remove(
            link, [(document.name, writing.version(document)) for document in found], self.operations
        )


def _live(kind: type[D], document: Any, now: float) -> tuple[D, Version] | None:
    """The document with its version, when there is one that has not expired."""
    if document is None:
        return None
    version = writing.version(document)
    if version.expires_at is not None and version.expires_at <= now:
        return None
    return values.model(kind, document.fields), version
