"""One learner's days as figures. Pure."""

from shared.agents.analytics import AnalyticsLearnerDay, LearnerReply
from shared.analytics import figures, rollup
from shared.analytics.learner import Learner

_MINUTE_MS = 60_000


def figures_of(user_id: str, learner: Learner, today: int, days: int, *, by_day: bool = True) -> LearnerReply:
    """The last `days` of a learner, today included."""
    within = {day: row for day, row in sorted(learner.days.items()) if today - days < day <= today}
    total = rollup.row_sum(within.values())
    answers, ratings, sessions = total.get("answers", 0), total.get("ratings", 0), total.get("sessions", 0)
    last = learner.last
    return LearnerReply(
        user_id=user_id,
        days=days,
        first_day=None if learner.first is None else rollup.day_name(learner.first),
        last_day=None if last is None else rollup.day_name(last),
        active_days=len(within),
        streak=_streak(learner, today),
        answers=answers,
        agents={name[6:]: value for name, value in sorted(total.items()) if name.startswith("agent:") and value},
        cost_usd=figures.usd(total.get("cost", 0)),
        latency_ms=round(total.get("us", 0) / 1000 / answers, 1) if answers else None,
        rating=figures.rating(total).value,
        ratings=max(0, ratings),
        graded=total.get("graded", 0),
        correct=figures.share(total.get("correct", 0), total.get("graded", 0)),
        opened=total.get("opened", 0),
        completed=total.get("completed", 0),
        dismissed=total.get("dismissed", 0),
        sessions=sessions,
        session_minutes=round(total.get("session_ms", 0) / _MINUTE_MS / sessions, 2) if sessions > 0 else None,
        by_day=[_day(day, row) for day, row in within.items()] if by_day else [],
    )


def _day(day: int, row: rollup.Row) -> AnalyticsLearnerDay:
    return AnalyticsLearnerDay(
        day=rollup.day_name(day),
        answers=row.get("answers", 0),
        graded=row.get("graded", 0),
        correct=row.get("correct", 0),
        completed=row.get("completed", 0),
        sessions=row.get("sessions", 0),
        session_minutes=round(row.get("session_ms", 0) / _MINUTE_MS, 2),
    )


def _streak(learner: Learner, today: int) -> int:
    """Days in a row up to today, or up to yesterday where today has not begun for them."""
    day = today if today in learner.days else today - 1
    length = 0
    while day - length in learner.days:
        length += 1
    return length
