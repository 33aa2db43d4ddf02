"""Sums to figures with their intervals. Pure.

Shares: Wilson. Means of money and time: Student's t over the answers. Mean ratings: their sum alone is kept, and of all
opinions between 1 and 5 with the same mean those that are only 1 and 5 vary most, so Wilson's interval of that share, put on
the scale, is never too narrow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from shared.agents.analytics import AnalyticsEstimate
from shared.analytics import histogram, rollup
from shared.analytics.counting import BACKGROUND
from shared.analytics.rollup import Row, Tables
from shared.learning import intervals
from shared.learning.intervals import Interval

NANO: Final = 1e9
WORST, BEST = 1.0, 5.0
NOTHING: Final = AnalyticsEstimate(value=None, low=None, high=None, n=0)
OUTCOMES: Final = ("ok", "degraded", "cached", "blocked", "support", "stopped", "interrupted", "error", "other")


@dataclass(frozen=True, slots=True)
class Mean:
    """A sample of which the number, the sum and the sum of squares are known, in one unit."""

    n: int
    total: float
    squares: float

    @property
    def value(self) -> float:
        """The mean. ZeroDivisionError for an empty one."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """With n - 1 in the denominator; 0 below two."""
        return max(0.0, (self.squares - self.total**2 / self.n) / (self.n - 1)) if self.n > 1 else 0.0

    @property
    def interval(self) -> Interval | None:
        """Student's, at 95 %; None below two."""
        if self.n < 2:
            return None
        reach = intervals.t_quantile(0.95, self.n - 1) * sqrt(self.variance / self.n)
        return self.value - reach, self.value + reach


def cells(
    tables: Tables, agent: str | None = None, language: str | None = None, *, background: bool = False
) -> dict[tuple[str, str, str], Row]:
    """The cells by agent, model and language, of one agent or language where wished; the product's own only where wished."""
    found: dict[tuple[str, str, str], Row] = {}
    for key, row in tables.get("cells", {}).items():
        one, model, tongue = key.split("|")
        if agent not in (None, one) or language not in (None, tongue) or (one in BACKGROUND) is not background:
            continue
        found[one, model, tongue] = row
    return found


def grouped(found: Mapping[tuple[str, str, str], Row], key: Callable[[tuple[str, str, str]], str]) -> dict[str, Row]:
    """Cells put together by what `key` says of theirs, in its order."""
    groups: dict[str, list[Row]] = {}
    for cell, row in found.items():
        groups.setdefault(key(cell), []).append(row)
    return {name: rollup.row_sum(groups[name]) for name in sorted(groups)}


def counts(rows: Mapping[str, Row], name: str = "answers") -> dict[str, int]:
    """One number by group, where it is not 0."""
    return {group: row[name] for group, row in rows.items() if row.get(name)}


def times(tables: Tables, table: str, wanted: Callable[[str, str], bool]) -> dict[int, int]:
    """The buckets of the agents and models that are wanted, together."""
    rows = tables.get(table, {})
    return rollup.buckets(row for key, row in rows.items() if wanted(*_pair(key)))


def learners_times(tables: Tables) -> dict[int, int]:
    """The times of all answers that learners asked for."""
    return times(tables, "times", lambda agent, _: agent not in BACKGROUND)


def outcomes(row: Mapping[str, int]) -> dict[str, int]:
    """Answers by how they ended."""
    return {name: row[name] for name in OUTCOMES if row.get(name)}


def share(count: int, n: int) -> AnalyticsEstimate:
    """A share with Wilson's interval."""
    if n <= 0:
        return NOTHING
    count = min(max(0, count), n)
    return _estimate(count / n, intervals.share(count, n), n)


def rating(row: Mapping[str, int]) -> AnalyticsEstimate:
    """The mean rating. Ratings that were changed later than the period may put it off its scale, to which it is cut."""
    scaled = share_of_scale(row)
    if scaled is None:
        return NOTHING
    count, n = scaled
    low, high = intervals.share(count, n)
    span = BEST - WORST
    return _estimate(WORST + span * count / n, (WORST + span * low, WORST + span * high), n)


def share_of_scale(row: Mapping[str, int]) -> tuple[float, int] | None:
    """Ratings as a count of the way from worst to best, and of how many; None where there are none."""
    n = row.get("ratings", 0)
    if n <= 0:
        return None
    return min(max(0.0, (row.get("rating", 0) - WORST * n) / (BEST - WORST)), float(n)), n


def correct(row: Mapping[str, int]) -> AnalyticsEstimate:
    """Checks that came after such answers."""
    return share(row.get("passed", 0), row.get("checks", 0))


def cost(row: Mapping[str, int]) -> Mean:
    """Money by answer, in USD."""
    return Mean(row.get("answers", 0), row.get("cost", 0) / NANO, row.get("cost_squares", 0) / 1e12)


def latency(row: Mapping[str, int]) -> Mean:
    """Time by answer, in milliseconds."""
    return Mean(row.get("answers", 0), row.get("us", 0) / 1000, float(row.get("ms_squares", 0)))


def mean(sample: Mean, digits: int = 4) -> AnalyticsEstimate:
    """A mean with Student's interval, which is never below 0 for what is none."""
    if not sample.n:
        return NOTHING
    interval = sample.interval
    found = None if interval is None else (max(0.0, interval[0]), interval[1])
    return _estimate(sample.value, found, sample.n, digits)


def quantile(found: Mapping[int, int], q: float) -> AnalyticsEstimate:
    """A quantile of times in milliseconds."""
    value, interval = histogram.quantile(found, q), histogram.quantile_interval(found, q)
    return NOTHING if value is None else _estimate(value, interval, sum(found.values()), 1)


def milliseconds(found: Mapping[int, int], q: float) -> float | None:
    """A quantile of times, without its interval."""
    value = histogram.quantile(found, q)
    return None if value is None else round(value, 1)


def usd(nano: float) -> float:
    """Nano-USD as USD."""
    return round(nano / NANO, 9)


def people(tables: Tables) -> Row:
    """What a settled day tells of its learners."""
    return tables.get("people", {}).get("0", {})


def sums(tables: Tables) -> Row:
    """What belongs to no model."""
    return tables.get("sums", {}).get(rollup.ALL, {})


def different(days: Mapping[int, Tables], first: int, last: int) -> int:
    """How many different learners were there from one day to another: each on the day before which they were not."""
    total = 0
    for day in range(first, last + 1):
        row = people(days.get(day, {}))
        total += row.get("first", 0)
        total += sum(
            value
            for name, value in row.items()
            if name.startswith("gap:") and day - int(name.removeprefix("gap:")) < first
        )
    return total


def is_empty(tables: Tables) -> bool:
    """Whether nothing at all was counted."""
    return not any(value for rows in tables.values() for row in rows.values() for value in row.values())


def earliest(days: Mapping[int, Tables]) -> int | None:
    """The first day (or hour) with anything in it."""
    return min((day for day, tables in days.items() if not is_empty(tables)), default=None)


def together(rows: Iterable[Row]) -> Row:
    """Rows added up."""
    return rollup.row_sum(rows)


def _pair(key: str) -> tuple[str, str]:
    agent, _, model = key.partition("|")
    return agent, model


def _estimate(value: float, interval: Interval | None, n: int, digits: int = 4) -> AnalyticsEstimate:
    low, high = interval or (None, None)
    return AnalyticsEstimate(value=_rounded(value, digits), low=_rounded(low, digits), high=_rounded(high, digits), n=n)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
