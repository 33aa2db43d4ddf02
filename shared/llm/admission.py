"""Whether one model may be asked now, and what happens to money and breakers when it has answered."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from shared.coordination import Coordination, Hold
from shared.errors import LyoError
from shared.llm import budget, tokens
from shared.llm.attempt import Attempt, Run
from shared.llm.breaker import encode
from shared.llm.breakers import PREFIX, Breakers
from shared.llm.budget import Limits
from shared.llm.catalog import Model
from shared.llm.failures import COUNTS, fate
from shared.llm.types import Failure
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)
_COMMITS = 3

_HARD = frozenset({Failure.AUTH, Failure.QUOTA})


@dataclass(frozen=True, slots=True)
class Money:
    """Daily limits in USD and the account's zone; a learner's own limit and zone come with the call."""

    account_usd: float
    learner_usd: float
    zone: str


class Admission:
    """Breakers first (they cost nothing), then the money is set aside."""

    def __init__(self, coordination: Coordination, breakers: Breakers, money: Money, hold_seconds: float) -> None:
        self._coordination = coordination
        self._breakers = breakers
        self._money = money
        self._hold_seconds = hold_seconds

    def keys(self, models: tuple[Model, ...]) -> list[str]:
        """What `admit` wants read beforehand, together with whatever else the request reads."""
        return list(dict.fromkeys(PREFIX + scope for m in models for scope in (m.group, m.scope)))

    @property
    def changes(self) -> int:
        """See `Breakers.changes`."""
        return self._breakers.changes

    async def admit(self, run: Run, model: Model, started: float) -> Attempt:
        """An attempt that may go out, or one whose `ending` says why not ("open", "over_budget")."""
        attempt = Attempt(model, len(run.attempts) + 1, started)
        run.attempts.append(attempt)
        # Money before the breaker: a refused hold must not have taken the single half-open place.
        if not model.free and not await self._reserve(run, attempt):
            attempt.ending, attempt.settled = "over_budget", True
            return attempt
        probes = await self._breakers.admit((model.group, model.scope), run.values)
        if probes is None:
            await self._turn_away(attempt, "open")
        else:
            attempt.probes = probes
        return attempt

    async def turn_away(self, attempt: Attempt) -> None:
        """Undo an admission because no place was free: nothing was asked, nothing is owed."""
        await self._turn_away(attempt, "busy")
        await self._breakers.withdrawn(attempt.probes)

    async def settle(self, run: Run, attempt: Attempt) -> None:
        """Commit the bill, let go of the rest, and tell the breakers. Safe to call twice; a cancelled caller undoes none of it."""
        if attempt.settled:
            return
        if attempt.hold is None and attempt.error is None and not attempt.probes:
            await self._settle(run, attempt)  # nothing here can be left half done, so no task is needed to shield it
        else:
            await asyncio.shield(self._settle(run, attempt))

    async def _settle(self, run: Run, attempt: Attempt) -> None:
        attempt.charge(run.call)
        if attempt.hold is not None:
            await self._commit(attempt, attempt.hold)
        attempt.settled = True
        try:
            await self._tell_breakers(run, attempt)
        except LyoError as error:
            event(_log, "breaker.untold", error=error.code)  # the answer is worth more than what it says of its model

    async def _commit(self, attempt: Attempt, hold: Hold) -> None:
        for nth in range(_COMMITS):
            try:
                await self._coordination.settle(hold.id, attempt.cost)
            except LyoError as error:
                event(_log, "hold.unsettled", hold=hold.id, error=error.code, attempt=nth + 1)
                await asyncio.sleep(0.05 * 2**nth)
            else:
                return
        attempt.flags.append("unsettled")  # the ledger has the bill; the caps get it by reconciliation

    async def _turn_away(self, attempt: Attempt, ending: Literal["open", "busy"]) -> None:
        attempt.ending, attempt.settled = ending, True
        if attempt.hold is not None:
            hold, attempt.hold = attempt.hold, None
            await asyncio.shield(self._coordination.settle(hold.id, 0))

    async def _tell_breakers(self, run: Run, attempt: Attempt) -> None:
        model, error = attempt.model, attempt.error
        if error is not None and error.failure in COUNTS:
            scope = model.scope if fate(error.failure) == "model" else model.group
            state = await self._breakers.failed(
                scope, why=str(error.failure), retry_after=error.retry_after, hard=error.failure in _HARD
            )
            # What this request read at its start is old now: its next attempt must see the breaker it has just moved.
            if (raw := encode(state)) is not None:
                run.values[PREFIX + scope] = raw
            # A probe of another scope proved nothing for it.
            await self._breakers.withdrawn([probe for probe in attempt.probes if probe != scope])
        elif error is not None or attempt.text:
            # It spoke, or refused this one request: either way it is alive.
            await self._breakers.succeeded((model.group, model.scope), run.values)
        else:
            await self._breakers.withdrawn(attempt.probes)

    async def _reserve(self, run: Run, attempt: Attempt) -> bool:
        # Set before it is granted: a caller who is cancelled in between still lets go of it.
        hold = attempt.hold = self._hold(run, attempt)
        if await self._coordination.reserve(hold) is None:
            return True
        attempt.hold = None
        return False

    def _hold(self, run: Run, attempt: Attempt) -> Hold:
        call, price = run.call, attempt.model.price
        assert price is not None  # routing refuses unpriced models
        extra = str(call.schema.body) if call.schema else ""
        amount = price.ceiling(tokens.upper_bound(call.messages, extra), call.max_output_tokens)
        learner = self._money.learner_usd if call.daily_cost_limit is None else call.daily_cost_limit
        limits = Limits(self._money.account_usd, learner, self._money.zone, call.time_zone)
        return Hold(
            id=f"{call.message_id}:{attempt.number}",
            caps=budget.caps(call.user_id, run.now, limits),
            amount=amount,
            ttl=self._hold_seconds,
        )
