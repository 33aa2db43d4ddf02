"""Feedback on one answer: found by its request or its message, joined with what it took, stored with its day's sums.

Store reads of one feedback: the attempts of the request (1 to 9 rows; one where the message is named and answered at first try),
the feedback so far, its day's sums, and for a mentor's message its turn; then one commit. A race is read and tried again.
What is deleted is taken out of the sums in the same way: who rates an answer, deletes that and rates again is counted once.
"""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared import ids
from shared.activity.events import Rated, happenings
from shared.documents import LedgerEntry, Turn
from shared.errors import AlreadyExists, Forbidden, NotFound, StaleVersion, Unavailable
from shared.learning.sums import Sums, changed, place, says_something
from shared.store import Create, Delete, Put, Ref, Store, Version, Where, Write
from shared.stored.feedback import Feedback, FeedbackDay

_RACES: Final = 12
_MOST_ROWS: Final = 100
"""Read of one request id: callers name their requests themselves, so other people's may bear the same."""
_ANSWERED: Final = frozenset({"ok", "stopped", "left", "cached", "template", "block", "support", "own"})
_NOT_ASKED: Final = frozenset({"open", "asleep", "busy", "over_budget", "unpriced"})
FORGOTTEN: Final = 200
"""Feedbacks deleted in one call."""
_AT_ONCE: Final = 50
"""Of them in one commit, with as many days' sums and turns at most."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says about an answer: only what is in `fields` is changed (`rating`, `comment`, `correction`, `flags`, `quality`)."""

    fields: Mapping[str, Any]
    training_consent: bool | None = None
    """Whether the learner lets their words be used for training; None where the words are not theirs."""
    assessor: str | None = None
    """Who has given `quality`."""


@dataclass(frozen=True, slots=True)
class Records:
    """Feedback in a store. `feedback_seconds` and `sums_seconds`: how long either is kept after its last change."""

    store: Store
    feedback_seconds: float
    sums_seconds: float

    async def of_request(self, request_id: str, user_id: str | None) -> list[LedgerEntry]:
        """The attempts of a request of this learner (None: of whoever's is newest). Raises NotFound."""
        named = Where("request_id", "==", request_id)
        if user_id is None:
            rows = await self.store.query(LedgerEntry, named, order="attempt", limit=_MOST_ROWS)
        else:
            rows = await self._own(request_id, user_id)
        if not rows:
            raise NotFound("No such request.")
        newest = max(rows, key=lambda row: (row.final, row.created_at))
        return [row for row in rows if row.message_id == newest.message_id]

    async def of_message(self, message_id: str) -> list[LedgerEntry]:
        """The attempts of a message; none where the ledger has forgotten it."""
        first = await self.store.get(LedgerEntry, f"{message_id}:1")
        if first is None or first.final:
            return [] if first is None else [first]
        rows = await self._own(first.request_id, first.user_id)
        return [row for row in rows if row.message_id == message_id]

    async def _own(self, request_id: str, user_id: str) -> list[LedgerEntry]:
        """The learner's newest attempts under that name, the first attempt first."""
        rows = await self.store.query(
            LedgerEntry,
            Where("request_id", "==", request_id),
            Where("user_id", "==", user_id),
            order="created_at",
            descending=True,
            limit=_MOST_ROWS,
        )
        return sorted(rows, key=lambda row: row.attempt)

    async def give(self, fresh: Feedback, given: Given, now: float) -> Feedback:
        """Store what was said about an answer (see `joined`). `now` is Unix seconds.

        Raises Unavailable when too many change the same day's sums at once.
        """
        for race in range(_RACES):
            feedback, day, turn = await self._read(fresh)
            before = None if feedback is None else feedback[0]
            after = self._changed(before or fresh, given, now)
            writes = [*_over(after, feedback), self._sums(day, before, after, now), *_rated(turn, after, now)]
            writes += _told([(before, after)], now)
            try:
                await self.store.commit(*writes)
            except (AlreadyExists, StaleVersion):
                await asyncio.sleep(random.uniform(0, 0.02 * (race + 1)))
                continue
            return after
        raise Unavailable("Too much feedback at the same moment.")

    async def forget(self, user_id: str, now: float) -> tuple[int, bool]:
        """Delete a learner's feedback, FORGOTTEN at most: how many went, and whether there may be more. `now` is Unix seconds.

        Their days' sums and the mentor's turns lose what it put there. Raises Unavailable as `give` does.
        """
        found = await self.store.query(
            Feedback, Where("user_id", "==", user_id), order="updated_at", descending=True, limit=FORGOTTEN
        )
        for first in range(0, len(found), _AT_ONCE):
            await self._take_back(found[first : first + _AT_ONCE], now)
        return len(found), len(found) == FORGOTTEN

    async def _take_back(self, some: Sequence[Feedback], now: float) -> None:
        for race in range(_RACES):
            names = [feedback.id for feedback in some]
            places = list(dict.fromkeys(place(feedback) for feedback in some))
            turns = [feedback.id for feedback in some if feedback.agent == "mentor"]
            read = await self.store.read(
                *(Ref(Feedback, name) for name in names),
                *(Ref(FeedbackDay, name) for name in places),
                *(Ref(Turn, name) for name in turns),
            )
            if not any(read[: len(names)]):
                return
            # What was said meanwhile has rewritten its day's sums: their version stands for the feedback's too.
            there = [one[0] for one in read[: len(names)] if one is not None]
            days = [one for one in read[len(names) : len(names) + len(places)] if one is not None]
            writes: list[Write] = [Delete(Feedback, feedback.id) for feedback in there]
            writes += [self._without(day, [one for one in there if place(one) == day[0].id], now) for day in days]
            writes += _told([(one, None) for one in there], now)
            for turn in read[len(names) + len(places) :]:
                writes += _unrated(turn)
            try:
                await self.store.commit(*writes)
            except (AlreadyExists, StaleVersion):
                await asyncio.sleep(random.uniform(0, 0.02 * (race + 1)))
                continue
            return
        raise Unavailable("Too much feedback at the same moment.")

    def _without(self, day: tuple[FeedbackDay, Version], gone: Sequence[Feedback], now: float) -> Write:
        cells = orjson.loads(day[0].cells)
        for feedback in gone:
            cells = changed(cells, feedback, None)
        return self._written(day[0], cells, day[1], now)

    async def _read(self, fresh: Feedback) -> list[Any]:
        refs = [Ref(Feedback, fresh.id), Ref(FeedbackDay, place(fresh))]
        if fresh.agent != "mentor":
            return [*await self.store.read(*refs), None]
        return await self.store.read(*refs, Ref(Turn, fresh.id))

    def _changed(self, feedback: Feedback, given: Given, now: float) -> Feedback:
        update: dict[str, Any] = {**given.fields, "updated_at": now, "expires_at": now + self.feedback_seconds}
        if given.assessor is not None:
            update["assessed_by"] = given.assessor
        if given.training_consent is not None:
            update["training_consent"] = given.training_consent
        return feedback.model_copy(update=update)

    def _sums(
        self, day: tuple[FeedbackDay, Version] | None, before: Feedback | None, after: Feedback, now: float
    ) -> Write:
        name = place(after)
        held = day[0] if day is not None else FeedbackDay(id=name, day=name.partition(":")[0])
        cells = changed(orjson.loads(held.cells), before, after)
        return self._written(held, cells, None if day is None else day[1], now)

    def _written(self, held: FeedbackDay, cells: Mapping[str, Sums], over: Version | None, now: float) -> Write:
        update = {"cells": orjson.dumps(cells).decode(), "expires_at": now + self.sums_seconds}
        written = held.model_copy(update=update)
        return Create(written) if over is None else Put(written, expect=over)


def joined(rows: Sequence[LedgerEntry]) -> Feedback:
    """An answer without any feedback yet: what it took, out of its attempts (one at least)."""
    last = next((row for row in rows if row.final), rows[-1])
    return Feedback(
        id=last.message_id,
        user_id=last.user_id,
        request_id=last.request_id,
        answered_at=last.created_at,
        updated_at=last.created_at,
        agent=last.agent,
        model=last.model,
        provider=last.provider,
        language=last.language,
        variants=last.variants,
        beside=last.beside,
        attempts=len(rows),
        failed_attempts=sum(row.outcome not in _ANSWERED | _NOT_ASKED for row in rows),
        cost_nano_usd=sum(row.cost_nano_usd for row in rows),
        latency_ms=sum(row.latency_ms for row in rows),
    )


def joined_turn(turn: Turn) -> Feedback:
    """The same out of a mentor's message whose attempts the ledger has forgotten: what it took is not known any more."""
    return Feedback(
        id=turn.id,
        user_id=turn.user_id,
        request_id="",
        answered_at=turn.created_at,
        updated_at=turn.created_at,
        agent="mentor",
        model=turn.model,
        provider=turn.provider,
        language=turn.language,
        variants=turn.variants,
        beside=turn.beside,
    )


def require_allowed(fields: Mapping[str, Any], *, owns: bool, assesses: bool) -> None:
    """Raise Forbidden when a caller says what is not theirs to say."""
    if "quality" in fields and not assesses:
        raise Forbidden("Only who assesses answers gives quality scores.")
    if not owns and fields.keys() - {"quality"}:
        raise Forbidden("Only the learner who was answered rates, comments, corrects and flags.")


def _over(after: Feedback, found: tuple[Feedback, Version] | None) -> list[Write]:
    if found is None:
        return [Create(after)] if says_something(after) else []
    return [Put(after, expect=found[1])]


def _told(changes: Iterable[tuple[Feedback | None, Feedback | None]], now: float) -> list[Write]:
    """What has become of ratings, for those who count: by how many and by how much there are more, exactly. Before, and after."""
    events = [_difference(before, after) for before, after in changes]
    return [Create(one) for one in happenings([event for event in events if event is not None], now)]


def _difference(before: Feedback | None, after: Feedback | None) -> Rated | None:
    about = after or before
    old, new = (None if one is None else one.rating for one in (before, after))
    if about is None or old == new:
        return None
    return Rated(
        unit=about.user_id,
        id=ids.new("r"),
        agent=about.agent,
        model=about.model,
        language=about.language,
        count=(new is not None) - (old is not None),
        total=(new or 0) - (old or 0),
        arms=about.variants,
        beside=about.beside,
    )


def _rated(turn: tuple[Turn, Version] | None, after: Feedback, now: float) -> list[Write]:
    """The conversation shows its messages' ratings."""
    if turn is None or (turn[0].rating, turn[0].comment) == (after.rating, after.comment):
        return []
    update = {"rating": after.rating, "comment": after.comment, "rated_at": now}
    return [Put(turn[0].model_copy(update=update), expect=turn[1])]


def _unrated(turn: tuple[Turn, Version] | None) -> list[Write]:
    if turn is None or turn[0].rated_at is None:
        return []
    update = {"rating": None, "comment": None, "rated_at": None}
    return [Put(turn[0].model_copy(update=update), expect=turn[1])]
