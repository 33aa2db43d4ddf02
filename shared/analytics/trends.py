"""One metric's course, and whether it has changed against the period before. Pure.

Means: Welch's interval of the difference. Shares: Newcombe's. Ratings as shares of the scale. Counts: what differs is the
mean by day (or hour), with Welch's interval over those; where both periods begin on the same weekday (or hour) the pairs
of the same place in the week are compared, so that the week's own course is no change. A count that happened to be the same
every day is still a count: it varies as Poisson's at least.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

from shared.agents.analytics import AnalyticsChange, AnalyticsEstimate, AnalyticsPoint, Direction, Metric
from shared.analytics import figures
from shared.analytics.figures import BEST, WORST, Mean
from shared.analytics.rollup import Row, Tables
from shared.learning import intervals
from shared.learning.intervals import Interval

ENOUGH: Final = 20
"""Answers, ratings or checks that either period must have before anything is said of a mean or a share."""
ENOUGH_SPANS: Final = 3
"""Days or hours that either period must have before anything is said of a count."""
WEEK: Final = 7

Of = Literal["cell", "sum", "people"]


@dataclass(frozen=True, slots=True)
class Spans:
    """Days or hours: the whole ones `before` and `after`, the `running` one, and the first `since` which anything was counted.

    `cycle`: spans after which the same time of the week (or of the day) comes again.
    """

    before: range
    after: range
    running: int
    since: int | None
    cycle: int


@dataclass(frozen=True, slots=True)
class Course:
    """How a metric is worked out of rows: a `total` is `part`, a share is `part` of `whole`, a mean is over `whole`."""

    kind: Literal["total", "mean", "share"]
    of: Of
    unit: str
    part: Callable[[Row], float]
    whole: str = ""
    sample: Callable[[Row], Mean] | None = None
    rating: bool = False


def _number(*names: str, scale: float = 1.0) -> Callable[[Row], float]:
    return lambda row: sum(row.get(name, 0) for name in names) * scale


COURSES: Final[Mapping[Metric, Course]] = {
    "answers": Course("total", "cell", "answers", _number("answers")),
    "tokens": Course("total", "cell", "tokens", _number("input", "output")),
    "cost_usd": Course("total", "cell", "usd", _number("cost", scale=1e-9)),
    "cost_per_answer_usd": Course("mean", "cell", "usd", _number("cost", scale=1e-9), "answers", figures.cost),
    "saved_by_cache_usd": Course("total", "cell", "usd", _number("saved", scale=1e-9)),
    "saved_by_routing_usd": Course(
        "total", "cell", "usd", lambda row: (row.get("dearest", 0) - row.get("compared", 0)) * 1e-9
    ),
    "latency_ms": Course("mean", "cell", "ms", _number("us", scale=1e-3), "answers", figures.latency),
    "cached": Course("share", "cell", "share", _number("exact", "semantic"), "answers"),
    "degraded": Course("share", "cell", "share", _number("degraded"), "answers"),
    "retried": Course("share", "cell", "share", _number("retried"), "answers"),
    "rating": Course("mean", "cell", "1 to 5", _number("rating"), "ratings", rating=True),
    "correct": Course("share", "sum", "share", _number("correct"), "graded"),
    "completed": Course("total", "sum", "items", _number("completed")),
    "active_learners": Course("total", "people", "learners", _number("active")),
    "new_learners": Course("total", "people", "learners", _number("first")),
    "sessions": Course("total", "people", "sessions", _number("sessions")),
}


def rows(spans: Mapping[int, Tables], course: Course, agent: str | None, language: str | None) -> dict[int, Row]:
    """What the metric is worked out of, by day or hour."""
    if course.of == "people":
        return {span: figures.people(tables) for span, tables in spans.items()}
    if course.of == "sum":
        return {span: figures.sums(tables) for span, tables in spans.items()}
    return {span: figures.together(figures.cells(tables, agent, language).values()) for span, tables in spans.items()}


def points(course: Course, found: Mapping[int, Row], spans: Spans, name: Callable[[int], str]) -> list[AnalyticsPoint]:
    """The metric of each span of the period and of the running one; before `since`, when there was nothing yet, it is null."""
    return [
        AnalyticsPoint(
            start=name(span),
            value=None if spans.since is None or span < spans.since else _value(course, found[span]),
            n=_size(course, found[span]),
            complete=span < spans.running,
        )
        for span in (*spans.after, spans.running)
    ]


def change(course: Course, found: Mapping[int, Row], spans: Spans) -> AnalyticsChange:
    """The period against the one before, as far as there was anything."""
    since = spans.since
    if since is None:
        return _unknown("Nothing has been counted yet.")
    # The first span of all began in its middle.
    old, new = ([span for span in some if span > since] for some in (spans.before, spans.after))
    if not old:
        return _unknown("There is nothing before this period to hold it against.")
    if course.kind == "total":
        paired = len(old) == len(new) == len(spans.before) and len(old) % spans.cycle == 0
        a, b = ([course.part(found[span]) for span in some] for some in (old, new))
        return _of_totals(a, b, paired=paired, counted=course.unit not in ("usd", "tokens"))
    a_row, b_row = (figures.together(found[span] for span in some) for some in (old, new))
    return _of_rows(course, a_row, b_row)


def _of_totals(a: Sequence[float], b: Sequence[float], *, paired: bool, counted: bool) -> AnalyticsChange:
    if min(len(a), len(b)) < ENOUGH_SPANS:
        return _unknown("Too few whole days or hours in one of the two periods.")
    old, new = _sample(a), _sample(b)
    least = (old.value, new.value) if counted else (0.0, 0.0)
    if paired:
        each = _sample([after - before for before, after in zip(a, b, strict=True)])
        interval = _reach(each.value, max(each.variance, sum(least)) / each.n, each.n - 1)
    else:
        interval = welch(old, new, least)
    return _change(old.value, new.value, interval, len(b))


def _of_rows(course: Course, a: Row, b: Row) -> AnalyticsChange:
    n_a, n_b = a.get(course.whole, 0), b.get(course.whole, 0)
    if min(n_a, n_b) < ENOUGH:
        return _unknown(f"Too little in one of the two periods: {n_a} before, {n_b} now, of {ENOUGH}.")
    if course.sample is not None:
        old, new = course.sample(a), course.sample(b)
        return _change(old.value, new.value, welch(old, new), n_b)
    if course.rating:
        before, after = figures.share_of_scale(a) or (0.0, 1), figures.share_of_scale(b) or (0.0, 1)
        low, high = intervals.share_difference(before, after)
        span = BEST - WORST
        values = [WORST + span * count / n for count, n in (before, after)]
        return _change(values[0], values[1], (span * low, span * high), n_b)
    counted = [(min(course.part(row), n), n) for row, n in ((a, n_a), (b, n_b))]
    return _change(counted[0][0] / n_a, counted[1][0] / n_b, intervals.share_difference(counted[0], counted[1]), n_b)


def _change(before: float, after: float, interval: Interval, n: int) -> AnalyticsChange:
    low, high = interval
    direction: Direction = "no measurable change" if low <= 0 <= high else "rising" if low > 0 else "falling"
    difference = after - before
    return AnalyticsChange(
        before=_rounded(before),
        after=_rounded(after),
        difference=AnalyticsEstimate(value=_rounded(difference), low=_rounded(low), high=_rounded(high), n=n),
        relative=round(difference / before, 4) if before else None,
        direction=direction,
        why="The 95 % interval of the difference holds 0."
        if direction == "no measurable change"
        else "The 95 % interval of the difference does not hold 0.",
    )


def _unknown(why: str) -> AnalyticsChange:
    return AnalyticsChange(
        before=None, after=None, difference=figures.NOTHING, relative=None, direction="unknown", why=why
    )


def _sample(values: Sequence[float]) -> Mean:
    return Mean(len(values), sum(values), sum(value * value for value in values))


def welch(a: Mean, b: Mean, least: tuple[float, float] = (0.0, 0.0), confidence: float = 0.95) -> Interval:
    """Of `b` less `a`; neither's variance counts as less than `least`."""
    of_a, of_b = max(a.variance, least[0]) / a.n, max(b.variance, least[1]) / b.n
    spread = of_a + of_b
    freedom = spread**2 / (of_a**2 / max(1, a.n - 1) + of_b**2 / max(1, b.n - 1)) if spread else 1.0
    return _reach(b.value - a.value, spread, freedom, confidence)


def _reach(value: float, variance: float, freedom: float, confidence: float = 0.95) -> Interval:
    reach = intervals.t_quantile(confidence, max(1.0, freedom)) * sqrt(variance)
    return value - reach, value + reach


def _value(course: Course, row: Row) -> float | None:
    if course.kind == "total":
        return _rounded(course.part(row))
    if course.rating:
        return figures.rating(row).value
    n = row.get(course.whole, 0)
    return _rounded(course.part(row) / n) if n else None


def _size(course: Course, row: Row) -> int:
    return (
        row.get(course.whole, 0)
        if course.whole
        else round(course.part(row))
        if course.unit != "usd"
        else row.get("answers", 0)
    )


def _rounded(value: float) -> float:
    return round(value, 9)
