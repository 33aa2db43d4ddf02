"""What can be watched: each signal is worked out of two samples of the fleet's totals, or of what only the moment shows. Pure.

Shares run from 0 to 1, times are seconds, money is USD.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.stored.watching import Sample
from shared.telemetry import series
from shared.telemetry.names import METRICS

FAILED: Final = frozenset({"interrupted", "error"})
"""Outcomes that left somebody without an answer: one that broke off or could not be given, and a 5xx before anybody was
asked. A degraded answer is an answer, and says so.
"""
_BY_THE_MODEL: Final = frozenset({"ok", "stopped", "interrupted", "superseded"})
"""Outcomes whose label names a model that was asked just now."""
_UNCOUNTED: Final = frozenset({"superseded"})
"""The same request was answered elsewhere and is counted there."""
_BACKGROUND: Final = frozenset({"summary"})
"""Agents nobody waits for. Their money counts, their times and failures do not."""
_TIMES: Final = "ai_response_time_seconds"
_BUCKET: Final = "le:"
_LAST_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 1_800.0
"""Seconds that a reading is taken to hold at most: samples are kept no further apart."""


@dataclass(frozen=True, slots=True)
class Signal:
    """`share`: `part` of `whole`. `mean`: `part` by `whole`. `rate`: `part` in `seconds`. `quantile`: of the response times.
    `gauge`: the mean over time of what was seen. `whole` is what is counted to know how much a value is worth.
    """

    name: str
    kind: Literal["share", "mean", "rate", "quantile", "gauge"]
    unit: Literal["share", "seconds", "usd", "usd/h", "1/min", "count"]
    help: str
    part: str = ""
    whole: str = ""
    seconds: float = 0
    quantile: float = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """A signal's value over a window, None where there was nothing to measure, and how many events stand behind it."""

    value: float | None
    events: float


_ALL = (
    Signal("response_time", "quantile", "seconds", "95th percentile of the answers' times", quantile=0.95),
    Signal("response_time_median", "quantile", "seconds", "Half of the answers take longer", quantile=0.5),
    Signal("error_rate", "share", "share", "Requests that got no answer", "errors", "answers"),
    Signal("degraded_rate", "share", "share", "Requests the template floor answered", "degraded", "answers"),
    Signal("cache_hit_rate", "share", "share", "Cache look-ups that found an answer", "hits", "lookups"),
    Signal("cost_per_request", "mean", "usd", "Money spent on models by request", "usd", "answers"),
    Signal("cost_per_hour", "rate", "usd/h", "Money spent on models", "usd", "answers", seconds=3600),
    Signal("requests_per_minute", "rate", "1/min", "Requests, answered or not", "answers", "answers", seconds=60),
    Signal("memory", "gauge", "share", "Worst instance's memory, of its limit"),
    Signal("gpu_utilization", "gauge", "share", "Use of the GPU, while it answers"),
    Signal("gpu_memory", "gauge", "share", "The GPU's memory in use, while it answers"),
    Signal("open_breakers", "gauge", "count", "Circuit breakers that are not closed"),
    Signal("dead_jobs", "gauge", "count", "Jobs that were given up, counted up to 100"),
)

SIGNALS: Final[Mapping[str, Signal]] = {signal.name: signal for signal in _ALL}


def counts(totals: Mapping[str, float], own: Collection[str]) -> dict[str, float]:
    """The few sums that signals need of the fleet's totals; `own` are the ids of the models on our own server."""
    found = {
        "requests": 0.0,
        "answers": 0.0,
        "errors": 0.0,
        "degraded": 0.0,
        "hits": 0.0,
        "lookups": 0.0,
        "usd": 0.0,
        "own": 0.0,
    }
    for counter, total in totals.items():
        known = series.parse(counter)
        if known is None:
            continue
        metric, labels, part = known
        if metric.name == "ai_requests_total":
            _count_request(found, labels, total, own)
        elif metric.name == _TIMES:
            limit = series.bound(part)
            if limit is not None and labels[0] not in _BACKGROUND:
                key = f"{_BUCKET}{limit!r}"
                found[key] = found.get(key, 0.0) + total
        elif metric.name == "ai_failed_calls_total":
            found["own"] += total if labels[0] in own else 0.0
        elif metric.name == "ai_cache_hits_total":
            found["hits"] += total
            found["lookups"] += total
        elif metric.name == "ai_cache_misses_total":
            found["lookups"] += total
        elif metric.name == "ai_cost_usd_total":
            found["usd"] += total
    return found


def _count_request(found: dict[str, float], labels: Sequence[str], total: float, own: Collection[str]) -> None:
    agent, model, outcome = labels
    found["requests"] += total
    if model in own and outcome in _BY_THE_MODEL:
        found["own"] += total
    if agent in _BACKGROUND or outcome in _UNCOUNTED:
        return
    found["answers"] += total
    if outcome in FAILED:
        found["errors"] += total
    elif outcome == "degraded":
        found["degraded"] += total


def measure(signal: Signal, since: Sample | None, within: Sequence[Sample], now: Sample) -> Measured:
    """A signal between `since` (the window's beginning; None: there is none) and `now`; `within` lies between the two."""
    if signal.kind == "gauge":
        return _mean(signal.name, [*within, now])
    if since is None or now.at <= since.at:
        return Measured(None, 0)
    grown = {key: max(0.0, total - since.counts.get(key, 0.0)) for key, total in now.counts.items()}
    if signal.kind == "quantile":
        return _quantile(signal.quantile, grown)
    part, whole = grown.get(signal.part, 0.0), grown.get(signal.whole, 0.0)
    if signal.kind == "rate":
        return Measured(part * signal.seconds / (now.at - since.at), whole)
    return Measured(part / whole if whole else None, whole)


def _mean(gauge: str, seen: Sequence[Sample]) -> Measured:
    """Over time: each reading holds until the next sample, for older ones are kept further apart than newer ones."""
    total = whole = 0.0
    events = 0
    for place, sample in enumerate(seen):
        if gauge not in sample.gauges:
            continue
        # Nothing follows the newest: it counts for as long as the one before it did, and for no more than a minute.
        other = seen[place + 1] if place + 1 < len(seen) else seen[place - 1] if place else None
        apart = _LAST_SECONDS if other is None else abs(other.at - sample.at)
        weight = min(apart, _LAST_SECONDS if sample is seen[-1] else _LONGEST_SECONDS)
        total += weight * sample.gauges[gauge]
        whole += weight
        events += 1
    return Measured(total / whole if whole else None, events)


def _quantile(wanted: float, grown: Mapping[str, float]) -> Measured:
    """As Prometheus' histogram_quantile: evenly spread inside a bucket; of the infinite one its lower bound."""
    found = dict.fromkeys(METRICS[_TIMES].buckets, 0.0)  # an empty bucket is no counter, and still bounds the next
    found |= {float(key.removeprefix(_BUCKET)): count for key, count in grown.items() if key.startswith(_BUCKET)}
    buckets = sorted(found.items())
    events = sum(count for _, count in buckets)
    if not events:
        return Measured(None, 0)
    rank, below, lower = wanted * events, 0.0, 0.0
    for limit, count in buckets:
        if count and below + count >= rank:
            value = lower if math.isinf(limit) else lower + (limit - lower) * (rank - below) / count
            return Measured(value, events)
        below += count
        lower = limit
    return Measured(lower, events)
