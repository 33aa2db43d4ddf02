"""Sentiment: what a learner's words say, when something is offered, and the learner's own view and switch. Thin."""

import time
from collections.abc import Sequence
from typing import Any, cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import asking, log, runtime
from shared.affect import settings, standing, watch
from shared.affect.reading import read
from shared.affect.rules import Trigger
from shared.agents import sentiment as agent
from shared.agents import sentiment_replies as replies
from shared.agents.sentiment import (
    AnalyzeReply,
    AnalyzeRequest,
    FoundReply,
    InterventionReply,
    InterventionRequest,
    SettingsReply,
    SettingsRequest,
    Signal,
)
from shared.asking import Asker
from shared.documents import Profile
from shared.errors import StoreError, Unavailable
from shared.language.detect import guess
from shared.llm.call import Answer
from shared.runtime import Runtime
from shared.safety import check
from shared.safety.verdict import ALLOW, Verdict
from shared.store import Ref
from shared.stored.affect import Affect, Noted, Raised
from shared.unasked import answered
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import json_reply, reply

_log = log.get(__name__)

edge = Edge(
    "sentiment", description="Affect in a learner's words, what is offered then, and the learner's own switch for it."
)


@edge.post("/sentiment/analyze", body=AnalyzeRequest, reply=AnalyzeReply)
async def analyze(call: Call, body: AnalyzeRequest) -> Response:
    """Mood, feelings and urgency of a text, by models on this machine and rules: each says which. Help where help is needed."""
    now = runtime.current()
    begun = time.perf_counter()
    who = await asking.asker(now, call, body.language, body.text)
    allowed = watch.allowed(await now.store.get(Profile, call.caller.user_id))  # not from memory: off is off at once
    verdict, known = check.question(body.text), body.language or guess(body.text)
    found = read(body.text, known or who.language, verdict) if allowed else None
    remembered = False
    if found is not None and (body.remember or verdict.action == "support"):
        name, moment = _event_id(call, "analyze", body.event_id, 0), now.clock()
        noted = Noted(event_id=name, at=moment, levels=standing.levels(found.signs))
        remembered = await _record(now, call, [noted], verdict, moment) is not None
    return reply(
        replies.analysis(
            found,
            verdict,
            envelope=await _envelope(now, call, who, verdict, begun),
            help_in=who.wanted,
            known=known is not None,
            remembered=remembered,
        )
    )


@edge.post("/sentiment/intervention", body=InterventionRequest, reply=InterventionReply, limit="model")
async def intervention(call: Call, body: InterventionRequest) -> Response:
    """What is due after these signals, why, and the words for it; often nothing. The same events raise the same once.

    Words that need help are answered with it every time.
    """
    now = runtime.current()
    begun, moment, user_id = time.perf_counter(), now.clock(), call.caller.user_id
    said = " ".join(signal.text for signal in body.signals if signal.text)
    who = await asking.asker(now, call, body.language, said)
    allowed = watch.allowed(await now.store.get(Profile, user_id))
    events, verdict = _events(call, body.signals, body.language, allowed=allowed, moment=moment)
    raised = await _record(now, call, events, verdict, moment) if events else []
    active = standing.standing(await now.store.get(Affect, user_id), moment) if allowed else []
    due = raised[0] if raised else None
    if verdict.action == "support" and (due is None or due.trigger != "crisis"):
        # Its event was noted before under this name, or may not be noted: help does not depend on what is kept.
        due = standing.help_due(moment)
    own: dict[str, Any] = {"enabled": allowed, "active": active, "intervention": None, "text": ""}
    if due is not None and due.trigger != "crisis" and verdict is ALLOW:
        trigger = cast(Trigger, due.trigger)
        return await asking.respond(
            now,
            call,
            agent.task(due, trigger, who.language, said),
            who,
            show=lambda answer: own | _offer(due, who.language, answer),
        )
    if due is not None:
        own |= _offer(due, who.wanted, None)
    return json_reply(own | await _envelope(now, call, who, verdict, begun))


@edge.get("/sentiment/{user_id}", reply=FoundReply)
async def found(_: Call, user_id: str) -> Response:
    """All that is kept of this learner's affect, and whether it is switched on."""
    now = runtime.current()
    profile, affect = await now.store.read(Ref(Profile, user_id), Ref(Affect, user_id))
    known = None if affect is None else affect[0]
    enabled = watch.allowed(None if profile is None else profile[0])
    return reply(replies.found_reply(user_id, enabled, known, standing.standing(known, now.clock())))


@edge.route("PUT", "/sentiment/{user_id}/settings", body=SettingsRequest, reply=SettingsReply)
async def switch(_: Call, body: SettingsRequest, user_id: str) -> Response:
    """Switch reading on or off; off also removes what was kept. The mentor's instances hear of it within seconds."""
    await settings.switch(runtime.current().store, user_id, enabled=body.enabled)
    return reply(SettingsReply(user_id=user_id, enabled=body.enabled))


async def _envelope(now: Runtime, call: Call, who: Asker, verdict: Verdict, begun: float) -> dict[str, Any]:
    """The envelope of an answer that no model server was asked for, with its row in the ledger: it can be rated like any."""
    return await answered(
        now, call, agent=agent.AGENT, version=agent.VERSION, model=agent.MODEL, who=who, began=begun, verdict=verdict
    )


def _offer(due: Raised, language: str, answer: Answer | None) -> dict[str, Any]:
    trigger = cast(Trigger, due.trigger)
    words = agent.worded(answer, trigger, language)
    return {"intervention": replies.shown(due, trigger, words).model_dump(), "text": words.text}


def _events(
    call: Call, signals: Sequence[Signal], language: str | None, *, allowed: bool, moment: float
) -> tuple[list[Noted], Verdict]:
    """The signals as events, and the gravest verdict on their words. Without the learner's leave nothing is an event."""
    events: list[Noted] = []
    gravest = ALLOW
    for place, signal in enumerate(signals):
        verdict = ALLOW if signal.text is None else check.question(signal.text)
        if verdict.action != "allow" and gravest.action != "support":
            gravest = verdict
        if not allowed:
            continue
        event_id, at = _event_id(call, "intervention", signal.event_id, place), moment - signal.seconds_ago
        signs = dict(signal.behaviour)
        if signal.text is not None:
            signs |= read(signal.text, language or guess(signal.text), verdict).signs
        events.append(Noted(event_id=event_id, at=at, levels=standing.levels(signs)))
    return events, gravest


async def _record(
    now: Runtime, call: Call, events: Sequence[Noted], verdict: Verdict, moment: float
) -> list[Raised] | None:
    """What these events raise. None where they could not be noted and help is needed: it waits for no store. Raises else."""
    try:
        return await watch.record(now.store, call.caller.user_id, events, moment)
    except (StoreError, Unavailable) as error:
        if verdict.action != "support":
            raise
        log.event(_log, "affect.unrecorded", error=error.code)
        return None


def _event_id(call: Call, path: str, named: str | None, place: int) -> str:
    """The caller's own name for it; else one of the request's, which a repeated request to the path has again under its key."""
    return named or f"{path}:{call.idempotency_key or call.request_id}:{place}"


@functions_framework.aio.http
async def sentiment(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
