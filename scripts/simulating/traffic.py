"""Units and their values: synthetic ones with a known effect, or drawn so that a recorded experiment's sums come out."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

Drawn = list[tuple[float, float]]
"""A unit's values with their denominators."""

_MEAN, _SPREAD = 10.0, 4.0
_SHARE = 0.2
_PER_EVENT = 2.0


class Source(Protocol):
    """Where an experiment's units come from."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def kind(self) -> str:
        """Of its metric: mean, proportion or ratio."""

    @property
    def effect(self) -> float | None:
        """The true relative one, None where nobody knows it."""

    def looks(self, units: int, look: int) -> Iterator[int]:
        """How many units come before each look."""

    def draw(self, chance: np.random.Generator, look: int, *, treated: bool) -> Drawn:
        """What one unit does that comes before the look of that number."""


@dataclass(frozen=True)
class Synthetic:
    """Units alike but for the effect. mean: normal values; proportion: yes or no; ratio: one to many events, alike within a unit."""

    name: str
    kind: str
    effect: float | None

    def looks(self, units: int, look: int) -> Iterator[int]:
        """Equal ones."""
        yield from (min(look, units - begun) for begun in range(0, units, look))

    def draw(self, chance: np.random.Generator, look: int, *, treated: bool) -> Drawn:
        """One unit's values."""
        factor = 1 + (self.effect or 0.0) * treated
        if self.kind == "mean":
            return [(chance.normal(_MEAN * factor, _SPREAD), 1.0)]
        if self.kind == "proportion":
            return [(float(chance.random() < _SHARE * factor), 1.0)]
        own = chance.gamma(4.0, _PER_EVENT / 4.0)  # what is the unit's own makes its events alike
        return [(max(0.0, chance.normal(own * factor, 0.5)), 1.0) for _ in range(1 + chance.geometric(0.4))]


@dataclass(frozen=True)
class Recorded:
    """A recorded experiment: between two looks units came with some mean and variance in either arm.

    Fewer units stand for the many: their variance is smaller by as much, so that the standard errors are those of the record.
    """

    name: str
    parts: tuple[tuple[float, Mapping[bool, tuple[float, float]]], ...]
    """For each look the share of all units, and by arm the mean and the variance of theirs."""
    size: float
    kind: str = "mean"
    effect: float | None = None

    def looks(self, units: int, look: int) -> Iterator[int]:
        """The record's own."""
        yield from (max(2, round(units * share)) for share, _ in self.parts)

    def draw(self, chance: np.random.Generator, look: int, *, treated: bool) -> Drawn:
        """One unit of the part before that look."""
        mean, variance = self.parts[look][1][treated]
        return [(chance.normal(mean, variance**0.5), 1.0)]


def recorded(folder: Path, units: int) -> list[Recorded]:
    """The series of `asos.csv` with three looks or more, each to be played with so many units. Raises FileNotFoundError."""
    series: dict[str, list[dict[str, float]]] = {}
    with (folder / "asos.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if not all(row.values()):
                continue  # a look without a variance
            name = "-".join(row.pop(key) for key in ("experiment_id", "variant_id", "metric_id"))
            series.setdefault(name, []).append({key: float(value) for key, value in row.items()})
    found = (_series(name, rows, units) for name, rows in sorted(series.items()))
    return [one for one in found if one is not None]


def _series(name: str, rows: list[dict[str, float]], units: int) -> Recorded | None:
    rows.sort(key=lambda row: row["time_since_start"])
    total = rows[-1]["count_c"] + rows[-1]["count_t"]
    parts: list[tuple[float, Mapping[bool, tuple[float, float]]]] = []
    before = {False: (0.0, 0.0, 0.0), True: (0.0, 0.0, 0.0)}
    for row in rows:
        now = {treated: _sums(row, "t" if treated else "c") for treated in (False, True)}
        came = {arm: tuple(a - b for a, b in zip(now[arm], before[arm], strict=True)) for arm in now}
        if min(came[False][0], came[True][0]) < 2:
            continue  # too few to have a variance: they are in the next look's part
        arms = {}
        for arm, (n, added, squares) in came.items():
            mean = added / n
            arms[arm] = (mean, max(0.0, squares / n - mean * mean) * units / total)
        parts.append(((came[False][0] + came[True][0]) / total, arms))
        before = now
    return Recorded(name, tuple(parts), total) if len(parts) >= 3 and total > units else None


def _sums(row: Mapping[str, float], arm: str) -> tuple[float, float, float]:
    """Count, sum and sum of squares up to a look."""
    n, mean = row[f"count_{arm}"], row[f"mean_{arm}"]
    return n, n * mean, row[f"variance_{arm}"] * max(0.0, n - 1) + n * mean * mean
