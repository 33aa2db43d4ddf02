"""What a LearnerActivity's body holds: a learner's days, and their last two days' sessions. Pure.

Days are counted from 1970-01-01 (UTC). A day has whole numbers by name: answers, cost (nano-USD), us (microseconds of
answering), ratings, rating, graded, correct, opened, completed, dismissed, sessions, session_ms and `agent:<agent>`. Any order of
events gives the same, but for a session more than two days older than the learner's latest, which is not counted.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from shared.analytics import histogram
from shared.analytics.rollup import DAY

SILENCE_MS: Final = 30 * 60_000
"""Half an hour in which nothing happens ends a session."""
RETURNS: Final = (1, 7, 30)
"""Days after a learner's first on which it is counted that they are there."""
LONGEST_GAP: Final = 366
MOST_DAYS: Final = 366
"""Days kept at most, however long ANALYTICS_RETENTION_DAYS is: 70 KB."""
LEAST_DAYS: Final = 31
"""Days kept at least: how many learners there were in 30 days needs them."""
_SESSIONS_MS: Final = 2 * DAY * 1000

Marks = Counter[tuple[int, str]]
"""What a learner counts for, by day and name."""


@dataclass(slots=True)
class Session:
    """From the first to the last thing a learner did, in Unix milliseconds."""

    start: int
    end: int

    @property
    def day(self) -> int:
        """The day it belongs to: where it began."""
        return self.start // (DAY * 1000)


@dataclass(slots=True)
class Learner:
    """A learner's activity. `first`: their first day ever. `answered`: when and by which cell their latest answer was given."""

    first: int | None = None
    days: dict[int, dict[str, int]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    answered_at: float = 0.0
    answered_by: str = ""

    @property
    def last(self) -> int | None:
        """Their latest day."""
        return max(self.days, default=None)

    def act(self, at: float, took_ms: float, values: Mapping[str, int], keep_days: int) -> Marks:
        """Note something that ended at `at` (Unix seconds); what changes in what they count for.

        A session begins when its first thing was asked for, but not before that day. Of a day that is no longer kept nothing
        is noted.
        """
        day = int(at // DAY)
        if self.last is not None and day <= self.last - _kept(keep_days):
            return Counter()
        changes = self._arrive(day)
        end = int(at * 1000)
        changes.update(self._sit(Session(max(day * DAY * 1000, end - int(took_ms)), end)))
        self._note(day, values)
        for (of, name), value in changes.items():
            if name in ("sessions", "session_ms"):
                self._note(of, {name: value})
        self._forget(_kept(keep_days))
        return Counter({mark: value for mark, value in changes.items() if value})

    def _arrive(self, day: int) -> Marks:
        if day in self.days:
            return Counter()
        before = marks(self.first, self.days)
        self.days[day] = {}
        self.first = day if self.first is None else min(self.first, day)
        after = marks(self.first, self.days)
        after.subtract(before)
        return after

    def _sit(self, session: Session) -> Marks:
        latest = max((known.end for known in self.sessions), default=session.end)
        if session.end < latest - _SESSIONS_MS:
            return Counter()
        joined = [
            s for s in self.sessions if s.start - SILENCE_MS <= session.end and session.start <= s.end + SILENCE_MS
        ]
        whole = Session(min(s.start for s in (session, *joined)), max(s.end for s in (session, *joined)))
        self.sessions = [s for s in self.sessions if s not in joined] + [whole]
        oldest = max(latest, session.end) - _SESSIONS_MS
        self.sessions = sorted((s for s in self.sessions if s.end >= oldest), key=lambda s: s.start)
        changes = _told(whole)
        for gone in joined:
            changes.subtract(_told(gone))
        return changes

    def _note(self, day: int, values: Mapping[str, int]) -> None:
        found = self.days.get(day)
        if found is None:
            return  # the day is no longer kept
        for name, value in values.items():
            found[name] = found.get(name, 0) + value

    def _forget(self, kept: int) -> None:
        oldest = max(self.days) - kept
        self.days = {day: values for day, values in self.days.items() if day > oldest}


def _kept(keep_days: int) -> int:
    return max(LEAST_DAYS, min(keep_days, MOST_DAYS))


def marks(first: int | None, days: Collection[int]) -> Marks:
    """What a learner's days count for: the day itself, the days since their one before, and coming back after 1, 7, 30 days.

    The gaps tell how many different learners there were in any period: those whose day before lies in front of it.
    """
    found: Marks = Counter()
    before: int | None = None
    for day in sorted(days):
        found[day, "active"] += 1
        if day == first:
            found[day, "first"] += 1
        else:
            gap = LONGEST_GAP if before is None else min(LONGEST_GAP, day - before)
            found[day, f"gap:{gap}"] += 1
            if first is not None and day - first in RETURNS:
                found[day, f"back:{day - first}"] += 1
        before = day
    return found


def _told(session: Session) -> Marks:
    length = session.end - session.start
    return Counter(
        {
            (session.day, "sessions"): 1,
            (session.day, "session_ms"): length,
            (session.day, f"length:{histogram.bucket(length)}"): 1,
        }
    )


def encoded(learner: Learner) -> str:
    """As a body; zeros are left out."""
    days = {str(day): {name: v for name, v in values.items() if v} for day, values in sorted(learner.days.items())}
    body = {
        "first": learner.first,
        "days": days,
        "sessions": [[session.start, session.end] for session in learner.sessions],
        "answered": [learner.answered_at, learner.answered_by],
    }
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def decoded(body: str) -> Learner:
    """A body's learner."""
    found = orjson.loads(body)
    at, by = found["answered"]
    return Learner(
        first=found["first"],
        days={int(day): values for day, values in found["days"].items()},
        sessions=[Session(start, end) for start, end in found["sessions"]],
        answered_at=at,
        answered_by=by,
    )
