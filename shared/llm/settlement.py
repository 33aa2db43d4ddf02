"""Bills on their way to the caps, and ledger rows the store would not take: repeated until they are where they belong.

The order matters. A bill is settled after its row was committed, so that a hold which runs out unsettled belongs to a
process that died, and the ledger tells what became of it (`shared.llm.reconcile`). Until then the hold counts in full.
Only where the row cannot be written is the bill settled before it: too tight a cap is the lesser evil.

While paid calls are made here, holds of processes that died are looked for every COLLECT_SECONDS.
"""

import asyncio
import contextlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.coordination import Coordination, Hold
from shared.documents import Document, LedgerEntry
from shared.errors import AlreadyExists, LyoError
from shared.llm import reconcile
from shared.log import event
from shared.log import get as logger
from shared.store import Create, Store
from shared.stored.activity import Happening

_log = logger(__name__)
COLLECT_SECONDS = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
_MOST_PENDING = 10_000


@dataclass(frozen=True, slots=True)
class Bill:
    """What a hold has come to, in nano-USD (0 lets it go)."""

    hold: Hold
    amount: int


class Settlements:
    """Settles and records. What cannot be done now is kept, bounded, and repeated: both are idempotent.

    `forgets`: the shared state can lose a hold (a network's can, an embedded file cannot). What a lost one was billed is then
    counted again from the ledger.
    """

    def __init__(self, coordination: Coordination, store: Store, *, forgets: bool) -> None:
        self._forgets = forgets
        self._coordination = coordination
        self._store = store
        self._bills: dict[str, Bill] = {}
        self._rows: dict[str, tuple[Document, ...]] = {}
        self._repeating: asyncio.Task[None] | None = None
        self._collecting: asyncio.Task[None] | None = None
        self._recounts: set[asyncio.Task[None]] = set()

    async def settle(self, bills: Sequence[Bill], values: Mapping[str, bytes] | None = None, ttl: float = 0) -> None:
        """Settle, and put the values in the same round trip. Never raises; a cancelled caller undoes nothing."""
        await asyncio.shield(asyncio.ensure_future(self._settle(bills, values, ttl)))

    async def record(self, rows: Sequence[LedgerEntry | Happening], seconds: float | None) -> None:
        """Write rows that no gateway's answer takes along, together, within `seconds` or later. Never raises StoreError.

        Created, not put: rows of a commit whose outcome was never heard may be there, and then they are the true ones.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._store.commit(*(Create(row) for row in rows))
        except AlreadyExists:
            return
        except (LyoError, TimeoutError) as error:
            event(_log, "rows.unwritten", rows=len(rows), error=type(error).__name__)
            if rows and len(self._rows) < _MOST_PENDING:
                self._rows[rows[0].id] = tuple(rows)
            self._repeat_later()

    def watch(self) -> None:
        """Look for what dead processes left as long as paid calls are made here."""
        if self._collecting is None or self._collecting.done():
            self._collecting = asyncio.ensure_future(self._collect())

    async def close(self) -> None:
        """Try once more what is pending; the rest is left to the ledger."""
        running = [task for task in (self._repeating, self._collecting, *self._recounts) if task is not None]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        if self._bills or self._rows:
            await self._repeat()

    async def _settle(self, bills: Sequence[Bill], values: Mapping[str, bytes] | None, ttl: float) -> None:
        amounts = {bill.hold.id: bill.amount for bill in bills}
        try:
            unknown = await self._coordination.settle(amounts, values, ttl)
        except LyoError as error:
            event(_log, "holds.unsettled", holds=len(bills), error=error.code)
            if len(self._bills) + len(bills) <= _MOST_PENDING:
                self._bills.update((bill.hold.id, bill) for bill in bills)
            self._repeat_later()
        else:
            if self._forgets:
                self._recount([bill for bill in bills if bill.amount and bill.hold.id in unknown])

    def _repeat_later(self) -> None:
        if self._repeating is None or self._repeating.done():
            self._repeating = asyncio.ensure_future(self._keep_repeating())

    async def _keep_repeating(self) -> None:
        pause = _FIRST_PAUSE
        while self._bills or self._rows:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = _FIRST_PAUSE if await self._repeat() else min(2 * pause, _LONGEST_PAUSE)

    async def _repeat(self) -> bool:
        done = True
        for name, rows in list(self._rows.items()):
            try:
                with contextlib.suppress(AlreadyExists):
                    await self._store.commit(*(Create(row) for row in rows))
            except LyoError:
                done = False
                break
            self._rows.pop(name, None)
        if self._bills:
            bills, self._bills = list(self._bills.values()), {}
            await self._settle(bills, None, 0)
            done = done and not self._bills
        return done

    def _recount(self, lost: Sequence[Bill]) -> None:
        """The counters have forgotten these holds: have the ledger say what their keys have spent."""
        keys = {cap.key for bill in lost for cap in bill.hold.caps}
        if keys:
            task = asyncio.ensure_future(self._recount_keys(sorted(keys)))
            self._recounts.add(task)
            task.add_done_callback(self._recounts.discard)

    async def _recount_keys(self, keys: Sequence[str]) -> None:
        for key in keys:
            with contextlib.suppress(LyoError):  # the regular cleanup counts the account again
                await reconcile.recount(self._store, self._coordination, key)

    async def _collect(self) -> None:
        await asyncio.sleep(COLLECT_SECONDS * random.uniform(0.5, 1.5))
        with contextlib.suppress(LyoError):  # another time, or another instance
            await reconcile.collect(self._store, self._coordination)
