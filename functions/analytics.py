"""Analytics: what the product does and what comes of it, for operators; and for learners what they have done themselves."""

from typing import Literal, cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import runtime
from shared.agents.analytics import (
    LearnerQuery,
    LearnerReply,
    LearnersReply,
    LearnersRequest,
    OverviewQuery,
    OverviewReply,
    TrendsQuery,
    TrendsReply,
)
from shared.agents.analytics_performance import (
    CompactQuery,
    CompactReply,
    RealTimeReply,
    RecommendationReply,
    RecommendationRequest,
    StatsQuery,
    StatsReply,
)
from shared.analytics import reading, serving
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

edge = Edge(
    "analytics", description="Traffic, money, engagement, retention, performance and which model suits which agent."
)

_OPERATORS: tuple[Literal["admin"], Literal["service"]] = ("admin", "service")


@edge.get("/optimization/analytics/overview", query=OverviewQuery, reply=OverviewReply, role=_OPERATORS)
async def overview(_: Call, query: OverviewQuery) -> Response:
    """What the product did in the last days and what came of it: traffic, money and what was saved, learners, content, models."""
    return reply(await serving.overview(runtime.current(), query.days))


@edge.get("/optimization/analytics/trends", query=TrendsQuery, reply=TrendsReply, role=_OPERATORS)
async def trends(_: Call, query: TrendsQuery) -> Response:
    """One metric by day or hour, and whether it has measurably changed against as long a time before."""
    return reply(await serving.trend(runtime.current(), query))


@edge.post("/optimization/analytics/compact", query=CompactQuery, reply=CompactReply, role=_OPERATORS)
async def compact(_: Call, query: CompactQuery) -> Response:
    """Put the finished days' sums together, so that reading them takes fewer reads: once a day. Again changes nothing."""
    now = runtime.current()
    done = await reading.compact(now.store, now.clock(), now.settings.analytics_retention_days, query.days)
    return reply(CompactReply(days=done.days, documents=done.documents, busy=done.busy))


@edge.get("/analytics/user/{user_id}", query=LearnerQuery, reply=LearnerReply)
async def learner(_: Call, query: LearnerQuery, user_id: str) -> Response:
    """What a learner has done: one's own, or for admins anybody's. Zeros where nothing is known."""
    return reply(await serving.person_of(runtime.current(), user_id, query.days))


@edge.post("/analytics/batch", body=LearnersRequest, reply=LearnersReply, role=_OPERATORS)
async def batch(_: Call, body: LearnersRequest) -> Response:
    """What several learners have done, 100 at most."""
    return reply(await serving.people_of(runtime.current(), body))


@edge.get("/performance/stats", query=StatsQuery, reply=StatsReply, role=_OPERATORS)
async def stats(_: Call, query: StatsQuery) -> Response:
    """How fast and how sure the last hours' answers were, by agent and model, and today's money against its cap."""
    return reply(await serving.stats(runtime.current(), query.hours))


@edge.get("/metrics/real-time", reply=RealTimeReply, role=_OPERATORS)
async def real_time(_: Call) -> Response:
    """The last five minutes by the fleet's live counters, and this hour's answers.

    The counters are measured against samples that POST /api/v1/ai/maintenance/alerts takes, each minute where it is scheduled.
    """
    return reply(await serving.real_time(runtime.current()))


@edge.post("/analyze/model-recommendation", body=RecommendationRequest, reply=RecommendationReply, role=_OPERATORS)
async def recommend_model(_: Call, body: RecommendationRequest) -> Response:
    """Which model to ask first for an agent, with the figures that speak for it; the routing default where none do."""
    return reply(await serving.recommend(runtime.current(), body))


@functions_framework.aio.http
async def analytics(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
