"""The regular cleanup: what has expired goes, what dead processes left is settled, lost jobs are sent again.

A bounded amount a call. Every batch stands for itself: a call that is cut off leaves nothing half done, and the next one
goes on. What cannot be done does not keep the rest from being done.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from shared import log
from shared.documents import DOCUMENTS
from shared.errors import StoreError, Unavailable
from shared.llm import budget, reconcile
from shared.runtime import Runtime

BATCH = 500
BATCHES = 4
"""Batches of each collection, and of the coordination store, that one call removes."""

_log = log.get(__name__)


@dataclass(slots=True)
class Cleaned:
    """What one call did; the fields are those of the function's answer."""

    purged: dict[str, int] = field(default_factory=dict)
    swept: int = 0
    overdue_holds: int = 0
    drift_usd: float = 0
    recovered_jobs: int = 0
    counted: int = 0
    more: bool = False
    failed: list[str] = field(default_factory=list)


class Cleanup:
    """One call's work over a runtime's stores."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._done = Cleaned()

    async def run(self) -> Cleaned:
        """Do all steps. `failed` names those that a store did not let us do."""
        for step in (self.purge, self.recover, self.sweep, self.settle, self.count):
            try:
                await step()
            except (StoreError, Unavailable) as error:
                log.event(_log, "cleanup.failed", level=logging.ERROR, step=step.__name__, error=error.code)
                self._done.failed.append(step.__name__)
        return self._done

    async def purge(self) -> None:
        """Remove expired documents. Raises the last failure when all collections were tried."""
        failed: StoreError | Unavailable | None = None
        for kind in DOCUMENTS:
            try:
                self._done.purged[kind.collection] = await self._batches(partial(self._runtime.store.purge, kind))
            except (StoreError, Unavailable) as error:
                log.event(_log, "cleanup.unpurged", level=logging.ERROR, collection=kind.collection, error=error.code)
                failed = error
        if failed is not None:
            raise failed

    async def recover(self) -> None:
        """Send lost jobs again."""
        self._done.recovered_jobs = await self._runtime.queue.recover(BATCH)
        self._more(self._done.recovered_jobs)

    async def sweep(self) -> None:
        """Remove what has expired of what instances share."""
        self._done.swept = await self._batches(self._runtime.coordination.sweep)

    async def settle(self) -> None:
        """Settle holds whose process died, and correct counters by the ledger."""
        now = self._runtime
        money = await reconcile.reconcile(now.store, now.coordination, self._account_days(), BATCH)
        self._done.overdue_holds, self._done.drift_usd = money.overdue, money.drift_nano_usd / 1e9
        self._more(money.overdue)

    async def count(self) -> None:
        """Count what has happened, where nobody else did: without it the outbox would grow for ever."""
        from shared.activity.compose import counted

        done = await counted(self._runtime, most=True)
        self._done.counted = done.events
        self._done.more = self._done.more or done.more

    def _account_days(self) -> list[str]:
        """The account's keys of today and yesterday, where counters can be lost; the embedded file does not forget."""
        now = self._runtime
        if not now.remote:
            return []
        return [budget.account_key(now.clock() - back * 86_400, now.settings.ai_time_zone) for back in (0, 1)]

    async def _batches(self, remove: Callable[[int], Awaitable[int]]) -> int:
        """Remove up to BATCHES batches; how many went."""
        count = 0
        for _ in range(BATCHES):
            removed = await remove(BATCH)
            count += removed
            if removed < BATCH:
                return count
        self._done.more = True
        return count

    def _more(self, done: int) -> None:
        self._done.more = self._done.more or done >= BATCH
