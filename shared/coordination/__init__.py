"""What instances share besides documents: values, counters, money holds, event logs. One seam, one suite.

Every method but `clear` and `totals` is one round trip in every implementation; `look` exists so that all a request needs
before its model call (cache entry, breaker states, the money set aside) is one, and `settle` so that all it leaves is one.
Values are bytes, keys are `area:rest`. Whatever keeps an implementation from answering is raised as StoreError.

    local.py     embedded, on SQLite: right across processes on one machine, survives kill -9
    upstash.py   the cloud's: Redis over REST, by scripts that are atomic on the server
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


@dataclass(frozen=True, slots=True)
class Looked:
    """What `look` found: the values, and what became of its hold."""

    values: Mapping[str, bytes]
    held: bool = False
    """The hold was granted."""
    refused: str | None = None
    """The key of the cap that refused it. Neither held nor refused: it was not asked for."""


class Coordination(Protocol):
    """State shared by instances, each operation atomic."""

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The values that exist and have not expired."""

    async def look(self, keys: Sequence[str], hold: Hold | None = None, unless: Sequence[str] = ()) -> Looked:
        """`get_many(keys)` and in the same moment `reserve(hold)`, unless one of `unless` (among `keys`) has a value."""

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Set a value for `ttl` seconds."""

    async def put_many(self, values: Mapping[str, bytes], ttl: float) -> None:
        """Set several values for `ttl` seconds."""

    async def swap(self, key: str, expected: bytes | None, value: bytes | None, ttl: float) -> bool:
        """Compare-and-set: write `value` (None deletes) only if the current value equals `expected` (None: absent)."""

    async def clear(self, prefix: str) -> int:
        """Delete every value whose key starts with `prefix`; returns how many."""

    async def add(
        self, deltas: Mapping[str, float], ttl: float | None = None, once: str | None = None
    ) -> Mapping[str, float]:
        """Add to counters and return their new totals. `ttl` (seconds) is set when a counter is created; None keeps it for ever.

        `once` names this addition: sent again under the same name within an hour it adds nothing, so that one whose
        answer was lost can be repeated.
        """

    async def totals(self, prefix: str) -> Mapping[str, float]:
        """Every counter whose key starts with `prefix`."""

    async def reserve(self, hold: Hold) -> str | None:
        """Set money aside under all caps or none. Returns None when granted, else the key of a cap that refuses.

        Granted only while committed + reserved + amount <= limit for every cap; expired holds count no more.
        """

    async def settle(
        self, bills: Mapping[str, int], values: Mapping[str, bytes] | None = None, ttl: float = 0
    ) -> Sequence[str]:
        """Turn each hold (by id) into its bill in nano-USD committed (0 releases it), and `put_many` the values with it.

        Returns the ids it does not know. Idempotent: an id that is settled or unknown changes nothing; one whose hold has
        expired is still committed. ValueError for a negative bill.
        """

    async def overdue(self, limit: int = 100) -> Mapping[str, float]:
        """Holds that ran out and that nobody settled, by id, with the seconds since then; the oldest first.

        Their process died, or is frozen, or never got through. Whoever knows what became of them (the ledger) settles them.
        """

    async def correct(self, key: str, seen: "Spend", committed: int) -> bool:
        """Set what a key has committed, if its spend is still exactly what was `seen`; False when it has moved on."""

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
