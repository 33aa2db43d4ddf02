"""The moment between "this instance ends" and its end.

The servers we run under (uvicorn, alone or as gunicorn's worker) have no shutdown hook for a function, and end the process
by the signal's default action as soon as they have let their connections go: neither `atexit` nor the end of the event loop
is reached. What they do have is at least a tenth of a second of running loop after the signal. This uses it.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

_running: set["asyncio.Task[None]"] = set()  # a task nobody holds may be collected before it ends


def before_exit(drain: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    """Run `drain()` in the running loop when SIGTERM or SIGINT arrives, and let the server's own handler go on.

    Call it from inside the loop, once the server is up. Returns False, and changes nothing, where no server handles
    these signals or outside of the main thread. Whoever sets a handler later (the server does, at its end) replaces it.
    """
    loop = asyncio.get_running_loop()
    chained = [_chain(number, loop, drain) for number in (signal.SIGTERM, signal.SIGINT)]
    return any(chained)


def _chain(
    number: signal.Signals, loop: asyncio.AbstractEventLoop, drain: Callable[[], Coroutine[Any, Any, None]]
) -> bool:
    before = signal.getsignal(number)
    if not callable(before) or before is signal.default_int_handler:
        return False

    def start() -> None:
        task = loop.create_task(drain())
        _running.add(task)
        task.add_done_callback(_running.discard)

    def arrived(signum: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(start)
        before(signum, frame)

    try:
        signal.signal(number, arrived)
    except ValueError:  # not the main thread
        return False
    return True
