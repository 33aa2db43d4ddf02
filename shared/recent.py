"""Documents that nearly every request needs, read at most every few seconds."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from shared import log
from shared.documents import LiveConfig, Profile
from shared.errors import StoreError
from shared.store import Ref, Store

LIVE_CONFIG_SECONDS = 2.0
"""How old a cached LiveConfig may be: what an operator changes holds everywhere after this long."""
PROFILE_SECONDS = 5.0
_PROFILES = 10_000

_logger = log.get(__name__)


class Recent:
    """What was read lately. `clock` gives Unix seconds."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._profiles: OrderedDict[str, tuple[float, Profile | None]] = OrderedDict()
        self._live: tuple[float, LiveConfig] | None = None
        self._reading: asyncio.Future[None] | None = None

    async def live(self) -> LiveConfig:
        """What operators and auto-tuning have set, at most LIVE_CONFIG_SECONDS old while the store can be read.

        While it cannot, what was last read holds: nothing that a newer one would change could be stored either.
        """
        if self._live is None or self._clock() - self._live[0] > LIVE_CONFIG_SECONDS:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.ensure_future(self._read())
                self._reading.add_done_callback(_seen)
            await asyncio.shield(self._reading)  # one reading for all who find it old
        assert self._live is not None  # _read has raised otherwise
        return self._live[1]

    async def _read(self) -> None:
        now = self._clock()
        try:
            self._live = (now, await self._store.get(LiveConfig, "live") or LiveConfig(id="live"))
        except StoreError:
            if self._live is None:
                raise
            log.event(_logger, "live_config.unread")

    async def profile(self, user_id: str) -> Profile | None:
        """A learner's profile, at most PROFILE_SECONDS old."""
        return (await self.profile_and(user_id))[0]

    async def profile_and(self, user_id: str, other: Ref | None = None) -> tuple[Profile | None, Any]:
        """`profile`, and in the same round trip another document with its version (None when it is not there)."""
        now = self._clock()
        known = self._profiles.get(user_id)
        if known is not None and now - known[0] <= PROFILE_SECONDS:
            return known[1], None if other is None else (await self._store.read(other))[0]
        found = await self._store.read(Ref(Profile, user_id), *(() if other is None else (other,)))
        profile = None if found[0] is None else found[0][0]
        self._profiles[user_id] = (now, profile)
        while len(self._profiles) > _PROFILES:
            self._profiles.popitem(last=False)
        return profile, found[-1] if other is not None else None


def _seen(reading: "asyncio.Future[None]") -> None:
    """Whoever waited has the error; nobody may be left to."""
    if not reading.cancelled():
        reading.exception()
