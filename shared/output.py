"""Standard output for log lines: whole lines, bounded waiting, one system call for many.

A reader that stops reading cannot stop the service: a line waits 100 ms for room at most, then it is dropped and counted.
"""

import asyncio
import os
import select
from collections.abc import Callable, Iterator
from typing import Any

_WAIT_MS = 100
_PIPE_BUF = 4096  # a pipe that polls writable takes this much without blocking (POSIX PIPE_BUF)


class Output:
    """One descriptor. `tell` makes the line that says how many were dropped, once there is room again.

    Inside an event loop the lines of one of its turns go out together: each system call costs about as much as making
    the line did.
    """

    def __init__(self, descriptor: int, tell: Callable[[int], bytes]) -> None:
        self._tell = tell
        self._descriptor = descriptor
        self._poller: Any = None  # made on first use: select.poll is missing on Windows
        self._waiting: list[bytes] = []
        self.dropped = 0

    def write(self, line: bytes) -> None:
        """Have a line written: at the end of this turn of the event loop, at once where there is none."""
        self._waiting.append(line)
        if len(self._waiting) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:  # no loop here, or it is closing
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        lines, self._waiting = self._waiting, []
        for line in _joined(lines):
            self._line(line)

    def _line(self, line: bytes) -> None:
        if self.dropped:
            lost, self.dropped = self.dropped, 0
            self._pieces(self._tell(lost))
        self._pieces(line)

    def _pieces(self, line: bytes) -> None:
        for start in range(0, len(line), _PIPE_BUF):
            if not self._piece(line[start : start + _PIPE_BUF]):
                self.dropped += 1
                return

    def _piece(self, piece: bytes) -> bool:
        if self._poller is None and hasattr(select, "poll"):
            self._poller = select.poll()
            self._poller.register(self._descriptor, select.POLLOUT)
        try:
            while piece:
                if self._poller is not None and not self._poller.poll(_WAIT_MS):
                    return False
                piece = piece[os.write(self._descriptor, piece) :]
        except OSError:  # closed or broken: a request must not fail because nobody reads its log
            return False
        return True


def _joined(lines: list[bytes]) -> Iterator[bytes]:
    """Lines put together as long as they fit into one write that cannot block."""
    together = b""
    for line in lines:
        if together and len(together) + len(line) > _PIPE_BUF:
            yield together
            together = b""
        together += line
    if together:
        yield together
