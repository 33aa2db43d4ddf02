"""The KPI table: targets, and verdicts on what was measured. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scripts.benchmarks.memory import Soak
from scripts.benchmarks.quantiles import median, quantile
from scripts.benchmarks.traffic import Outcome
from scripts.benchmarks.trials import FAULTY, Runs

Verdict = Literal["excellent", "pass", "fail", "unsure", "not measured"]
_LATER = "its function is not part of the system yet"
_SHORT = "needs --memory"


@dataclass(frozen=True)
class Kpi:
    """One target. With `higher` the value must be above `limit`, else below; `inclusive` when reaching it is enough."""

    name: str
    target: str
    unit: str
    limit: float
    higher: bool
    excellent: float | None = None
    inclusive: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table; `note` says on what the value rests."""

    kpi: Kpi
    value: float | None
    verdict: Verdict
    note: str = ""
    noise: float | None = None
    """CPUs' worth of the machine's other work meanwhile."""


AVERAGE = Kpi("average response", "< 3.0 s (excellent < 2.0)", "s", 3.0, higher=False, excellent=2.0)
P95 = Kpi("p95 response", "< 5.0 s", "s", 5.0, higher=False)
TOGETHER = Kpi("concurrent conversations, none failed", ">= 10", "", 10, higher=True, inclusive=True)
THROUGHPUT = Kpi("throughput", ">= 20 rpm (excellent > 30)", "rpm", 20, higher=True, excellent=30, inclusive=True)
SUCCESS = Kpi("success, marked degradation included", "> 99.9 %", "%", 99.9, higher=True)
PEAK = Kpi("peak memory of the instance's limit", "< 80 %", "%", 80, higher=False)
GROWTH = Kpi("memory growth", "< 10 MB/h", "MB/h", 10, higher=False)
HITS = Kpi("cache hit rate, mixed workload", "> 30 % (excellent > 50)", "%", 30, higher=True, excellent=50)
FASTER = Kpi("cached answers faster by", "50-70 %", "%", 50, higher=True, excellent=70, inclusive=True)
ROUTING = Kpi("cost saved by routing", "20-35 %", "%", 20, higher=True, excellent=35, inclusive=True)
CACHE = Kpi("cost saved by the cache, repeated queries", "40-60 %", "%", 40, higher=True, excellent=60, inclusive=True)
LATER = (
    Kpi("optimise: time to accept", "< 3 s", "s", 3, higher=False),
    Kpi("benchmark: time to accept", "< 5 s", "s", 5, higher=False),
    Kpi("configuration", "< 1 s", "s", 1, higher=False),
    Kpi("recommendations", "< 2 s", "s", 2, higher=False),
)


def judge(kpi: Kpi, value: float | None, spread: tuple[float, float] | None = None) -> Verdict:
    """The verdict on a value. With `spread`, its confidence interval, a limit inside the interval decides nothing."""
    if value is None:
        return "not measured"
    low, high = spread or (value, value)
    worst, best = (low, high) if kpi.higher else (high, low)
    if not _meets(kpi, worst, kpi.limit, kpi.inclusive):
        return "unsure" if _meets(kpi, best, kpi.limit, kpi.inclusive) else "fail"
    if kpi.excellent is not None and _meets(kpi, worst, kpi.excellent, False):
        return "excellent"
    return "pass"


def table(runs: Runs | None, soak: Soak | None, *, peak_mb: float | None, memory_mb: float) -> list[Row]:
    """Every row, measured or not; `memory_mb` is the instance's limit."""
    measured = runs or Runs()
    percent = None if peak_mb is None else 100 * peak_mb / memory_mb
    rows = [
        *_speed(measured),
        _together(measured.together),
        _success(measured),
        _row(PEAK, percent, f"{peak_mb:.0f} of {memory_mb:.0f} MB" if peak_mb is not None else ""),
        _growth(soak),
        *_savings(measured),
    ]
    return [*(_noisy(row, runs, soak) for row in rows), *(Row(kpi, None, "not measured", _LATER) for kpi in LATER)]


def saved(with_it: float, without: float) -> float | None:
    """By how many percent the first is below the second; None when there is nothing to save from."""
    return 100 * (1 - with_it / without) if without > 0 else None


def _noisy(row: Row, runs: Runs | None, soak: Soak | None) -> Row:
    source = soak if row.kpi is GROWTH else runs
    return row if source is None or row.value is None else replace(row, noise=source.noise)


def _meets(kpi: Kpi, value: float, limit: float, inclusive: bool) -> bool:
    if inclusive and value == limit:
        return True
    return value > limit if kpi.higher else value < limit


def _row(kpi: Kpi, value: float | None, note: str = "") -> Row:
    return Row(kpi, value, judge(kpi, value), note if value is not None else "")


def _speed(runs: Runs) -> list[Row]:
    times = sorted(outcome.seconds for outcome in runs.on if outcome.good)
    if not times:
        return [_row(AVERAGE, None), _row(P95, None), _row(THROUGHPUT, None)]
    note = f"{len(times)} answers end to end, cached ones included; the model's own time is the fake's"
    rpm = 60 * len(times) / runs.on_seconds
    return [
        _row(AVERAGE, sum(times) / len(times), note),
        _row(P95, quantile(times, 0.95), note),
        _row(THROUGHPUT, rpm, f"over {runs.on_seconds:.1f} s"),
    ]


def _together(outcomes: Sequence[Outcome]) -> Row:
    if not outcomes:
        return _row(TOGETHER, None)
    conversations = {outcome.place[0] for outcome in outcomes}
    failed = {outcome.place[0] for outcome in outcomes if not outcome.good}
    note = f"{len(outcomes)} messages in {len(conversations)} conversations, {len(failed)} of which failed"
    # None may fail: a single failed conversation fails the row, however many others went well.
    verdict = "fail" if failed else judge(TOGETHER, len(conversations))
    return Row(TOGETHER, len(conversations) - len(failed), verdict, note)


def _success(runs: Runs) -> Row:
    everything = [*runs.on, *runs.unrouted, *runs.uncached, *runs.storm, *runs.together]
    if not everything:
        return _row(SUCCESS, None)
    failed = [outcome for outcome in everything if not outcome.good]
    degraded = sum(outcome.degraded for outcome in everything)
    note = f"{len(failed)} of {len(everything)} failed, {degraded} degraded and marked"
    if runs.storm:
        note += f"; for {len(runs.storm)} of them {FAULTY:.0%} of the model calls failed"
    if not failed:
        note += f"; at most {300 / len(everything):.2g} % fail (95 % confidence)"  # the rule of three
    return _row(SUCCESS, 100 * (1 - len(failed) / len(everything)), note)


def _growth(soak: Soak | None) -> Row:
    if soak is None or soak.trend is None:
        return Row(GROWTH, None, "not measured", _SHORT)
    trend = soak.trend
    note = f"95 % interval {trend.low:+.1f} to {trend.high:+.1f}; {soak.minutes:g} minutes at {soak.rate:.0f}/s"
    note += f", {soak.failed} of {soak.sent} failed"
    return Row(GROWTH, trend.slope, judge(GROWTH, trend.slope, (trend.low, trend.high)), note)


def _savings(runs: Runs) -> list[Row]:
    good = [outcome for outcome in runs.on if outcome.good]
    if not good:
        return [_row(kpi, None) for kpi in (HITS, FASTER, ROUTING, CACHE)]
    hits = [outcome for outcome in good if outcome.hit]
    rate = 100 * len(hits) / len(good)
    cost, unrouted, uncached = (_cost(outcomes) for outcomes in (runs.on, runs.unrouted, runs.uncached))
    own = sum(outcome.reply.get("provider") == "gemma" for outcome in good)
    repeated, apart = _cost(runs.on, "common"), _cost(runs.uncached, "common")
    whole = saved(cost, uncached)
    return [
        _row(HITS, rate, f"{len(hits)} of {len(good)}; the mix is described in scripts/benchmarks/workload.py"),
        _faster(hits, runs.uncached),
        _row(ROUTING, saved(cost, unrouted), f"{own} of {len(good)} from the own model, whose GPU hours are not in it"),
        _row(CACHE, saved(repeated, apart), f"{whole:.0f} % of the whole mix" if whole is not None else ""),
    ]


def _faster(hits: Sequence[Outcome], uncached: Sequence[Outcome]) -> Row:
    places = {outcome.place for outcome in hits}
    same = [outcome.seconds for outcome in uncached if outcome.place in places and outcome.good]
    if not hits or not same:
        return _row(FASTER, None)
    with_it, without = median([hit.seconds for hit in hits]), median(same)
    note = f"medians of the same {len(hits)} messages: {with_it * 1000:.1f} ms against {without * 1000:.1f} ms"
    return _row(FASTER, saved(with_it, without), note)


def _cost(outcomes: Sequence[Outcome], kind: str | None = None) -> float:
    return sum(outcome.cost for outcome in outcomes if kind in (None, outcome.kind))
