"""The fold on every store: everything that happened is counted once, whatever races, repeats or cannot be counted."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import pytest

from shared.activity import fold as folding
from shared.activity.consumer import Found, Taken
from shared.activity.events import Event, Outcome, encoded, happening, happenings, place_of
from shared.activity.fold import ASIDE, Fold
from shared.documents import Document
from shared.experiments import stored
from shared.experiments.counting import Counting
from shared.store import Create, Put, Ref, Store, Where
from shared.stored.activity import Happening, Rollup
from tests.contract.implementations import START, Opened
from tests.experiments.counted import answered, experiment, exposed, outcome


class Plain:
    """Adds up outcomes in one document a place and knows no ids: an event counted twice shows. `bad` values make it raise."""

    def refs(self, events: Sequence[Taken]) -> list[Ref]:
        return [Ref(Rollup, f"t:{place_of(event.unit)}") for _, event in events]

    def apply(self, events: Sequence[Taken], found: Found) -> list[Document]:
        held: dict[str, int] = {}
        for _, event in events:
            name = f"t:{place_of(event.unit)}"
            before = found[Ref(Rollup, name)]
            assert isinstance(event, Outcome)
            if event.metric == "bad":
                raise ZeroDivisionError
            held.setdefault(name, int(before.body) if isinstance(before, Rollup) else 0)
            held[name] += int(event.value)
        return [Rollup(id=name, body=str(value)) for name, value in held.items()]


async def waiting(store: Store, place: str) -> list[Happening]:
    return await store.query(Happening, Where("place", "==", place), order="at", limit=1000)


async def plain_total(store: Store) -> int:
    found = await store.read(*(Ref(Rollup, f"t:{place}") for place in folding.PLACE_NAMES))
    return sum(int(one[0].body) for one in found if one is not None)


async def pour(store: Store, events: Sequence[Event], at: float = START) -> None:
    await store.commit(*(Create(one) for one in happenings(events, at)))


async def test_everything_is_counted_once_and_leaves_the_outbox(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    for batch in range(6):
        await pour(store, [outcome(f"u{n}", f"o{batch}-{n}", 1) for n in range(100)], START + batch)
    done = await Fold(store, [Plain()], opened_store.now).run()
    assert (done.events, done.more, done.aside, done.failed) == (600, False, 0, [])
    assert await plain_total(store) == 600
    assert not any([await waiting(store, place) for place in folding.PLACE_NAMES])
    again = await Fold(store, [Plain()], opened_store.now).run()
    assert (again.events, again.batches, again.more) == (0, 0, False)


async def test_folds_on_many_instances_at_once_count_everything_once(opened_store: Opened[Store]) -> None:
    store, chance = opened_store.subject, random.Random(3)
    folds = [Fold(store, [Plain()], opened_store.now) for _ in range(4)]

    async def instance(fold: Fold) -> int:
        counted = 0
        for _ in range(8):
            counted += (await fold.run(budget=chance.choice([8, 100, 1000]))).events
            await asyncio.sleep(0)
        return counted

    async def pouring() -> None:
        for batch in range(20):
            await pour(store, [outcome(f"u{n}", f"o{batch}-{n}", 1) for n in range(25)], START + batch)
            await asyncio.sleep(0)

    results = await asyncio.gather(pouring(), *(instance(fold) for fold in folds))
    counted = sum(count for count in results if count is not None)
    rest = await folds[0].drain()
    assert counted + rest.events == 500
    assert not rest.more
    assert await plain_total(store) == 500


async def test_a_happening_is_cut_where_a_batch_ends_and_the_rest_stays(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    await pour(store, [outcome("u1", f"o{n}", 1) for n in range(90)])
    place, fold = place_of("u1"), Fold(store, [Plain()], opened_store.now)
    done = await fold.run([place], budget=40)
    assert (done.events, done.more, await plain_total(store)) == (40, True, 40)
    (left,) = await waiting(store, place)
    assert [entry["id"] for entry in orjson.loads(left.body)] == [f"o{n}" for n in range(40, 90)]
    assert (await fold.run([place])).events == 50
    assert await plain_total(store) == 90


async def test_what_cannot_be_counted_is_put_aside_and_the_rest_goes_on(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    some: list[Event] = [outcome("u1", f"o{n}", 1) for n in range(30)]
    some[11], some[12] = outcome("u1", "poison", 1, "bad"), outcome("u1", "poison2", 1, "bad")
    place = place_of("u1")
    half = [*orjson.loads(encoded([outcome("u1", "fine", 1)])), {"kind": "outcome", "unit": "u1"}, 7]
    await store.commit(
        Create(Happening(id="torn", place=place, at=START - 3, body='[{"kind":')),
        Create(Happening(id="odd", place=place, at=START - 2, body="7")),
        Create(Happening(id="half", place=place, at=START - 1, body=orjson.dumps(half).decode())),
        *(Create(one) for one in happenings(some, START)),
    )
    done = await Fold(store, [Plain()], opened_store.now).run()
    assert (done.events, await plain_total(store), done.more) == (29, 29, False)
    assert not await waiting(store, place)
    aside = await waiting(store, ASIDE)
    assert done.aside == len(aside) == 6
    assert sum("poison" in one.body for one in aside) == 2
    assert {one.expires_at for one in aside} == {START + folding.KEPT_ASIDE}


async def test_experiments_are_counted_with_what_else_counts_and_told_once(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    await store.commit(Create(experiment()))
    units = [f"u{n}" for n in range(60)]
    for number, unit in enumerate(units):
        variant = "ab"[number % 2]
        await store.commit(Create(happening(answered(unit, f"r-{unit}", variant), START + number)))
    for again in range(3):  # the same outcomes are sent three times over
        await pour(store, [outcome(unit, f"o-{unit}", 2.5, at=START + 100) for unit in units], START + 100 + again)
    folds = [Fold(store, [Counting()], opened_store.now) for _ in range(3)]
    done = await asyncio.gather(*(fold.run() for fold in folds))
    assert sum(one.events for one in done) == 240
    told = sum((one.told for one in done), start=done[0].told.__class__())
    assert told["ai_experiments_total", "Experiment e1", "a"] == 30
    assert told["ai_experiment_conversions_total", "Experiment e1", "b"] == 30
    found = await stored.load(store, "e1")
    assert {name: (cell.units, cell.metrics["score"].sums[0]) for name, cell in found.cells.items()} == {
        ("a", 0, 0): (30, 75.0),
        ("b", 0, 0): (30, 75.0),
    }
    assert sum(sum(one.values()) for one in found.histograms["a", "p95_response_time"]) == 30
    await stored.forget(store, "e1")
    assert (await stored.load(store, "e1")).cells == {}


async def test_a_commit_stays_below_what_a_store_takes(
    opened_store: Opened[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened_store.subject
    await store.commit(Create(experiment()))
    await pour(store, [outcome(f"u{n}", f"o{n}", 1) for n in range(64)])
    monkeypatch.setattr(folding, "BYTES", 500)
    done = await Fold(store, [Counting()], opened_store.now).run()
    assert (done.events, done.more) == (64, False)
    assert done.batches > 16


async def test_what_the_store_refuses_stays_waiting_and_is_told_of(opened_store: Opened[Store]) -> None:
    store, units = opened_store.subject, [f"u{n}" for n in range(40)]
    mine = [unit for unit in units if place_of(unit) == "3"]
    await pour(store, [outcome(unit, f"o-{unit}", 1) for unit in units])

    class Contended(Plain):
        """One place's document is always made by somebody else between reading and writing."""

        def refs(self, events: Sequence[Taken]) -> list[Ref]:
            return [Ref(Rollup, "t:3"), *super().refs(events)]

        def apply(self, events: Sequence[Taken], found: Found) -> list[Document]:
            changed = super().apply(events, found)
            there = found[Ref(Rollup, "t:3")]
            if not isinstance(there, Rollup) or not any(place_of(event.unit) == "3" for _, event in events):
                return changed
            return [*changed, Rollup(id="t:3", body=there.body)] * 2

    await store.commit(Put(Rollup(id="t:3", body="0")))
    done = await Fold(store, [Contended()], opened_store.now).run()
    assert done.failed == ["3"]
    assert done.more
    assert done.events == 40 - len(mine) == await plain_total(store)
    done = await Fold(store, [Plain()], opened_store.now).drain()
    assert (done.events, done.failed) == (len(mine), [])
    assert await plain_total(store) == 40


async def test_there_are_no_other_places(opened_store: Opened[Store]) -> None:
    with pytest.raises(ValueError, match="no 'nowhere'"):
        await Fold(opened_store.subject, [], opened_store.now).run(["nowhere"])


class Overtaken:
    """A store on which somebody else does something once: before a query answers, in the `middle` of a read, or before the second read.

    A read's documents are of the moments at which they are read, one after the other: more is promised by no store.
    """

    def __init__(self, store: Store, when: str, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._store, self._when, self._meanwhile, self.commit = store, when, meanwhile, store.commit
        self._reads = 0
        self.overtaken = False

    async def _come(self, when: str) -> None:
        if when == self._when and not self.overtaken:
            self.overtaken = True
            await self._meanwhile()

    async def query(self, *given: Any, **named: Any) -> Any:
        found = await self._store.query(*given, **named)
        await self._come("query")
        return found

    async def read(self, *refs: Ref) -> Any:
        self._reads += 1
        if self._reads == 2:
            await self._come("second")
        found = await self._store.read(*refs[:1])
        await self._come("middle")
        return [*found, *(await self._store.read(*refs[1:]))]


@pytest.mark.parametrize("when", ["query", "middle"])
@pytest.mark.parametrize("first", [3, 100])
async def test_what_another_fold_has_counted_since_the_outbox_was_looked_through_is_left_alone(
    opened_store: Opened[Store], first: int, when: str
) -> None:
    store, place = opened_store.subject, place_of("u1")
    await pour(store, [outcome("u1", f"o{n}", 1) for n in range(10)])
    await pour(store, [outcome("u1", f"p{n}", 1) for n in range(10)], START + 1)
    other = Fold(store, [Plain()], opened_store.now)
    overtaken: Any = Overtaken(store, when, lambda: other.run([place], budget=first))
    done = await Fold(overtaken, [Plain()], opened_store.now).run([place])
    assert overtaken.overtaken
    assert done.events == (17 if first == 3 else 0)
    assert await plain_total(store) == 20


async def test_what_cannot_be_counted_is_put_aside_by_one_fold_alone(opened_store: Opened[Store]) -> None:
    store, place = opened_store.subject, place_of("u1")
    await pour(store, [outcome("u1", "poison", 1, "bad")])
    other = Fold(store, [Plain()], opened_store.now)
    overtaken: Any = Overtaken(store, "second", lambda: other.run([place]))
    done = await Fold(overtaken, [Plain()], opened_store.now).run([place])
    assert overtaken.overtaken
    assert (done.aside, len(await waiting(store, ASIDE)), await waiting(store, place)) == (0, 1, [])


async def test_an_event_of_two_happenings_counts_once_whoever_folds_them(opened_store: Opened[Store]) -> None:
    """The same exposure and the same outcomes, one to a happening, in folds that each take a few at a time."""
    store = opened_store.subject
    await store.commit(Create(experiment()))
    for _ in range(6):
        await store.commit(Create(happening(exposed("u1"), START)), Create(happening(answered("u1", "r1"), START)))
        await pour(store, [outcome("u1", "o1", 2)], START + 1)
        await pour(store, [outcome("u1", "o1", 2), outcome("u1", "o2", 3)], START + 2)
    folds = [Fold(store, [Counting()], opened_store.now) for _ in range(4)]
    await asyncio.gather(*(fold.run(budget=16 * (1 + number)) for number, fold in enumerate(folds)))
    rest = await folds[0].drain()
    assert (rest.more, rest.failed, await waiting(store, place_of("u1"))) == (False, [], [])
    (cell,) = (await stored.load(store, "e1")).cells.values()
    assert (cell.units, dict(cell.delivered), cell.metrics["score"].sums[0]) == (1, {"m1": 1}, 5.0)
