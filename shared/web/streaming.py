"""From a gateway's stream to a response: the first text is awaited before the 200, later failures become events."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from starlette.types import Receive

from shared.errors import Interrupted, LyoError, Superseded
from shared.llm.call import Answer, Delta, Keep, keep_nothing
from shared.llm.stop import Stop
from shared.log import get as logger
from shared.web.live import Live, Lives
from shared.web.problem import problem
from shared.web.sse import EventStream, until_gone
from shared.web.ticket import Ticket

_log = logger(__name__)


async def respond(
    lives: Lives,
    events: Callable[[Keep], AsyncGenerator[Delta | Answer, None]],
    *,
    meta: Mapping[str, Any],
    user_id: str,
    stop: Stop,
    ticket: Ticket | None,
    receive: Receive | None,
    done: Callable[[Answer], Mapping[str, Any]],
) -> EventStream:
    """Start filling a live answer from `events` and return the stream that follows it.

    `events` is given what keeps the stream under its key, for the gateway's `seal`. `meta` (with `message_id` and
    `request_id`) is the first event, `done(answer)` the last. `receive` tells when the caller hangs up; None where somebody
    else listens for that. Raises what the gateway raises as long as no text was given.
    """
    live = Live(str(meta["message_id"]), user_id, stop, keyed=ticket is not None)
    live.publish("meta", meta)
    seal = keep_nothing if ticket is None else ticket.seal_stream(live, done)
    begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    named = str(meta["request_id"])
    lives.start(
        live,
        lambda: _fill(
            live, events(seal), begun, request_id=named, language=meta.get("language"), done=done, ticket=ticket
        ),
    )
    if receive is None:
        await begun
        return EventStream(live)
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
    *,
    request_id: str,
    language: str | None,
    done: Callable[[Answer], Mapping[str, Any]],
    ticket: Ticket | None,
) -> None:
    try:
        async with aclosing(events):
            async for item in events:
                if isinstance(item, Delta):
                    live.publish("delta", {"text": item.text})
                else:
                    live.end("done", done(item))
                if not begun.done():
                    begun.set_result(None)
                    if ticket is not None:
                        ticket.log(live)
    except Exception as error:  # noqa: BLE001 - whatever it is, a stream that began must not end without a terminal event
        if not isinstance(error, LyoError):
            _log.exception("stream.failed")
        if not begun.done():
            begun.set_exception(error)  # the request fails, and whoever asked frees its key
            return
        if not live.ended:
            if ticket is not None:
                await ticket.give_up(error)  # before the error is shown: who then comes back begins anew
            live.end("error", problem(_told(error), request_id, language))
    if ticket is not None:
        ticket.close()


def _told(error: Exception) -> Exception:
    if isinstance(error, Superseded):
        return Interrupted("This request was answered elsewhere meanwhile. Send it again to get that answer.")
    return error
