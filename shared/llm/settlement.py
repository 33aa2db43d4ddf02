"""Bills on their way to the caps: settled once their ledger rows are kept, and tried again while that fails.

The order matters. A bill is settled after its row was committed, so that a hold which runs out unsettled belongs to a
process that died, and the ledger tells what became of it (`shared.llm.reconcile`). Until then the hold counts in full:
an error here can only keep a cap too tight, never let it be exceeded.
"""

import asyncio
import random
from collections.abc import Mapping

from shared.coordination import Coordination
from shared.errors import LyoError
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
_MOST_PENDING = 10_000


class Settlements:
    """Settles bills (nano-USD by hold id). What cannot be settled now is kept and repeated: settling is idempotent."""

    def __init__(self, coordination: Coordination) -> None:
        self._coordination = coordination
        self._pending: dict[str, int] = {}
        self._repeating: asyncio.Task[None] | None = None

    async def settle(self, bills: Mapping[str, int], values: Mapping[str, bytes] | None = None, ttl: float = 0) -> None:
        """Settle, and put the values in the same round trip. Never raises; a cancelled caller undoes nothing."""
        await asyncio.shield(asyncio.ensure_future(self._settle(bills, values, ttl)))

    async def close(self) -> None:
        """Try once more what is pending; the rest is left to the ledger."""
        if self._repeating is not None:
            self._repeating.cancel()
            await asyncio.wait({self._repeating})
        if self._pending:
            await self._repeat()

    async def _settle(self, bills: Mapping[str, int], values: Mapping[str, bytes] | None, ttl: float) -> None:
        try:
            await self._coordination.settle(bills, values, ttl)
        except LyoError as error:
            event(_log, "holds.unsettled", holds=len(bills), error=error.code)
            if len(self._pending) + len(bills) <= _MOST_PENDING:
                self._pending.update(bills)
            if self._repeating is None or self._repeating.done():
                self._repeating = asyncio.ensure_future(self._keep_repeating())

    async def _keep_repeating(self) -> None:
        pause = _FIRST_PAUSE
        while self._pending:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = _FIRST_PAUSE if await self._repeat() else min(2 * pause, _LONGEST_PAUSE)

    async def _repeat(self) -> bool:
        batch = dict(self._pending)
        try:
            await self._coordination.settle(batch)
        except LyoError:
            return False
        for hold in batch:
            self._pending.pop(hold, None)
        return True
