"""From a message to the events of its answer: the exchange that `POST /mentor/chat` would run under the same key."""

from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from shared import ids, log
from shared.agents import mentor
from shared.agents.mentor import ChatRequest
from shared.dialogue import history
from shared.dialogue.chat import begin
from shared.dialogue.speaking import speak
from shared.documents import Exchange
from shared.errors import LyoError, NotFound
from shared.realtime.messages import Chat, Resume
from shared.telemetry import tally
from shared.web.admission import admit
from shared.web.body import meaning
from shared.web.context import Call
from shared.web.edge import PREFIX
from shared.web.replay import Key, target
from shared.web.route import operation
from shared.web.sse import EventStream
from shared.web.ticket import Ticket

if TYPE_CHECKING:
    from shared.runtime import Runtime

SERVICE: Final = "realtime"


async def answer(now: "Runtime", call: Call, asked: Chat) -> EventStream:
    """The events of a message's answer, from the first: of a new one, of one that runs, here or elsewhere, or of one that
    is kept.

    Raises what the same request would be refused with over HTTP. Not to be cancelled: an answer that was begun goes on to
    its end under its key, also when its reader has left before the first word.
    """
    request = asked.request()

    async def own(ticket: Ticket) -> EventStream:
        call.ticket = ticket
        return await speak(now, call, await begin(now, call, request), None)

    key = Key.of(call.caller.user_id, _TARGET, asked.id, meaning(_BODY, request))
    return _events(await now.exchanges.run(key, 0, True, own))


CHAT: Final = operation(answer, "POST", "/mentor/chat", prefix=PREFIX, limit="model")
"""The route whose key and limits a message shares, whichever way it comes."""
_TARGET: Final = target(CHAT.path)
_BODY: Final = TypeAdapter(ChatRequest)


async def resumed(now: "Runtime", call: Call, asked: Resume) -> EventStream:
    """The events behind `asked.after`. Raises NotFound when nothing runs and nothing is kept under that id."""
    name = Key.of(call.caller.user_id, _TARGET, asked.id, b"").id
    found = await now.store.get(Exchange, name)
    if found is None or not found.run:
        raise NotFound(_NOTHING)

    async def own(_: Ticket) -> EventStream:  # it was running a moment ago, and its instance has died since
        raise NotFound(_NOTHING)

    return _events(await now.exchanges.run(Key(name, found.fingerprint), asked.after, True, own))


_NOTHING: Final = "No answer runs or is kept under this id. Send the message again, with the same id."


async def opened(now: "Runtime", call: Call, asked: Chat | Resume) -> EventStream:
    """Admit a message and open its events, with all that an edge does around a handler: request id, trace, counters."""
    log.request_id.set(call.request_id)
    told = tally.begin()
    with now.tracer.request(call.headers, service=SERVICE, method="WS", route=asked.type) as place:
        place.set(request_id=call.request_id)
        try:
            if isinstance(asked, Chat):
                await admit(CHAT, now, call)
                events = await answer(now, call, asked)
            else:
                await admit(FOLLOW, now, call)
                events = await resumed(now, call, asked)
        except Exception as error:  # whatever it was is raised on; only the trace and the counters must know of it
            status = error.status if isinstance(error, LyoError) else 500
            place.set(status=status)
            if status >= 500:
                place.fail(str(status))
                if not told.counted and isinstance(asked, Chat):
                    now.metrics.inc("ai_requests_total", mentor.AGENT, "none", "error")
            raise
        place.set(status=200)
        return events


FOLLOW: Final = operation(resumed, "POST", "/mentor/chat", prefix=PREFIX)
"""Coming back for an answer counts as a request, but as none of a model."""


async def stopped(now: "Runtime", call: Call, message_id: str) -> bool:
    """Stop an answer of the caller's; False when it had ended already. Raises NotFound, RateLimited, Unavailable."""
    await admit(FOLLOW, now, call)
    if await now.stops.stop(message_id, call.caller.user_id):
        return True
    await history.require_message(now.store, call, message_id)
    return False


def request_id() -> str:
    """A name for one message's way through the logs."""
    return ids.new("r")


def _events(response: object) -> EventStream:
    """Under a message's key there is nothing but answers, and an answer can always be shown as events."""
    assert isinstance(response, EventStream)
    return response
