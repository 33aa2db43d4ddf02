"""The analytics function: who may see what, what it says of real traffic, of an empty system, and of questions that do not fit."""

import asyncio
from typing import Any

import pytest

from functions import analytics, feedback, mentor
from shared.activity.events import Event, happenings
from shared.activity.fold import Fold
from shared.agents.analytics import LearnerReply, OverviewReply, TrendsReply
from shared.agents.analytics_performance import RealTimeReply, RecommendationReply, StatsReply
from shared.analytics.rollup import DAY
from shared.documents import LiveConfig
from shared.errors import StoreError
from shared.runtime import Runtime
from shared.store import Create, Store, Where
from shared.stored.activity import Happening
from tests.analytics.events import answered, consumed, graded, rated
from tests.functions.inside import Inside
from tests.product import Product

MODELS = {"gemma_4_on_device": "fake-ok", "gpt_4_mini": "fake-ok-b"}
OPERATORS = [
    "/optimization/analytics/overview",
    "/optimization/analytics/trends",
    "/performance/stats",
    "/metrics/real-time",
]


class Site(Inside):
    """One instance of all functions whose paths are asked for."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime, mentor.edge, feedback.edge)
        for first in ("optimization", "analytics", "performance", "metrics", "analyze"):
            self._edges[first] = analytics.edge

    async def happen(self, *events: Event, days_ago: float = 0) -> None:
        moment = self.runtime.clock() - days_ago * DAY
        await self.runtime.store.commit(*(Create(one) for one in happenings(events, moment)))

    async def overview(self, query: str = "") -> OverviewReply:
        return OverviewReply.model_validate(await self.good(f"/optimization/analytics/overview{query}", as_="admin"))

    async def trend(self, query: str) -> TrendsReply:
        return TrendsReply.model_validate(await self.good(f"/optimization/analytics/trends{query}", as_="admin"))

    async def recommended(self, **body: Any) -> RecommendationReply:
        found = await self.good("/analyze/model-recommendation", {"agent": "mentor", **body}, as_="admin")
        return RecommendationReply.model_validate(found)


@pytest.fixture
def site(product: Product) -> Site:
    return Site(product.runtime(MODELS))


async def test_only_operators_see_the_fleet_and_learners_themselves(site: Site) -> None:
    for path in OPERATORS:
        assert (await site.ask(path)).status == 403, path
        assert (await site.ask(path, as_="admin")).status == 200, path
    for path, body in (
        ("/analytics/batch", {"user_ids": ["u1"]}),
        ("/analyze/model-recommendation", {"agent": "mentor"}),
        ("/optimization/analytics/compact", {}),
    ):
        assert (await site.ask(path, body, method="POST")).status == 403, path
    assert (await site.ask("/analytics/user/u1")).status == 200
    assert (await site.ask("/analytics/user/u2")).status == 403
    assert (await site.ask("/analytics/user/u2", as_="admin")).status == 200


async def test_an_empty_system_answers_sensibly(site: Site) -> None:
    found = await site.overview()
    assert (found.since, found.traffic.answers, found.engagement.learners) == (None, 0, 0)
    assert found.notes == ["Nothing was counted in this period, so there is nothing to tell of it."]
    told = await site.trend("?metric=active_learners&days=7")
    assert (told.change.direction, {point.value for point in told.points}) == ("unknown", {None})
    stats = StatsReply.model_validate(await site.good("/performance/stats", as_="admin"))
    assert (stats.total.answers, stats.total.times.p95, stats.cache_hit_rate, stats.daily_cost) == (0, None, None, 0.0)
    assert "There was no answer in these hours." in stats.notes
    live = RealTimeReply.model_validate(await site.good("/metrics/real-time", as_="admin"))
    assert live.signals["error_rate"].value is None
    assert any("POST /api/v1/ai/maintenance/alerts" in note for note in live.notes)
    advice = await site.recommended()
    assert (advice.recommended_model, advice.default_model, advice.evidence) == ("gemma_4_on_device",) * 2 + (False,)
    assert "No evidence yet" in advice.reason
    mine = LearnerReply.model_validate(await site.good("/analytics/user/u1"))
    assert (mine.first_day, mine.answers, mine.streak) == (None, 0, 0)


async def test_real_answers_and_ratings_are_told_of(site: Site) -> None:
    said = await site.good("/mentor/chat", {"message": "What is light?"})
    await site.good("/mentor/chat", {"message": "What is light?"})
    await site.good("/feedback", {"request_id": said["request_id"], "rating": 4})
    found = await site.overview("?days=1")
    assert (found.traffic.answers, found.traffic.agents, found.engagement.new_learners) == (2, {"mentor": 2}, 1)
    assert (found.rating.value, found.rating.n) == (4.0, 1)
    assert not await _waiting(site.runtime.store), "what had happened is counted before it is told"
    mine = LearnerReply.model_validate(await site.good("/analytics/user/u1"))
    assert (mine.answers, mine.ratings, mine.sessions, mine.streak) == (2, 1, 1, 1)
    stats = StatsReply.model_validate(await site.good("/performance/stats?hours=2", as_="admin"))
    assert stats.total.answers == 2
    assert {cell.agent for cell in stats.cells} == {"mentor"}
    assert stats.total.times.p50 is not None


async def _waiting(store: Store) -> list[Happening]:
    return [
        one for place in range(8) for one in await store.query(Happening, Where("place", "==", str(place)), order="at")
    ]


async def test_a_one_day_old_system_has_no_growth(site: Site) -> None:
    await site.happen(*(answered(f"u{n}") for n in range(30)))
    told = await site.trend("?metric=answers&days=7")
    assert (told.points[-1].value, told.points[-1].complete) == (30.0, False)
    assert {point.value for point in told.points[:-1]} == {None}
    assert (told.change.direction, told.change.relative) == ("unknown", None)
    found = await site.overview("?days=7")
    assert found.notes[0].startswith("There is nothing before")
    assert found.engagement.daily == 0


async def test_a_course_by_day_and_by_hour(site: Site) -> None:
    for day in range(1, 15):
        await site.happen(
            *(answered(f"u{n}", latency_ms=900.0 if day < 8 else 300.0 + n) for n in range(10)), days_ago=day
        )
    await site.happen(answered(), days_ago=15)
    told = await site.trend("?metric=latency_ms&days=7")
    assert (told.unit, told.kind, told.change.direction) == ("ms", "mean", "rising")
    assert told.change.before == pytest.approx(304.5)
    assert told.change.after == 900.0
    assert [point.n for point in told.points] == [10] * 7 + [0]
    learners = await site.trend("?metric=active_learners&days=7")
    assert [point.value for point in learners.points] == [10.0] * 7 + [0.0]
    assert learners.change.direction == "no measurable change"
    await site.happen(answered(), days_ago=0.2)
    hourly = await site.trend("?granularity=hour&days=1")
    assert len(hourly.points) == 25
    assert hourly.points[0].start.endswith(":00Z")
    only = await site.trend("?days=7&agent=curriculum")
    assert sum(point.value or 0 for point in only.points) == 0


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/optimization/analytics/trends?metric=joy", "metric"),
        ("/optimization/analytics/trends?metric=sessions&granularity=hour&days=1", "granularity"),
        ("/optimization/analytics/trends?granularity=hour&days=3", "days"),
        ("/optimization/analytics/trends?metric=active_learners&agent=mentor", "agent"),
        ("/optimization/analytics/trends?metric=correct&language=de", "language"),
        ("/optimization/analytics/overview?days=91", "days"),
        ("/optimization/analytics/overview?days=0", "days"),
        ("/performance/stats?hours=25", "hours"),
        ("/analytics/user/u1?days=400", "days"),
    ],
)
async def test_what_does_not_fit_is_named(site: Site, path: str, field: str) -> None:
    heard = await site.ask(path, as_="admin")
    assert heard.status == 422
    assert field in heard.body.decode()


async def test_several_learners_at_once(site: Site) -> None:
    await site.happen(answered("u1"), graded("u1"), consumed("u2"), rated("u2", 2))
    body = {"user_ids": ["u2", "u1", "u2", "nobody"], "days": 7}
    found = await site.good("/analytics/batch", body, as_="admin")
    assert [(one["user_id"], one["answers"], one["opened"]) for one in found["users"]] == [("u2", 0, 1), ("u1", 1, 0)]
    assert found["unknown"] == ["nobody"]
    for wrong in ([], ["u"] * 101, ["a b"]):
        assert (await site.ask("/analytics/batch", {"user_ids": wrong}, as_="admin")).status == 422


async def test_a_model_that_is_measurably_better_is_recommended_and_a_disabled_one_is_not(
    product: Product, site: Site
) -> None:
    for n in range(60):
        unit = f"u{n}"
        await site.happen(
            answered(unit, delivered="gemma_4_on_device", latency_ms=2000.0 + n, cost=0),
            rated(unit, 2 + n % 2, model="fake-ok"),
            answered(unit, delivered="gpt_4_mini", latency_ms=400.0 + n, cost=0),
            rated(unit, 4 + n % 2, model="fake-ok-b"),
            days_ago=1,
        )
    found = await site.recommended(priority="quality")
    assert (found.recommended_model, found.default_model, found.evidence) == ("gpt_4_mini", "gemma_4_on_device", True)
    assert "rated 4.50 (60) instead of 2.50 (60)" in found.reason
    judged = {one.model: one.against_default for one in found.models}
    assert judged["gpt_4_mini"]["quality"] == judged["gpt_4_mini"]["speed"] == "better"
    assert judged["gemma_4_on_device"] == {}
    assert (await site.recommended(language="de")).evidence is False
    assert (
        await site.ask("/analyze/model-recommendation", {"agent": "mentor", "priority": "joy"}, "admin")
    ).status == 422
    heard = await site.ask("/analyze/model-recommendation", {"agent": "zzz"}, "admin")
    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "agent")
    assert "mentor, curriculum, curation" in heard.json["detail"]
    await site.runtime.store.commit(Create(LiveConfig(id="live", disabled_models=["gpt_4_mini"])))
    later = Site(product.runtime(MODELS))
    assert (await later.recommended(priority="quality")).recommended_model == "gemma_4_on_device"


async def test_the_night_changes_no_figure_and_makes_reading_cheaper(site: Site) -> None:
    for day in range(1, 6):
        await site.happen(*(answered(f"u{n}") for n in range(20)), days_ago=day)
    before = await site.overview("?days=7")
    done = await site.good("/optimization/analytics/compact", {}, as_="admin")
    assert (done["days"], done["busy"]) == (5, 0)
    assert await site.overview("?days=7") == before


async def test_what_is_not_counted_yet_is_said(product: Product) -> None:
    site = Site(product.runtime())

    class Stuck(Fold):
        async def drain(self, *_: Any, **__: Any) -> Any:
            async def fail() -> None:
                raise StoreError("down")

            async with asyncio.TaskGroup() as group:
                group.create_task(fail())

    site.runtime.__dict__["fold"] = Stuck(site.runtime.store, [], site.runtime.clock)
    found = await site.overview()
    assert found.notes[-1].startswith("Some of what has happened is not counted yet")


async def test_every_reply_is_described() -> None:
    paths = analytics.edge.openapi()["paths"]
    assert set(paths) == {
        "/api/v1/ai/optimization/analytics/overview",
        "/api/v1/ai/optimization/analytics/trends",
        "/api/v1/ai/optimization/analytics/compact",
        "/api/v1/ai/analytics/user/{user_id}",
        "/api/v1/ai/analytics/batch",
        "/api/v1/ai/performance/stats",
        "/api/v1/ai/metrics/real-time",
        "/api/v1/ai/analyze/model-recommendation",
    }
