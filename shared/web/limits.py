"""Rate limits: decided here and now, shared between instances in the background.

Each bucket is a sliding window of a minute, kept as two counters: this minute's, and last minute's weighted by the part of
it that still lies inside the window. A request is decided from this instance's memory, with no round trip. What was
admitted is added to the fleet's counters once a beat while there is traffic, and the totals that come back are what the next
decisions start from. So a limit can be overshot by what all instances together admit in one beat plus one round trip. When the coordination cannot be reached each instance goes on by its own count: the limit is then per
instance.

Buckets: one per address for requests that carry no valid token; one per user for those that do, and one per user and
endpoint where a model is called. An address's bucket is never charged for a signed-in caller, nor the other way round,
so a flood without tokens takes nothing from learners behind the same address.
"""

import asyncio
import ipaddress
import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from shared import beat, log
from shared.coordination import Coordination
from shared.errors import RateLimited
from shared.settings import Settings

WINDOW_SECONDS: Final = 60.0
SHARE_TIMEOUT_SECONDS: Final = 2.0
SHARE_BATCH: Final = 500
MOST_BUCKETS: Final = 50_000
COUNTER_TTL: Final = 3 * WINDOW_SECONDS

_logger = log.get(__name__)


class _Bucket:
    """One caller's window: `index` counts minutes since 1970, `now` and `before` are the fleet's counts as far as known."""

    __slots__ = ("before", "index", "now")

    def __init__(self, index: int) -> None:
        self.index = index
        self.now = 0.0
        self.before = 0.0

    def turn(self, index: int) -> None:
        self.before = self.now if index == self.index + 1 else 0.0
        self.now = 0.0
        self.index = index


class Limits:
    """Admits or refuses requests; `clock` gives Unix seconds, because the minutes are shared between instances.

    `every` is the beat in seconds (`shared.beat`).
    """

    def __init__(
        self,
        settings: Settings,
        coordination: Coordination,
        clock: Callable[[], float],
        *,
        every: float = beat.LOCAL_SECONDS,
    ) -> None:
        self._every = every
        self._per_address = settings.rate_limit_ip_per_minute
        self._per_user = settings.rate_limit_user_per_minute
        self._per_endpoint = settings.rate_limit_endpoint_per_minute
        self._coordination = coordination
        self._clock = clock
        # Kept apart, so that made-up addresses cannot push learners' buckets out of memory.
        self._addresses: OrderedDict[str, _Bucket] = OrderedDict()
        self._users: OrderedDict[str, _Bucket] = OrderedDict()
        self._unshared: dict[tuple[str, int], float] = {}
        self._sharing: asyncio.Task[None] | None = None

    def admit_address(self, address: str) -> None:
        """Count a request without a valid token. Raises RateLimited."""
        self._admit(self._addresses, ((f"ip:{network_of(address)}", self._per_address),))

    def admit_user(self, user_id: str, endpoint: str | None = None) -> None:
        """Count a signed-in request, and under `endpoint` too when one is named. Raises RateLimited."""
        if endpoint is None:
            self._admit(self._users, ((f"user:{user_id}", self._per_user),))
        else:
            wanted = ((f"user:{user_id}", self._per_user), (f"call:{endpoint}:{user_id}", self._per_endpoint))
            self._admit(self._users, wanted)

    async def share(self) -> None:
        """Add what was admitted since the last time to the fleet's counters, and take over the totals."""
        if not self._unshared:
            return
        batch, self._unshared = self._unshared, {}
        keys = list(batch)
        # In parts: one large command would hold up the others, and its time-out look like a store that is down.
        for start in range(0, len(keys), SHARE_BATCH):
            await self._share({key: batch[key] for key in keys[start : start + SHARE_BATCH]})

    async def _share(self, batch: Mapping[tuple[str, int], float]) -> None:
        deltas = {_counter(name, index): count for (name, index), count in batch.items()}
        try:
            async with asyncio.timeout(SHARE_TIMEOUT_SECONDS):
                totals = await self._coordination.add(deltas, ttl=COUNTER_TTL)
        except Exception as error:  # noqa: BLE001 - however coordination fails, this instance's own count decides
            log.event(_logger, "limits.unshared", level=logging.WARNING, error=type(error).__name__)
            self._keep(batch)
            return
        for name, index in batch:
            self._take_over(name, index, totals)

    async def close(self) -> None:
        """Stop sharing; what was not shared yet is shared now."""
        if self._sharing is not None:
            self._sharing.cancel()
            await asyncio.gather(self._sharing, return_exceptions=True)
            self._sharing = None
        await self.share()

    def _admit(self, buckets: OrderedDict[str, _Bucket], wanted: tuple[tuple[str, int], ...]) -> None:
        now = self._clock()
        minute, into = divmod(now, WINDOW_SECONDS)
        index, passed = int(minute), into / WINDOW_SECONDS
        found = [self._bucket(buckets, name, index) for name, _ in wanted]
        for bucket, (_, limit) in zip(found, wanted, strict=True):
            if bucket.before * (1 - passed) + bucket.now + 1 > limit:
                raise RateLimited("Too many requests.", retry_after=_wait(bucket, limit, passed))
        for bucket, (name, _) in zip(found, wanted, strict=True):
            bucket.now += 1
            self._note(name, index, 1.0)
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.get_running_loop().create_task(self._share_while_busy())

    def _bucket(self, buckets: OrderedDict[str, _Bucket], name: str, index: int) -> _Bucket:
        bucket = buckets.get(name)
        if bucket is None:
            bucket = buckets[name] = _Bucket(index)
            if len(buckets) > MOST_BUCKETS:
                buckets.popitem(last=False)
        elif bucket.index == index:
            buckets.move_to_end(name)
            return bucket
        else:
            buckets.move_to_end(name)
            bucket.turn(index)
        self._note(name, index - 1, 0.0)  # adding nothing asks what the others counted last minute
        return bucket

    def _note(self, name: str, index: int, count: float) -> None:
        known = self._unshared.get((name, index))
        if known is not None or len(self._unshared) < MOST_BUCKETS:
            self._unshared[name, index] = (known or 0.0) + count

    async def _share_while_busy(self) -> None:
        while self._unshared:
            await asyncio.sleep(beat.pause(asyncio.get_running_loop().time(), self._every))
            await self.share()

    def _take_over(self, name: str, index: int, totals: Mapping[str, float]) -> None:
        buckets = self._addresses if name.startswith("ip:") else self._users
        bucket, total = buckets.get(name), totals.get(_counter(name, index))
        if bucket is None or total is None:
            return
        if bucket.index == index:
            # What was admitted while the round trip was under way is not in the total yet.
            bucket.now = total + self._unshared.get((name, index), 0.0)
        elif bucket.index == index + 1:
            bucket.before = total

    def _keep(self, batch: Mapping[tuple[str, int], float]) -> None:
        """Put counts back that could not be shared, as long as their minute still matters and there is room."""
        oldest = int(self._clock() // WINDOW_SECONDS) - 1
        for (name, index), count in batch.items():
            if index >= oldest:
                self._note(name, index, count)


def network_of(address: str) -> str:
    """What an address is counted as: itself, or its /64 for IPv6, of which everyone has 2**64; `?` when it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False).network_address)


def _wait(bucket: _Bucket, limit: int, passed: float) -> float:
    """Seconds until one more request fits, if nothing else comes."""
    room = limit - 1 - bucket.now
    # Where this minute's count leaves room, last minute's has to fade; else this minute's has to, in the next one.
    fades = 1 - room / bucket.before if room >= 0 else 2 - (limit - 1) / bucket.now
    return max(1.0, math.ceil((fades - passed) * WINDOW_SECONDS))


def _counter(name: str, index: int) -> str:
    return f"limit:{name}:{index}"
