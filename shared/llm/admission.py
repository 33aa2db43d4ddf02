"""Whether one model may be asked now, and what happens to money and breakers when it has answered.

Where the shared state cannot be reached no money can be set aside, so no paid model is asked ("refused"): the free one answers.
"""

import asyncio
from collections.abc import Mapping
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
from shared.llm.settlement import Bill, Settlements
from shared.llm.types import Failure, Message
from shared.llm.warmth import Warmth
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)

_HARD = frozenset({Failure.AUTH, Failure.QUOTA})


@dataclass(frozen=True, slots=True)
class Money:
    """Daily limits in USD and the account's zone; a learner's own limit and zone come with the call."""

    account_usd: float
    learner_usd: float
    zone: str


class Admission:
    """Breakers first (they cost nothing), then the money is set aside."""

    def __init__(
        self,
        coordination: Coordination,
        breakers: Breakers,
        settlements: Settlements,
        money: Money,
        *,
        warmth: Warmth,
        hold_seconds: float,
    ) -> None:
        self._coordination = coordination
        self._settlements = settlements
        self._breakers = breakers
        self._warmth = warmth
        self._money = money
        self._hold_seconds = hold_seconds

    def keys(self, models: tuple[Model, ...]) -> list[str]:
        """What `admit` wants read beforehand, together with whatever else the request reads."""
        return list(dict.fromkeys(PREFIX + scope for m in models for scope in (m.group, m.scope)))

    @property
    def changes(self) -> int:
        """Counts what this instance itself changed of the shared state that `look` reads."""
        return self._breakers.changes + self._warmth.changes

    async def look(self, run: Run, models: tuple[Model, ...], cached: str | None) -> None:
        """Read into `run.values` what the plan's models and the cache key need, and set aside the first model's money.

        One round trip. The money is asked for only where nothing speaks against that model, and no answer is cached.
        Without an answer from the shared state the request goes on by what this instance knows.
        """
        first = models[0] if models and not models[0].free else None
        hold = None if first is None else self._hold(run, first, 1 + (len(run.plan.refused) if run.plan else 0))
        keys = self.keys(models)
        unless = [] if first is None else self.keys((first,))
        if self._warmth.key is not None:
            keys.append(self._warmth.key)
        if cached is not None:
            keys, unless = [*keys, cached], [*unless, cached]
        if first is not None and hold is not None:
            run.ahead = (first, hold)  # before it is granted: a caller who is cancelled in between still lets go of it
        try:
            looked = await self._coordination.look(keys, hold, unless)
        except LyoError as error:
            event(_log, "shared_state.unread", error=error.code)
            if hold is not None:
                run.owed[hold.id] = Bill(hold, 0)  # it may have been granted without our hearing of it
            run.unreached, run.ahead, run.values = True, None, self._breakers.own(self.keys(models))
            run.values |= self._warmth.own()
            return
        run.values = dict(looked.values)
        self._breakers.saw(self.keys(models), looked.values)
        self._warmth.saw(looked.values)
        if first is not None and not looked.held:
            run.ahead = (first, None) if looked.refused else None

    async def admit(self, run: Run, model: Model, started: float, asked: tuple[Message, ...] | None = None) -> Attempt:
        """An attempt that may go out, or one whose `ending` says why not ("asleep", "open", "over_budget").

        `asked` takes the place of the call's own prompt.
        """
        attempt = Attempt(model, len(run.attempts) + 1, started, asked=asked)
        run.attempts.append(attempt)
        if not await self._warmth.admits(model, run.values):
            attempt.ending, attempt.settled = "asleep", True
            return attempt
        # Money before the breaker: a refused hold must not have taken the single half-open place.
        if not model.free and (why := await self._reserve(run, attempt)) is not None:
            attempt.ending, attempt.settled = why, True
            return attempt
        probes = await self._breakers.admit((model.group, model.scope), run.values)
        if probes is None:
            self._warmth.wanted(model)
            await self._turn_away(attempt, "open")
        else:
            attempt.probes = probes
        return attempt

    async def turn_away(self, attempt: Attempt) -> None:
        """Undo an admission because no place was free: nothing was asked, nothing is owed."""
        await self._turn_away(attempt, "busy")
        await self._breakers.withdrawn(attempt.probes)

    async def settle(self, run: Run, attempt: Attempt) -> None:
        """Work out the bill and tell the breakers. Safe to call twice; a cancelled caller undoes none of it.

        A hold that owes nothing is let go of here; another's bill goes to `run.owed`, to be settled behind its ledger row.
        """
        if attempt.settled:
            return
        if attempt.hold is None and attempt.error is None and not attempt.probes:
            await self._settle(run, attempt)  # nothing here can be left half done, so no task is needed to shield it
        else:
            await asyncio.shield(self._settle(run, attempt))

    async def _settle(self, run: Run, attempt: Attempt) -> None:
        attempt.charge(run.call)
        attempt.settled = True
        if attempt.hold is not None:
            if attempt.cost:
                run.owed[attempt.hold.id] = Bill(attempt.hold, attempt.cost)
                self._settlements.watch()
            else:
                await self._settlements.settle([Bill(attempt.hold, 0)])
        try:
            await self._tell_breakers(run, attempt)
        except LyoError as error:
            event(_log, "breaker.untold", error=error.code)  # the answer is worth more than what it says of its model

    async def close_out(self, run: Run, values: Mapping[str, bytes] | None = None, ttl: float = 0) -> None:
        """Settle what the run owes, its rows being in the ledger now, and put the values with it. Never raises."""
        if run.ahead is not None and run.ahead[1] is not None:
            run.owed[run.ahead[1].id] = Bill(run.ahead[1], 0)  # set aside for an attempt that was never made
            run.ahead = None
        if run.owed or values:
            bills, run.owed = run.owed, {}
            await self._settlements.settle(list(bills.values()), values, ttl)

    async def _turn_away(self, attempt: Attempt, ending: Literal["open", "busy"]) -> None:
        attempt.ending, attempt.settled = ending, True
        if attempt.hold is not None:
            hold, attempt.hold = attempt.hold, None
            await self._settlements.settle([Bill(hold, 0)])

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

    async def _reserve(self, run: Run, attempt: Attempt) -> Literal["over_budget", "unguarded"] | None:
        if run.ahead is not None and run.ahead[0] is attempt.model:
            attempt.hold, run.ahead = run.ahead[1], None
            return None if attempt.hold is not None else "over_budget"
        if run.unreached:
            return "unguarded"
        # Set before it is granted: a caller who is cancelled in between still lets go of it.
        hold = attempt.hold = self._hold(run, attempt.model, attempt.number, attempt.asked)
        try:
            refused = await self._coordination.reserve(hold)
        except LyoError as error:
            event(_log, "hold.unasked", error=error.code)
            run.owed[hold.id] = Bill(hold, 0)  # it may have been granted without our hearing of it
            attempt.hold = None
            return "unguarded"
        if refused is not None:
            attempt.hold = None
        return None if refused is None else "over_budget"

    def _hold(self, run: Run, model: Model, number: int, asked: tuple[Message, ...] | None = None) -> Hold:
        call, price = run.call, model.price
        assert price is not None  # routing refuses unpriced models
        extra = str(call.schema.body) if call.schema else ""
        amount = price.ceiling(tokens.upper_bound(asked or call.messages, extra), call.max_output_tokens)
        learner = self._money.learner_usd if call.daily_cost_limit is None else call.daily_cost_limit
        limits = Limits(self._money.account_usd, learner, self._money.zone, call.time_zone)
        return Hold(
            id=f"{call.message_id}:{number}",
            caps=budget.caps(call.user_id, run.now, limits),
            amount=amount,
            ttl=self._hold_seconds,
        )
