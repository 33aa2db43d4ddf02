"""Prometheus' text format (version 0.0.4), written from the fleet's totals and this process's gauges."""

import math
from collections.abc import Iterable, Mapping

from shared.telemetry import series
from shared.telemetry.names import METRICS, Metric
from shared.telemetry.series import Labels, Series

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_Parts = dict[str, float]


def render(totals: Mapping[str, float], gauges: Iterable[Series]) -> str:
    """All metrics in the declared order, series sorted by labels: the same totals give the same bytes."""
    found: dict[str, dict[Labels, _Parts]] = {name: {} for name in METRICS}
    for counter, total in totals.items():
        known = series.parse(counter)
        if known is not None:
            metric, labels, part = known
            found[metric.name].setdefault(labels, {})[part] = total
    for gauge in gauges:
        found[gauge.metric.name][gauge.labels] = {"n": gauge.counts[0]}
    return "".join(line for name, metric in METRICS.items() for line in _metric(metric, found[name]))


def _metric(metric: Metric, found: Mapping[Labels, _Parts]) -> Iterable[str]:
    yield f"# HELP {metric.name} {_escape(metric.help)}\n"
    yield f"# TYPE {metric.name} {metric.kind}\n"
    for labels in sorted(found):
        if metric.kind == "histogram":
            yield from _histogram(metric, labels, found[labels])
        elif "n" in found[labels]:
            yield f"{metric.name}{_labels(metric, labels)} {_number(found[labels]['n'])}\n"


def _histogram(metric: Metric, labels: Labels, found: _Parts) -> Iterable[str]:
    """Cumulated buckets. Bounds that an older version counted under stay, so that no count is ever taken back."""
    counts = dict.fromkeys((*metric.buckets, math.inf), 0.0)
    for part, count in found.items():
        limit = series.bound(part)
        if limit is not None:
            counts[limit] = counts.get(limit, 0.0) + count
    running = 0.0
    for limit in sorted(counts):
        running += counts[limit]
        yield f"{metric.name}_bucket{_labels(metric, labels, limit)} {_number(running)}\n"
    yield f"{metric.name}_sum{_labels(metric, labels)} {_number(found.get('sum', 0.0))}\n"
    yield f"{metric.name}_count{_labels(metric, labels)} {_number(running)}\n"


def _labels(metric: Metric, values: Labels, limit: float | None = None) -> str:
    pairs = [f'{label.name}="{_escape(value, quote=True)}"' for label, value in zip(metric.labels, values, strict=True)]
    if limit is not None:
        pairs.append(f'le="{_number(limit)}"')
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _escape(text: str, *, quote: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quote else escaped
