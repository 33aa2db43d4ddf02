"""An exchange whose answer is shown while it is written, over whichever transport."""

from typing import TYPE_CHECKING

from starlette.types import Receive

from shared.dialogue.chat import Exchange
from shared.llm.stop import Stop
from shared.web import streaming
from shared.web.context import Call
from shared.web.sse import EventStream

if TYPE_CHECKING:
    from shared.runtime import Runtime


async def speak(now: "Runtime", call: Call, turn: Exchange, receive: Receive | None) -> EventStream:
    """Start the answer and return what follows it; see `streaming.respond`. It can be stopped by its message id."""
    stop = Stop()
    now.stops.watch()
    return await streaming.respond(
        now.lives,
        lambda seal: turn.stream(stop, seal),
        meta=turn.meta,
        user_id=call.caller.user_id,
        stop=stop,
        ticket=call.ticket,
        receive=receive,
        done=turn.envelope,
    )
