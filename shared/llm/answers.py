"""The exact cache: a bounded in-process layer over the shared one. The rules of what enters are in `cache.py`."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from shared.coordination import Coordination
from shared.errors import LyoError
from shared.llm import cache
from shared.llm.cache import Entry
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)
_SHARE_SECONDS = 0.01
_MOST_UNSHARED = 10_000


class AnswerCache:
    """Least-recently-used entries in this process; shared ones also in `coordination`, where the other instances find them.

    An entry of one learner alone never leaves the process: it can serve nobody else, so nothing private is put where
    everybody looks.
    """

    def __init__(self, coordination: Coordination, size: int, clock: Callable[[], float]) -> None:
        self._coordination = coordination
        self._size = size
        self._clock = clock
        self._near: OrderedDict[str, tuple[float, Entry]] = OrderedDict()
        self._unshared: dict[str, bytes] = {}
        self._ttl = 0.0
        self._sharing: asyncio.Future[None] | None = None

    def near(self, key: str) -> Entry | None:
        """An entry of this process, no round trip."""
        found = self._near.get(key)
        if found is None:
            return None
        if found[0] <= self._clock():
            del self._near[key]
            return None
        self._near.move_to_end(key)
        return found[1]

    def far(self, key: str, raw: bytes, ttl: float) -> Entry | None:
        """An entry read from the shared layer; kept near for a tenth of its life, so that a cleared one goes soon."""
        entry = cache.decode(raw)
        if entry is not None:
            self._remember(key, entry, ttl / 10)
        return entry

    def drop(self, key: str) -> None:
        """Forget an entry of this process."""
        self._near.pop(key, None)

    def put(self, key: str, entry: Entry, ttl: float) -> None:
        """File an answer in this process for `ttl` seconds."""
        self._remember(key, entry, ttl)

    def share(self, key: str, value: bytes, ttl: float) -> None:
        """Put an encoded answer where the other instances look, in a moment and together with others."""
        if len(self._unshared) >= _MOST_UNSHARED:
            return
        self._unshared[key] = value
        self._ttl = ttl
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.ensure_future(self._share())

    async def settled(self) -> None:
        """Wait until everything filed so far is shared."""
        if self._sharing is not None:
            await asyncio.shield(self._sharing)

    async def clear(self) -> int:
        """Forget everything here and in the shared layer; returns how many shared entries went."""
        self._near.clear()
        return await self._coordination.clear(cache.PREFIX)

    async def _share(self) -> None:
        while self._unshared:
            await asyncio.sleep(_SHARE_SECONDS)
            batch, self._unshared = self._unshared, {}
            try:
                await self._coordination.put_many(batch, self._ttl)
            except LyoError as error:
                # Only a later hit is lost; the answer itself was given.
                event(_log, "cache.unshared", entries=len(batch), error=error.code)

    def _remember(self, key: str, entry: Entry, ttl: float) -> None:
        if self._size == 0:
            return
        self._near[key] = (self._clock() + ttl, entry)
        self._near.move_to_end(key)
        while len(self._near) > self._size:
            self._near.popitem(last=False)
