"""What the analytics function's handlers are made of: the period's sums out of the stores, and the figures out of them.

Before anything is read, what has happened and is not yet counted is counted (a bounded amount of it). Reads beside the sums
(`shared.analytics.reading`) are said at each.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared import log
from shared.activity.compose import counted
from shared.agents.analytics import (
    LearnerReply,
    LearnersReply,
    LearnersRequest,
    OverviewReply,
    TrendsQuery,
    TrendsReply,
)
from shared.agents.analytics_performance import (
    RealTimeReply,
    RealTimeSignal,
    RecommendationReply,
    RecommendationRequest,
    StatsReply,
)
from shared.analytics import learner as learners
from shared.analytics import overview as figures_of_overview
from shared.analytics import performance, person, reading, recommendation, rollup, trends
from shared.analytics.figures import earliest
from shared.analytics.learner import Learner
from shared.analytics.overview import MONTH
from shared.errors import InvalidRequest, StoreError
from shared.experiments.catalogue import AGENTS
from shared.learning import reading as feedback
from shared.llm import budget
from shared.llm.catalog import ROUTES
from shared.stored.watching import AlertState, Sample
from shared.telemetry import samples, signals
from shared.telemetry.outbox import STATE
from shared.telemetry.series import PREFIX
from shared.telemetry.signals import SIGNALS, Measured
from shared.telemetry.watch import RECENT_SECONDS

if TYPE_CHECKING:
    from shared.runtime import Runtime

MOST_HOURLY_DAYS: Final = 2
UNCOUNTED: Final = "Some of what has happened is not counted yet: these figures lack it."
UNSAMPLED: Final = "No samples of the live counters were taken lately: the alerts' schedule does that (POST /api/v1/ai/maintenance/alerts)."

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Spent:
    """Today's money of the whole account by the counter that its cap is held against, in USD. `day` is AI_TIME_ZONE's."""

    day: str
    spent: float
    reserved: float
    limit: float


async def caught_up(now: "Runtime") -> bool:
    """Count what waits; whether nothing was left. An analysis of what is counted is better than none, so no failure of it ends one."""
    complete = False
    try:
        complete = not (await counted(now)).more
    except* StoreError as failed:
        log.event(_log, "analytics.behind", level=logging.WARNING, error=str(failed.exceptions[0]))
    return complete


async def overview(now: "Runtime", days: int) -> OverviewReply:
    """The last `days`. Reads the 30 days before too: who comes back was first here then."""
    _require_kept(now, days)
    complete = await caught_up(now)
    today = rollup.day_of(now.clock())
    first = today - days + 1
    found = await reading.days(now.store, first - MONTH, today, today)
    told = figures_of_overview.overview(found, first, today, now.settings.analytics_retention_days)
    if not complete:
        told.notes.append(UNCOUNTED)
    return told


async def trend(now: "Runtime", query: TrendsQuery) -> TrendsReply:
    """A metric's course. Reads two periods."""
    course = trends.COURSES[query.metric]
    _require_kept(now, query.days)
    if course.of != "cell" and (query.agent or query.language):
        field = "agent" if query.agent else "language"
        raise InvalidRequest(f"{query.metric} belongs to no {field}.", fields=[(field, f"Not with {query.metric}")])
    await caught_up(now)
    hourly = query.granularity == "hour"
    if hourly and course.of == "people":
        raise InvalidRequest(
            f"{query.metric} is counted by day.", fields=[("granularity", "Needs day for this metric")]
        )
    if hourly and query.days > MOST_HOURLY_DAYS:
        raise InvalidRequest("By hour two days at most are shown.", fields=[("days", "Needs 1 or 2 by hour")])
    length = query.days * 24 if hourly else query.days
    running = rollup.hour_of(now.clock()) if hourly else rollup.day_of(now.clock())
    first = running - 2 * length - 1
    found = (
        await reading.hours(now.store, first, running)
        if hourly
        else await reading.days(now.store, first, running, running)
    )
    spans = trends.Spans(
        before=range(running - 2 * length, running - length),
        after=range(running - length, running),
        running=running,
        since=earliest(found),
        cycle=24 if hourly else trends.WEEK,
    )
    rows = trends.rows(found, course, query.agent, query.language)
    return TrendsReply(
        metric=query.metric,
        unit=course.unit,
        kind=course.kind,
        granularity=query.granularity,
        points=trends.points(course, rows, spans, _hour if hourly else rollup.day_name),
        change=trends.change(course, rows, spans),
    )


async def person_of(now: "Runtime", user_id: str, days: int) -> LearnerReply:
    """One learner. One read."""
    _require_kept(now, days)
    await caught_up(now)
    found = (await reading.learners(now.store, [user_id])).get(user_id)
    known = Learner() if found is None else learners.decoded(found.body)
    return person.figures_of(user_id, known, rollup.day_of(now.clock()), days)


async def people_of(now: "Runtime", request: LearnersRequest) -> LearnersReply:
    """Several learners. One read each."""
    _require_kept(now, request.days)
    await caught_up(now)
    users = list(dict.fromkeys(request.user_ids))
    found = await reading.learners(now.store, users)
    today = rollup.day_of(now.clock())
    return LearnersReply(
        users=[
            person.figures_of(user, learners.decoded(found[user].body), today, request.days, by_day=False)
            for user in users
            if user in found
        ],
        unknown=[user for user in users if user not in found],
    )


async def stats(now: "Runtime", hours: int) -> StatsReply:
    """The last hours. Reads the alerts' state and the live counters too."""
    complete = await caught_up(now)
    moment = now.clock()
    last = rollup.hour_of(moment)
    spans = await reading.hours(now.store, last - hours + 1, last)
    tables = rollup.merged(spans.values())
    total = performance.cell_of(tables)
    money, lately = await spent(now), await live(now, hours * rollup.HOUR)
    since = float((last - hours + 1) * rollup.HOUR)
    busiest = performance.busiest(spans)
    notes = [note for note, needed in ((UNCOUNTED, not complete), (UNSAMPLED, not lately.sampled)) if needed]
    rate = lately.found["error_rate"].value
    return StatsReply(
        hours=hours,
        since=since,
        until=moment,
        total=total,
        cells=performance.cells(tables),
        error_rate=None if rate is None else round(rate, 6),
        cache_hit_rate=total.cached.value,
        answers_per_minute=round(total.answers / max(1.0, (moment - since) / 60), 3),
        busiest_hour=None if busiest is None else _hour(busiest),
        daily_cost=money.spent,
        daily_cost_reserved=money.reserved,
        daily_cost_limit=money.limit,
        day=money.day,
        open_breakers=_whole(lately.gauges.get("open_breakers")),
        dead_jobs=_whole(lately.gauges.get("dead_jobs")),
        notes=notes if total.answers else [*notes, "There was no answer in these hours."],
    )


@dataclass(frozen=True, slots=True)
class Live:
    """Every signal up to this moment; the last sample's gauges. `sampled`: whether there was a sample to measure from."""

    found: dict[str, Measured]
    gauges: dict[str, float]
    sampled: bool


async def live(now: "Runtime", seconds: float) -> Live:
    """The live counters against their samples. One read, and the counters' totals."""
    state = await now.store.get(AlertState, STATE) or AlertState(id=STATE)
    last = state.samples[-1].gauges if state.samples else {}
    try:
        totals = await now.coordination.totals(PREFIX)
    except StoreError as error:
        log.event(_log, "analytics.uncounted", level=logging.WARNING, error=error.code)
        return Live(dict.fromkeys(SIGNALS, Measured(None, 0)), dict(last), sampled=False)
    sample = Sample(at=now.clock(), counts=signals.counts(totals, ()), gauges=last)
    since, within = samples.window(state.samples, sample, seconds)
    found = {name: signals.measure(signal, since, within, sample) for name, signal in SIGNALS.items()}
    return Live(found, dict(last), sampled=since is not None)


async def real_time(now: "Runtime") -> RealTimeReply:
    """The last minutes. Reads the alerts' state, the live counters, and one hour's documents."""
    complete = await caught_up(now)
    moment = now.clock()
    hour = rollup.hour_of(moment)
    tables = (await reading.hours(now.store, hour, hour))[hour]
    lately, money = await live(now, RECENT_SECONDS), await spent(now)
    agents = performance.by_agent(tables)
    return RealTimeReply(
        at=moment,
        seconds=RECENT_SECONDS,
        signals={
            name: RealTimeSignal(
                value=None if found.value is None else round(found.value, 6),
                unit=SIGNALS[name].unit,
                events=round(found.events),
                help=SIGNALS[name].help,
            )
            for name, found in lately.found.items()
        },
        hour=_hour(hour),
        answers_this_hour=sum(agents.values()),
        agents_this_hour=agents,
        daily_cost=money.spent,
        daily_cost_limit=money.limit,
        notes=[note for note, needed in ((UNCOUNTED, not complete), (UNSAMPLED, not lately.sampled)) if needed],
    )


async def spent(now: "Runtime") -> Spent:
    """Today's money. One round trip."""
    moment, settings = now.clock(), now.settings
    key = budget.account_key(moment, settings.ai_time_zone)
    spend = (await now.coordination.spend([key]))[key]
    day = budget.day(moment, settings.ai_time_zone)
    return Spent(day, spend.committed / 1e9, spend.reserved / 1e9, settings.ai_daily_cost_limit)


async def recommend(now: "Runtime", request: RecommendationRequest) -> RecommendationReply:
    """A model for an agent. Reads the period, a day's kept totals and the live counters. Raises InvalidRequest."""
    if request.agent not in AGENTS:
        agents = ", ".join(AGENTS)
        raise InvalidRequest(
            f"There is no agent {request.agent!r}; there are {agents}.", fields=[("agent", f"Needs one of {agents}")]
        )
    _require_kept(now, request.days)
    await caught_up(now)
    moment = now.clock()
    today = rollup.day_of(moment)
    found = await reading.days(now.store, today - request.days + 1, today, today)
    fleet = await feedback.traffic(now.store, now.coordination, moment, moment - request.days * feedback.DAY)
    models = now.catalog.models
    names = {model.model_id: name for name, model in models.items()}
    off = set((await now.recent.live()).disabled_models)
    able = [name for name in ROUTES[request.tier] if name in models and name not in off]
    known = recommendation.known(
        rollup.merged(found.values()), recommendation.calls(fleet, names), able, (request.agent, request.language)
    )
    default = able[0] if able else None
    choice = recommendation.choose(known, default, request.priority)
    base = next((one for one in known if one.model == default), None)
    words = {} if base is None else recommendation.compared(known, base)
    return RecommendationReply(
        agent=request.agent,
        language=request.language,
        priority=request.priority,
        recommended_model=choice.model,
        default_model=default,
        evidence=choice.evidence,
        reason=choice.reason,
        models=[recommendation.evidence(one, words.get(one.model, {})) for one in known],
        caution=recommendation.CAUTION,
    )


def _require_kept(now: "Runtime", days: int) -> None:
    """Raise InvalidRequest for more days than are kept."""
    kept = now.settings.analytics_retention_days
    if days > kept:
        raise InvalidRequest(f"Only {kept} days are kept.", fields=[("days", f"ANALYTICS_RETENTION_DAYS is {kept}")])


def _hour(hour: int) -> str:
    return rollup.hour_name(hour) + ":00Z"


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
