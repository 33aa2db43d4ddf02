"""One process's unsent counts: series, the labels they may have, and the counter keys they are added up under.

A counter's key is `metric:<name>|<label value>|…|<part>`, where the part is `n` for a counter, and for a histogram `sum`
or `le:<bound>`. Buckets are stored apart, not cumulated: an observation is one bucket and the sum. Label values cannot
hold the separator, so a key reads back into exactly one series.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.telemetry.names import MAX_SERIES, METRICS, OTHER, Kind, Label, Metric

PREFIX = "metric:"
_SEPARATOR = "|"
# No "@" and no spaces: neither an e-mail address nor a sentence can become a label.
_VALUE = re.compile(r"[A-Za-z0-9_./:+-]{1,128}", re.ASCII)

Labels = tuple[str, ...]


@dataclass(slots=True)
class Series:
    """Counts of one metric under one set of labels that are not sent yet; for a gauge the value itself.

    `counts` has one place per key in `keys`: the counter, or every bucket and then the sum.
    """

    metric: Metric
    labels: Labels
    keys: tuple[str, ...]
    counts: list[float]
    dirty: bool = False
    admitted: bool = True

    def observe(self, value: float) -> None:
        """Count one observation in its bucket: the first whose bound is not below it."""
        self.counts[bisect_left(self.metric.buckets, value)] += 1
        self.counts[-1] += value

    def take(self, into: dict[str, float]) -> None:
        """Move the counts to `into`, added to what is there, and begin again at zero."""
        for place, count in enumerate(self.counts):
            if count:
                key = self.keys[place]
                into[key] = into.get(key, 0.0) + count
                self.counts[place] = 0.0
        self.dirty = False


class Book:
    """Every series of this process of one kind, by metric and labels. Bounded: see `shared.telemetry.names`."""

    def __init__(self, kind: Kind, known: Mapping[str, Collection[str]]) -> None:
        self._kind = kind
        self._known = {name: frozenset(value for value in values if clean(value)) for name, values in known.items()}
        self._series: dict[tuple[str, Labels], Series] = {}
        self._free: dict[str, int] = {}

    def find(self, name: str, labels: Labels) -> Series:
        """The series these labels belong to. KeyError for an undeclared metric, ValueError for one of another kind or a
        wrong number of labels.
        """
        found = self._series.get((name, labels))
        return found if found is not None else self._resolve(METRICS[name], labels)

    def all(self) -> list[Series]:
        """Every series there is."""
        return list(self._series.values())

    def forget(self, name: str) -> None:
        """Drop every series of a metric."""
        for key in [key for key in self._series if key[0] == name]:
            del self._series[key]
        self._free.pop(name, None)

    def fold(self, series: Series) -> Series:
        """Give a free series' counts, and from now on its name, to the metric's "other"; returns that one."""
        other = self._exact(series.metric, self._overflow(series.metric, series.labels))
        other.counts = [ours + theirs for ours, theirs in zip(other.counts, series.counts, strict=True)]
        series.counts = [0.0] * len(series.counts)
        self._series[series.metric.name, series.labels] = other
        return other

    def _resolve(self, metric: Metric, labels: Labels) -> Series:
        if metric.kind != self._kind:
            raise ValueError(f"{metric.name} is a {metric.kind}, not a {self._kind}")
        if len(labels) != len(metric.labels):
            raise ValueError(f"{metric.name} takes {len(metric.labels)} labels, not {len(labels)}")
        allowed = tuple(map(self._allowed, metric.labels, labels))
        found = self._series.get((metric.name, allowed))
        if found is not None:
            return found
        if metric.free:
            if self._free.get(metric.name, 0) >= MAX_SERIES:
                return self._exact(metric, self._overflow(metric, allowed))
            self._free[metric.name] = self._free.get(metric.name, 0) + 1
        return self._exact(metric, allowed)

    def _allowed(self, label: Label, value: str) -> str:
        if label.values is None:
            return value if clean(value) else OTHER
        return value if value in label.values or value in self._known.get(label.name, ()) else OTHER

    @staticmethod
    def _overflow(metric: Metric, labels: Labels) -> Labels:
        return tuple(
            OTHER if label.values is None else value for label, value in zip(metric.labels, labels, strict=True)
        )

    def _exact(self, metric: Metric, labels: Labels) -> Series:
        found = self._series.get((metric.name, labels))
        if found is None:
            keys = tuple(key(metric.name, labels, part) for part in parts(metric))
            # A free series waits for the fleet's word whether there is room for it; "other" always has room.
            admitted = not metric.free or labels == self._overflow(metric, labels)
            found = Series(metric, labels, keys, [0.0] * len(keys), admitted=admitted)
            self._series[metric.name, labels] = found
        return found


def clean(value: str) -> bool:
    """Whether a text may be a label's value."""
    return _VALUE.fullmatch(value) is not None


def parts(metric: Metric) -> list[str]:
    """The keys' last parts for one series, in the order of `Series.counts`."""
    if metric.kind != "histogram":
        return ["n"]
    return [*(f"le:{bound!r}" for bound in metric.buckets), "le:inf", "sum"]


def key(name: str, labels: Labels, part: str) -> str:
    """The counter's key."""
    return PREFIX + _SEPARATOR.join((name, *labels, part))


def parse(counter: str) -> tuple[Metric, Labels, str] | None:
    """A key read back: metric, labels, part. None for what this version does not know (another version wrote it)."""
    name, *labels, part = counter.removeprefix(PREFIX).split(_SEPARATOR) if counter.count(_SEPARATOR) else ("", "")
    metric = METRICS.get(name)
    if metric is None or metric.kind == "gauge" or len(labels) != len(metric.labels):
        return None
    return metric, tuple(labels), part


def bound(part: str) -> float | None:
    """The upper bound a histogram's part stands for; None when it is no bucket."""
    if not part.startswith("le:"):
        return None
    try:
        value = float(part[3:])
    except ValueError:
        return None
    return None if math.isnan(value) else value
