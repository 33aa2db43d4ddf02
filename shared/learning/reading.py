"""A period's feedback: its days' sums, its worst comments, and what the whole fleet did meanwhile.

Reads: PARTS documents at most for each day of the period, twice that for a report; a report reads 2 x COMMENTS_READ feedbacks more;
the fleet's totals are two documents and one round trip to `coordination`.
"""

from dataclasses import dataclass
from typing import Final

import orjson

from shared import log
from shared.agents.feedback import FeedbackComment, FleetPeriod
from shared.coordination import Coordination
from shared.errors import AlreadyExists, StoreError
from shared.learning import fleet
from shared.learning.sums import PARTS, Sums, day_of, merged
from shared.safety.masking import mask
from shared.store import Create, Store, Where
from shared.stored.feedback import Feedback, FeedbackDay, TrafficDay
from shared.telemetry.series import PREFIX

DAY: Final = 86_400.0
COMMENTS: Final = 10
COMMENTS_READ: Final = 50
_BAD: Final = (1, 2)

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole UTC days, both ends included (YYYY-MM-DD)."""

    first: str
    last: str

    @property
    def count(self) -> int:
        """How many."""
        from datetime import date

        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1


def last_days(now: float, days: int, back: int = 0) -> Days:
    """The last `days` days, today included, or as many before them (`back` 1)."""
    end = now - back * days * DAY
    return Days(day_of(end - (days - 1) * DAY), day_of(end))


async def cells(store: Store, days: Days) -> dict[str, Sums]:
    """The sums of a period by agent, model and language."""
    documents = await store.query(
        FeedbackDay,
        Where("day", ">=", days.first),
        Where("day", "<=", days.last),
        order="day",
        limit=days.count * PARTS,
    )
    found: dict[str, list[Sums]] = {}
    for document in documents:
        for key, sums in orjson.loads(document.cells).items():
            found.setdefault(key, []).append(sums)
    return {key: merged(many) for key, many in found.items()}


async def worst(store: Store, since: float) -> list[FeedbackComment]:
    """Comments on badly rated answers since a moment, the worst and newest first; personal data in them is masked."""
    shown: list[FeedbackComment] = []
    for rating in _BAD:
        if len(shown) >= COMMENTS:
            break
        found = await store.query(
            Feedback,
            Where("rating", "==", rating),
            Where("updated_at", ">=", since),
            order="updated_at",
            descending=True,
            limit=COMMENTS_READ,
        )
        shown += [_comment(feedback, rating) for feedback in found if feedback.comment]
    return shown[:COMMENTS]


async def keep_totals(store: Store, coordination: Coordination, now: float, keep_until: float) -> tuple[str, bool]:
    """Keep the fleet's totals as this day's; the day, and whether they were not kept yet."""
    day = day_of(now)
    totals = orjson.dumps(fleet.kept(await coordination.totals(PREFIX))).decode()
    try:
        await store.commit(Create(TrafficDay(id=day, at=now, totals=totals, expires_at=keep_until)))
    except AlreadyExists:
        return day, False
    return day, True


async def traffic(
    store: Store, coordination: Coordination, now: float, since: float, until: float | None = None
) -> FleetPeriod | None:
    """What the fleet did between the first totals kept after `since` and those after `until` (None: those of now).

    None where no totals were kept, where counters began anew in between, or where they cannot be read now.
    """
    begin = await _kept_after(store, since)
    if begin is None:
        return None
    try:
        if until is None:
            end, totals = now, fleet.kept(await coordination.totals(PREFIX))
        else:
            closing = await _kept_after(store, until)
            if closing is None or closing.at <= begin.at:
                return None
            end, totals = closing.at, orjson.loads(closing.totals)
    except StoreError as error:
        log.event(_log, "fleet.unread", error=error.code)
        return None
    between = fleet.difference(orjson.loads(begin.totals), totals)
    return None if between is None else fleet.period(begin.at, end, between)


async def _kept_after(store: Store, moment: float) -> TrafficDay | None:
    found = await store.query(TrafficDay, Where("at", ">=", moment), order="at", limit=1)
    return found[0] if found else None


def _comment(feedback: Feedback, rating: int) -> FeedbackComment:
    return FeedbackComment(
        request_id=feedback.request_id,
        agent=feedback.agent,
        model=feedback.model,
        language=feedback.language,
        rating=rating,
        comment=mask(feedback.comment or ""),
        correction=None if feedback.correction is None else mask(feedback.correction),
    )
