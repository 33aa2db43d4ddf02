"""The mentor: chat, conversation history, rating, stop. Thin: every handler is identity -> prompt -> gateway -> reply."""

from typing import cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import runtime
from shared.agents.mentor import (
    ChatReply,
    ChatRequest,
    ConversationReply,
    PageQuery,
    RateReply,
    RateRequest,
    StopReply,
)
from shared.dialogue import history
from shared.dialogue.chat import Exchange, begin
from shared.dialogue.speaking import speak
from shared.llm.call import keep_nothing
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import json_reply, reply

edge = Edge("mentor", description="A tutor that teaches rather than answers: chat, history, rating, stop.")


@edge.post("/mentor/chat", body=ChatRequest, reply=ChatReply, limit="model", streams=True)
async def chat(call: Call, body: ChatRequest) -> Response:
    """Say something to the mentor. JSON, or server-sent events with `Accept: text/event-stream` or `"stream": true`."""
    now = runtime.current()
    turn: Exchange = await begin(now, call, body)
    if not (body.stream or call.wants_stream):
        seal = keep_nothing if call.ticket is None else call.ticket.seal_reply(turn.envelope)
        answer = await now.gateway.complete(turn.question, turn.keep, seal, turn.again)
        await turn.remember(answer)
        return json_reply(turn.envelope(answer))
    return await speak(now, call, turn, call.receive)


@edge.get("/mentor/conversation/{id}", query=PageQuery, reply=ConversationReply)
async def conversation(call: Call, query: PageQuery, id: str) -> Response:  # noqa: A002 - the path's own name
    """A page of a conversation, oldest first: `?after=` the last page's `next`, `?limit=` up to 100."""
    page = await history.page(runtime.current().store, call, id, query)
    return reply(page)


@edge.post("/mentor/rate", body=RateRequest, reply=RateReply)
async def rate(call: Call, body: RateRequest) -> Response:
    """Rate one of the mentor's messages; a later rating replaces an earlier one."""
    await history.rate(runtime.current(), call, body)
    return reply(RateReply(message_id=body.message_id, rating=body.rating, comment=body.comment))


@edge.post("/mentor/stop/{message_id}", reply=StopReply)
async def stop(call: Call, message_id: str) -> Response:
    """Stop an answer that is being written: the model stops too, and what was said so far stays."""
    now = runtime.current()
    stopped = await now.stops.stop(message_id, call.caller.user_id)
    if not stopped:
        await history.require_message(now.store, call, message_id)
    return reply(StopReply(message_id=message_id, stopped=stopped))


@functions_framework.aio.http
async def mentor(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
