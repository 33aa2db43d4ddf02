"""Waiting for something to become true."""

import asyncio
import time
from collections.abc import Callable


async def eventually(condition: Callable[[], bool], seconds: float = 2.0) -> float:
    """Wait for the condition; the seconds it took. An AssertionError when it does not come in time."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it never came"
        await asyncio.sleep(0.005)
    return time.monotonic() - began
