"""From a gateway's stream to a response: the first text is awaited before the 200, later failures become events."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from starlette.types import Receive

from shared.errors import LyoError
from shared.llm.call import Answer, Delta
from shared.llm.stop import Stop
from shared.log import get as logger
from shared.web.exchange import Ticket
from shared.web.live import Live, Lives
from shared.web.problem import problem
from shared.web.sse import EventStream, until_gone

_log = logger(__name__)


async def respond(
    lives: Lives,
    events: AsyncGenerator[Delta | Answer, None],
    *,
    meta: Mapping[str, Any],
    user_id: str,
    stop: Stop,
    ticket: Ticket | None,
    receive: Receive,
    done: Callable[[Answer], Mapping[str, Any]],
) -> EventStream:
    """Start filling a live answer from `events` and return the stream that follows it.

    `meta` (with `message_id` and `request_id`) is the first event, `done(answer)` the last. Raises what the gateway
    raises as long as no text was given.
    """
    live = Live(
        str(meta["message_id"]),
        user_id,
        stop,
        keyed=ticket is not None,
        seal=ticket.seal if ticket is not None else None,
    )
    if ticket is not None:
        ticket.frames = live.frames
    live.publish("meta", meta)
    begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    lives.start(live, lambda: _fill(live, events, begun, str(meta["request_id"]), done))
    gone = asyncio.ensure_future(until_gone(receive))
    try:
        await asyncio.wait({begun, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done() and ticket is None:
            stop.request("left")  # nobody waits for it any more, and without a key nobody can come back
        await begun
    except BaseException:
        gone.cancel()
        raise
    return EventStream(live, gone=gone)


async def _fill(
    live: Live,
    events: AsyncGenerator[Delta | Answer, None],
    begun: "asyncio.Future[None]",
    request_id: str,
    done: Callable[[Answer], Mapping[str, Any]],
) -> None:
    try:
        async with aclosing(events):
            async for item in events:
                if isinstance(item, Delta):
                    live.publish("delta", {"text": item.text})
                else:
                    await live.end("done", done(item))
                if not begun.done():
                    begun.set_result(None)
    except LyoError as error:
        await _fail(live, begun, error, request_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, a stream that began must not end without a terminal event
        _log.exception("stream.failed")
        await _fail(live, begun, error, request_id)


async def _fail(live: Live, begun: "asyncio.Future[None]", error: Exception, request_id: str) -> None:
    if not begun.done():
        begun.set_exception(error)
    elif not live.ended:
        await live.end("error", problem(error, request_id))
