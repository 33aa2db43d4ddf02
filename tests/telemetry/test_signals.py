"""From the fleet's totals to numbers that rules can judge."""

import pytest

from shared.stored.watching import Sample
from shared.telemetry import samples, series, signals
from shared.telemetry.names import METRICS
from shared.telemetry.series import key, parts
from shared.telemetry.signals import SIGNALS, counts, measure


def requests(agent: str, model: str, outcome: str, total: float) -> dict[str, float]:
    return {key("ai_requests_total", (agent, model, outcome), "n"): total}


def times(agent: str, model: str, **buckets: float) -> dict[str, float]:
    named = {bound.replace("_", ":", 1): total for bound, total in buckets.items()}
    return {key("ai_response_time_seconds", (agent, model), part): total for part, total in named.items()}


def at(moment: float, counted: dict[str, float] | None = None, **gauges: float) -> Sample:
    return Sample(at=moment, counts=counted or {"requests": 0.0}, gauges=gauges)


def between(name: str, before: dict[str, float], after: dict[str, float], seconds: float = 300) -> signals.Measured:
    return measure(SIGNALS[name], at(1000, counts(before, ())), [], at(1000 + seconds, counts(after, ())))


def test_failed_and_degraded_requests_are_parts_of_all_that_were_answered_or_not() -> None:
    totals = {
        **requests("mentor", "gpt", "ok", 90),
        **requests("mentor", "gpt", "interrupted", 6),
        **requests("curriculum", "none", "error", 2),
        **requests("mentor", "template", "degraded", 2),
        **requests("mentor", "gpt", "superseded", 50),
        **requests("summary", "gpt", "error", 50),
    }
    assert between("error_rate", {}, totals) == signals.Measured(0.08, 100)
    assert between("degraded_rate", {}, totals).value == 0.02
    assert between("requests_per_minute", {}, totals).value == 20


def test_a_window_is_the_difference_of_totals_however_large_they_are() -> None:
    before = requests("mentor", "gpt", "ok", 1_000_000) | requests("mentor", "gpt", "error", 500_000)
    after = requests("mentor", "gpt", "ok", 1_000_099) | requests("mentor", "gpt", "error", 500_001)
    assert between("error_rate", before, after) == signals.Measured(0.01, 100)


def test_nothing_that_happened_is_no_value_and_not_zero() -> None:
    totals = requests("mentor", "gpt", "ok", 7)
    for name in ("error_rate", "cost_per_request", "response_time", "cache_hit_rate", "memory"):
        assert between(name, totals, totals) == signals.Measured(None, 0), name
    assert measure(SIGNALS["error_rate"], None, [], at(1, counts(totals, ()))) == signals.Measured(None, 0)


def test_the_95th_percentile_is_read_off_the_buckets_as_prometheus_does() -> None:
    fast = times("mentor", "gpt", **{"le_1.0": 94})
    assert between("response_time", {}, fast | times("mentor", "gpt", **{"le_1.0": 95, "le_5.0": 5})).value == 1.0
    slow = between("response_time", {}, fast | times("mentor", "x", **{"le_10.0": 6}))
    assert slow.value == pytest.approx(5 + 5 * 1 / 6)
    assert slow.events == 100
    endless = between("response_time", {}, times("mentor", "gpt", **{"le_inf": 3, "le_120.0": 0}))
    assert endless.value == 120
    unwaited = between("response_time", {}, times("summary", "gpt", **{"le_60.0": 1000}) | fast)
    assert unwaited.events == 94


def test_money_and_look_ups() -> None:
    totals = requests("mentor", "gpt", "ok", 40) | {
        key("ai_cost_usd_total", ("gpt",), "n"): 0.5,
        key("ai_cost_usd_total", ("claude",), "n"): 0.3,
        key("ai_cache_hits_total", ("exact",), "n"): 30,
        key("ai_cache_hits_total", ("semantic",), "n"): 10,
        key("ai_cache_misses_total", ("exact",), "n"): 10,
    }
    assert between("cost_per_request", {}, totals).value == 0.02
    assert between("cost_per_hour", {}, totals, seconds=900).value == pytest.approx(3.2)
    assert between("cache_hit_rate", {}, totals) == signals.Measured(0.8, 50)


def test_gauges_are_the_mean_of_what_was_seen() -> None:
    within = [at(10, memory=0.9), at(20), at(30, memory=0.8)]
    found = measure(SIGNALS["memory"], None, within, at(40, memory=0.7))
    assert found.value == pytest.approx(0.8)
    assert found.events == 3


def test_a_gauge_over_hours_is_its_mean_over_time_however_its_samples_are_thinned() -> None:
    """Busy for all but the last of six hours: the last hour has most of the samples."""
    kept: list[Sample] = []
    for minute in range(360):
        kept = samples.add(kept, at(60.0 * minute, gpu_utilization=1.0 if minute < 300 else 0.0))
    now = at(60.0 * 360, gpu_utilization=0.0)
    since, within = samples.window(kept, now, 21_600)
    readings = [sample.gauges["gpu_utilization"] for sample in (*within, now)]
    assert sum(readings) / len(readings) < 0.6
    found = measure(SIGNALS["gpu_utilization"], since, within, now)
    assert found.value == pytest.approx(300 / 360, abs=0.02)


@pytest.mark.parametrize("window", [60, 75, 300, 900, 1000, 3600, 7200, 9000, 21_600, 86_400])
def test_a_window_holds_as_many_readings_as_a_rule_may_ask_for(window: int) -> None:
    kept: list[Sample] = []
    fewest = 10_000
    for minute in range(2 * 1440):
        now = at(60.0 * minute, memory=0.5)
        kept = samples.add(kept, now)
        if minute > 1500:
            since, within = samples.window(kept, now, window)
            fewest = min(fewest, int(measure(SIGNALS["memory"], since, within, now).events))
    assert samples.held(window) <= fewest <= 1.3 * samples.held(window) + 3


def test_the_own_models_answers_are_told_apart() -> None:
    totals = requests("mentor", "gemma", "ok", 5) | requests("summary", "gemma", "ok", 2)
    totals |= requests("mentor", "gemma", "cached", 9) | requests("mentor", "gpt", "ok", 100)
    assert counts(totals, {"gemma"})["own"] == 7, "nobody asked it for what the cache answered"
    totals |= {key("ai_failed_calls_total", (model, "timeout"), "n"): 4.0 for model in ("gemma", "gpt")}
    assert counts(totals, {"gemma"})["own"] == 11


def test_t53_junk_counters_are_worth_nothing() -> None:
    junk = {"metric:ai_requests_total|u1@example.org|n": 5.0, "metric:nonsense": 1.0, "metric:": 2.0, "other:x": 3.0}
    assert set(counts(junk, ()).values()) == {0.0}


@pytest.mark.parametrize("name", ["ai_requests_total", "ai_response_time_seconds", "ai_cache_hits_total",
                                  "ai_cache_misses_total", "ai_cost_usd_total", "ai_failed_calls_total"])  # fmt: skip
def test_every_metric_that_is_read_is_declared_and_moves_a_signal(name: str) -> None:
    """A metric that is renamed, or whose labels are, must not silence its alerts without a word."""
    metric = METRICS[name]
    labels = tuple(min(label.values or {"x"}) for label in metric.labels)
    totals = {key(name, labels, part): 3.0 for part in parts(metric)}
    assert all(series.parse(counter) is not None for counter in totals)
    assert any(total > 0 for total in counts(totals, labels).values())


def test_a_day_of_samples_stays_small_and_tells_every_window() -> None:
    kept: list[Sample] = []
    for minute in range(3 * 1440):
        kept = samples.add(kept, at(60.0 * minute, {"answers": float(minute)}))
    assert len(kept) < 110
    now = at(60.0 * 3 * 1440, {"answers": 3.0 * 1440})
    for window in (60, 300, 900, 3600, 21_600, 86_400):
        since, within = samples.window(kept, now, window)
        assert since is not None
        assert window - 15 <= now.at - since.at <= 1.1 * window + 1800 * (window > 7200), window
        assert [sample.at for sample in within] == sorted(sample.at for sample in within)


def test_samples_that_come_too_often_are_not_kept() -> None:
    kept: list[Sample] = []
    for second in range(61):
        kept = samples.add(kept, at(1000.0 + second))
    assert [sample.at for sample in kept] == [1000, 1030, 1060]


def test_runs_that_were_missed_make_a_window_longer_but_not_old() -> None:
    kept = [at(0), at(60), at(120)]
    assert samples.window(kept, at(480), 300)[0] == at(120)
    since, _ = samples.window(kept, at(4000), 300)
    assert since is None, "an hour ago says nothing about the last five minutes"
    assert samples.window([*kept, at(4000)], at(4060), 300)[0] == at(4000)


def test_a_young_system_is_judged_by_what_there_is() -> None:
    assert samples.window([], at(0), 300) == (None, [])
    assert samples.window([at(0), at(60)], at(120), 3600) == (at(0), [at(0), at(60)])


def test_totals_that_fell_begin_a_new_history() -> None:
    """The database that counts was lost: what was before cannot be compared with what is now."""
    kept = [at(0, {"requests": 100}, memory=0.5), at(60, {"requests": 200}, memory=0.9)]
    fallen = at(120, {"requests": 3}, memory=0.9)
    assert samples.window(kept, fallen, 60)[0] is None
    after = samples.add(kept, fallen)
    assert [(sample.counts, sample.gauges["memory"]) for sample in after] == [
        ({}, 0.5),
        ({}, 0.9),
        (fallen.counts, 0.9),
    ]
    later = at(180, {"requests": 9}, memory=0.9)
    since, within = samples.window(after, later, 300)
    assert since == fallen
    assert measure(SIGNALS["memory"], since, within, later).events == 4, "what was seen was seen all the same"


def test_a_release_with_another_own_model_is_no_reset() -> None:
    totals = requests("mentor", "old-model", "ok", 500) | requests("mentor", "gpt", "ok", 500)
    kept = [at(0, counts(totals, {"old-model"})), at(60, counts(totals, {"old-model"}))]
    now = at(120, counts(totals | requests("mentor", "gpt", "error", 10), {"new-model"}))
    assert now.counts["own"] < kept[-1].counts["own"]
    since, within = samples.window(kept, now, 120)
    assert measure(SIGNALS["error_rate"], since, within, now) == signals.Measured(1.0, 10)
    assert samples.add(kept, now) == [*kept, now]
