"""The sums of a period out of their documents, and the nightly compaction that makes those fewer.

Reads: one document for each day that is compacted, PLACES + 1 for today, for yesterday and for each day that is not, and the
same for a day on either side (which tell what happened to the period's own days late, or past midnight). Hours: PLACES each.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared import log
from shared.analytics import items, rollup
from shared.analytics.rollup import ALL, DAY, EVERY_PLACE, ITEMS, Tables
from shared.errors import AlreadyExists, StaleVersion
from shared.store import Create, Put, Ref, Store, Version, Write
from shared.stored.activity import LearnerActivity, Rollup

COMPACTED_DAYS: Final = 8
"""Finished days that a compaction looks at: what was counted late is put together by one of the nights after."""
_BATCH: Final = 200
_RACES: Final = 5
_EMPTY: Final = "{}"

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Compacted:
    """`days` that were put together out of `documents`; `busy` ones were written too often meanwhile: the next run takes them."""

    days: int
    documents: int
    busy: int


async def days(store: Store, first: int, last: int, today: int) -> dict[int, Tables]:
    """The tables of each day from `first` to `last` (days since 1970), with what neighbours tell of them; empty ones too.

    `people` has one row then, "0".
    """
    around = range(first - 1, min(last + 1, today + 1) + 1)
    whole = await _bodies(store, [rollup.day_id(day, ALL) for day in around])
    apart = [day for day in around if day >= today - 1 or rollup.day_id(day, ALL) not in whole]
    parts = await _bodies(store, [rollup.day_id(day, place) for day in apart for place in EVERY_PLACE])
    read = {**whole, **parts}
    by_day = {day: rollup.merged(rollup.decoded(read[name]) for name in _names(day) if name in read) for day in around}
    return _settled(by_day, first, last)


async def hours(store: Store, first: int, last: int) -> dict[int, Tables]:
    """The tables of each hour from `first` to `last` (hours since 1970); empty ones too."""
    wanted = range(first, last + 1)
    read = await _bodies(store, [rollup.hour_id(hour, place) for hour in wanted for place in EVERY_PLACE])
    return {
        hour: rollup.merged(
            rollup.decoded(read[name]) for place in EVERY_PLACE if (name := rollup.hour_id(hour, place)) in read
        )
        for hour in wanted
    }


async def learners(store: Store, users: Sequence[str]) -> dict[str, LearnerActivity]:
    """The activity of those learners that have any. One read each."""
    found = await store.read(*(Ref(LearnerActivity, user) for user in users))
    return {one[0].id: one[0] for one in found if one is not None}


async def compact(store: Store, now: float, retention_days: int, back: int = COMPACTED_DAYS) -> Compacted:
    """Put the places' documents of each of the last `back` finished days together into one, and empty them.

    Each day is one commit over the versions that were read: what is counted meanwhile is in nobody's document twice or
    missing. Reads PLACES + 1 documents a day. Again at any time changes nothing but what was counted since.
    """
    today = rollup.day_of(now)
    done = Compacted(0, 0, 0)
    for day in range(today - back, today):
        put = await _compact(store, day, now, retention_days)
        done = Compacted(
            done.days + (put is not None and put > 0), done.documents + (put or 0), done.busy + (put is None)
        )
    return done


async def _compact(store: Store, day: int, now: float, retention_days: int) -> int | None:
    """How many places' documents of a day were put together; None where others kept writing to them."""
    for _ in range(_RACES):
        found = await _read(store, [Ref(Rollup, name) for name in _names(day)])
        parts = [(document, version) for document, version in found if document.body != _EMPTY]
        whole = next(
            ((document, version) for document, version in parts if document.id == rollup.day_id(day, ALL)), None
        )
        places = [(document, version) for document, version in parts if document.id != rollup.day_id(day, ALL)]
        if not places:
            return 0
        try:
            await store.commit(*_together(day, whole, places, now, retention_days))
        except (AlreadyExists, StaleVersion):
            await asyncio.sleep(0.05)
            continue
        return len(places)
    log.event(_log, "analytics.busy", day=rollup.day_name(day))
    return None


def _together(
    day: int,
    whole: tuple[Rollup, Version] | None,
    places: Sequence[tuple[Rollup, Version]],
    now: float,
    retention_days: int,
) -> Iterable[Write]:
    parts = places if whole is None else [whole, *places]
    tables = rollup.merged(rollup.decoded(document.body) for document, _ in parts)
    items.keep_busiest(tables, 2 * ITEMS)
    together = Rollup(
        id=rollup.day_id(day, ALL),
        body=rollup.encoded(tables),
        expires_at=max(now, day * DAY) + (2 * retention_days + 2) * DAY,
    )
    yield Create(together) if whole is None else Put(together, expect=whole[1])
    for document, version in places:
        # A delete has no precondition: an emptied one says at its version that it was counted, and expires soon.
        yield Put(Rollup(id=document.id, body=_EMPTY, expires_at=now + 2 * DAY), expect=version)


def _names(day: int) -> list[str]:
    return [rollup.day_id(day, place) for place in (ALL, *EVERY_PLACE)]


def _settled(by_day: dict[int, Tables], first: int, last: int) -> dict[int, Tables]:
    """Each day's people told by its own and its neighbours' documents."""
    people: dict[int, list[rollup.Row]] = {}
    for day, tables in by_day.items():
        for offset, row in tables.pop("people", {}).items():
            people.setdefault(day + int(offset), []).append(row)
    for day, rows in people.items():
        if day in by_day:
            by_day[day]["people"] = {"0": rollup.row_sum(rows)}
    return {day: by_day.get(day, {}) for day in range(first, last + 1)}


async def _bodies(store: Store, names: Sequence[str]) -> dict[str, str]:
    found = await _read(store, [Ref(Rollup, name) for name in names])
    return {document.id: document.body for document, _ in found}


async def _read(store: Store, refs: Sequence[Ref]) -> list[tuple[Rollup, Version]]:
    batches = [refs[place : place + _BATCH] for place in range(0, len(refs), _BATCH)]
    found = await asyncio.gather(*(store.read(*batch) for batch in batches))
    return [one for batch in found for one in batch if one is not None]
