"""The sending half of a WebSocket: it waits for its reader, but not for ever, and it ends once."""

import asyncio
import contextlib
from typing import Final

from starlette.types import Send

UNREAD: Final = 1008
_CLOSE_SECONDS: Final = 2.0


class Line:
    """Frames on their way to one reader. `patience`: seconds that a frame may wait to be taken.

    `over` is set when the connection ends, whoever ends it: `close` from here, `lost` by the other side.
    """

    def __init__(self, send: Send, patience: float) -> None:
        self.over = asyncio.Event()
        self.code = 1006
        self._send = send
        self._patience = patience
        self._reason = ""
        self._last: str | None = None
        self._there = False
        self._since: float | None = None

    async def accept(self, protocol: str | None) -> None:
        """Take the connection."""
        self._there = True
        await self._send({"type": "websocket.accept", "subprotocol": protocol, "headers": []})

    async def tell(self, text: str) -> None:
        """Send a frame, at the reader's pace. Nothing once the connection is over."""
        if self.over.is_set():
            return
        # Whoever waited first counts, also when he was cancelled since: asking anew must not win a reader more time.
        if self._since is None:
            self._since = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(self._since + self._patience):
                await self._send({"type": "websocket.send", "text": text})
            self._since = None
        except TimeoutError:
            self.close(UNREAD, "nothing is read")
        except (OSError, RuntimeError):  # the server has closed it itself (a frame too long, no pong) and takes no more
            self.lost(self.code)

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        """End it, with `last` as its last frame. The first call counts."""
        if not self.over.is_set():
            self.code, self._reason, self._last = code, reason, last
            self.over.set()

    def lost(self, code: int) -> None:
        """The other side has ended it."""
        if not self.over.is_set():
            self.code, self._there = code, False
            self.over.set()

    async def hang_up(self) -> None:
        """Say the last words, if there is anybody left; to be called when nothing else is being sent."""
        if not self._there:
            return
        with contextlib.suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._last is not None:
                    await self._send({"type": "websocket.send", "text": self._last})
                await self._send({"type": "websocket.close", "code": self.code, "reason": self._reason})
