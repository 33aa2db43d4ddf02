"""Animations: a prompt becomes a scene as data; Manim source, picture and text are made of it by our own code."""

import base64
from typing import cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import runtime
from shared.agents import animation as agent
from shared.agents.animation import AnimationReply, AnimationRequest, StoredAnimation
from shared.animation import order
from shared.asking import asker, respond
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import json_reply

edge = Edge("animation", description="Animations as data, with Manim source, a picture and text.")


@edge.post("/animation/generate", body=AnimationRequest, reply=AnimationReply, limit="model")
async def generate(call: Call, body: AnimationRequest) -> Response:
    """Animate what the prompt describes. With `"render": true` a video is made in the background: look at the animation again."""
    now = runtime.current()
    who = await asker(now, call, body.language, body.prompt)
    wanted = order.Order(now, call, body, who.language)
    response = await respond(now, call, await wanted.task(), who, show=wanted.show, keep=wanted.keep)
    await wanted.begin_video()
    return response


@edge.get("/animation/{id}", reply=StoredAnimation)
async def stored(call: Call, id: str) -> Response:  # noqa: A002 - the path's own name
    """An animation of one's own, and how far its video is."""
    found = await order.find(runtime.current(), call, id)
    fields = {name: getattr(found, name) for name in ("language", "model", "provider", "degraded", "created_at")}
    return json_reply({**agent.shown(found), **fields})


@edge.get("/animation/{id}/video", media_type="video/mp4")
async def video(call: Call, id: str) -> Response:  # noqa: A002 - the path's own name
    """The video of an animation of one's own, whole (MP4)."""
    found = await order.video(runtime.current(), call, id)
    return Response(base64.b64decode(found.mp4), media_type="video/mp4")


@functions_framework.aio.http
async def animation(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
