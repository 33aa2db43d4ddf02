"""Events into the sums of their hour and day, and into their learner's days. A consumer of `shared.activity.fold`. Pure.

Nothing but whole numbers is added up, so any order of events gives the same, save for three things that are said where they
happen: items beyond the room for them, sessions that are told of two days late, and which answer a check came after.
Names that are not of this product count as `other`, so the size of every document is bounded.
"""

from collections.abc import Sequence
from typing import Final

from shared.activity.consumer import Found, Taken
from shared.activity.events import Answered, Consumed, Event, Exposed, Graded, Outcome, Rated, place_of
from shared.analytics import histogram, items, learner, rollup
from shared.analytics.learner import Learner
from shared.analytics.rollup import ALL, DAY, ITEMS, Row, Tables
from shared.documents import Document
from shared.language.names import normalise
from shared.llm.catalog import MODELS, Catalog
from shared.store import Ref
from shared.stored.activity import LearnerActivity, Rollup
from shared.telemetry.names import METRICS, OTHER

HOURS_KEPT_DAYS: Final = 4
CHECK_SECONDS: Final = DAY
"""So long after an answer a check still counts as one after it."""
BACKGROUND: Final = frozenset({"summary"})
"""Agents that no learner asks: their money counts, and nobody was there."""
WAYS: Final = ("opened", "completed", "dismissed")
_AGENTS, _, _OUTCOMES = (label.values or frozenset() for label in METRICS["ai_requests_total"].labels)
_MODELS: Final = frozenset({*MODELS, "template", "cache", "none"})
_CACHES: Final = frozenset({"exact", "semantic"})
_MOST_NANO_USD: Final = 10**13
_MOST_SQUARED: Final = 10**7
"""Micro-USD: what an answer's share of the squares is cut to, so that a day's squares stay in 64 bits."""
_MOST_TOKENS: Final = 10**9

Row_ = tuple[str, str, Row]
"""A table, a row of it, and what is added there."""


class Activity:
    """Counts. `retention_days` is ANALYTICS_RETENTION_DAYS; `models` knows the stable names of those whose ids events may bear."""

    def __init__(self, retention_days: int, models: Catalog | None = None) -> None:
        self._retention = retention_days
        self._names = {} if models is None else {model.model_id: name for name, model in models.models.items()}

    def refs(self, events: Sequence[Taken]) -> Sequence[Ref]:
        """The documents that these events change: the hours' and days' of their places, and their learners'."""
        wanted: dict[Ref, None] = {}
        for at, event in events:
            place = place_of(event.unit)
            wanted[Ref(Rollup, rollup.hour_id(rollup.hour_of(at), place))] = None
            wanted[Ref(Rollup, rollup.day_id(rollup.day_of(at), place))] = None
            if _is_learners(event):
                wanted[Ref(LearnerActivity, event.unit)] = None
        return list(wanted)

    def apply(self, events: Sequence[Taken], found: Found) -> Sequence[Document]:
        """The documents as they are with these events counted; `found` has those that there are."""
        books = _Books(found, self._retention)
        for at, event in events:
            self._count(books, at, event)
        return books.closed()

    def _count(self, books: "_Books", at: float, event: Event) -> None:
        place, day = place_of(event.unit), rollup.day_of(at)
        of_hour = books.tables(rollup.hour_id(rollup.hour_of(at), place), rollup.hour_of(at) * rollup.HOUR)
        of_day = books.tables(rollup.day_id(day, place), day * DAY)
        rows = self._rows(event)
        if _is_learners(event):
            acted = books.learner(event.unit, at)
            rows += self._after_answer(acted, at, event)
            took = min(max(0.0, event.latency_ms), histogram.LONGEST) if isinstance(event, Answered) else 0.0
            changes = acted.act(at, took, _of_learner(event, rows), self._retention)
            for (of, name), value in changes.items():
                rollup.add(of_day, "people", str(of - day), name, value)
        for table, row, values in rows:
            rollup.add_row(of_hour, table, row, values)
            rollup.add_row(of_day, table, row, values)
        if isinstance(event, Consumed) and event.how in WAYS:
            items.count(of_day, event.item, {event.how: 1}, ITEMS)
        elif isinstance(event, Graded):
            items.count(of_day, event.item, {"graded": 1, "correct": int(event.correct)}, ITEMS)

    def _rows(self, event: Event) -> list[Row_]:
        if isinstance(event, Answered):
            pair = f"{_known(event.agent, _AGENTS)}|{self._model(event.delivered)}"
            rows: list[Row_] = [
                ("cells", self._cell(event.agent, event.delivered, event.language), _answer(event)),
                ("times", pair, {str(histogram.bucket(event.latency_ms)): 1}),
            ]
            if event.first_ms is not None:
                rows.append(("firsts", pair, {str(histogram.bucket(event.first_ms)): 1}))
            return rows
        if isinstance(event, Rated):
            cell = self._cell(event.agent, event.model, event.language)
            return [("cells", cell, {"ratings": event.count, "rating": event.total}), ("sums", ALL, {"rated": 1})]
        if isinstance(event, Graded):
            return [("sums", ALL, {"graded": 1, "correct": int(event.correct)})]
        if isinstance(event, Consumed):
            return [("sums", ALL, {event.how if event.how in WAYS else OTHER: 1})]
        return [("sums", ALL, {"exposed" if isinstance(event, Exposed) else "outcomes": 1})]

    def _after_answer(self, acted: Learner, at: float, event: Event) -> list[Row_]:
        """A check counts for the cell of the learner's latest answer before it, as far as answers are counted by now."""
        if isinstance(event, Answered):
            if at >= acted.answered_at:
                acted.answered_at = at
                acted.answered_by = self._cell(event.agent, event.delivered, event.language)
        elif isinstance(event, Graded) and acted.answered_by and 0 <= at - acted.answered_at <= CHECK_SECONDS:
            return [("cells", acted.answered_by, {"checks": 1, "passed": int(event.correct)})]
        return []

    def _cell(self, agent: str, model: str, language: str) -> str:
        return f"{_known(agent, _AGENTS)}|{self._model(model)}|{normalise(language) or OTHER}"

    def _model(self, name: str) -> str:
        return _known(self._names.get(name, name), _MODELS)


class _Books:
    """The bodies that are open while events are counted."""

    def __init__(self, found: Found, retention: int) -> None:
        self._found = found
        self._retention = retention
        self._tables: dict[str, tuple[Tables, float]] = {}
        self._learners: dict[str, tuple[Learner, float]] = {}

    def tables(self, name: str, begin: float) -> Tables:
        """The tables of an hour or a day that begins then."""
        if name not in self._tables:
            document = self._found.get(Ref(Rollup, name))
            body = document.body if isinstance(document, Rollup) else "{}"
            # Two periods are compared, so days are kept for twice the longest.
            days = HOURS_KEPT_DAYS if name.startswith("h:") else 2 * self._retention + 1
            self._tables[name] = rollup.decoded(body), begin + (days + 1) * DAY
        return self._tables[name][0]

    def learner(self, unit: str, at: float) -> Learner:
        """A learner's activity. It is forgotten with all that is theirs when they stay away for the retention's days."""
        if unit not in self._learners:
            document = self._found.get(Ref(LearnerActivity, unit))
            if isinstance(document, LearnerActivity):
                self._learners[unit] = learner.decoded(document.body), document.expires_at or 0.0
            else:
                self._learners[unit] = Learner(), 0.0
        acted, expires = self._learners[unit]
        self._learners[unit] = acted, max(expires, at + max(self._retention, learner.LEAST_DAYS) * DAY)
        return acted

    def closed(self) -> list[Document]:
        """All of them as documents."""
        rollups = [
            Rollup(id=name, body=rollup.encoded(tables), expires_at=expires)
            for name, (tables, expires) in self._tables.items()
        ]
        learners = [
            LearnerActivity(id=unit, body=learner.encoded(acted), expires_at=expires)
            for unit, (acted, expires) in self._learners.items()
        ]
        return [*rollups, *learners]


def _answer(event: Answered) -> Row:
    """What an answer adds to its cell. Routing is judged by answers that a model was asked for, the cache by its hits."""
    cost, ms = min(max(0, event.cost), _MOST_NANO_USD), min(max(0.0, event.latency_ms), histogram.LONGEST)
    row = {
        "answers": 1,
        _known(event.outcome, _OUTCOMES): 1,
        "cost": cost,
        "cost_squares": min(round(cost / 1000), _MOST_SQUARED) ** 2,
        "us": round(ms * 1000),
        "ms_squares": round(ms) ** 2,
        "input": min(max(0, event.input_tokens), _MOST_TOKENS),
        "output": min(max(0, event.output_tokens), _MOST_TOKENS),
        "failed": min(max(0, event.failed_attempts), 100),
        "retried": int(event.failed_attempts > 0),
    }
    if event.cache in _CACHES:
        row |= {event.cache: 1, "saved": min(max(0, event.saved), _MOST_NANO_USD)}
    elif event.dearest > 0 or event.cost > 0 or event.failed_attempts > 0:
        row |= {"routed": 1, "dearest": min(event.dearest, _MOST_NANO_USD), "compared": cost}
    return row


def _of_learner(event: Event, rows: Sequence[Row_]) -> Row:
    """What an event adds to its learner's day."""
    if isinstance(event, Answered):
        answer = rows[0][2]
        agent = rows[0][1].partition("|")[0]
        return {"answers": 1, f"agent:{agent}": 1, "cost": answer["cost"], "us": answer["us"]}
    if isinstance(event, Rated):
        return {"ratings": event.count, "rating": event.total}
    if isinstance(event, Graded):
        return {"graded": 1, "correct": int(event.correct)}
    if isinstance(event, Consumed):
        return {event.how if event.how in WAYS else OTHER: 1}
    return {}


def _is_learners(event: Event) -> bool:
    """Whether it tells that a learner was there."""
    if isinstance(event, Answered):
        return event.agent not in BACKGROUND
    return not isinstance(event, Exposed | Outcome)


def _known(name: str, names: frozenset[str]) -> str:
    return name if name in names else OTHER
