"""A batch's part of the outbox: whole happenings, the last one perhaps cut, and what no event can be made of. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from shared.activity.events import Event, decoded
from shared.stored.activity import Happening


@dataclass(frozen=True, slots=True)
class Portion:
    """A happening with the events of it that are counted now, those left for later, and the bodies that no event can be made of."""

    source: Happening
    now: Sequence[Event]
    later: Sequence[Event] = ()
    broken: Sequence[str] = ()


def portions(found: Sequence[Happening], most: int) -> list[Portion]:
    """The first `most` events (1 at least) of these happenings, which are in order."""
    some: list[Portion] = []
    left = max(1, most)
    for source in found:
        events, broken = _decoded(source.body)
        some.append(Portion(source, events[:left], events[left:], broken))
        left -= len(events)
        if left <= 0:
            break
    return some


def _decoded(body: str) -> tuple[list[Event], list[str]]:
    try:
        return decoded(body), []
    except (ValueError, TypeError, AttributeError):
        pass
    try:
        entries = orjson.loads(body)
    except ValueError:
        return [], [body]
    if not isinstance(entries, list):
        return [], [body]
    events: list[Event] = []
    broken: list[str] = []
    for entry in entries:
        one = orjson.dumps([entry])
        try:
            events += decoded(one)
        except (ValueError, TypeError, AttributeError):
            broken.append(one.decode())
    return events, broken
