"""The busiest items of a day in bounded space. Pure.

Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements", ICDT 2005): once there is
room for no more, the least busy item gives its place to the one that comes, which takes its count over as `missed`. An item's
own numbers are exact from when it came in; what it may have had before is at most `missed`. Any item with more than a
ROOM-th of all that happened is there. Up to ROOM items a place and day the order of events makes no difference.
"""

from collections.abc import Mapping
from typing import Final

from shared.analytics.rollup import Row, Tables

LONGEST_ID: Final = 128
MISSED: Final = "missed"


def busyness(row: Mapping[str, int]) -> int:
    """How often an item was met, at most. Whether a check was right is no meeting of its own."""
    return sum(value for name, value in row.items() if name != "correct")


def count(tables: Tables, item: str, values: Mapping[str, int], room: int) -> None:
    """Count an item; one with an id that is empty or too long is not told apart."""
    if not 0 < len(item) <= LONGEST_ID:
        return
    rows = tables.setdefault("items", {})
    row = rows.get(item)
    if row is None:
        row = rows[item] = _taken_over(rows, room)
    for name, value in values.items():
        row[name] = row.get(name, 0) + value


def keep_busiest(tables: Tables, room: int) -> None:
    """Leave the busiest `room` items; those that were as busy as the first that goes may go too."""
    rows = tables.get("items", {})
    if len(rows) > room:
        kept = sorted(rows, key=lambda item: (-busyness(rows[item]), item))[:room]
        tables["items"] = {item: rows[item] for item in kept}


def _taken_over(rows: dict[str, Row], room: int) -> Row:
    if len(rows) < room:
        return {}
    least = min(rows, key=lambda item: (busyness(rows[item]), item))
    return {MISSED: busyness(rows.pop(least))}
