"""A unit as it is stored: compact JSON. Pure."""

from typing import Any

import orjson

from shared.experiments import seen
from shared.experiments.exact import packed
from shared.experiments.unit import Entry, Unit


def encoded(unit: Unit) -> str:
    """A unit's body. What is empty is left out; the same state gives the same text, ids in the order they came in."""
    body: dict[str, Any] = {
        "met": dict(sorted(unit.met.items())),
        "where": unit.where,
        "delivered": dict(sorted(unit.delivered.items())),
        "sums": {name: packed(pair) for name, pair in sorted(unit.sums.items())},
        "early": {str(day): packed(pair) for day, pair in sorted(unit.early.items())},
        "spread": {
            name: {str(place): count for place, count in sorted(spread.items())}
            for name, spread in sorted(unit.spread.items())
        },
        "before": [_waiting(entry) for entry in sorted(unit.before)],
        "past": None if unit.past is None else {name: packed(pair) for name, pair in sorted(unit.past.items())},
        "day": unit.last_day,
        "converted": unit.converted,
        "late": unit.late,
        "seen": seen.encoded(unit.seen) if unit.seen.rounds else None,
    }
    kept = {name: value for name, value in body.items() if value or (name == "past" and value is not None)}
    return orjson.dumps(kept).decode()


def decoded(body: str | bytes) -> Unit:
    """A unit out of its body."""
    found: dict[str, Any] = orjson.loads(body)
    where, past = found.get("where"), found.get("past")
    return Unit(
        met=found.get("met", {}),
        where=None if where is None else (where[0], where[1], where[2]),
        delivered=found.get("delivered", {}),
        sums={name: (int(num), int(den)) for name, (num, den) in found.get("sums", {}).items()},
        early={int(day): (int(num), int(den)) for day, (num, den) in found.get("early", {}).items()},
        spread={
            name: {int(place): count for place, count in spread.items()}
            for name, spread in found.get("spread", {}).items()
        },
        before=[
            (at, name, int(num), int(den), *(several or (1, at)))
            for at, name, num, den, *several in found.get("before", [])
        ],
        past=None if past is None else {name: (int(num), int(den)) for name, (num, den) in past.items()},
        last_day=found.get("day", 0),
        converted=found.get("converted", 0),
        late=found.get("late", 0),
        seen=seen.decoded(found.get("seen", [])),
    )


def _waiting(entry: Entry) -> tuple[Any, ...]:
    """When and of which metric, its sums, and how many there are and since when, where it is not one."""
    at, name, num, den, count, began = entry
    return (at, name, *packed((num, den)), *(() if count == 1 else (count, began)))
