"""What happens, as events on their way to the sums: small, JSON, and each with an id that makes it count once. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from shared import ids
from shared.stored.activity import PLACES, Happening


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of a request: all its attempts together. `arms`: the variant by experiment id. `delivered` is the stable model name.

    `beside`, here and below: the variants of experiments that are targeted at another language, platform or level than this
    request's. Nothing was steered by them and nobody met them here; a unit that has met one before still counts in it.
    `outcome` is the metric's word (ok, degraded, cached, blocked, support, stopped). Money in nano-USD: `saved` is what a cache
    hit's answer had cost, `dearest` what the dearest model that may be asked takes for the tokens of
    all attempts, or of the answer in the cache.
    """

    unit: str
    id: str
    agent: str
    delivered: str
    outcome: str
    language: str
    arms: dict[str, str] = field(default_factory=dict)
    cache: str = "none"
    cost: int = 0
    saved: int = 0
    dearest: int = 0
    latency_ms: float = 0.0
    first_ms: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    failed_attempts: int = 0
    beside: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A unit was told its variant (`…/assign`)."""

    unit: str
    id: str
    experiment: str
    variant: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value of a metric, from outside. `at`: when, by the server's clock; None: when it came in. `den` is a ratio's denominator."""

    unit: str
    id: str
    experiment: str
    metric: str
    value: float
    den: float = 1.0
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """A learner's rating of an answer was given, changed (`count` 0, `total` the difference) or taken back (`count` -1)."""

    unit: str
    id: str
    agent: str
    model: str
    language: str
    count: int
    total: int
    arms: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graded:
    """A learner answered a check question or an exercise: whether correctly."""

    unit: str
    id: str
    correct: bool
    item: str = ""
    skill: str = ""
    arms: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consumed:
    """What a learner did with an item of the feed: `how` is opened, completed or dismissed."""

    unit: str
    id: str
    item: str
    how: str
    arms: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)


Event = Answered | Exposed | Outcome | Rated | Graded | Consumed
_KINDS: dict[str, type[Any]] = {
    "answered": Answered,
    "exposed": Exposed,
    "outcome": Outcome,
    "rated": Rated,
    "graded": Graded,
    "consumed": Consumed,
}
_TAGS = {kind: name.encode() for name, kind in _KINDS.items()}
_NOTHING_BESIDE = b',"beside":{}}'
"""How an event's JSON ends that has nothing beside: left out, since that is nearly every one."""


def place_of(unit: str) -> str:
    """The place whose fold counts a unit's events, for ever."""
    return str(blake2b(unit.encode(), digest_size=2, person=b"place").digest()[0] % PLACES)


def beside_of(event: Event) -> Mapping[str, str]:
    """The variants that the unit is in though this is not what they are for (`Answered`)."""
    return {} if isinstance(event, Exposed | Outcome) else event.beside


def happening(event: Event, now: float) -> Happening:
    """One event's outbox document, to be stored in the commit of what it tells of. `now` is the server's clock."""
    return Happening(id=ids.new("h"), place=place_of(event.unit), at=now, body=encoded([event]).decode())


def happenings(events: Sequence[Event], now: float) -> list[Happening]:
    """Many events' outbox documents: one a place."""
    by_place: dict[str, list[Event]] = {}
    for event in events:
        by_place.setdefault(place_of(event.unit), []).append(event)
    return [
        Happening(id=ids.new("h"), place=place, at=now, body=encoded(some).decode())
        for place, some in sorted(by_place.items())
    ]


def encoded(events: Iterable[Event]) -> bytes:
    """Events as JSON."""
    # The kind is put before the fields by hand: with a dict of them in between it took twelve times as long, on every answer.
    return b"[%s]" % b",".join(b'{"kind":"%s",%s' % (_TAGS[type(event)], _fields(event)) for event in events)


def decoded(body: str | bytes) -> list[Event]:
    """Events of a body; of a kind that this release does not know are left out, unknown fields ignored."""
    found: list[Event] = []
    for entry in orjson.loads(body):
        kind = _KINDS.get(entry.pop("kind", ""))
        if kind is not None:
            found.append(kind(**{name: value for name, value in entry.items() if name in kind.__dataclass_fields__}))
    return found


def _fields(event: Event) -> bytes:
    body = orjson.dumps(event)[1:]
    return body[: -len(_NOTHING_BESIDE)] + b"}" if body.endswith(_NOTHING_BESIDE) else body
