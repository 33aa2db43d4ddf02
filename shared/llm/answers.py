"""The exact cache: a bounded in-process layer over the shared one. The rules of what enters are in `cache.py`."""

from collections import OrderedDict
from collections.abc import Callable

from shared.coordination import Coordination
from shared.llm import cache
from shared.llm.cache import Entry


class AnswerCache:
    """Least-recently-used entries in this process; every entry also in `coordination`, where the other instances find it."""

    def __init__(self, coordination: Coordination, size: int, clock: Callable[[], float]) -> None:
        self._coordination = coordination
        self._size = size
        self._clock = clock
        self._near: OrderedDict[str, tuple[float, Entry]] = OrderedDict()

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

    async def put(self, key: str, entry: Entry, ttl: float) -> None:
        """File an answer for `ttl` seconds."""
        if ttl > 0:
            self._remember(key, entry, ttl)
            await self._coordination.put(key, cache.encode(entry), ttl)

    async def clear(self) -> int:
        """Forget everything here and in the shared layer; returns how many shared entries went."""
        self._near.clear()
        return await self._coordination.clear(cache.PREFIX)

    def _remember(self, key: str, entry: Entry, ttl: float) -> None:
        if self._size == 0:
            return
        self._near[key] = (self._clock() + ttl, entry)
        self._near.move_to_end(key)
        while len(self._near) > self._size:
            self._near.popitem(last=False)
