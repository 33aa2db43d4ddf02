"""asos.csv: looks at the experiments of ASOS, replayed: what would have been decided, how soon, and how often otherwise than at the end?

One row for a look at one metric of one variant: experiment_id, variant_id, metric_id, time_since_start (days), and count, mean and
variance of control (_c) and treatment (_t); looks without a variance are left out. (Liu, Cardoso, Couturier and McCoy 2021,
"Datasets for online controlled experiments".) Three ways to say "different", all at 5 %: the fixed-horizon test; `valid`, the
always-valid intervals that experiments are decided by, the units of the last look being those that were planned; `gbstats`, the
asymptotic confidence sequence as growthbook sets it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from shared.experiments.stats.anytime import difference_band
from shared.experiments.stats.difference import Effect, compare
from shared.experiments.stats.sequential import asymptotic_interval, gbstats_rho
from shared.experiments.stats.srm import mismatch
from shared.experiments.stats.summaries import Summary, plain

COLUMNS: Final = (
    "experiment_id",
    "variant_id",
    "metric_id",
    "time_since_start",
    *(f"{name}_{arm}" for name in ("count", "mean", "variance") for arm in "ct"),
)
ALPHA: Final = 0.05
ALARM: Final = 0.001
"""A sample ratio with a p value below this is a mismatch."""
WAYS: Final = ("fixed", "valid", "gbstats")

_RHO: Final = gbstats_rho(ALPHA)

Row = Mapping[str, str]
Interval = tuple[float, float]
Arms = tuple[Summary, Summary]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One way to decide on one metric of one variant: its interval at every look, by day; `days` to the last look."""

    intervals: Sequence[tuple[float, Interval]]
    days: float

    @property
    def first(self) -> float | None:
        """The day of the first look that says "different"."""
        return next((day for day, (low, high) in self.intervals if low > 0 or high < 0), None)

    @property
    def end(self) -> bool:
        """Whether the last look says it."""
        low, high = self.intervals[-1][1]
        return low > 0 or high < 0

    @property
    def contradicted(self) -> bool:
        """Whether two looks say it of opposite sides."""
        lows, highs = zip(*(interval for _, interval in self.intervals), strict=True)
        return bool(max(lows) > 0 > min(highs))


def measure(rows: Iterable[Row]) -> Iterator[tuple[str, Any, int]]:
    """Name, figure and number of what it is of, over all series that can be tested at all."""
    series: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        series.setdefault((row["experiment_id"], row["variant_id"], row["metric_id"]), []).append(row)
    replays = [found for looks in series.values() if (found := replay(looks)) is not None]
    yield "asos_series", len(replays), len(series)
    if not replays:
        return
    for way in WAYS:
        yield from _told(way, [one[way] for one in replays])
    ends = [one for one in replays if one["fixed"].end]
    for way in WAYS[1:]:
        told = sum(one[way].first is not None for one in ends)
        yield f"asos_{way}_finds_of_fixed_at_end", told / len(ends) if ends else None, len(ends)
    p_values = list(ratios(series))
    yield "asos_srm_alarms", sum(p is not None and p < ALARM for p in p_values), len(p_values)


def replay(looks: Sequence[Row]) -> Mapping[str, Replayed] | None:
    """One metric of one variant, by way; None where no look can be tested."""
    ordered = sorted(looks, key=lambda row: float(row["time_since_start"]))
    seen = [(float(row["time_since_start"]), *found) for row in ordered if (found := look(row)) is not None]
    if not seen:
        return None
    days, planned = seen[-1][0], seen[-1][2].units
    made = {
        "fixed": [(day, effect.interval) for day, _, effect in seen],
        "valid": [(day, _valid(arms, planned)) for day, arms, _ in seen],
        "gbstats": [(day, _asymptotic(effect)) for day, _, effect in seen],
    }
    return {way: Replayed(intervals, days) for way, intervals in made.items()}


def look(row: Row) -> tuple[Arms, Effect] | None:
    """Both arms at one look and the absolute effect; None where it says nothing."""
    if not all(row[column] for column in COLUMNS):
        return None
    control, treatment = (
        plain(float(row[f"count_{arm}"]), float(row[f"mean_{arm}"]), float(row[f"variance_{arm}"])) for arm in "ct"
    )
    effect = compare(control, treatment, relative=False, alpha=ALPHA)
    return ((control, treatment), effect) if effect.message is None else None


def ratios(series: Mapping[tuple[str, str, str], Sequence[Row]]) -> Iterator[float | None]:
    """Of each variant the p value that its units and the control's were split in halves, at its first metric's last look."""
    seen: set[tuple[str, str]] = set()
    for (experiment, variant, _), looks in sorted(series.items()):
        if (experiment, variant) not in seen:
            seen.add((experiment, variant))
            last = max(looks, key=lambda row: float(row["time_since_start"]))
            yield mismatch((float(last["count_c"]), float(last["count_t"])), (1, 1))


def _told(way: str, replays: Sequence[Replayed]) -> Iterator[tuple[str, Any, int]]:
    total = len(replays)
    said = [one for one in replays if one.first is not None]
    yield f"asos_{way}_at_end", sum(one.end for one in replays) / total, total
    yield f"asos_{way}_at_any_look", len(said) / total, total
    yield f"asos_{way}_gone_at_end", sum(not one.end for one in said) / total, total
    yield f"asos_{way}_contradicted", sum(one.contradicted for one in replays) / total, total
    if said:
        first = [one.first or 0.0 for one in said]
        yield f"asos_{way}_first_days", median(first), len(said)
        parts = [day / one.days if one.days else 1.0 for day, one in zip(first, said, strict=True)]
        yield f"asos_{way}_first_part_of_run", median(parts), len(said)


def _valid(arms: Arms, planned: float) -> Interval:
    band = difference_band(*arms, relative=False, alpha=ALPHA, planned_n=planned)
    return band.low, band.high


def _asymptotic(effect: Effect) -> Interval:
    return asymptotic_interval(effect.estimate, effect.standard_error, effect.units, alpha=ALPHA, rho=_RHO)
