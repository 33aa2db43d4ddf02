"""Feedback and the feed's documents on every store: joined, counted once under races, found, compared, forgotten."""

import asyncio

import pytest

from shared.agents.feed import FeedMark
from shared.documents import LedgerEntry
from shared.errors import NotFound
from shared.feed import serving
from shared.learning import reading
from shared.learning.records import Given, Records, joined
from shared.learning.sums import merged
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Create, Store, Where
from shared.stored.feed import FeedItem, LearnerFeed
from shared.stored.feedback import Feedback
from tests.contract.implementations import START, Opened

DAY = 86_400.0


def row(message: str, attempt: int = 1, *, user: str = "u1", request: str = "", final: bool = True) -> LedgerEntry:
    return LedgerEntry(
        id=f"{message}:{attempt}", request_id=request or f"r{message}", message_id=message, user_id=user, agent="mentor",
        language="ar", attempt=attempt, final=final, model="m1" if final else "m0", provider="gemma",
        outcome="ok" if final else "timeout", stream=False, cache="none", input_tokens=1, cached_input_tokens=0,
        output_tokens=1, usage_source="provider", cost_nano_usd=100, price_date="", latency_ms=10, day="", created_at=START,
        expires_at=START + 90 * DAY,
    )  # fmt: skip


@pytest.fixture
def records(opened_store: Opened[Store]) -> Records:
    return Records(opened_store.subject, 365 * DAY, 180 * DAY)


async def test_attempts_are_joined_by_request_and_by_message(records: Records) -> None:
    await records.store.commit(
        Create(row("m1", 1, final=False)), Create(row("m1", 2)), Create(row("m9", user="u2", request="rm1"))
    )
    by_request, by_message = await records.of_request("rm1", "u1"), await records.of_message("m1")
    assert by_request == by_message
    given = await records.give(joined(by_request), Given({"rating": 4}), START + 5)
    assert (given.model, given.attempts, given.failed_attempts, given.cost_nano_usd) == ("m1", 2, 1, 200)
    with pytest.raises(NotFound):
        await records.of_request("rm1", "u3")
    assert await records.of_message("none") == []


async def test_words_given_at_once_are_each_counted_once(records: Records) -> None:
    names = [f"m{number}" for number in range(20)]
    await records.store.commit(*(Create(row(name)) for name in names))
    await asyncio.gather(
        *(records.give(joined([row(name)]), Given({"rating": rating}), START) for name in names for rating in (5, 5))
    )
    found = merged((await reading.cells(records.store, reading.last_days(START, 1))).values())
    assert (found["answers"], found["ratings"], found["rating"]) == (20, 20, 100)


async def test_periods_and_the_worst_comments_are_found(records: Records) -> None:
    for number, (rating, comment) in enumerate([(1, "oldest"), (2, "two"), (1, None), (1, "newest"), (5, "good")]):
        given = Given({"rating": rating, "comment": comment})
        await records.give(joined([row(f"m{number}")]), given, START + number)
    assert [found.comment for found in await reading.worst(records.store, START)] == ["newest", "oldest", "two"]
    assert [found.comment for found in await reading.worst(records.store, START + 2)] == ["newest"]
    assert await reading.cells(records.store, reading.last_days(START, 30, back=1)) == {}
    assert (await reading.cells(records.store, reading.last_days(START, 30))).keys() == {"mentor|m1|ar"}


async def test_a_learners_words_are_forgotten(records: Records) -> None:
    for number in range(3):
        await records.give(joined([row(f"m{number}")]), Given({"rating": 3}), START + number)
    await records.give(joined([row("x", user="u2")]), Given({"rating": 3}), START)
    assert await records.forget("u1", START) == (3, False)
    assert await records.forget("u1", START) == (0, False)
    where = Where("user_id", "==", "u2")
    assert len(await records.store.query(Feedback, where, order="updated_at", descending=True)) == 1


async def test_what_is_deleted_leaves_the_sums_and_what_others_said_stays(records: Records) -> None:
    for _ in range(3):
        await asyncio.gather(
            *(records.give(joined([row(f"m{number}")]), Given({"rating": 1}), START) for number in range(60)),
            records.give(joined([row("x", user="u2")]), Given({"rating": 5}), START),
        )
        assert await records.forget("u1", START) == (60, False)
        found = merged((await reading.cells(records.store, reading.last_days(START, 1))).values())
        assert (found["answers"], found["ratings"], found["rating"]) == (1, 1, 5)


async def test_what_is_said_and_deleted_at_once_is_counted_as_it_stands(records: Records) -> None:
    given = joined([row("m1")])
    await records.give(given, Given({"rating": 4}), START)
    await asyncio.gather(
        *(records.give(given, Given({"rating": rating}), START) for rating in (1, 2, 3)),
        *(records.forget("u1", START) for _ in range(3)),
    )
    left = await records.store.get(Feedback, "m1")
    found = merged((await reading.cells(records.store, reading.last_days(START, 1))).values())
    assert found.get("rating", 0) == (0 if left is None else left.rating)


async def test_ones_own_answer_is_found_among_others_of_the_same_name(records: Records) -> None:
    for first in range(0, 120, 60):
        rows = (Create(row(f"o{number}", user="u2", request="same")) for number in range(first, first + 60))
        await records.store.commit(*rows)
    mine = row("z1", 1, request="same", final=False), row("z1", 2, request="same")
    await records.store.commit(*(Create(one) for one in mine))
    assert await records.of_request("same", "u1") == list(mine)
    assert await records.of_message("z1") == list(mine)


async def test_the_newest_items_of_a_language_and_marks_made_at_once(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    now = Runtime(Settings(auth_mode="local", environment="test"), store=store)
    await store.commit(
        *(
            Create(FeedItem(id=f"i{number}", title="T", language="ar" if number % 2 else "en", published_at=number))
            for number in range(8)
        )
    )
    found = await store.query(
        FeedItem, Where("language", "==", "ar"), order="published_at", descending=True, limit=serving.CANDIDATES
    )
    assert [item.id for item in found] == ["i7", "i5", "i3", "i1"]
    marks = [[FeedMark(item_id=f"i{number}", event="completed")] for number in range(6)]
    await asyncio.gather(*(serving.mark(now, "u1", one, personal=False) for one in marks))
    kept = await store.get(LearnerFeed, "u1")
    assert kept is not None
    assert sorted(kept.done) == [f"i{number}" for number in range(6)]
