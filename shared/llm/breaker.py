"""A circuit breaker as a pure state machine. Where its state lives is `shared.llm.breakers`' business.

    closed --failures--> open --cool-down over--> half-open --one probe succeeds--> closed
                          ^                          |
                          +------- probe fails ------+   (each opening doubles the cool-down, up to a limit)

One breaker per shared fate: an account or endpoint ("account:openai"), or one model ("model:gpt-6-luna").
"""

from dataclasses import dataclass, replace
from typing import Literal

import orjson

Status = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Times in seconds. `failures` in a row, none older than `window` after the one before, open the breaker."""

    failures: int = 3
    window: float = 60.0
    cooldown: float = 5.0
    cooldown_limit: float = 300.0
    probe: float = 30.0
    """How long one half-open probe may run before another may be let through."""


@dataclass(frozen=True, slots=True)
class BreakerState:
    """All there is to know; times are Unix seconds, 0 means never."""

    failures: int = 0
    failed_at: float = 0.0
    openings: int = 0
    open_until: float = 0.0
    probe_until: float = 0.0
    why: str = ""

    def status(self, now: float) -> Status:
        """closed, open (nobody may pass) or half_open (one probe may)."""
        if self.open_until == 0:
            return "closed"
        return "open" if now < self.open_until else "half_open"


CLOSED = BreakerState()


def admit(state: BreakerState, now: float, policy: Policy) -> BreakerState | None:
    """Ask to pass: the state to store (the same one when nothing changes), or None when refused.

    In half-open the returned state holds the probe's place; whoever stores it first is the one probe.
    """
    status = state.status(now)
    if status == "closed":
        return state
    if status == "open" or state.probe_until > now:
        return None
    return replace(state, probe_until=now + policy.probe)


def failed(
    state: BreakerState,
    now: float,
    policy: Policy,
    *,
    why: str = "",
    retry_after: float | None = None,
    hard: bool = False,
) -> BreakerState:
    """Count a failure. `hard` (account refused, quota gone) opens at once; so does a Retry-After the provider names.

    A failure that comes back while already open extends the deadline when it asks for longer, and never shortens it.
    """
    status = state.status(now)
    if status == "open":
        return replace(state, open_until=max(state.open_until, now + (retry_after or 0.0)), why=why or state.why)
    count = state.failures + 1 if now - state.failed_at <= policy.window else 1
    if status == "closed" and not hard and retry_after is None and count < policy.failures:
        return replace(state, failures=count, failed_at=now, why=why)
    cooldown = min(policy.cooldown * 2**state.openings, policy.cooldown_limit)
    return BreakerState(
        failures=count,
        failed_at=now,
        openings=min(state.openings + 1, 16),
        open_until=now + max(cooldown, retry_after or 0.0),
        why=why,
    )


def succeeded(state: BreakerState, now: float) -> BreakerState:
    """Count a success: a half-open breaker closes, a closed one forgets its failures.

    A success that started before the breaker opened does not close it: the cool-down stands.
    """
    return state if state.status(now) == "open" else CLOSED


def withdrawn(state: BreakerState) -> BreakerState:
    """Give a probe's place back: its call proved nothing either way."""
    return replace(state, probe_until=0.0)


def encode(state: BreakerState) -> bytes | None:
    """As stored; a closed breaker without failures is stored as nothing."""
    return None if state == CLOSED else orjson.dumps(state)


def decode(raw: bytes | None) -> BreakerState:
    """What `encode` wrote; unreadable bytes count as closed, so a bad value cannot shut a model out."""
    if raw is None:
        return CLOSED
    try:
        return BreakerState(**orjson.loads(raw))
    except (ValueError, TypeError):
        return CLOSED
