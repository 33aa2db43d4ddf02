"""A streamed answer while it runs: a task fills it, any number of readers follow it, each from where it wants.

The answer does not belong to the connection that asked for it. A reader may leave and come back (`Last-Event-ID`),
another may attach; the learner's stop reaches it by its message id. When the last reader of an answer without an
Idempotency-Key has left, nobody can come back for it, so it is ended (after the short drain of `Stop`).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Protocol

import orjson

from shared.errors import LyoError
from shared.llm.stop import Stop

TERMINAL = ("done", "error")


def frame(number: int, event: str, data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (number, event.encode(), orjson.dumps(data))


class Readable(Protocol):
    """What can be streamed to a caller: frames after the first `after` ones, until the terminal one."""

    def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """Frames (several may come joined); an empty one is a chance to send a keep-alive."""
        ...

    def leave(self) -> None:
        """The caller has gone."""
        ...


class Live:
    """One running answer. `seal` is awaited with all frames before the terminal one is shown to anybody."""

    def __init__(
        self,
        message_id: str,
        user_id: str,
        stop: Stop,
        *,
        keyed: bool,
        seal: Callable[[list[bytes], bytes], Awaitable[None]] | None = None,
    ) -> None:
        self.message_id = message_id
        self.user_id = user_id
        self.stop = stop
        self.frames: list[bytes] = []
        self.ended = False
        self._keyed = keyed
        self._seal = seal
        self._readers: set[asyncio.Event] = set()

    def publish(self, event: str, data: Mapping[str, Any]) -> None:
        """Add an event; readers see it at once."""
        self.frames.append(frame(len(self.frames) + 1, event, data))
        self._wake()

    async def end(self, event: str, data: Mapping[str, Any]) -> None:
        """Add the terminal event, once. Raises StoreError when a `done` cannot be kept under its key: end it as an error then."""
        if self.ended:
            return
        last = frame(len(self.frames) + 1, event, data)
        if self._seal is not None:
            try:
                await self._seal([*self.frames, last], orjson.dumps(data))
            except LyoError:
                if event != "error":
                    raise
        self.frames.append(last)
        self.ended = True
        self._wake()

    async def read(self, after: int) -> AsyncGenerator[bytes, None]:
        """See Readable. Wakes at least every 15 s."""
        changed = asyncio.Event()
        self._readers.add(changed)
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
        """Wait for the running answers, `seconds` at most."""
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
