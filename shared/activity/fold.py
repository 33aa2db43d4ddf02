"""The fold: takes what has happened out of the outbox, place by place, and has every consumer count it, once.

A batch is some of a place's oldest happenings, the documents that the consumers need for them, and one commit of what these come to
together with the happenings' removal. So what is counted is gone from the outbox, and what is still there is not counted, whatever
dies in between. Two folds of one place, here or on another instance, cannot both count an event: the documents are read before
the happenings are looked at again, so whoever finds a happening still there has the documents as they were before it was counted,
and writes them over those versions only, and removes the happening at its version. The other one reads and tries again. Different
places share no document.

An event that cannot be counted (a body that is no event, a consumer that raises) is put aside, in the outbox's place `aside`, for
KEPT_ASIDE seconds; the rest of its place goes on.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared import ids, log
from shared.activity.consumer import Consumer, Taken, Telling
from shared.activity.events import encoded
from shared.activity.portions import Portion, portions
from shared.documents import Document
from shared.errors import AlreadyExists, StaleVersion, StoreError, Unavailable
from shared.store import Create, Delete, Put, Ref, Store, Version, Where, Write
from shared.stored.activity import PLACES, Happening

PLACE_NAMES: Final = tuple(str(number) for number in range(PLACES))
ASIDE: Final = "aside"
KEPT_ASIDE: Final = 30 * 86_400.0
BATCH: Final = 250
"""Events of a batch: bounds how long one holds the event loop, and the commit."""
HAPPENINGS: Final = 250
BYTES: Final = 5 * 2**20
"""Of a commit's documents: Firestore takes 10 MiB."""
RUN: Final = 100_000
"""Events that a scheduled call takes at most, of all places together: more than come in until the next one."""
DRAIN: Final = 20_000
"""The same of one that somebody waits for: seconds."""
_RACES: Final = 12

_log = log.get(__name__)
_Read = Mapping[Ref, tuple[Document, Version] | None]


@dataclass(slots=True)
class Folded:
    """What a call did.

    `more`: there may be more waiting. `aside`: events that could not be counted. `failed`: places that the store did not let us do,
    or where others got in between again and again. `told`: what the metrics' counters go up by, by labels.
    """

    events: int = 0
    batches: int = 0
    aside: int = 0
    more: bool = False
    failed: list[str] = field(default_factory=list)
    told: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, other: "Folded") -> None:
        """Both together."""
        self.events += other.events
        self.batches += other.batches
        self.aside += other.aside
        self.more = self.more or other.more
        self.failed += other.failed
        self.told.update(other.told)


class Fold:
    """The fold over a store. `clock` gives Unix seconds.

    In this process one fold of a place runs at a time, so that analyses that are asked for at once do not do the same work.
    """

    def __init__(self, store: Store, consumers: Sequence[Consumer], clock: Callable[[], float]) -> None:
        self._store = store
        self._consumers = tuple(consumers)
        self._clock = clock
        self._locks: dict[str, asyncio.Lock] = {}

    async def run(self, places: Iterable[str] | None = None, budget: int = RUN) -> Folded:
        """Count what waits in these places (None: in all), side by side, about `budget` events at most.

        A place where nothing waits costs one query. What cannot be done in one place does not keep the others from being done.
        ValueError for a place that there is not.
        """
        names = PLACE_NAMES if places is None else tuple(dict.fromkeys(places))
        if unknown := [name for name in names if name not in PLACE_NAMES]:
            raise ValueError(f"places: there is no {unknown[0]!r}")
        each = max(1, -(-budget // max(1, len(names))))
        done = Folded()
        for one in await asyncio.gather(*(self._place(name, each) for name in names)):
            done.add(one)
        return done

    async def drain(self, budget: int = DRAIN) -> Folded:
        """`run` in all places, before an analysis: `more` says whether its figures lack what still waits."""
        return await self.run(budget=budget)

    async def _place(self, place: str, budget: int) -> Folded:
        done = Folded()
        async with self._locks.setdefault(place, asyncio.Lock()):
            while done.events + done.aside < budget:
                try:
                    batch = await self._batch(place, min(BATCH, budget - done.events - done.aside))
                except (StoreError, Unavailable) as error:
                    log.event(_log, "fold.failed", level=logging.ERROR, place=place, error=error.code)
                    batch = Folded(more=True, failed=[place])
                done.add(batch)
                done.more = batch.more
                if not batch.more or batch.failed:
                    break
                await asyncio.sleep(0)
        return done

    async def _batch(self, place: str, most: int) -> Folded:
        """One commit of a place's oldest events. Raises StoreError and, after so many races, Unavailable."""
        size, races = most, 0
        while races < _RACES:
            found = await self._store.query(Happening, Where("place", "==", place), order="at", limit=HAPPENINGS)
            if not found:
                return Folded()
            some = portions(found, size)
            done, writes = await self._counted(some)
            if done is None or _bytes(writes) > BYTES:
                events = sum(len(portion.now) for portion in some)
                if events > 1:
                    size = events // 2
                    continue
            if done is None:
                done, writes = await self._refused(some)
            if writes:
                try:
                    await self._store.commit(*writes)
                except (AlreadyExists, StaleVersion):
                    writes = []
            if writes:
                done.more = done.more or len(found) == HAPPENINGS or len(some) < len(found) or bool(some[-1].later)
                return done
            races += 1
            await asyncio.sleep(random.uniform(0, 0.02 * races))
        raise Unavailable("What has happened is being counted elsewhere at the same moment.")

    async def _counted(self, some: Sequence[Portion]) -> tuple[Folded | None, list[Write]]:
        """What these events come to, as writes; none where others have taken them. None where a consumer cannot count them."""
        try:
            refs = list(dict.fromkeys(ref for one in self._consumers for ref in one.refs(_events(some))))
        except Exception as error:  # noqa: BLE001 - an event that nobody can count must not stop its place for ever
            return self._not(error)
        sources = [Ref(Happening, portion.source.id) for portion in some]
        # The happenings after what they are counted in: see above.
        read = dict(zip([*refs, *sources], await self._store.read(*refs, *sources), strict=True))
        there = [portion for portion in some if _is_there(portion, read)]
        events = _events(there)
        found: dict[Ref, Document | None] = {ref: None if (one := read[ref]) is None else one[0] for ref in refs}
        done = Folded(events=len(events), batches=1, more=len(there) < len(some))
        writes: list[Write] = []
        try:
            for consumer in self._consumers:
                changed = consumer.apply(events, found) if events else ()
                writes += [_over(document, read) for document in changed]
                if isinstance(consumer, Telling):
                    done.told.update(consumer.tally(found, changed))
                found.update((Ref(type(document), document.id), document) for document in changed)
        except Exception as error:  # noqa: BLE001 - nor one that a consumer stumbles over
            return self._not(error)
        for portion in there:
            writes += self._left(portion, read)
            done.aside += len(portion.broken)
        return done, writes

    async def _refused(self, some: Sequence[Portion]) -> tuple[Folded, list[Write]]:
        """The writes that put aside the one event that is in these portions."""
        sources = [Ref(Happening, portion.source.id) for portion in some]
        read = dict(zip(sources, await self._store.read(*sources), strict=True))
        writes: list[Write] = []
        done = Folded(batches=1)
        for portion in some:
            if _is_there(portion, read):
                broken = [*portion.broken, *([encoded(portion.now).decode()] if portion.now else [])]
                writes += self._left(Portion(portion.source, (), portion.later, broken), read)
                done.aside += len(broken)
        return done, writes

    def _left(self, portion: Portion, read: _Read) -> list[Write]:
        """A happening goes, or stays with what is left of it; what cannot be counted is put aside."""
        source, now = portion.source, self._clock()
        writes: list[Write] = []
        for body in portion.broken:
            log.event(_log, "event.aside", level=logging.ERROR, happening=source.id, place=source.place)
            expires_at = now + KEPT_ASIDE
            aside = Happening(id=ids.new("h"), place=ASIDE, at=source.at, body=body, expires_at=expires_at)
            writes.append(Create(aside))
        if not portion.later:
            held = read[Ref(Happening, source.id)]
            return [*writes, Delete(Happening, source.id, expect=None if held is None else held[1])]
        rest = source.model_copy(update={"body": encoded(portion.later).decode()})
        return [*writes, _over(rest, read)]

    def _not(self, error: Exception) -> tuple[None, list[Write]]:
        log.event(_log, "events.uncounted", level=logging.ERROR, error=error)
        return None, []


def _events(some: Sequence[Portion]) -> list[Taken]:
    return [(portion.source.at, event) for portion in some for event in portion.now]


def _is_there(portion: Portion, read: _Read) -> bool:
    """Whether a happening is still as it was found."""
    held = read[Ref(Happening, portion.source.id)]
    return held is not None and held[0] == portion.source


def _over(document: Document, read: _Read) -> Write:
    held = read[Ref(type(document), document.id)]
    return Create(document) if held is None else Put(document, expect=held[1])


def _bytes(writes: Iterable[Write]) -> int:
    return sum(len(getattr(write.document, "body", "")) for write in writes if isinstance(write, Create | Put))
