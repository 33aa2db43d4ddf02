"""What only each instance, or only the last evaluation, can see, where all of them find it.

Memory is a gauge of one process, and the fleet's is its worst instance's: one value, which an instance replaces when it is
worse off, or when the value is its own. So it needs no list of instances, and one that ended is forgotten after MEMORY_TTL.
Reports travel with the metrics that go out anyway (`Metrics(beside=…)`), so they make no round trip of their own.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson

from shared import log
from shared.coordination import Coordination
from shared.errors import LyoError
from shared.telemetry.memory import Memory, memory

REPORT_SECONDS: Final = 10.0
MEMORY_TTL: Final = 60.0
"""Seconds that the worst value stands when the instance that reported it says no more."""
MEASURED_TTL: Final = 300.0
_MEMORY: Final = "fleet:memory"
_MEASURED: Final = "fleet:measured"

_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the last evaluation of the alerts found, for those who ask in between. Shares from 0 to 1, Unix seconds."""

    at: float
    error_rate: float | None = None
    response_time: float | None = None
    gpu_utilization: float | None = None
    dead_jobs: int = 0
    firing: Mapping[str, str] = field(default_factory=dict)
    """The rules that are broken, with their severity."""


class Fleet:
    """Tells and reads what instances share about themselves. `instance` is this process's name; `look` its memory."""

    def __init__(
        self,
        coordination: Coordination,
        instance: str,
        clock: Callable[[], float],
        look: Callable[[], Memory] = memory,
    ) -> None:
        self._coordination = coordination
        self._instance = instance
        self._clock = clock
        self._look = look
        self._known: bytes | None = None
        self._stale = False
        self._due = 0.0
        self._reporting: asyncio.Task[None] | None = None

    def report(self) -> None:
        """Begin to tell this instance's memory, once in REPORT_SECONDS; call it when something else goes out."""
        now = self._clock()
        if now < self._due or (self._reporting is not None and not self._reporting.done()):
            return
        self._due = now + REPORT_SECONDS
        self._reporting = asyncio.get_running_loop().create_task(self._report())

    async def close(self) -> None:
        """Wait for a report that is under way."""
        if self._reporting is not None:
            await asyncio.wait([self._reporting])

    async def worst(self) -> Memory:
        """The memory of the instance that is worst off, this one included. Raises what `coordination` raises."""
        own = self._look()
        found = (await self._coordination.get_many([_MEMORY])).get(_MEMORY)
        return max(own, _memory(found), key=_badness)

    async def tell(self, reading: Reading) -> None:
        """Have the other instances find what an evaluation found. Best effort: the next one tells it again."""
        try:
            await self._coordination.put(_MEASURED, orjson.dumps(asdict(reading)), MEASURED_TTL)
        except LyoError as error:
            log.event(_logger, "fleet.untold", level=logging.WARNING, error=error.code)

    async def reading(self) -> Reading | None:
        """What the last evaluation found, None when there was none lately. Raises what `coordination` raises."""
        found = (await self._coordination.get_many([_MEASURED])).get(_MEASURED)
        return None if found is None else _reading(found)

    async def _report(self) -> None:
        """One operation: replace the value that stands, where this instance has to, or else read it for the next time."""
        own, by = self._look(), _fields(self._known).get("by")
        replaces = by in (None, self._instance) or _badness(own) > _badness(_memory(self._known))
        try:
            if self._stale or not replaces:
                self._known = (await self._coordination.get_many([_MEMORY])).get(_MEMORY)
                self._stale = False
                return
            value = orjson.dumps({"by": self._instance, "used": own.used, "limit": own.limit})
            if await self._coordination.swap(_MEMORY, self._known, value, MEMORY_TTL):
                self._known = value
            else:  # somebody was there meanwhile, or it ran out: to be read with what goes out next, not in a trip of its own
                self._stale, self._due = True, 0.0
        except LyoError:
            return  # the next one tells it; whoever needs the store says that it is away


def _badness(found: Memory) -> tuple[float, int]:
    return (0.0 if found.share is None else found.share, found.used)


def _fields(raw: bytes | None) -> dict[str, Any]:
    try:
        found = orjson.loads(raw or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _memory(raw: bytes | None) -> Memory:
    fields = _fields(raw)
    used, limit = fields.get("used"), fields.get("limit")
    if type(used) is not int:
        return Memory(0)
    return Memory(used, limit if type(limit) is int and limit > 0 else None)


def _reading(raw: bytes) -> Reading | None:
    try:
        return Reading(**orjson.loads(raw))
    except (ValueError, TypeError):  # another version wrote it
        return None
