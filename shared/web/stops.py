"""The learner's stop for a running answer, whichever process it runs in.

A stop that finds the answer here ends it at once. Otherwise it leaves a flag that carries the learner's id (so only the
owner's stop counts); every process with running answers looks for flags (ten times a second in the embedded store, more
seldom where looking costs) and acknowledges.
"""

import asyncio

from shared import beat
from shared.coordination import Coordination
from shared.errors import LyoError, StoreError, Unavailable
from shared.log import event
from shared.log import get as logger
from shared.web.live import Live, Lives

_log = logger(__name__)

PACE_SECONDS = 0.1
ACK_SECONDS = 1.0
_TTL = 30.0


class Stops:
    """Asks for stops and obeys them. `pace`: seconds between two looks for what other processes ask."""

    def __init__(self, lives: Lives, coordination: Coordination, pace: float = PACE_SECONDS) -> None:
        self._lives = lives
        self._coordination = coordination
        self._pace = pace
        self._watcher: asyncio.Task[None] | None = None

    async def stop(self, message_id: str, user_id: str) -> bool:
        """End a running answer of this learner; False when none is found running anywhere.

        Raises Unavailable when it does not run here and the other instances cannot be asked.
        """
        live = self._lives.find(message_id)
        if live is not None:
            if live.user_id != user_id or live.ended:
                return False
            live.stop.request("stopped")
            return True
        try:
            return await self._ask(_key(message_id, user_id))
        except StoreError as error:
            event(_log, "stop.unasked", error=error.code)
            raise Unavailable("The answer may run on another instance, which cannot be reached now.") from error

    async def _ask(self, key: str) -> bool:
        if (await self._coordination.get_many([key])).get(key) == b"stopped":
            return True  # a second tap
        await self._coordination.put(key, b"asked", _TTL)
        for _ in range(round(max(ACK_SECONDS, 3 * self._pace) / self._pace * 2)):
            await asyncio.sleep(self._pace / 2)
            if (await self._coordination.get_many([key])).get(key) == b"stopped":
                return True
        return False

    def watch(self) -> None:
        """Look for flags as long as answers run here."""
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        await self._beat()
        while running := [live for live in self._lives.all() if not live.ended]:
            try:
                await self._obey(running)
            except LyoError as error:
                event(_log, "stops.unread", error=error.code)
            await self._beat()

    async def _beat(self) -> None:
        await asyncio.sleep(beat.pause(asyncio.get_running_loop().time(), self._pace))

    async def _obey(self, running: list[Live]) -> None:
        by_key = {_key(live.message_id, live.user_id): live for live in running}
        flags = await self._coordination.get_many(list(by_key))
        for key, value in flags.items():
            if value == b"asked":
                by_key[key].stop.request("stopped")
                await self._coordination.put(key, b"stopped", _TTL)


def _key(message_id: str, user_id: str) -> str:
    return f"stop:{message_id}|{user_id}"  # a bar can stand in neither of them
