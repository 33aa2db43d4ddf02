"""The curation agent: quality, tags and gaps of learning material. Thin: measure -> task -> model -> reply."""

import asyncio
from typing import cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import asking, runtime
from shared.agents import curation as evaluations
from shared.agents import curation_gaps as comparisons
from shared.agents import curation_tag as tags
from shared.agents.curation import EvaluateReply, EvaluateRequest
from shared.agents.curation_gaps import GapsReply, GapsRequest
from shared.agents.curation_tag import TagReply, TagRequest
from shared.web.context import Call
from shared.web.edge import Edge

edge = Edge(
    "curation", description="Quality, tags and gaps of learning material: what is measured, and what a model judges."
)


@edge.post("/curation/evaluate", body=EvaluateRequest, reply=EvaluateReply, limit="model")
async def evaluate(call: Call, body: EvaluateRequest) -> Response:
    """How good a text is: what code measures of it, beside it what a model judges, and a score of both."""
    now = runtime.current()
    who = await asking.asker(now, call, body.language, body.text)
    # Long texts take milliseconds to measure, in which others are served.
    found = await asyncio.to_thread(evaluations.measured, body, who.language)
    return await asking.respond(
        now,
        call,
        evaluations.task(body, who.language),
        who,
        show=lambda answer: evaluations.show(found, answer),
    )


@edge.post("/curation/tag", body=TagRequest, reply=TagReply, limit="model")
async def tag(call: Call, body: TagRequest) -> Response:
    """Topics, skills and level of a text, its keywords and media; only tags of a vocabulary, where one is given."""
    now = runtime.current()
    who = await asking.asker(now, call, body.language, body.text)
    found = await asyncio.to_thread(tags.measured, body, who.language)
    return await asking.respond(
        now,
        call,
        tags.task(body, who.language),
        who,
        show=lambda answer: tags.show(body, found, answer),
    )


@edge.post("/curation/gaps", body=GapsRequest, reply=GapsReply, limit="model")
async def gaps(call: Call, body: GapsRequest) -> Response:
    """What of a skill list or an outline a course covers, covers partly, or misses; with the passages that say so."""
    now = runtime.current()
    who = await asking.asker(now, call, body.language, " ".join((body.title, *body.skills)))
    found, comparable = await asyncio.to_thread(comparisons.compared, body, who.language)
    return await asking.respond(
        now,
        call,
        comparisons.task(body, found, comparable, who.language),
        who,
        show=lambda answer: comparisons.show(found, comparable, answer),
    )


@functions_framework.aio.http
async def curation(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
