"""A period's days as the overview: traffic, money, engagement, retention, content, models. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.agents.analytics import (
    AnalyticsContent,
    AnalyticsEngagement,
    AnalyticsItem,
    AnalyticsModel,
    AnalyticsMoney,
    AnalyticsReturn,
    AnalyticsSaving,
    AnalyticsTraffic,
    OverviewReply,
)
from shared.analytics import figures, items, rollup
from shared.analytics.learner import RETURNS
from shared.analytics.rollup import Row, Tables

MONTH: Final = 30
TOP_ITEMS: Final = 20
CACHE_MEANS: Final = (
    "Answers taken from the cache, against what those same answers cost when they were first made. Assumes that each would "
    "have been asked of the model again."
)
ROUTING_MEANS: Final = (
    "Answers that a model was asked for, failed attempts included, against the dearest model that is configured and not switched "
    "off, for the same tokens. Says nothing of quality: what a dearer model would have answered is not known."
)


def overview(days: Mapping[int, Tables], first: int, today: int, retention_days: int) -> OverviewReply:
    """The days from `first` to `today`. `days` has the MONTH days before `first` too, where they are kept."""
    period = rollup.merged(tables for day, tables in days.items() if first <= day <= today)
    asked = figures.cells(period)
    since = figures.earliest({day: tables for day, tables in days.items() if first <= day <= today})
    sums = figures.sums(period)
    return OverviewReply(
        days=today - first + 1,
        first_day=rollup.day_name(first),
        last_day=rollup.day_name(today),
        since=None if since is None else rollup.day_name(since),
        notes=_notes(since, first, today),
        traffic=_traffic(period),
        money=_money(period, figures.different(days, first, today)),
        engagement=_engagement(days, first, today, retention_days),
        rating=figures.rating(figures.together(asked.values())),
        correct=figures.share(sums.get("correct", 0), sums.get("graded", 0)),
        retention=[_returned(days, first, today, after) for after in RETURNS],
        content=_content(period),
        models=_models(period),
    )


def _notes(since: int | None, first: int, today: int) -> list[str]:
    if since is None:
        return ["Nothing was counted in this period, so there is nothing to tell of it."]
    if since > first:
        return [f"There is nothing before {rollup.day_name(since)}: the figures are of {today - since + 1} days."]
    return []


def _traffic(period: Tables) -> AnalyticsTraffic:
    asked = figures.cells(period)
    total, found = figures.together(asked.values()), figures.learners_times(period)
    answers = total.get("answers", 0)
    return AnalyticsTraffic(
        answers=answers,
        background=figures.together(figures.cells(period, background=True).values()).get("answers", 0),
        outcomes=figures.outcomes(total),
        agents=figures.counts(figures.grouped(asked, lambda key: key[0])),
        languages=figures.counts(figures.grouped(asked, lambda key: key[2])),
        degraded=figures.share(total.get("degraded", 0), answers),
        retried=figures.share(total.get("retried", 0), answers),
        latency_ms_p50=figures.milliseconds(found, 0.5),
        latency_ms_p95=figures.milliseconds(found, 0.95),
    )


def _money(period: Tables, learners: int) -> AnalyticsMoney:
    asked = figures.cells(period)
    every = {**asked, **figures.cells(period, background=True)}
    total, own = figures.together(every.values()), figures.together(asked.values())
    by_model = figures.grouped(every, lambda key: key[1])
    spent = total.get("cost", 0)
    return AnalyticsMoney(
        spent_usd=figures.usd(spent),
        per_answer_usd=figures.mean(figures.cost(own), 9),
        per_learner_usd=figures.usd(spent / learners) if learners else None,
        models={model: figures.usd(row["cost"]) for model, row in by_model.items() if row.get("cost")},
        input_tokens=total.get("input", 0),
        output_tokens=total.get("output", 0),
        cache=_saving(
            total.get("saved", 0),
            total.get("saved", 0) + spent,
            total.get("exact", 0) + total.get("semantic", 0),
            CACHE_MEANS,
        ),
        routing=_saving(
            total.get("dearest", 0) - total.get("compared", 0),
            total.get("dearest", 0),
            total.get("routed", 0),
            ROUTING_MEANS,
        ),
    )


def _saving(saved: int, instead: int, answers: int, meaning: str) -> AnalyticsSaving:
    return AnalyticsSaving(
        saved_usd=figures.usd(saved),
        instead_usd=figures.usd(instead),
        share=round(saved / instead, 4) if answers and instead else None,
        answers=answers,
        meaning=meaning,
    )


def _engagement(days: Mapping[int, Tables], first: int, today: int, retention_days: int) -> AnalyticsEngagement:
    last = today - 1
    rows = [figures.people(days.get(day, {})) for day in range(first, today + 1)]
    total = figures.together(rows)
    month = range(last - MONTH + 1, last + 1)
    monthly = figures.different(days, month[0], last) if retention_days >= MONTH else None
    lengths = {int(name[7:]): count for name, count in total.items() if name.startswith("length:")}
    median = figures.milliseconds(lengths, 0.5)
    learners = figures.different(days, first, today)
    asked = figures.together(
        row for day in range(first, today + 1) for row in figures.cells(days.get(day, {})).values()
    ).get("answers", 0)
    daily = [figures.people(days.get(day, {})).get("active", 0) for day in month]
    return AnalyticsEngagement(
        day=rollup.day_name(last),
        daily=daily[-1],
        weekly=figures.different(days, last - 6, last) if retention_days >= 7 else None,
        monthly=monthly,
        stickiness=round(sum(daily) / MONTH / monthly, 4) if monthly else None,
        learners=learners,
        new_learners=total.get("first", 0),
        sessions=total.get("sessions", 0),
        session_minutes_median=None if median is None else round(median / 60_000, 2),
        messages_per_learner=round(asked / learners, 2) if learners else None,
    )


def _returned(days: Mapping[int, Tables], first: int, today: int, after: int) -> AnalyticsReturn:
    """Of those whose day `after` lies in the period and is over."""
    cohorts = range(first - after, today - after)
    n = sum(figures.people(days.get(day, {})).get("first", 0) for day in cohorts)
    back = sum(figures.people(days.get(day + after, {})).get(f"back:{after}", 0) for day in cohorts)
    found = figures.share(back, n)
    return AnalyticsReturn(day=after, value=found.value, low=found.low, high=found.high, n=found.n)


def _content(period: Tables) -> AnalyticsContent:
    sums, rows = figures.sums(period), period.get("items", {})
    busiest = sorted(rows, key=lambda item: (-items.busyness(rows[item]), item))[:TOP_ITEMS]
    return AnalyticsContent(
        opened=sums.get("opened", 0),
        completed=sums.get("completed", 0),
        dismissed=sums.get("dismissed", 0),
        top=[_item(item, rows[item]) for item in busiest],
    )


def _item(item: str, row: Row) -> AnalyticsItem:
    opened, completed = row.get("opened", 0), row.get("completed", 0)
    return AnalyticsItem(
        item=item,
        opened=opened,
        completed=completed,
        dismissed=row.get("dismissed", 0),
        completed_share=figures.share(completed, opened) if completed <= opened else figures.NOTHING,
        graded=row.get("graded", 0),
        correct=figures.share(row.get("correct", 0), row.get("graded", 0)),
        missed=row.get(items.MISSED, 0),
    )


def _models(period: Tables) -> list[AnalyticsModel]:
    asked = figures.cells(period)
    total = figures.together(asked.values()).get("answers", 0)
    found: list[AnalyticsModel] = []
    for model, row in figures.grouped(asked, lambda key: key[1]).items():
        answers = row.get("answers", 0)
        times = figures.times(period, "times", lambda agent, other, model=model: other == model)  # type: ignore[misc]  # bound now
        found.append(
            AnalyticsModel(
                model=model,
                answers=answers,
                share=round(answers / total, 4) if total else 0.0,
                degraded=figures.share(row.get("degraded", 0), answers),
                rating=figures.rating(row),
                correct=figures.correct(row),
                cost_per_answer_usd=figures.mean(figures.cost(row), 9),
                latency_ms_p50=figures.milliseconds(times, 0.5),
                latency_ms_p95=figures.milliseconds(times, 0.95),
            )
        )
    return sorted(found, key=lambda one: (-one.answers, one.model))
