"""What instances share besides documents: values, counters, money holds, event logs. One seam, one suite.

Every method is one round trip in every implementation; `get_many` exists so that what a request needs before its
model call (cache entry, breaker states, stop flags) is read together. Values are bytes, keys are `area:rest`.

    local.py   embedded, on SQLite: right across processes on one machine, survives kill -9
    (cloud)    Redis by atomic scripts
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on one spending key, in nano-USD (1e-9 USD; integers, so that sums are exact)."""

    key: str
    limit: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside before a paid call: `amount` nano-USD under every cap at once, for `ttl` seconds at most."""

    id: str
    caps: tuple[Cap, ...]
    amount: int
    ttl: float


@dataclass(frozen=True, slots=True)
class Spend:
    """Committed and currently reserved nano-USD of one key."""

    committed: int
    reserved: int


class Coordination(Protocol):
    """State shared by instances, each operation atomic."""

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The values that exist and have not expired."""

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Set a value for `ttl` seconds."""

    async def put_many(self, values: Mapping[str, bytes], ttl: float) -> None:
        """Set several values for `ttl` seconds."""

    async def swap(self, key: str, expected: bytes | None, value: bytes | None, ttl: float) -> bool:
        """Compare-and-set: write `value` (None deletes) only if the current value equals `expected` (None: absent)."""

    async def clear(self, prefix: str) -> int:
        """Delete every value whose key starts with `prefix`; returns how many."""

    async def add(self, deltas: Mapping[str, float], ttl: float | None = None) -> Mapping[str, float]:
        """Add to counters and return their new totals. `ttl` (seconds) is set when a counter is created; None keeps it for ever."""

    async def totals(self, prefix: str) -> Mapping[str, float]:
        """Every counter whose key starts with `prefix`."""

    async def reserve(self, hold: Hold) -> str | None:
        """Set money aside under all caps or none. Returns None when granted, else the key of a cap that refuses.

        Granted only while committed + reserved + amount <= limit for every cap; expired holds count no more.
        """

    async def settle(self, hold_id: str, amount: int) -> None:
        """Turn a hold into `amount` nano-USD committed (0 releases it). Idempotent: a second settle of an id does nothing."""

    async def spend(self, keys: Iterable[str]) -> Mapping[str, Spend]:
        """What each key has committed and reserved; zeros for unknown keys."""

    async def append(self, log: str, items: Sequence[bytes], ttl: float) -> None:
        """Append to an ordered log that lives `ttl` seconds after its last append."""

    async def tail(self, log: str, after: int) -> Sequence[bytes]:
        """Items after the first `after` ones, in order."""

    async def sweep(self, limit: int = 1000) -> int:
        """Remove up to `limit` expired entries of every sort; returns how many."""

    async def close(self) -> None:
        """Finish what is pending and let go of connections."""
