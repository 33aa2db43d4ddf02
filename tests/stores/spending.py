"""What tests of money in Redis are made of."""

import asyncio
from collections.abc import Callable

from shared.coordination import Cap, Hold
from shared.coordination.upstash import UpstashCoordination

Make = Callable[..., UpstashCoordination]
"""Makes one more instance; takes the constructor's options."""


def hold(name: str, amount: int, learner: str = "u", ttl: float = 60, day: int = 1) -> Hold:
    """Under the account's cap of 1000 and the learner's of 100."""
    return Hold(name, (Cap(f"account:{day}", 1000), Cap(f"learner:{learner}:{day}", 100)), amount, ttl)


class Ledger:
    """What was committed under each key, and who asked."""

    def __init__(self, **committed: int) -> None:
        self.committed = dict(committed)
        self.asked: list[str] = []
        self.broken = False

    async def recall(self, key: str) -> int:
        self.asked.append(key)
        await asyncio.sleep(0.01)
        if self.broken:
            raise RuntimeError("no ledger")
        return self.committed.get(key, 0)
