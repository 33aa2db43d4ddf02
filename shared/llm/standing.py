"""What instances tell each other of the own server when it may be away: it is being woken, or it has answered. Pure.

    nothing known (cold) --a lease is taken--> warming --a real prompt is answered--> ready --no answer for long--> cold
                              ^                   |                                     |
                              +--- lease ran out -+      a probe was not answered ------+--> warming

Only a real generation makes it ready: `/health` may be green over an engine that is gone. The state is one value with a time to live, so
that it goes back to cold by itself: `warming` when the process that is at it dies, `ready` when no answer has come for long.
"""

from dataclasses import dataclass
from typing import Literal

import orjson

State = Literal["off", "cold", "warming", "ready"]
"""off: this server never goes away, or there is none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Times are Unix seconds. `until`: what is said holds so long, unless it is said again. `by`: the instance at it."""

    state: Literal["warming", "ready"]
    since: float
    until: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Warm:
    """How the server is, as far as known, and since when (Unix seconds). None: this instance has not looked yet."""

    state: State | None
    since: float | None = None


def encode(standing: Standing) -> bytes:
    """As stored."""
    return orjson.dumps(standing)


def decode(raw: bytes | None) -> Standing | None:
    """What `encode` wrote. Unreadable bytes count as nothing known: then it is woken once too often."""
    if raw is None:
        return None
    try:
        found = Standing(**orjson.loads(raw))
    except (ValueError, TypeError):
        return None
    return found if found.state in ("warming", "ready") else None
