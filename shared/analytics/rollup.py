"""What a Rollup's body holds: whole numbers in rows of named tables, so that sums of sums are sums. Pure.

cells    by `agent|model|language`: answers and how they ended, money, times, tokens, ratings, checks after such an answer
times    by `agent|model`: answers by their time's bucket (`shared.analytics.histogram`); `firsts` by that of the first token
people   by whose day it is told of, in days after the document's own (nearly always 0): learners, gaps, returns, sessions
items    by the item's id: what learners did with it
sums     one row, `all`: what belongs to no model

An hour's document has no `people` and no `items`. Money is nano-USD, its squares micro-USD², times microseconds, their
squares milliseconds².
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import orjson

from shared.stored.activity import PLACES

HOUR: Final = 3_600
DAY: Final = 86_400
ALL: Final = "all"
"""The one row of `sums`, and the place of a day's document that the compaction has put together."""
EVERY_PLACE: Final = tuple(str(place) for place in range(PLACES))
ITEMS: Final = 200
"""Items that a place's day tells apart; a whole day's document has twice as many."""
_LARGEST: Final = 2**63 - 1

Row = dict[str, int]
Tables = dict[str, dict[str, Row]]


def day_of(moment: float) -> int:
    """The UTC day of a moment, in days since 1970-01-01."""
    return int(moment // DAY)


def hour_of(moment: float) -> int:
    """The UTC hour of a moment, in hours since 1970-01-01."""
    return int(moment // HOUR)


@lru_cache(maxsize=4_096)
def day_name(day: int) -> str:
    """YYYY-MM-DD."""
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()


@lru_cache(maxsize=4_096)
def hour_name(hour: int) -> str:
    """YYYY-MM-DDTHH."""
    return datetime.fromtimestamp(hour * HOUR, UTC).isoformat()[:13]


def day_id(day: int, place: str) -> str:
    """The id of a place's (or ALL places') Rollup of a day."""
    return f"d:{day_name(day)}:{place}"


def hour_id(hour: int, place: str) -> str:
    """The id of a place's Rollup of an hour."""
    return f"h:{hour_name(hour)}:{place}"


def add(tables: Tables, table: str, row: str, name: str, value: int = 1) -> None:
    """Add to one number, which may not be there yet."""
    found = tables.setdefault(table, {}).setdefault(row, {})
    found[name] = min(_LARGEST, found.get(name, 0) + value)


def add_row(tables: Tables, table: str, row: str, values: Mapping[str, int]) -> None:
    """Add a row's numbers to those that are there."""
    for name, value in values.items():
        add(tables, table, row, name, value)


def merged(many: Iterable[Tables]) -> Tables:
    """Tables added up."""
    total: Tables = {}
    for tables in many:
        for table, rows in tables.items():
            for row, values in rows.items():
                add_row(total, table, row, values)
    return total


def row_sum(rows: Iterable[Mapping[str, int]]) -> Row:
    """Rows added up."""
    total: Row = {}
    for values in rows:
        for name, value in values.items():
            total[name] = total.get(name, 0) + value
    return total


def encoded(tables: Tables) -> str:
    """As a body: zeros are left out, so that equal sums are equal bodies."""
    kept = {
        table: found
        for table, rows in tables.items()
        if (found := {row: left for row, values in rows.items() if (left := {k: v for k, v in values.items() if v})})
    }
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def decoded(body: str) -> Tables:
    """A body's tables."""
    tables: Tables = orjson.loads(body)
    return tables


def buckets(rows: Iterable[Mapping[str, int]]) -> dict[int, int]:
    """Rows of `times` or `firsts` together, by bucket."""
    return {int(number): count for number, count in row_sum(rows).items()}
