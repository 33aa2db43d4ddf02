"""Ending a running answer from outside, without cancelling the task that has to settle and record it.

The gateway waits for each chunk inside `stop.timeout(…)`; a request to stop moves that time-out to now (or, when the
caller merely left, to the end of a short drain in which the provider may still report its usage).
"""

import asyncio
import contextlib
from typing import Literal

Reason = Literal["stopped", "left"]

DRAIN_SECONDS = 2.0


class Stop:
    """One answer's stop switch. Not thread-safe: one event loop."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self._current: asyncio.Timeout | None = None
        self._end: float | None = None

    def request(self, reason: Reason) -> None:
        """End the answer: at once when the learner says stop, within DRAIN_SECONDS when the caller has left."""
        if self.reason in ("stopped", reason):
            return
        self.reason = reason
        now = asyncio.get_running_loop().time()
        self._end = now if reason == "stopped" else now + DRAIN_SECONDS
        if self._current is not None:
            with contextlib.suppress(RuntimeError):  # between two waits: the next one sees `_end`
                self._current.reschedule(min(self._end, self._current.when() or self._end))

    def hurry(self) -> None:
        """End the wait that is under way as if its deadline had passed: the model that is waited for is known to be gone."""
        if self._current is not None:
            with contextlib.suppress(RuntimeError):  # it is over already
                self._current.reschedule(asyncio.get_running_loop().time())

    def timeout(self, seconds: float) -> asyncio.Timeout:
        """A time-out for the next wait, already cut short when a stop was requested."""
        end = asyncio.get_running_loop().time() + max(seconds, 0)
        self._current = asyncio.timeout_at(end if self._end is None else min(end, self._end))
        return self._current
