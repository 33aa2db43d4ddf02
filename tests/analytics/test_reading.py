"""The sums in the stores: folded, read, put together each night, and none lost or counted twice by who writes meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from shared.activity.consumer import Taken
from shared.activity.events import happenings
from shared.activity.fold import Fold
from shared.analytics import reading, rollup
from shared.analytics.counting import Activity
from shared.analytics.reading import compact
from shared.analytics.rollup import DAY, Tables
from shared.sqlite import Database
from shared.store import Put, Ref, Store, Version, Write
from shared.store.sqlite import SQLiteStore
from shared.stored.activity import Rollup
from tests.analytics.events import DAY_0, answered, at, count, days_of, hours_of
from tests.contract.implementations import STORES, Clock, Opened

# The contract's clock begins in 2027: the events' days are put before that.
BACK = round(1_800_000_000 // DAY) - DAY_0
TODAY = DAY_0 + BACK


@pytest.fixture(params=sorted(STORES))
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened[Store]]:
    async with STORES[request.param](tmp_path) as found:
        yield found


async def happen(opened: Opened[Store], events: list[Taken]) -> None:
    """Put events into the outbox at their moments, and have them counted."""
    for moment, event in events:
        await opened.subject.commit(*(Put(one) for one in happenings([event], moment)))
    await Fold(opened.subject, [Activity(90)], opened.now).run()


def some(first: int, last: int, users: int = 6) -> list[Taken]:
    return [
        (at(BACK + day, hour), answered(f"u{u}"))
        for day in range(first, last)
        for u in range(users)
        for hour in (9, 23.9)
    ]


def plain(days: dict[int, Tables]) -> dict[int, str]:
    return {day: body for day, tables in days.items() if (body := rollup.encoded(tables)) != "{}"}


async def test_what_is_read_is_what_was_counted_before_and_after_the_nights(opened: Opened[Store]) -> None:
    events = some(-4, 1)
    await happen(opened, events)
    expected = plain(days_of(count(events).values()))
    store = opened.subject
    assert plain(await reading.days(store, TODAY - 6, TODAY, TODAY)) == expected
    done = await compact(store, opened.now(), 90)
    assert (done.days, done.busy) == (4, 0)
    assert done.documents > 4
    assert plain(await reading.days(store, TODAY - 6, TODAY, TODAY)) == expected
    again = await compact(store, opened.now(), 90)
    assert (again.days, again.documents) == (0, 0), "again changes nothing"
    part = await reading.days(store, TODAY - 3, TODAY - 2, TODAY)
    assert plain(part) == {day: expected[day] for day in (TODAY - 3, TODAY - 2)}


async def test_what_is_counted_after_the_night_is_read_and_put_together_the_next(opened: Opened[Store]) -> None:
    first, late = some(-3, 0), some(-1, 0, users=9)
    await happen(opened, first)
    await compact(opened.subject, opened.now(), 90)
    await happen(opened, late)
    expected = plain(days_of(count([*first, *late]).values()))
    assert plain(await reading.days(opened.subject, TODAY - 3, TODAY, TODAY)) == expected
    await compact(opened.subject, opened.now(), 90)
    assert plain(await reading.days(opened.subject, TODAY - 3, TODAY, TODAY)) == expected
    left = await opened.subject.read(*(Ref(Rollup, rollup.day_id(TODAY - 1, place)) for place in rollup.EVERY_PLACE))
    assert {one[0].body for one in left if one is not None} == {"{}"}


async def test_nights_and_folds_at_the_same_moment_lose_nothing(opened: Opened[Store]) -> None:
    events = some(-1, 0, users=20)
    for moment, event in events:
        await opened.subject.commit(*(Put(one) for one in happenings([event], moment)))
    folds = [Fold(opened.subject, [Activity(90)], opened.now) for _ in range(2)]
    nights = [compact(opened.subject, opened.now(), 90, 2) for _ in range(4)]
    await asyncio.gather(*(fold.drain(budget=30) for fold in folds), *nights)
    await asyncio.gather(*(fold.drain() for fold in folds), compact(opened.subject, opened.now(), 90, 2))
    await Fold(opened.subject, [Activity(90)], opened.now).run()
    await compact(opened.subject, opened.now(), 90, 2)
    found = await reading.days(opened.subject, TODAY - 1, TODAY, TODAY)
    assert plain(found) == plain(days_of(count(events).values()))


class Meddled(SQLiteStore):
    """The embedded store, where something else happens between the reading of a compaction and its commit."""

    meddle: Callable[[], Awaitable[None]] | None = None

    async def commit(self, *writes: Write) -> list[Version]:
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            await meddle()
        return await super().commit(*writes)


async def test_what_is_counted_between_a_nights_reading_and_its_commit_is_not_lost(tmp_path: Path) -> None:
    clock = Clock()
    database = Database(tmp_path / "lyo.db", clock=clock)
    store = Meddled(database)
    opened: Opened[Store] = Opened(store, clock.advance, clock)
    first, late = some(-1, 0, users=3), some(-1, 0, users=3)
    await happen(opened, first)

    meddled: list[bool] = []

    async def meddle() -> None:
        meddled.append(True)
        await happen(Opened(SQLiteStore(database), clock.advance, clock), late)

    store.meddle = meddle
    await compact(store, clock(), 90)
    assert meddled
    found = await reading.days(store, TODAY - 1, TODAY, TODAY)
    assert plain(found) == plain(days_of(count([*first, *late]).values()))
    await database.close()


async def test_what_is_told_of_yesterday_after_today_is_told_right(opened: Opened[Store]) -> None:
    today, yesterday = some(0, 1), some(-1, 0)
    await happen(opened, today)
    await happen(opened, yesterday)
    expected = plain(days_of(count([*yesterday, *today]).values()))
    assert plain(await reading.days(opened.subject, TODAY - 1, TODAY, TODAY)) == expected
    only = await reading.days(opened.subject, TODAY, TODAY, TODAY)
    assert plain(only) == {TODAY: expected[TODAY]}, "the day before tells that nobody was here first on this one"


async def test_hours_are_read(opened: Opened[Store]) -> None:
    events = some(0, 1)
    await happen(opened, events)
    first = TODAY * 24
    found = await reading.hours(opened.subject, first, first + 23)
    assert plain(found) == plain(hours_of(count(events).values()))
    assert sorted(plain(found)) == [first + 9, first + 23]


async def test_learners_are_read_and_those_unknown_left_out(opened: Opened[Store]) -> None:
    await happen(opened, some(0, 1, users=2))
    assert sorted(await reading.learners(opened.subject, ["u0", "u1", "nobody"])) == ["u0", "u1"]


async def test_days_expire_with_the_retention(opened: Opened[Store]) -> None:
    await happen(opened, some(-1, 1))
    await compact(opened.subject, opened.now(), 90)
    kept = await opened.subject.read(Ref(Rollup, rollup.day_id(TODAY - 1, rollup.ALL)))
    assert kept[0] is not None
    assert kept[0][0].expires_at > opened.now() + 180 * DAY
    refs = [Ref(Rollup, rollup.hour_id(TODAY * 24 + 9, place)) for place in rollup.EVERY_PLACE]
    hours = [one[0].expires_at for one in await opened.subject.read(*refs) if one is not None]
    assert hours
    assert max(hours) < opened.now() + 6 * DAY
