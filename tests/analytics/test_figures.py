"""Sums to figures: quantiles, intervals, the overview, a course's change, a recommendation; and what is said where there is nothing."""

import random
from statistics import quantiles

import pytest
from scipy import stats

from shared.activity.consumer import Taken
from shared.agents.analytics import Metric
from shared.agents.feedback import FleetCalls, FleetPeriod, FleetTraffic
from shared.analytics import figures, histogram, recommendation, rollup, trends
from shared.analytics.overview import overview
from shared.analytics.person import figures_of
from shared.analytics.recommendation import Known, choose
from shared.analytics.rollup import Row
from tests.analytics.events import (
    DAY_0,
    answered,
    at,
    cached,
    consumed,
    count,
    days_of,
    graded,
    learner_of,
    rated,
)


def test_quantiles_are_within_two_and_a_half_per_cent_and_their_intervals_cover() -> None:
    pick = random.Random(3)
    covered = 0
    for _ in range(200):
        times = [pick.lognormvariate(7, 0.8) for _ in range(300)]
        counts: dict[int, int] = {}
        for time in times:
            counts[histogram.bucket(time)] = counts.get(histogram.bucket(time), 0) + 1
        exact = sorted(times)[149]
        assert histogram.quantile(counts, 0.5) == pytest.approx(exact, rel=0.025)
        low, high = histogram.quantile_interval(counts, 0.5) or (0, 0)
        covered += low <= 1096.6 <= high  # the distribution's median, e^7
    assert covered >= 185
    assert quantiles(times)[0] > 0
    assert histogram.quantile({}, 0.5) is None
    assert histogram.bucket(float("nan")) == histogram.bucket(-3) == 0
    assert histogram.bucket(1e12) == histogram.bucket(histogram.LONGEST)


def test_intervals_of_means_and_changes_are_those_of_the_textbook() -> None:
    a, b = [3.0, 4.5, 2.2, 6.1, 4.4, 5.0], [5.5, 6.0, 4.9, 7.7, 6.5, 6.8, 5.1]
    samples = [figures.Mean(len(x), sum(x), sum(v * v for v in x)) for x in (a, b)]
    low, high = stats.t.interval(0.95, len(a) - 1, sum(a) / len(a), stats.sem(a))
    assert samples[0].interval == pytest.approx((low, high), rel=2e-3)
    expected = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    assert trends.welch(samples[0], samples[1]) == pytest.approx((expected.low, expected.high), rel=2e-3)


def test_a_mean_rating_of_which_only_the_sum_is_known_is_covered_whatever_the_ratings() -> None:
    pick = random.Random(9)
    for weights in ([1, 0, 0, 0, 3], [1, 2, 3, 2, 1], [0, 0, 0, 1, 9]):
        true = sum(value * weight for value, weight in zip(range(1, 6), weights, strict=True)) / sum(weights)
        covered = 0
        for _ in range(300):
            some = pick.choices(range(1, 6), weights, k=40)
            found = figures.rating({"ratings": 40, "rating": sum(some)})
            assert found.low is not None
            assert found.high is not None
            covered += found.low <= true <= found.high
        assert covered >= 300 * 0.93


def test_ratings_that_were_changed_later_stay_on_the_scale() -> None:
    assert figures.rating({"ratings": 0, "rating": 3}).value is None
    assert figures.rating({"ratings": 1, "rating": 9}).value == 5.0
    assert figures.rating({"ratings": -1, "rating": -4}).n == 0


def test_an_empty_installation_has_nulls_and_says_why() -> None:
    found = overview({}, DAY_0, DAY_0 + 29, 90)
    assert (found.since, found.traffic.answers, found.rating.value, found.money.cache.share) == (None, 0, None, None)
    assert found.engagement.session_minutes_median is None
    assert [(one.day, one.value, one.n) for one in found.retention] == [(1, None, 0), (7, None, 0), (30, None, 0)]
    assert "Nothing was counted" in found.notes[0]


def test_the_overview_tells_what_happened() -> None:
    events: list[Taken] = [(at(day), answered("u1")) for day in range(9)]
    events += [(at(0), cached("u2")), (at(1), answered("u2", outcome="degraded", delivered="none", cost=0, dearest=0))]
    events += [(at(0), rated("u1", 5)), (at(0), graded("u1", correct=True)), (at(1), graded("u2", correct=False))]
    events += [(at(0), consumed("u1", "lesson", how)) for how in ("opened", "opened", "completed")]
    events += [(at(8), answered("u3")), (at(0), answered("u1", agent="summary", cost=5_000_000))]
    events.sort(key=lambda taken: taken[0])
    found = overview(days_of(count(events).values()), DAY_0, DAY_0 + 8, 90)
    assert found.notes == []
    assert (found.traffic.answers, found.traffic.background, found.traffic.agents) == (12, 1, {"mentor": 12})
    assert found.traffic.outcomes == {"ok": 10, "degraded": 1, "cached": 1}
    money = found.money
    assert (money.spent_usd, money.per_learner_usd) == (0.025, round(0.025 / 3, 9))
    assert (money.cache.saved_usd, money.cache.instead_usd, money.cache.answers) == (0.003, 0.028, 1)
    # Ten mentor answers and the summary, each with 0.006 as the dearest.
    assert (money.routing.saved_usd, money.routing.instead_usd) == (0.066 - 0.025, 0.066)
    told = found.engagement
    assert (told.daily, told.weekly, told.monthly, told.learners, told.new_learners) == (1, 2, 2, 3, 3)
    assert [(one.day, one.value, one.n) for one in found.retention] == [(1, 1.0, 2), (7, 0.5, 2), (30, None, 0)]
    assert (found.rating.value, found.rating.n, found.correct.value, found.correct.n) == (5.0, 1, 0.5, 2)
    (top, question) = found.content.top
    assert (top.item, top.opened, top.completed, top.completed_share.value) == ("lesson", 2, 1, 0.5)
    assert (question.item, question.graded, question.correct.value) == ("q1", 2, 0.5)
    by_model = {one.model: one for one in found.models}
    assert (by_model["gpt_4_mini"].answers, by_model["gpt_4_mini"].rating.value) == (10, 5.0)
    assert by_model["none"].degraded.value == 1.0
    assert by_model["gpt_4_mini"].correct.n == 1


def spans(length: int, since: int | None, cycle: int = 7) -> trends.Spans:
    return trends.Spans(range(100, 100 + length), range(100 + length, 100 + 2 * length), 100 + 2 * length, since, cycle)


def row_days(values: list[float], name: str = "answers") -> dict[int, Row]:
    return {100 + place: {name: int(value)} for place, value in enumerate(values)}


def test_a_young_installation_has_no_growth() -> None:
    course = trends.COURSES["answers"]
    found = row_days([0, 0, 0, 5, 6, 5, 0])
    nothing = trends.change(course, found, spans(3, None))
    first_week = trends.change(course, found, spans(3, 103))
    assert (nothing.direction, first_week.direction, first_week.relative) == ("unknown", "unknown", None)
    assert "nothing before" in first_week.why
    half = trends.change(course, row_days([1, 5, 6, 50, 60, 50, 0]), spans(3, 100))
    assert half.direction == "unknown", "the first day of all began in its middle"
    told = trends.points(course, found, spans(3, 104), str)
    assert [point.value for point in told] == [None, 6, 5, 0]
    assert [point.complete for point in told] == [True, True, True, False]


def test_the_weeks_own_course_is_no_change_and_growth_is_one() -> None:
    course = trends.COURSES["answers"]
    week = [100.0, 110, 105, 120, 300, 310, 90]
    same = trends.change(course, row_days([*week, *[value + 3 for value in week], 0]), spans(7, 1))
    assert same.direction == "no measurable change"
    grown = trends.change(course, row_days([*week, *[value * 1.4 for value in week], 0]), spans(7, 1))
    assert grown.direction == "rising"
    assert grown.relative == pytest.approx(0.4, abs=0.01)
    few = trends.change(course, row_days([5, 5, 5, 6, 6, 6, 0]), spans(3, 1))
    assert few.direction == "no measurable change", "a count is never surer than Poisson's"


@pytest.mark.parametrize("metric", ["cached", "rating", "latency_ms"])
def test_means_and_shares_change_when_they_do_and_seldom_when_they_do_not(metric: Metric) -> None:
    pick = random.Random(metric)
    course = trends.COURSES[metric]

    def day(shift: float) -> Row:
        return rollup.row_sum(_row(metric, pick, shift) for _ in range(40))

    alarms = sum(
        trends.change(course, {100 + n: day(0) for n in range(7)}, spans(3, 1)).direction != "no measurable change"
        for _ in range(100)
    )
    assert alarms <= 12
    found = {100 + n: day(0.35 if n >= 3 else 0) for n in range(7)}
    assert trends.change(course, found, spans(3, 1)).direction == "rising"
    little = trends.change(course, {100 + n: _row(metric, pick, 0) for n in range(7)}, spans(3, 1))
    assert little.direction == "unknown"


def _row(metric: str, pick: random.Random, shift: float) -> Row:
    if metric == "rating":
        return {"ratings": 1, "rating": min(5, pick.choice([1, 3, 4, 5]) + 2 * (pick.random() < 2 * shift))}
    if metric == "cached":
        return {"answers": 1, "exact": int(pick.random() < 0.3 + shift)}
    ms = pick.lognormvariate(6 + shift, 0.5)
    return {"answers": 1, "us": round(ms * 1000), "ms_squares": round(ms) ** 2}


def model(name: str, n: int = 200, rating: float = 4.0, cost: float = 0.01, ms: float = 1000, **more: int) -> Known:
    pick = random.Random(name)
    row: Row = {"answers": n, "ratings": n, "rating": round(rating * n)}
    times: dict[int, int] = {}
    for _ in range(n):
        spent, took = cost * pick.uniform(0.5, 1.5), ms * pick.uniform(0.5, 1.5)
        row["cost"] = row.get("cost", 0) + round(spent * 1e9)
        row["cost_squares"] = row.get("cost_squares", 0) + round(spent * 1e6) ** 2
        times[histogram.bucket(took)] = times.get(histogram.bucket(took), 0) + 1
    return Known(name, row | more, times)


def test_a_recommendation_without_evidence_is_the_routing_default() -> None:
    young, old = model("a", n=5), model("a")
    assert choose([], None, "quality").model is None
    for models in ([young, model("b", rating=5.0)], [old, model("b", n=5, rating=5.0, cost=0.0001)]):
        found = choose(models, "a", "balanced")
        assert (found.model, found.evidence) == ("a", False)
        assert "routing default" in found.reason
    same = choose([old, model("b")], "a", "balanced")
    assert (same.model, same.evidence) == ("a", True)
    assert "no other is measurably better" in same.reason


def test_each_priority_has_its_model_and_none_that_is_worse_in_quality() -> None:
    models = [
        model("a"),
        model("better", rating=4.6, cost=0.02),
        model("cheap", cost=0.002),
        model("fast", ms=300, cost=0.012),
        model("cheapest", rating=2.5, cost=0.0001, ms=100),
    ]
    found = {priority: choose(models, "a", priority).model for priority in ("quality", "cost", "speed", "balanced")}
    assert found == {"quality": "better", "cost": "cheap", "speed": "fast", "balanced": "cheap"}


def test_a_rating_alone_recommends_nothing_that_the_checks_speak_against() -> None:
    liked = model("liked", rating=4.7, checks=200, passed=90)
    default = model("a", checks=200, passed=150)
    assert choose([default, liked], "a", "quality").model == "a"
    assert choose([default, model("liked", rating=4.7, checks=200, passed=150)], "a", "quality").model == "liked"


def test_a_model_whose_calls_fail_more_often_is_not_recommended() -> None:
    period = FleetPeriod(
        since=0,
        until=1,
        traffic=[
            FleetTraffic(agent="mentor", model=name, answers=100, outcomes={"ok": 90, "cached": 10}, latency_ms=None)
            for name in ("id-a", "b")
        ],
        calls=[FleetCalls(model="b", failed={"timeout": 30}, cost_usd=0.0)],
    )
    calls = recommendation.calls(period, {"id-a": "a"})
    assert calls == {"a": (0, 90), "b": (30, 120)}
    better = model("b", cost=0.001)
    sure = [Known(one.model, one.row, one.times, calls[one.model]) for one in (model("a"), better)]
    assert choose([model("a"), better], "a", "cost").model == "b"
    assert choose(sure, "a", "cost").model == "a"


def test_no_difference_makes_seldom_a_recommendation() -> None:
    pick = random.Random(2)
    changed = 0
    for _ in range(300):
        models = [
            Known(name, {"answers": 60, "checks": 60, "passed": sum(pick.random() < 0.6 for _ in range(60))}, {})
            for name in "abcdef"
        ]
        changed += choose(models, "a", "quality").model != "a"
    assert changed <= 6  # with an interval for each comparison by itself it is 26


def test_a_learners_figures() -> None:
    events: list[Taken] = [(at(day), answered()) for day in (0, 5, 6, 7)]
    events += [(at(7, 13), graded(correct=True)), (at(7, 13.1), rated(rating=3))]
    learner = learner_of(count(events), "u1")
    found = figures_of("u1", learner, DAY_0 + 8, 5)
    assert (found.first_day, found.last_day, found.active_days, found.streak) == ("2026-01-01", "2026-01-08", 3, 3)
    assert (found.answers, found.agents, found.rating, found.correct.n) == (3, {"mentor": 3}, 3.0, 1)
    assert (found.sessions, [day.day for day in found.by_day]) == (4, ["2026-01-06", "2026-01-07", "2026-01-08"])
