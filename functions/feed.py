"""The feed: items put in order for a learner, the learner's own feed, and the catalogue it draws from."""

import time
from dataclasses import replace
from typing import cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import runtime
from shared.agents import feed as agent
from shared.agents.feed import (
    CatalogueReply,
    CatalogueRequest,
    FeedCandidate,
    FeedQuery,
    FeedReply,
    RankedItem,
    RankReply,
    RankRequest,
    SeenReply,
    SeenRequest,
)
from shared.asking import Asker, asker, chosen_for, respond
from shared.experiments.assign import Chosen
from shared.feed import phrases, serving
from shared.feed.ranking import rank
from shared.feed.scoring import Item
from shared.runtime import Runtime
from shared.unasked import answered
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import json_reply, reply

edge = Edge("feed", description="What to learn with next: ranking, the learner's feed, its catalogue.")


@edge.post("/feed/rank", body=RankRequest, reply=RankReply, limit="model")
async def rank_items(call: Call, body: RankRequest) -> Response:
    """Put up to 200 items in order for the caller, with reasons; `explain` has a model look over the first ten."""
    now = runtime.current()
    began = time.perf_counter()
    who = await asker(now, call, body.language, " ".join(body.goals))
    personal = serving.consents(now, who.profile)
    learner = serving.learner_of(body, who.profile, who.language, personal=personal)
    seed = serving.day_seed(now, call.caller.user_id, who.profile, personal=personal)
    items = [_item(candidate) for candidate in body.items]
    chosen = await _chosen(now, call, who)
    way = chosen.steering.algorithm
    placed = rank(items, learner, now.clock(), seed, frozenset(body.done), algorithm=way)
    ranked = [
        RankedItem(
            id=found.item.id,
            position=found.position,
            score=found.score,
            reasons=phrases.reasons(found, who.language),
            reason_codes=list(found.reasons),
        )
        for found in placed
    ]
    common = {"personalised": personal, "left_out": len({item.id for item in items}) - len(placed)}
    if not body.explain or not ranked:
        fields = await answered(
            now, call, agent=agent.AGENT, version=agent.VERSION, model=agent.MODEL, who=who, began=began
        )  # fmt: skip
        return json_reply({**fields, **common, "items": [entry.model_dump() for entry in ranked], "text": ""})
    candidates = {candidate.id: candidate for candidate in reversed(body.items)}
    top = [(candidates[entry.id], entry) for entry in ranked[: agent.EXPLAINED]]
    return await respond(
        now,
        call,
        agent.task(body, top, who.language, personalised=personal),
        who,
        show=lambda answer: {**common, **agent.shown(ranked, answer.text, answer.verdict.action)},
    )


@edge.post("/feed/seen", body=SeenRequest, reply=SeenReply)
async def seen(call: Call, body: SeenRequest) -> Response:
    """Say what was opened, completed or dismissed: what is done or dismissed is not shown again."""
    now = runtime.current()
    who = await asker(now, call, None, "")
    personal = serving.consents(now, who.profile)
    chosen = await _chosen(now, call, who)
    kept = await serving.mark(now, call.caller.user_id, body.events, personal=personal, chosen=chosen)
    return reply(SeenReply(done=len(kept.done), dismissed=len(kept.dismissed), opened_kept=personal))


@edge.post("/feed/items", body=CatalogueRequest, reply=CatalogueReply, role=("admin", "service"))
async def store_items(_: Call, body: CatalogueRequest) -> Response:
    """Put items into the catalogue or take them out; a feed begun a minute later shows it; one that is being paged stands still, for half an hour at most."""
    await serving.store(runtime.current(), body)
    stored, removed = {item.id for item in body.items}, set(body.remove)
    return reply(CatalogueReply(stored=len(stored), removed=len(removed)))


@edge.get("/feed/{user_id}", query=FeedQuery, reply=FeedReply)
async def learner_feed(call: Call, query: FeedQuery, user_id: str) -> Response:
    """A page of a learner's feed: `?cursor=` the last page's `next`, `?limit=` up to 50."""
    now = runtime.current()
    who = await asker(now, call, query.language, "")
    profile, language = who.profile, who.language
    if user_id != call.caller.user_id:
        profile = await now.recent.profile(user_id)
        language = query.language or (profile.language if profile and profile.language else language)
    chosen = await _chosen(
        now,
        call,
        replace(who, wanted=who.wanted if user_id == call.caller.user_id else language, profile=profile),
        user_id,
    )
    if user_id != call.caller.user_id:
        chosen = Chosen(steering=chosen.steering)  # somebody else's look at a feed exposes nobody
    return reply(await serving.page(now, user_id, query, language, profile, chosen=chosen))


async def _chosen(now: Runtime, call: Call, who: Asker, unit: str | None = None) -> Chosen:
    live = await now.recent.live()
    return chosen_for(now, live, call, agents=(agent.AGENT,), language=who.wanted, profile=who.profile, unit=unit)


def _item(candidate: FeedCandidate) -> Item:
    return Item(
        id=candidate.id,
        title=candidate.title,
        topics=tuple(candidate.topics),
        skills=tuple(candidate.skills),
        difficulty=candidate.difficulty,
        format=candidate.format or "",
        language=candidate.language or "",
        minutes=candidate.minutes,
        published_at=candidate.published_at,
        quality=candidate.quality,
        popularity=candidate.popularity,
    )


@functions_framework.aio.http
async def feed(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
