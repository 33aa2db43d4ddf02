"""Whether one model may be asked now, and what happens to money and breakers when it has answered."""

from dataclasses import dataclass

from shared.coordination import Coordination, Hold
from shared.llm import budget, tokens
from shared.llm.attempt import Attempt, Run
from shared.llm.breaker import encode
from shared.llm.breakers import PREFIX, Breakers
from shared.llm.budget import Limits
from shared.llm.catalog import Model
from shared.llm.failures import COUNTS, fate
from shared.llm.types import Failure

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

    async def admit(self, run: Run, model: Model, started: float) -> Attempt:
        """An attempt that may go out, or one whose `ending` says why not ("open", "over_budget")."""
        attempt = Attempt(model, len(run.attempts) + 1, started)
        run.attempts.append(attempt)
        if not model.free:
            # Money before the breaker: a refused hold must not have taken the single half-open place.
            attempt.hold = await self._hold(run, attempt)
            if attempt.hold is None:
                attempt.ending = "over_budget"
                return attempt
        if not await self._breakers.admit((model.group, model.scope), run.values):
            attempt.ending = "open"
            await self._release(attempt)
        return attempt

    async def turn_away(self, run: Run, attempt: Attempt) -> None:
        """Undo an admission because no place was free: nothing was asked, nothing is owed."""
        attempt.ending = "busy"
        await self._release(attempt)
        await self._breakers.withdrawn((attempt.model.group, attempt.model.scope), run.values)

    async def settle(self, run: Run, attempt: Attempt) -> None:
        """Commit the bill, let go of the rest, and tell the breakers. Safe to call twice."""
        if attempt.settled:
            return
        attempt.settled = True
        attempt.charge(run.call)
        if attempt.hold is not None:
            await self._coordination.settle(attempt.hold.id, attempt.cost)
        await self._tell_breakers(run, attempt)

    async def _tell_breakers(self, run: Run, attempt: Attempt) -> None:
        model, error = attempt.model, attempt.error
        scopes = (model.group, model.scope)
        if error is not None and error.failure in COUNTS:
            scope = model.scope if fate(error.failure) == "model" else model.group
            state = await self._breakers.failed(
                scope, why=str(error.failure), retry_after=error.retry_after, hard=error.failure in _HARD
            )
            # What this request read at its start is old now: its next attempt must see the breaker it has just moved.
            if (raw := encode(state)) is not None:
                run.values[PREFIX + scope] = raw
        elif error is not None or attempt.text:
            # It spoke, or refused this one request: either way it is alive.
            await self._breakers.succeeded(scopes, run.values)
        else:
            await self._breakers.withdrawn(scopes, run.values)

    async def _hold(self, run: Run, attempt: Attempt) -> Hold | None:
        call, price = run.call, attempt.model.price
        assert price is not None  # routing refuses unpriced models
        extra = str(call.schema.body) if call.schema else ""
        amount = price.ceiling(tokens.upper_bound(call.messages, extra), call.max_output_tokens)
        learner = self._money.learner_usd if call.daily_cost_limit is None else call.daily_cost_limit
        limits = Limits(self._money.account_usd, learner, self._money.zone, call.time_zone)
        hold = Hold(
            id=f"{call.message_id}:{attempt.number}",
            caps=budget.caps(call.user_id, run.now, limits),
            amount=amount,
            ttl=self._hold_seconds,
        )
        return hold if await self._coordination.reserve(hold) is None else None

    async def _release(self, attempt: Attempt) -> None:
        if attempt.hold is not None:
            await self._coordination.settle(attempt.hold.id, 0)
            attempt.hold = None
