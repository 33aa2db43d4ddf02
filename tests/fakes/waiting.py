"""Waiting for something to become true."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

LONG = 30.0
"""Seconds after which what should have happened never will, on a slow machine that stalls for moments too."""


async def eventually(condition: Callable[[], bool | Awaitable[bool]], seconds: float = LONG) -> float:
    """Wait for the condition; the seconds it took. An AssertionError when it does not come in time."""
    began, pause = time.monotonic(), 0.002
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, "it never came"
        await asyncio.sleep(pause)
        pause = min(0.05, pause * 1.5)
