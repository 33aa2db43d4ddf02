"""A streamed answer while it runs: a task fills it, any number of readers follow it, each from where it wants.

The answer does not belong to the connection that asked for it. A reader may leave and come back (`Last-Event-ID`),
another may attach; the learner's stop reaches it by its message id. When the last reader of an answer without an
Idempotency-Key has left, nobody can come back for it, so it is ended (after the short drain of `Stop`).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Protocol

import orjson

from shared.llm.stop import DRAIN_SECONDS, Stop

RUN = 100_000
"""Event ids are `run * RUN + n`: n counts an answer's events from 1, the run tells it from another under the same key."""


def position(last: int, first: bytes, total: int | None = None) -> int:
    """How many frames a reader has whose Last-Event-ID is `last` (0: none), by the first frame of what it is given now.

    The id of another run counts as none: the reader starts anew at `meta`, which names the new message. Of a finished
    answer (`total` frames) at least the terminal event is always shown.
    """
    base = int(first[4 : first.index(b"\n")]) - 1
    seen = last - base if 0 < last - base < RUN else 0
    return seen if total is None else min(seen, total - 1)


def frame(number: int, event: str, data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return encoded(number, event, orjson.dumps(data))


def encoded(number: int, event: str, data: bytes) -> bytes:
    """One server-sent event of which the data is JSON already."""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (number, event.encode(), data)


class Readable(Protocol):
    """What can be streamed to a caller: the frames behind the event whose id is `after` (0: all), until the terminal one."""

    def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """Frames (several may come joined); an empty one is a chance to send a keep-alive."""
        ...

    def leave(self) -> None:
        """The caller has gone."""
        ...


class Live:
    """One running answer."""

    def __init__(self, message_id: str, user_id: str, stop: Stop, *, keyed: bool) -> None:
        self.message_id = message_id
        self.user_id = user_id
        self.stop = stop
        self.frames: list[bytes] = []
        self.ended = False
        self.base = time.time_ns() // 1_000_000 % 10**10 * RUN
        self._keyed = keyed
        self._readers: set[asyncio.Event] = set()

    def publish(self, event: str, data: Mapping[str, Any]) -> None:
        """Add an event; readers see it at once."""
        self.frames.append(frame(self.base + len(self.frames) + 1, event, data))
        self._wake()

    def end(self, event: str, data: Mapping[str, Any]) -> None:
        """Add the terminal event, once."""
        if not self.ended:
            self.publish(event, data)
            self.ended = True

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """See Readable. Wakes at least every 15 s."""
        changed = asyncio.Event()
        self._readers.add(changed)
        if self.frames:
            after = position(after, self.frames[0], len(self.frames) if self.ended else None)
        try:
            while True:
                if after < len(self.frames):
                    yield b"".join(self.frames[after:])
                    after = len(self.frames)
                elif self.ended:
                    return
                else:
                    changed.clear()
                    try:
                        async with asyncio.timeout(15):
                            await changed.wait()
                    except TimeoutError:
                        yield b""
        finally:
            self._readers.discard(changed)

    def leave(self) -> None:
        """The caller of one reader has gone; the last one's leaving ends an answer nobody can come back for."""
        if not self._keyed and not self.ended and not self._readers:
            self.stop.request("left")

    def _wake(self) -> None:
        for changed in self._readers:
            changed.set()


class Lives:
    """The answers running in this process, by message id, with the tasks that fill them."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[Live, asyncio.Task[None]]] = {}

    def start(self, live: Live, fill: Callable[[], Awaitable[None]]) -> None:
        """Run `fill` for a live answer; it is found by its message id until `fill` is over."""
        task = asyncio.ensure_future(fill())
        self._running[live.message_id] = (live, task)
        task.add_done_callback(lambda _: self._running.pop(live.message_id, None))

    def find(self, message_id: str) -> Live | None:
        """A running answer."""
        found = self._running.get(message_id)
        return found[0] if found else None

    def all(self) -> list[Live]:
        """Every running answer."""
        return [live for live, _ in self._running.values()]

    async def drain(self, seconds: float) -> None:
        """Wait for the running answers, `seconds` at most; stop those that are left, so that they end with an event."""
        for wait, stop in ((seconds, True), (2 * DRAIN_SECONDS, False)):
            tasks = [task for _, task in self._running.values()]
            if not tasks:
                return
            await asyncio.wait(tasks, timeout=wait)
            if stop:
                for live in self.all():
                    live.stop.request("stopped")
