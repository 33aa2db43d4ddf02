"""Breakers shared by all instances: the pure machine of `breaker.py` over compare-and-set values.

A healthy request costs no round trip here: the gateway reads the states together with its cache entry
(`Coordination.look`) and nothing is written while everything is closed.

While the shared state cannot be reached, each instance goes on by its own: what it saw last, moved by what it meets.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence

from shared.coordination import Coordination
from shared.errors import LyoError
from shared.llm import breaker
from shared.llm.breaker import BreakerState, Policy
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)

PREFIX = "breaker:"
_TTL = 3600.0  # a state nobody touched for an hour says nothing about now
_RACES = 20


class Breakers:
    """All breakers by scope ("account:openai", "model:gpt-6-luna")."""

    def __init__(
        self, coordination: Coordination, policy: Policy, clock: Callable[[], float], scopes: Sequence[str]
    ) -> None:
        self._coordination = coordination
        self._clock = clock
        self.policy = policy
        self.changes = 0
        """Counts what this instance changed, so that a view kept for a moment can be told from an old one."""
        self.scopes = tuple(dict.fromkeys(scopes))
        self._own: dict[str, bytes] = {}
        """States that are not closed, as this instance saw or left them last."""

    async def snapshot(self) -> Mapping[str, BreakerState]:
        """The state of every known scope."""
        raw = await self._coordination.get_many([PREFIX + scope for scope in self.scopes])
        return {scope: breaker.decode(raw.get(PREFIX + scope)) for scope in self.scopes}

    def saw(self, keys: Sequence[str], values: Mapping[str, bytes]) -> None:
        """Remember what the shared state held under these keys, for the time when it cannot be reached."""
        if self._own or not values.keys().isdisjoint(keys):
            for key in keys:
                self._keep(key, values.get(key))

    def own(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What this instance knows of these keys by itself."""
        return {key: self._own[key] for key in keys if key in self._own}

    async def admit(self, scopes: Sequence[str], raw: dict[str, bytes]) -> tuple[str, ...] | None:
        """Whether a call under all of these scopes may go out now: None when not, else the half-open places it took.

        `raw` is what was read with the request (and is brought up to date here); only a scope that is not closed there
        is looked at again, because taking the single half-open place needs the store's word.
        """
        now = self._clock()
        taken: list[str] = []
        for scope in scopes:
            known = raw.get(PREFIX + scope)
            if known is None:
                continue
            state = breaker.decode(known)
            if state.status(now) == "closed":
                continue
            held = await self._take(scope, state, known)
            if held is None:
                await self._give_back(taken, raw)
                return None
            raw[PREFIX + scope] = held
            taken.append(scope)
        return tuple(taken)

    async def failed(self, scope: str, *, why: str, retry_after: float | None, hard: bool) -> BreakerState:
        """Count a failure on every instance; returns the state it led to (logged, not stored, after losing every race)."""
        return await self._change(
            scope,
            lambda state: breaker.failed(
                state, self._clock(), self.policy, why=why, retry_after=retry_after, hard=hard
            ),
        )

    async def succeeded(self, scopes: Sequence[str], raw: Mapping[str, bytes]) -> None:
        """Count a success; costs nothing for scopes that had no failures when the request began."""
        for scope in scopes:
            if PREFIX + scope in raw:
                await self._change(scope, lambda state: breaker.succeeded(state, self._clock()))

    async def proven(self, scopes: Sequence[str]) -> None:
        """Close: a probe that began after they had opened was answered, so their cool-down need not pass."""
        for scope in scopes:
            await self._change(scope, lambda _: breaker.CLOSED)

    async def withdrawn(self, scopes: Sequence[str]) -> None:
        """Give back half-open places whose call proved nothing (never went out, or ended before the first word)."""
        for scope in scopes:
            await self._change(scope, breaker.withdrawn)

    async def reset(self, scope: str = "") -> list[str]:
        """Close the breaker of that scope, or, where there is none, all whose scope starts so; returns those that were shut."""
        self.changes += 1
        now = self._clock()
        states = await self.snapshot()
        shut = [name for name, state in states.items() if state.status(now) != "closed"]
        if scope in states:
            await self._change(scope, lambda _: breaker.CLOSED)  # "model:gpt-4" is no word about "model:gpt-4-mini"
            return [name for name in shut if name == scope]
        await self._coordination.clear(PREFIX + scope)
        return [name for name in shut if name.startswith(scope)]

    async def _give_back(self, taken: Sequence[str], raw: dict[str, bytes]) -> None:
        await self.withdrawn(taken)
        for scope in taken:
            # The request's own view must not take its own former probe for somebody else's.
            free = breaker.encode(breaker.withdrawn(breaker.decode(raw[PREFIX + scope])))
            if free is not None:
                raw[PREFIX + scope] = free

    async def _take(self, scope: str, state: BreakerState, raw: bytes) -> bytes | None:
        self.changes += 1
        wanted = breaker.admit(state, self._clock(), self.policy)
        held = None if wanted is None else breaker.encode(wanted)
        if held is None:
            return None
        try:
            won = await self._coordination.swap(PREFIX + scope, raw, held, _TTL)
        except LyoError:
            won = self._own.get(PREFIX + scope) == raw  # one probe of this instance, since nobody can say more
        if won:
            self._keep(PREFIX + scope, held)
        return held if won else None

    async def _change(self, scope: str, step: Callable[[BreakerState], BreakerState]) -> BreakerState:
        self.changes += 1
        key = PREFIX + scope
        try:
            wanted = await self._change_shared(key, step)
        except LyoError:  # it cannot be reached: this instance goes on by its own
            wanted = step(breaker.decode(self._own.get(key)))
        self._keep(key, breaker.encode(wanted))
        return wanted

    async def _change_shared(self, key: str, step: Callable[[BreakerState], BreakerState]) -> BreakerState:
        for race in range(_RACES):
            raw = (await self._coordination.get_many([key])).get(key)
            state = breaker.decode(raw)
            wanted = step(state)
            if wanted == state or await self._coordination.swap(key, raw, breaker.encode(wanted), _TTL):
                return wanted
            await asyncio.sleep(random.uniform(0, 0.002 * (race + 1)))
        event(_log, "breaker.contended", scope=key.removeprefix(PREFIX))
        return wanted

    def _keep(self, key: str, raw: bytes | None) -> None:
        if raw is None:
            self._own.pop(key, None)
        else:
            self._own[key] = raw
