import asyncio
from pathlib import Path
from typing import Any

import pytest

from shared import beat
from shared.coordination.local import LocalCoordination
from shared.errors import StoreError
from shared.sqlite import Database
from shared.telemetry.exposition import render
from shared.telemetry.metrics import Metrics
from shared.telemetry.names import METRICS
from tests.fakes.waiting import eventually
from tests.telemetry.reading import Make, read, samples


async def test_counts_and_buckets_read_back_through_prometheus_own_parser(make: Make) -> None:
    metrics = make()
    metrics.inc("ai_requests_total", "mentor", "gpt_4_mini", "ok")
    metrics.inc("ai_requests_total", "mentor", "gpt_4_mini", "ok", by=2)
    metrics.inc("ai_cost_usd_total", "gpt_4_mini", by=0.000123)
    for seconds in (0.005, 0.0051, 3.0, 500.0):
        metrics.observe("ai_response_time_seconds", seconds, "mentor", "gpt_4_mini")
    metrics.set("ai_circuit_breaker_state", 2, "account:openai")
    metrics.set("ai_memory_usage_bytes", 123456789)
    found = await read(metrics)
    assert found["ai_requests_total", "mentor", "gpt_4_mini", "ok"] == 3
    assert found["ai_cost_usd_total", "gpt_4_mini"] == pytest.approx(0.000123)
    buckets = {key[-1]: value for key, value in found.items() if key[0] == "ai_response_time_seconds_bucket"}
    assert buckets["0.005"] == 1  # the bound belongs to its bucket
    assert buckets["0.01"] == 2
    assert (buckets["2"], buckets["3"], buckets["120"], buckets["+Inf"]) == (2, 3, 3, 4)
    assert found["ai_response_time_seconds_count", "mentor", "gpt_4_mini"] == 4
    assert found["ai_response_time_seconds_sum", "mentor", "gpt_4_mini"] == pytest.approx(503.0101)
    assert found["ai_circuit_breaker_state", "account:openai"] == 2
    assert found["ai_memory_usage_bytes",] == 123456789


async def test_help_and_type_stand_for_every_metric_and_the_bytes_are_the_same_each_time(make: Make) -> None:
    metrics = make()
    for agent in ("mentor", "feed", "curation"):
        metrics.inc("ai_requests_total", agent, "claude", "ok")
    text = await metrics.render()
    assert text == await metrics.render()
    for name, metric in METRICS.items():
        assert f"# HELP {name} {metric.help}\n# TYPE {name} {metric.kind}\n" in text
    lines = [line for line in text.splitlines() if line.startswith("ai_requests_total{")]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_label_values_are_escaped_and_older_buckets_stay() -> None:
    totals = {
        'metric:ai_experiments_total|a"b\\c\nd|v|n': 1.0,
        "metric:ai_optimization_duration_seconds|le:7.5": 2.0,  # counted by a version with another bucket
        "metric:ai_optimization_duration_seconds|le:15.0": 1.0,
        "metric:ai_gone_total|x|n": 5.0,
        "metric:nonsense": 1.0,
        "metric:ai_optimization_duration_seconds|le:word": 1.0,
    }
    text = render(totals, [])
    assert 'ai_experiments_total{experiment_name="a\\"b\\\\c\\nd",variant="v"} 1\n' in text
    found = samples(text)
    assert found["ai_experiments_total", 'a"b\\c\nd', "v"] == 1
    buckets = {key[-1]: value for key, value in found.items() if key[0].endswith("_bucket")}
    assert (buckets["5"], buckets["7.5"], buckets["15"], buckets["+Inf"]) == (0, 2, 3, 3)


async def test_wrong_use_is_refused(make: Make) -> None:
    metrics = make()
    with pytest.raises(KeyError):
        metrics.inc("ai_undeclared_total")
    with pytest.raises(ValueError, match="3 labels"):
        metrics.inc("ai_requests_total", "mentor")
    with pytest.raises(ValueError, match="is a histogram"):
        metrics.inc("ai_response_time_seconds", "mentor", "claude")
    with pytest.raises(ValueError, match="is a counter"):
        metrics.set("ai_benchmark_runs_total", 1)
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="grows"):
            metrics.inc("ai_benchmark_runs_total", by=bad)
    with pytest.raises(ValueError, match="no observation"):
        metrics.observe("ai_optimization_duration_seconds", float("nan"))


async def test_forgotten_gauges_are_gone(make: Make) -> None:
    metrics = make()
    metrics.set("ai_circuit_breaker_state", 2, "account:openai")
    metrics.forget("ai_circuit_breaker_state")
    metrics.set("ai_circuit_breaker_state", 0, "account:claude")
    found = await read(metrics)
    assert [key for key in found if key[0] == "ai_circuit_breaker_state"] == [
        ("ai_circuit_breaker_state", "account:claude")
    ]


async def test_a_failed_flush_loses_nothing_and_counts_nothing_twice(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    coordination.failures = 2
    metrics.inc("ai_benchmark_runs_total", by=3)
    with pytest.raises(StoreError):
        await metrics.flush()
    metrics.inc("ai_benchmark_runs_total", by=4)
    with pytest.raises(StoreError):
        await metrics.flush()
    await metrics.flush()
    await metrics.flush()
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 7


async def test_an_addition_whose_answer_was_lost_is_not_counted_twice(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    coordination.lost = 2
    metrics.inc("ai_benchmark_runs_total", by=3)
    with pytest.raises(StoreError):
        await metrics.flush()
    metrics.inc("ai_benchmark_runs_total", by=4)
    with pytest.raises(StoreError):
        await metrics.flush()
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 3
    await metrics.flush()
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 7


async def test_a_flush_cancelled_in_mid_flight_is_sent_again_and_counted_once(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    coordination.delay = 0.02
    metrics.inc("ai_benchmark_runs_total", by=3)
    leaving = asyncio.create_task(metrics.flush())
    await asyncio.sleep(0.005)
    assert metrics._flushing is not None
    metrics._flushing.cancel()
    await asyncio.wait([leaving])
    await metrics.flush()
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 3


async def test_new_series_wait_while_the_fleet_cannot_be_read(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    coordination.totals_failures = 1
    metrics.inc("ai_experiments_total", "exp", "a")
    with pytest.raises(StoreError):
        await metrics.flush()
    assert (await read(metrics))["ai_experiments_total", "exp", "a"] == 1


async def test_render_shows_the_stored_totals_when_only_sending_fails(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    metrics.inc("ai_benchmark_runs_total")
    await metrics.flush()
    metrics.inc("ai_benchmark_runs_total")
    coordination.failures = 1
    assert (await read(metrics))["ai_benchmark_runs_total",] == 1
    assert (await read(metrics))["ai_benchmark_runs_total",] == 2
    coordination.totals_failures = 1
    with pytest.raises(StoreError):
        await metrics.render()


async def test_what_is_counted_between_two_beats_goes_out_together(coordination: Any) -> None:
    metrics = Metrics(coordination, interval=1.0)
    await asyncio.sleep(beat.pause(asyncio.get_running_loop().time(), 1.0))
    for _ in range(20):
        metrics.inc("ai_benchmark_runs_total")
        await asyncio.sleep(0)
    assert coordination.adds == 0
    await eventually(lambda: metrics._sender is None)
    assert coordination.adds == 1
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 20


async def test_the_background_task_goes_on_after_failures_by_itself(make: Make, coordination: Any) -> None:
    metrics = make(interval=0.0)
    coordination.failures = 1
    metrics.inc("ai_benchmark_runs_total")
    await eventually(lambda: coordination.adds)
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 1


async def test_a_reader_who_leaves_in_mid_flush_takes_no_counts_along(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    coordination.delay = 0.02
    metrics.inc("ai_benchmark_runs_total")
    task = asyncio.create_task(metrics.flush())
    await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert (await read(metrics))["ai_benchmark_runs_total",] == 1


async def test_many_readers_at_once_each_see_what_was_counted_before_them(make: Make) -> None:
    metrics = make(interval=60)

    async def count_and_read(number: int) -> bool:
        await asyncio.sleep(0)
        metrics.inc("ai_benchmark_runs_total")
        return (await read(metrics))["ai_benchmark_runs_total",] >= 1

    assert all(await asyncio.gather(*(count_and_read(number) for number in range(50))))
    assert (await read(metrics))["ai_benchmark_runs_total",] == 50


def test_the_end_of_the_loop_sends_what_is_left(tmp_path: Path) -> None:
    store = LocalCoordination(Database(tmp_path / "m.db"))

    async def serve() -> None:
        metrics = Metrics(store, interval=60)
        metrics.inc("ai_benchmark_runs_total")
        await asyncio.sleep(0.05)
        metrics.inc("ai_benchmark_runs_total")
        await asyncio.sleep(0.05)  # the task has begun its long pause
        assert metrics._sender is not None

    async def look() -> float:
        found = await store.totals("metric:")
        await store.close()
        return found["metric:ai_benchmark_runs_total|n"]

    asyncio.run(serve())
    assert asyncio.run(look()) == 2


async def test_drain_sends_at_once_from_then_on(make: Make, coordination: Any) -> None:
    metrics = make(interval=60)
    metrics.inc("ai_benchmark_runs_total")
    await metrics.drain()
    metrics.inc("ai_benchmark_runs_total")
    await eventually(lambda: coordination.adds == 2)


async def test_a_sender_cancelled_before_its_first_step_is_replaced(make: Make, coordination: Any) -> None:
    metrics = make(interval=0)
    metrics.inc("ai_benchmark_runs_total")
    assert metrics._sender is not None
    metrics._sender.cancel()
    await asyncio.sleep(0.01)
    metrics.inc("ai_cache_hits_total", "exact")

    async def both() -> bool:
        return len(await coordination.totals("metric:")) == 2

    await eventually(both)
    assert (await coordination.totals("metric:"))["metric:ai_benchmark_runs_total|n"] == 1
