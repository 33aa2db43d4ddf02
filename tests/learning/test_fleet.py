"""The fleet's totals by day: what is kept of them, and what a difference says."""

from shared.coordination.local import LocalCoordination
from shared.learning import fleet, reading
from shared.sqlite import Database
from shared.store.sqlite import SQLiteStore
from shared.telemetry.metrics import Metrics
from tests.contract.implementations import START, Clock

DAY = reading.DAY


def count(metrics: Metrics, answers: int, seconds: float) -> None:
    for _ in range(answers):
        metrics.inc("ai_requests_total", "mentor", "gpt_4_mini", "ok")
        metrics.observe("ai_response_time_seconds", seconds, "mentor", "gpt_4_mini")
    metrics.inc("ai_requests_total", "mentor", "template", "degraded")
    metrics.inc("ai_failed_calls_total", "gpt_4_mini", "timeout")
    metrics.inc("ai_cost_usd_total", "gpt_4_mini", by=0.25)
    metrics.inc("ai_cache_hits_total", "exact")


async def test_a_period_is_the_difference_of_two_days_totals(tmp_path) -> None:  # type: ignore[no-untyped-def]
    clock = Clock()
    database = Database(tmp_path / "lyo.db", clock=clock)
    store, coordination = SQLiteStore(database), LocalCoordination(database)
    metrics = Metrics(coordination, interval=3600)

    async def day(answers: int, seconds: float) -> tuple[str, bool]:
        count(metrics, answers, seconds)
        await metrics.flush()
        kept = await reading.keep_totals(store, coordination, clock(), clock() + 100 * DAY)
        await clock.advance(DAY)
        return kept

    assert await reading.traffic(store, coordination, clock(), clock() - DAY) is None, "nothing is kept yet"
    assert await day(100, 9.0) == ("2027-01-15", True)
    assert await day(4, 2.0) == ("2027-01-16", True)
    count(metrics, 3, 1.0)
    await metrics.flush()
    whole = await reading.traffic(store, coordination, clock(), START)
    assert whole is not None
    assert [(found.model, found.answers, found.latency_ms) for found in whole.traffic] == [
        ("gpt_4_mini", 7, 1571.4), ("template", 2, None)
    ]  # fmt: skip
    assert [(found.failed, found.cost_usd) for found in whole.calls] == [({"timeout": 2}, 0.5)]
    one = await reading.traffic(store, coordination, clock(), START, START + DAY)
    assert one is not None
    assert (one.traffic[0].answers, one.since, one.until) == (4, START, START + DAY)
    assert await reading.keep_totals(store, coordination, START, START) == ("2027-01-15", False)
    await metrics.close()
    await store.close()


def test_counters_that_began_anew_say_nothing() -> None:
    assert fleet.difference({"answers|mentor|m|ok": 5.0}, {"answers|mentor|m|ok": 4.0}) is None
    assert fleet.difference({"answers|mentor|m|ok": 5.0}, {}) is None
    assert fleet.difference({"cost|m": 0.3}, {"cost|m": 0.1 + 0.2}) is not None
    assert fleet.kept({"metric:gone_total|x|n": 3.0, "spend:account": 1.0}) == {}
