"""Values, counters, money holds and logs in Upstash's Redis, over REST: exact over all instances.

Every operation is one command or one script, atomic on the server (`upstash_scripts.py`; one that builds no key of its own
but a hold's, under the lock that a script has there); `upstash_wire.py` sends what is issued together in one request. `clear`
and the `totals` of counters that expire walk through the database and are for operators. Keys are `{namespace}:sort:key`.

A call that gets no sensible answer in half a second (one second for money) is a StoreError, and then none is sent for a second,
doubling to eight: a database that is down costs a request at most that once. What then happens is its users' business:

    limits     each instance goes on by its own counts (`shared.web.limits`)
    breakers   each instance goes on by what it saw itself
    cache      the layer inside the process
    money      nothing is granted; models that cost nothing answer
    metrics    counted here, and sent later under the same `once`, so that a lost answer counts nothing twice

A lost answer leaves open what was done. The same hold again is granted without being counted twice, or runs out by itself;
a bill may be sent again; `put` is best effort by nature. A lost database opens no cap (`upstash_money.py`).

Upstash's ratelimit package is not used: `shared.web.limits` decides inside the instance and shares in the background, where
the package would add a round trip to each request.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from shared.coordination import Hold, Looked, Spend
from shared.coordination import upstash_scripts as scripts
from shared.coordination.upstash_money import Money, Recall, count, millis, text, values, whole
from shared.coordination.upstash_money import read as read_value
from shared.coordination.upstash_wire import Wire
from shared.errors import StoreError

_PAGE = 1000


class UpstashCoordination:
    """The `Coordination` protocol on a database at `url`.

    `now` is the holds' clock (Unix seconds) where it is not to be the server's; `monotonic` that of the rests after failures.
    `recall` says what the ledger has committed under a spending key; without it an absent spend means nothing spent.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        namespace: str = "lyo",
        now: Callable[[], float] | None = None,
        recall: Recall | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        prefix = namespace + ":"
        self._wire = Wire(url, token, monotonic)
        self._money = Money(self._wire, prefix, now, recall)
        self._values = prefix + "value:"
        self._counts = prefix + "count:"
        self._timed = prefix + "timed:"
        self._once = prefix + "once:"
        self._logs = prefix + "log:"
        self._areas = [prefix + "areas:count", prefix + "areas:timed"]

    @property
    def requests(self) -> int:
        """Round trips so far."""
        return self._wire.requests

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The values that exist and have not expired."""
        if not keys:
            return {}
        return values(keys, await self._wire.call("MGET", *(self._values + key for key in keys)))

    async def look(self, keys: Sequence[str], hold: Hold | None = None, unless: Sequence[str] = ()) -> Looked:
        """`get_many(keys)` and in the same moment `reserve(hold)`, unless one of `unless` (among `keys`) has a value.

        ValueError for a negative amount.
        """
        if hold is None:
            return Looked(await self.get_many(keys))
        return await self._money.look(keys, hold, unless)

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Set a value for `ttl` seconds."""
        await self._wire.call("SET", self._values + key, text(value), "PX", millis(ttl))

    async def put_many(self, values: Mapping[str, bytes], ttl: float) -> None:
        """Set several values for `ttl` seconds."""
        if values:
            args = [millis(ttl), *(text(value) for value in values.values())]
            await self._wire.script(scripts.PUT, [self._values + key for key in values], args)

    async def swap(self, key: str, expected: bytes | None, value: bytes | None, ttl: float) -> bool:
        """Compare-and-set: write `value` (None deletes) only if the current value equals `expected` (None: absent)."""
        wanted = ["" if one is None else text(one) for one in (expected, value)]
        return count(await self._wire.script(scripts.SWAP, [self._values + key], [*wanted, millis(ttl)])) == 1

    async def clear(self, prefix: str) -> int:
        """Delete every value whose key starts with `prefix`; returns how many."""
        removed = 0
        for keys in [page async for page in self._scan(self._values + prefix)]:
            removed += count(await self._wire.call("UNLINK", *keys))
        return removed

    async def add(
        self, deltas: Mapping[str, float], ttl: float | None = None, once: str | None = None
    ) -> Mapping[str, float]:
        """Add to counters and return their new totals. `ttl` (seconds) is set when a counter is created.

        Under a name (`once`) that was used within the hour nothing is added: the totals are those there are.
        """
        if not deltas:
            return {}
        areas = [key.partition(":")[0] for key in deltas]
        keys = [self._once + (once or ""), *self._areas]
        args = ["" if ttl is None else millis(ttl), "0" if once is None else "1"]
        for area, (key, delta) in zip(areas, deltas.items(), strict=True):
            keys += (self._counts + area, self._timed + key)
            args += (area, key, repr(float(delta)))
        answer = whole(await self._wire.script(scripts.ADD, keys, args), len(deltas))
        return {key: _number(total) for key, total in zip(deltas, answer, strict=True)}

    async def totals(self, prefix: str) -> Mapping[str, float]:
        """Every counter whose key starts with `prefix`: one request, more where those that expire are among them."""
        area = prefix.partition(":")[0] if ":" in prefix else ""
        timed, flat = whole(await self._wire.script(scripts.TOTALS, self._areas, [prefix, area, self._counts]), 2)
        listed = whole(flat)
        found = {str(key): _number(total) for key, total in zip(listed[::2], listed[1::2], strict=True)}
        if timed:
            for keys in [page async for page in self._scan(self._timed + prefix)]:
                totals = whole(await self._wire.call("MGET", *keys), len(keys))
                names = [key.removeprefix(self._timed) for key in keys]
                found |= {name: _number(total) for name, total in zip(names, totals, strict=True) if total is not None}
        return dict(sorted(found.items()))

    async def reserve(self, hold: Hold) -> str | None:
        """Set money aside under all caps or none: None when granted, else the key of the first cap that refuses.

        A hold whose id is already held is granted without being counted again. ValueError for a negative amount.
        """
        return await self._money.reserve(hold)

    async def settle(
        self, bills: Mapping[str, int], values: Mapping[str, bytes] | None = None, ttl: float = 0
    ) -> Sequence[str]:
        """Turn each hold into its bill in nano-USD committed (0 releases it), once, also when it has expired meanwhile;
        and set the values for `ttl` seconds with it. Returns the ids it does not know. ValueError for a negative bill, or one
        of 9 million USD.
        """
        return await self._money.settle(bills, values or {}, ttl)

    async def overdue(self, limit: int = 100) -> Mapping[str, float]:
        """Holds that ran out and that nobody settled, by id, with the seconds since then; the oldest first."""
        return await self._money.overdue(limit)

    async def correct(self, key: str, seen: Spend, committed: int) -> bool:
        """Set what a key has committed, if its spend is still exactly what was `seen`. ValueError for less than nothing."""
        return await self._money.correct(key, seen, committed)

    async def spend(self, keys: Iterable[str]) -> Mapping[str, Spend]:
        """What each key has committed and reserved; zeros for unknown keys."""
        return await self._money.spend(keys)

    async def append(self, log: str, items: Sequence[bytes], ttl: float) -> None:
        """Append to an ordered log that lives `ttl` seconds after its last append."""
        args = [millis(ttl), *(text(item) for item in items)]
        count(await self._wire.script(scripts.APPEND, [self._logs + log], args))

    async def tail(self, log: str, after: int) -> Sequence[bytes]:
        """Items after the first `after` ones, in order."""
        return [read_value(item) for item in whole(await self._wire.call("LRANGE", self._logs + log, after, -1))]

    async def sweep(self, limit: int = 1000) -> int:
        """Forget up to `limit` holds that nobody settled in two days; returns how many. The rest expires by itself."""
        return await self._money.sweep(limit)

    async def close(self) -> None:
        """Have everything answered and let go of connections; they are made again on the next use."""
        await self._wire.close()

    async def _scan(self, start: str) -> AsyncIterator[list[str]]:
        """Pages of the keys that begin so; never an empty one."""
        pattern = "".join("\\" + letter if letter in "*?[]\\^" else letter for letter in start) + "*"
        cursor, seen = "0", set[str]()
        while True:
            answer = whole(await self._wire.call("SCAN", cursor, "MATCH", pattern, "COUNT", _PAGE), 2)
            page = [key for key in map(str, whole(answer[1])) if key not in seen]  # the server may show one twice
            seen.update(page)
            if page:
                yield page
            cursor = str(answer[0])
            if cursor == "0":
                return


def _number(total: object) -> float:
    try:
        return float(str(total))
    except ValueError:
        raise StoreError("Redis holds something else under a counter of ours") from None
