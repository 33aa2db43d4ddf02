"""Which events have been counted: their ids as hashes, as many as fit, and the moment before which none is taken any more. Pure.

Ids are kept in rounds of EACH; when there are more than ROUNDS, the oldest round is forgotten, and from then on no event is counted
that happened before its newest one: it may have been in it. So an event with a time of its own never counts twice, however often and
late it comes. One whose time is when it came in has a new one each time: it is known again among the last 2,000 of its unit.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

EACH: Final = 256
ROUNDS: Final = 8
_BYTES: Final = 6
"""Of an id's hash: among 2,048 ids another one looks like one of them with a probability of 10^-11."""


@dataclass(slots=True)
class Seen:
    """`rounds`: the newest moment of each, and its ids; oldest first. `horizon`: what happened until then is not taken any more."""

    rounds: list[tuple[float, list[bytes]]] = field(default_factory=list)
    horizon: float = float("-inf")
    known: set[bytes] = field(default_factory=set)

    def add(self, name: bytes, at: float) -> None:
        """Remember an event that is not known yet."""
        if not self.rounds or len(self.rounds[-1][1]) >= EACH:
            self.rounds.append((at, []))
        newest, names = self.rounds[-1]
        names.append(name)
        self.rounds[-1] = (max(newest, at), names)
        self.known.add(name)
        if len(self.rounds) > ROUNDS:
            newest, names = self.rounds.pop(0)
            self.horizon = max(self.horizon, newest)
            self.known.difference_update(names)


def hashed(*parts: str) -> bytes:
    """What an event is known by."""
    return blake2b("\x00".join(parts).encode(), digest_size=_BYTES).digest()


def encoded(seen: Seen) -> list[object]:
    """As JSON: the horizon (None: there is none yet), then moment and ids of each round."""
    horizon = None if seen.horizon == float("-inf") else seen.horizon
    return [horizon, *((newest, base64.b64encode(b"".join(names)).decode()) for newest, names in seen.rounds)]


def decoded(body: Sequence[Any]) -> Seen:
    """Out of JSON."""
    if not body:
        return Seen()
    horizon, *rounds = body
    seen = Seen(horizon=float("-inf") if horizon is None else horizon)
    for newest, text in rounds:
        raw = base64.b64decode(text)
        names = [raw[first : first + _BYTES] for first in range(0, len(raw), _BYTES)]
        seen.rounds.append((newest, names))
        seen.known.update(names)
    return seen
