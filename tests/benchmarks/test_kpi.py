"""Verdicts at and around the targets, and what the runs' outcomes come to."""

from typing import Any

import pytest

from scripts.benchmarks import kpi
from scripts.benchmarks.kpi import Kpi, Row, judge, saved, table
from scripts.benchmarks.memory import Soak
from scripts.benchmarks.traffic import Outcome
from scripts.benchmarks.trend import Trend
from scripts.benchmarks.trials import Runs
from scripts.benchmarks.workload import Kind


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (kpi.AVERAGE, 1.99, "excellent"),
        (kpi.AVERAGE, 2.0, "pass"),
        (kpi.AVERAGE, 2.99, "pass"),
        (kpi.AVERAGE, 3.0, "fail"),
        (kpi.P95, 4.99, "pass"),
        (kpi.P95, 5.0, "fail"),
        (kpi.TOGETHER, 10, "pass"),
        (kpi.TOGETHER, 9, "fail"),
        (kpi.THROUGHPUT, 20, "pass"),
        (kpi.THROUGHPUT, 30, "pass"),
        (kpi.THROUGHPUT, 30.1, "excellent"),
        (kpi.SUCCESS, 99.9, "fail"),
        (kpi.SUCCESS, 99.91, "pass"),
        (kpi.PEAK, 80, "fail"),
        (kpi.HITS, 30, "fail"),
        (kpi.HITS, 50.1, "excellent"),
        (kpi.FASTER, 50, "pass"),
        (kpi.FASTER, 70.1, "excellent"),
        (kpi.ROUTING, 19.9, "fail"),
        (kpi.CACHE, 60.1, "excellent"),
        (kpi.CACHE, None, "not measured"),
    ],
)
def test_verdicts(target: Kpi, value: float | None, verdict: str) -> None:
    assert judge(target, value) == verdict


@pytest.mark.parametrize(
    ("spread", "verdict"), [((1, 9), "pass"), ((5, 15), "unsure"), ((11, 20), "fail"), ((-400, 430), "unsure")]
)
def test_an_interval_around_the_limit_decides_nothing(spread: tuple[float, float], verdict: str) -> None:
    assert judge(kpi.GROWTH, sum(spread) / 2, spread) == verdict


def test_savings() -> None:
    assert saved(60, 100) == pytest.approx(40)
    assert saved(1, 0) is None


def outcome(conversation: int, kind: Kind = "common", status: int = 200, seconds: float = 1.0, **reply: Any) -> Outcome:
    answer = {"provider": "gemma", "degraded": False, "cache": "none", "cost_usd": 0.0}
    return Outcome((conversation, 0), kind, status, seconds, answer | reply)


def row(rows: list[Row], target: Kpi) -> Row:
    return next(one for one in rows if one.kpi is target)


def rows(runs: Runs | None = None, soak: Soak | None = None, peak: float | None = None) -> list[Row]:
    return table(runs, soak, peak_mb=peak, memory_mb=1024)


def test_nothing_measured_is_said_of_every_row() -> None:
    found = rows()
    assert {one.verdict for one in found} == {"not measured"}
    assert len(found) == 15


def test_a_template_answer_counts_only_when_it_is_marked() -> None:
    assert outcome(0, provider="template", degraded=True).good
    assert not outcome(0, provider="template", degraded=False).good
    assert not outcome(0, status=503).good


def test_one_failure_in_a_hundred_fails() -> None:
    runs = Runs(storm=[outcome(number, status=503 if number == 7 else 200) for number in range(100)])
    success = row(rows(runs), kpi.SUCCESS)
    assert success.value == pytest.approx(99)
    assert success.verdict == "fail"
    assert success.note.startswith("1 of 100 failed")


def test_one_failed_conversation_fails_however_many_went_well() -> None:
    runs = Runs(together=[outcome(number, status=599 if number == 3 else 200) for number in range(50)])
    together = row(rows(runs), kpi.TOGETHER)
    assert (together.value, together.verdict) == (49, "fail")


def test_hits_are_compared_with_the_same_messages_uncached() -> None:
    runs = Runs(
        on=[outcome(0, seconds=1.0, cost_usd=0.5), outcome(1, seconds=0.3, cache="exact"), outcome(2, cost_usd=0.5)],
        uncached=[outcome(0, seconds=9.0, cost_usd=0.5), outcome(1, cost_usd=0.5), outcome(2, "fresh", cost_usd=0.5)],
        unrouted=[outcome(number, cost_usd=1.0) for number in range(3)],
        on_seconds=6.0,
    )
    found = rows(runs)
    assert row(found, kpi.FASTER).value == pytest.approx(70)
    assert row(found, kpi.HITS).value == pytest.approx(100 / 3)
    assert row(found, kpi.THROUGHPUT).value == pytest.approx(30)
    assert row(found, kpi.ROUTING).value == pytest.approx(100 * (1 - 1.0 / 3.0))


def test_the_cache_is_judged_on_the_repeated_questions() -> None:
    runs = Runs(
        on=[outcome(0, cost_usd=0.4), outcome(1, "fresh", cost_usd=1.0)],
        uncached=[outcome(0, cost_usd=1.0), outcome(1, "fresh", cost_usd=1.0)],
        unrouted=[outcome(0, cost_usd=1.0)],
        on_seconds=1.0,
    )
    cache = row(rows(runs), kpi.CACHE)
    assert cache.value == pytest.approx(60)
    assert cache.note == "30 % of the whole mix"


def test_memory_is_judged_by_the_instance_and_by_the_interval() -> None:
    soak = Soak(10.0, rate=100.0, sent=60_000, trend=Trend(4.0, 1.0, 7.0), noise=0.1)
    found = rows(soak=soak, peak=512)
    assert row(found, kpi.PEAK).value == 50
    growth = row(found, kpi.GROWTH)
    assert (growth.value, growth.verdict, growth.noise) == (4.0, "pass", 0.1)
