"""Money in Redis: holds under caps, bills, and what keeps a lost database from opening the caps.

A spend that is not there is either a day that has just begun or a loss. The account's (a hold's first cap) decides: where it
is absent the ledger is asked (`recall`) what it has committed, and it is set, once, before anything is granted. A database
without `since` has lost everything (or is new), and one whose account's day turns out to have begun has lost that: for the
longest day's time from then on absent learners' spends are asked for too. Otherwise an absent one means nothing spent, so
that the common case costs no more than its one round trip. What was under way at the moment of a loss is missing until
somebody corrects it from the ledger (`Coordination.correct`).
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from shared.coordination import Hold, Looked, Spend
from shared.coordination import upstash_scripts as scripts
from shared.coordination.upstash_wire import Wire
from shared.errors import StoreError

Recall = Callable[[str], Awaitable[int]]
"""What the ledger says that a spending key has committed, in nano-USD."""

MONEY_SECONDS = 1.0
RECALL_SECONDS = 5.0
MOST = 2**53
"""Nano-USD (9 million USD): above it the server's numbers are not exact, and nothing is granted."""
_SEEDINGS = 4


def text(value: bytes) -> str:
    """A value as the text that Redis over REST takes: UTF-8 as it is, anything else in base64; the first letter says which."""
    try:
        return "u" + value.decode()
    except UnicodeDecodeError:
        from base64 import b64encode

        return "b" + b64encode(value).decode()


def read(stored: object) -> bytes:
    """The value that `text` made. StoreError for anything else."""
    if isinstance(stored, str) and stored[:1] == "u":
        return stored[1:].encode()
    if isinstance(stored, str) and stored[:1] == "b":
        from base64 import b64decode

        try:
            return b64decode(stored[1:], validate=True)
        except ValueError:
            pass
    raise StoreError("Redis holds something else under a key of ours")


def values(keys: Sequence[str], answer: object) -> dict[str, bytes]:
    """The values of an MGET by their keys."""
    return {key: read(stored) for key, stored in zip(keys, whole(answer, len(keys)), strict=True) if stored is not None}


def whole(answer: object, length: int | None = None) -> list[object]:
    """The answer if it is a list (of that length), else StoreError."""
    if not isinstance(answer, list) or (length is not None and len(answer) != length):
        raise StoreError("Redis answered with something else")
    return answer


def count(answer: object) -> int:
    """The answer if it is an integer, else StoreError."""
    if not isinstance(answer, int):
        raise StoreError("Redis answered with something else")
    return answer


def millis(ttl: float) -> str:
    """Seconds as the milliseconds that PX takes, at least one."""
    return str(max(1, math.ceil(ttl * 1000)))


class Money:
    """Holds and spends under `prefix`."""

    def __init__(
        self, wire: Wire, prefix: str, now: Callable[[], float] | None = None, recall: Recall | None = None
    ) -> None:
        self._wire = wire
        self._now = now
        self._recall = recall
        self._recalling: dict[str, asyncio.Task[int]] = {}
        self._values = prefix + "value:"
        self._spends = prefix + "spend:"
        self._holds = prefix + "hold:"
        self._since = prefix + "since"
        self._index = [prefix + "holds:live", prefix + "holds:overdue"]

    async def look(self, keys: Sequence[str], hold: Hold, unless: Sequence[str]) -> Looked:
        """See `Coordination.look`, with a hold."""
        names, args = self._grant(hold)
        marks = [keys.index(key) + 1 for key in unless if key in keys]
        answer = await self._wire.script(
            scripts.LOOK,
            [*(self._values + key for key in keys), *names],
            [str(number) for number in (len(keys), len(marks), *marks)] + args,
            MONEY_SECONDS,
        )
        stored, verdict = whole(answer, 2)
        found = values(keys, stored)
        if whole(verdict) == ["unasked"]:
            return Looked(found)
        refused = await self._decide(hold, whole(verdict))
        return Looked(found, held=refused is None, refused=refused)

    async def reserve(self, hold: Hold) -> str | None:
        """See `Coordination.reserve`."""
        return await self._decide(hold, await self._ask(hold))

    async def settle(self, bills: Mapping[str, int], put: Mapping[str, bytes], ttl: float) -> list[str]:
        """See `Coordination.settle`."""
        for bill in bills.values():
            if not 0 <= bill < MOST:
                raise ValueError(f"a settlement cannot be negative, nor over {MOST}: {bill}")
        if not bills and not put:
            return []
        keys = [*self._index, *(self._holds + id_ for id_ in bills), *(self._values + key for key in put)]
        pairs = [part for id_, bill in bills.items() for part in (id_, str(bill))]
        args = [str(len(bills)), millis(ttl), *pairs, *(text(value) for value in put.values())]
        return [str(id_) for id_ in whole(await self._wire.script(scripts.SETTLE, keys, args, MONEY_SECONDS))]

    async def spend(self, keys: Iterable[str]) -> dict[str, Spend]:
        """See `Coordination.spend`."""
        asked = list(dict.fromkeys(keys))
        if not asked:
            return {}
        names = [*self._index, *(self._spends + key for key in asked)]
        found = whole(await self._wire.script(scripts.SPEND, names, self._when()), len(asked))
        return {key: _spend(pair) for key, pair in zip(asked, found, strict=True)}

    async def correct(self, key: str, seen: Spend, committed: int) -> bool:
        """See `Coordination.correct`."""
        if not 0 <= committed < MOST:
            raise ValueError(f"a correction cannot be negative, nor over {MOST}: {committed}")
        args = [*self._when(), str(seen.committed), str(seen.reserved), str(committed)]
        return count(await self._wire.script(scripts.CORRECT, [*self._index, self._spends + key], args)) == 1

    async def overdue(self, limit: int) -> dict[str, float]:
        """See `Coordination.overdue`."""
        found = whole(await self._wire.script(scripts.OVERDUE, self._index, [*self._when(), limit], MONEY_SECONDS))
        try:
            return {str(id_): float(str(since)) for id_, since in zip(found[::2], found[1::2], strict=True)}
        except ValueError as error:
            raise StoreError("Redis answered no list of holds") from error

    async def sweep(self, limit: int) -> int:
        """Give back what has run out, forget holds that nobody settled in two days; returns how many of these."""
        return count(await self._wire.script(scripts.SWEEP, self._index, [*self._when(), limit], MONEY_SECONDS))

    def _when(self) -> list[str]:
        return ["" if self._now is None else repr(self._now()), self._holds]

    def _grant(self, hold: Hold) -> tuple[list[str], list[str]]:
        if hold.amount < 0:
            raise ValueError(f"a hold cannot be negative: {hold.amount}")
        limits = _limits(hold)
        keys = [*self._index, self._since, self._holds + hold.id, *(self._spends + key for key in limits)]
        moment, prefix = self._when()
        asking = "0" if self._recall is None else "1"
        args = [moment, asking, prefix, hold.id, str(hold.amount), repr(float(hold.ttl))]
        return keys, [*args, *(str(min(limit, MOST - 1)) for limit in limits.values())]

    async def _ask(self, hold: Hold) -> list[object]:
        keys, args = self._grant(hold)
        return whole(await self._wire.script(scripts.RESERVE, keys, args, MONEY_SECONDS))

    async def _decide(self, hold: Hold, verdict: list[object]) -> str | None:
        keys = list(_limits(hold))
        for _ in range(_SEEDINGS):
            match verdict:
                case ["held"]:
                    return None
                case ["refused", str(place)] if place.isdecimal() and int(place) < len(keys):
                    return keys[int(place)]
                case ["absent", *places] if {str(place) for place in places} <= {str(n) for n in range(len(keys))}:
                    await self._seed(keys, {keys[int(str(place))] for place in places})
                    verdict = await self._ask(hold)
                case _:
                    break
        raise StoreError("Redis gave no verdict on a hold")

    async def _seed(self, keys: list[str], absent: set[str]) -> None:
        """Set the absent spends from the ledger: all of the hold's, where the account's turns out to be lost."""
        account = keys[0] in absent
        known = {key: await self._recalled(key) for key in keys if key in absent}
        if account and known[keys[0]] > 0:
            known = {key: known[key] if key in known else await self._recalled(key) for key in keys}
        names = [self._since, *(self._spends + key for key in known)]
        args = [self._when()[0], "1" if account else "0", *(str(committed) for committed in known.values())]
        count(await self._wire.script(scripts.SEED, names, args, MONEY_SECONDS))

    async def _recalled(self, key: str) -> int:
        """What the ledger says; those who ask for the same key at the same time ask once."""
        task = self._recalling.get(key)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._recalling[key] = asyncio.create_task(self._read_ledger(key))
            task.add_done_callback(lambda done: self._recalled_already(key, done))
        return await asyncio.shield(task)

    def _recalled_already(self, key: str, done: "asyncio.Task[int]") -> None:
        if self._recalling.get(key) is done:
            del self._recalling[key]
        if not done.cancelled():
            done.exception()  # seen, also when those who asked have left

    async def _read_ledger(self, key: str) -> int:
        if self._recall is None:
            raise StoreError("there is no ledger to ask")
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                committed = await self._recall(key)
        except Exception as error:  # whatever keeps the ledger from answering: without its word no money is given
            raise StoreError("the ledger does not say what was spent") from error
        return min(max(0, committed), MOST)


def _limits(hold: Hold) -> dict[str, int]:
    """The caps by key, the narrower where a key stands twice."""
    limits: dict[str, int] = {}
    for cap in hold.caps:
        limits[cap.key] = min(cap.limit, limits.get(cap.key, cap.limit))
    return limits


def _spend(pair: object) -> Spend:
    committed, reserved = whole(pair, 2)
    try:
        return Spend(int(str(committed or "0")), int(str(reserved or "0")))
    except ValueError:
        raise StoreError("Redis holds something else under a spend of ours") from None
