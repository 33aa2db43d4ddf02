"""Events for the tests of this folder, and what they come to."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from shared.activity.consumer import Taken
from shared.activity.events import Answered, Consumed, Graded, Rated
from shared.analytics import rollup
from shared.analytics.counting import Activity
from shared.analytics.learner import Learner, decoded
from shared.analytics.rollup import DAY, Tables
from shared.documents import Document
from shared.store import Ref
from shared.stored.activity import LearnerActivity, Rollup

DAY_0 = 20_454
"""2026-01-01."""
NOON = DAY_0 * DAY + DAY / 2
_ids = itertools.count()

Documents = dict[Ref, Document]


def _day_of(name: str) -> int:
    """The day of a YYYY-MM-DD."""
    return (date.fromisoformat(name) - date(1970, 1, 1)).days


def at(day: int, hour: float = 12.0) -> float:
    """A moment `day` days after 2026-01-01."""
    return (DAY_0 + day) * DAY + hour * 3600


def answered(unit: str = "u1", **changes: Any) -> Answered:
    fields: dict[str, Any] = {
        "agent": "mentor",
        "delivered": "gpt_4_mini",
        "outcome": "ok",
        "language": "en",
        "cost": 2_000_000,
        "dearest": 6_000_000,
        "latency_ms": 800.0,
        "first_ms": 100.0,
        "input_tokens": 100,
        "output_tokens": 50,
    }
    return Answered(unit=unit, id=f"a{next(_ids)}", **(fields | changes))


def cached(unit: str = "u1", **changes: Any) -> Answered:
    hit: dict[str, Any] = {
        "delivered": "cache",
        "outcome": "cached",
        "cache": "exact",
        "cost": 0,
        "saved": 3_000_000,
        "latency_ms": 8.0,
    }
    return answered(unit, **(hit | changes))


def rated(unit: str = "u1", rating: int = 4, **changes: Any) -> Rated:
    fields: dict[str, Any] = {"agent": "mentor", "model": "gpt_4_mini", "language": "en", "count": 1, "total": rating}
    return Rated(unit=unit, id=f"r{next(_ids)}", **(fields | changes))


def graded(unit: str = "u1", correct: bool = True, item: str = "q1") -> Graded:
    return Graded(unit=unit, id=f"g{next(_ids)}", correct=correct, item=item)


def consumed(unit: str = "u1", item: str = "i1", how: str = "opened") -> Consumed:
    return Consumed(unit=unit, id=f"c{next(_ids)}", item=item, how=how)


def count(events: Sequence[Taken], into: Documents | None = None, *, retention: int = 90, batch: int = 7) -> Documents:
    """What a fold makes of events, a few at a time."""
    consumer, documents = Activity(retention), {} if into is None else into
    for begin in range(0, len(events), batch):
        some = events[begin : begin + batch]
        found = {ref: documents.get(ref) for ref in consumer.refs(some)}
        documents.update({Ref(type(one), one.id): one for one in consumer.apply(some, found)})
    return documents


def bodies(documents: Documents) -> dict[str, str]:
    """By id."""
    return {f"{type(one).__name__}:{one.id}": one.body for one in documents.values()}  # type: ignore[attr-defined]


def days_of(documents: Iterable[Document]) -> dict[int, Tables]:
    """The days' tables, settled as `reading.days` does it, without a store."""
    found: dict[int, list[Tables]] = {}
    people: dict[int, list[rollup.Row]] = {}
    for one in documents:
        if isinstance(one, Rollup) and one.id.startswith("d:"):
            day, tables = _day_of(one.id[2:12]), rollup.decoded(one.body)
            for offset, row in tables.pop("people", {}).items():
                people.setdefault(day + int(offset), []).append(row)
            found.setdefault(day, []).append(tables)
    days = {day: rollup.merged(found.get(day, [])) for day in {*found, *people}}
    for day, rows in people.items():
        days[day]["people"] = {"0": rollup.row_sum(rows)}
    return days


def learner_of(documents: Documents, unit: str) -> Learner:
    document = documents[Ref(LearnerActivity, unit)]
    assert isinstance(document, LearnerActivity)
    return decoded(document.body)


def hours_of(documents: Iterable[Document]) -> dict[int, Tables]:
    """The hours' tables."""
    found: dict[int, list[Tables]] = {}
    for one in documents:
        if isinstance(one, Rollup) and one.id.startswith("h:"):
            hour = _day_of(one.id[2:12]) * 24 + int(one.id[13:15])
            found.setdefault(hour, []).append(rollup.decoded(one.body))
    return {hour: rollup.merged(many) for hour, many in found.items()}
