"""Asking the planned models one after the other: retries (the only ones there are), deadlines, fallback, stop.

An attempt reports through its own fields (`ending`, `error`, `text`…); nothing here raises a provider's error except
`Interrupted`, when text was already given and the answer cannot be brought to its end.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from shared.errors import Interrupted, Overloaded
from shared.llm import mending
from shared.llm.admission import Admission
from shared.llm.attempt import Attempt, Run
from shared.llm.failures import RETRY_SAME
from shared.llm.gate import BUSY, Gate
from shared.llm.types import Chunk, Failure, Provider, ProviderError, Request
from shared.llm.vigil import Vigil
from shared.log import event
from shared.log import get as logger

_log = logger(__name__)

MAX_ATTEMPTS = 8
"""Upstream calls of one answer, retries and fallbacks together."""
_USAGE_SECONDS = 5.0
"""How long a finished stream may take to report its usage."""
_PATIENCE = 2.0
"""A Retry-After longer than this sends the request on to the next model instead of waiting."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `total` for the answer, `whole` for one unstreamed call, the others between a stream's texts."""

    total: float
    first_token: float
    between_tokens: float
    whole: float


class Dispatch:
    """Turns a plan into upstream calls."""

    def __init__(
        self,
        admission: Admission,
        provider: Callable[[str], Provider],
        *,
        deadlines: Deadlines,
        attempts_per_model: int,
        gate: Callable[[], Gate],
        vigil: Vigil | None,
        monotonic: Callable[[], float],
    ) -> None:
        self._admission = admission
        self._provider = provider
        self._deadlines = deadlines
        self._attempts_per_model = attempts_per_model
        self._monotonic = monotonic
        self._new_gate = gate
        self._vigil = vigil
        self._gates: dict[str, Gate] = {}
        self._opened: set[str] = set()

    async def attempts(self, run: Run) -> AsyncGenerator[Attempt, None]:
        """Attempts that may go out, in the plan's order, until one succeeds, is stopped, or all are used up."""
        assert run.plan is not None  # opening.answer() has planned
        for model in run.plan.refused:
            run.attempts.append(
                Attempt(model, len(run.attempts) + 1, self._monotonic(), ending="unpriced", settled=True)
            )
        for model in run.plan.models:
            nth, asked = 0, None
            while True:
                if len(run.attempts) >= MAX_ATTEMPTS or run.stop.reason or self._left(run) <= 0:
                    return
                attempt = await self._admission.admit(run, model, self._monotonic(), asked)
                if attempt.ending is not None:
                    break
                if self._gate(model.wire).full:
                    await self._admission.turn_away(attempt)
                    break
                yield attempt
                if attempt.busy:
                    break
                if attempt.error is None:
                    return
                asked = mending.round(run, attempt)
                if asked is None:
                    nth += 1
                    if not await self._try_again(run, attempt, nth):
                        break
        if run.attempts and all(attempt.ending == "busy" for attempt in run.attempts):
            raise Overloaded(BUSY, retry_after=1.0)

    async def _try_again(self, run: Run, attempt: Attempt, tries: int) -> bool:
        """Whether the same model is to be asked once more, `tries` having failed; the pause before it is over then."""
        if attempt.error is None or run.plan is None:
            return False
        # A full queue is worth waiting for only where nobody else is left to ask.
        again = attempt.error.failure is Failure.BUSY and attempt.model is run.plan.models[-1]
        if not (again or attempt.error.failure in RETRY_SAME) or tries >= self._attempts_per_model:
            return False
        return await self._pause(run, tries - 1, attempt.error.retry_after)

    async def complete(self, run: Run, attempt: Attempt) -> None:
        """Ask for the whole answer."""
        if not await self._enter(run, attempt):
            return
        try:
            provider = await self._ready(run, attempt)
            async with run.stop.timeout(min(self._deadlines.whole, self._left(run))):
                completion = await provider.complete(_request(run, attempt))
        except TimeoutError:
            attempt.error = ProviderError(Failure.TIMEOUT, "no whole answer within the deadline")
        except ProviderError as error:
            attempt.error = error
        else:
            attempt.text.append(completion.text)
            attempt.finish, attempt.usage, attempt.ending = completion.finish, completion.usage, "ok"
            mending.judge(run, attempt)
        finally:
            self._leave(attempt)
        await self._close(run, attempt)

    async def deltas(self, run: Run, attempt: Attempt) -> AsyncGenerator[str, None]:
        """Ask for the answer in pieces. With a schema nothing is given out before the end, so it can still fall back.

        Raises Interrupted when the provider fails after a piece was shown: one that was still held back can be left behind.
        """
        if not await self._enter(run, attempt):
            return
        try:
            async with aclosing(self._chunks(run, attempt)) as chunks:
                async for text in chunks:
                    attempt.text.append(text)
                    if run.call.schema is None:
                        yield text
            mending.judge(run, attempt)
        finally:
            self._leave(attempt)
            await self._close(run, attempt)
        if attempt.error is None:
            if run.call.schema is not None:
                yield attempt.said
        elif run.call.schema is None and (attempt.text if run.shown is None else run.shown.text):
            raise Interrupted("The answer broke off before its end.")
        elif not attempt.problems:
            attempt.text.clear()

    async def _chunks(self, run: Run, attempt: Attempt) -> AsyncGenerator[str, None]:
        """The provider's texts; sets `finish`, `usage` and how it ended."""
        provider = await self._ready(run, attempt)
        watch = self._watching(attempt)
        try:
            async with aclosing(provider.stream(_request(run, attempt))) as chunks:
                while True:
                    chunk = await self._next(run, attempt, chunks)
                    if chunk is None:
                        break
                    if chunk.text:
                        if watch is not None:
                            watch.heard = self._monotonic()
                        if attempt.first_token_ms is None:
                            attempt.first_token_ms = self._since(attempt.started)
                        yield chunk.text
            attempt.ending = "ok" if attempt.finish is not None else "cut"
            if attempt.finish is None:
                attempt.error = ProviderError(Failure.CUT, "the stream ended without a finish")
        except ProviderError as error:
            self._fail(attempt, error)
        except TimeoutError:
            if run.stop.reason is not None:
                attempt.ending = "ok" if attempt.finish is not None and run.stop.reason == "left" else run.stop.reason
            else:
                self._fail(attempt, ProviderError(Failure.TIMEOUT, "no text within the deadline"))

    async def _ready(self, run: Run, attempt: Attempt) -> Provider:
        """The adapter; the attempt's clock starts here, after any waiting for a place and the first import of an SDK."""
        wire = attempt.model.wire
        provider = self._provider(wire)
        if wire not in self._opened:
            await provider.open()
            self._opened.add(wire)
        attempt.started = self._monotonic()
        attempt.called = True
        if (watch := self._watching(attempt)) is not None:
            watch.begin(run, attempt)
        return provider

    def _watching(self, attempt: Attempt) -> Vigil | None:
        return self._vigil if self._vigil is not None and attempt.model.wire == self._vigil.wire else None

    def _leave(self, attempt: Attempt) -> None:
        """The call is over: its place is free, and its silence means nothing any more."""
        self._gate(attempt.model.wire).leave()
        if (watch := self._watching(attempt)) is not None:
            watch.end(attempt)

    async def _enter(self, run: Run, attempt: Attempt) -> bool:
        """Take a place at the provider; False when none came free in time, or the answer was stopped meanwhile."""
        gate = self._gate(attempt.model.wire)
        try:
            if gate.free:
                await gate.enter()
            else:
                async with run.stop.timeout(self._left(run)):
                    await gate.enter()
        except TimeoutError:
            await self._admission.turn_away(attempt)
            attempt.ending = run.stop.reason or "busy"
            return False
        return True

    def _gate(self, wire: str) -> Gate:
        # One gate for each wire, so that a provider that hangs can only fill its own.
        gate = self._gates.get(wire)
        if gate is None:
            gate = self._gates[wire] = self._new_gate()
        return gate

    def _fail(self, attempt: Attempt, error: ProviderError) -> None:
        if attempt.finish is not None:
            # Everything was said; only the usage report is missing. That is no reason to break the answer.
            attempt.ending = "ok"
            return
        attempt.error = error
        attempt.usage = error.usage or attempt.usage

    async def _next(self, run: Run, attempt: Attempt, chunks: AsyncGenerator[Chunk, None]) -> Chunk | None:
        """The next chunk with text, or the end. Pings, roles and empty chunks do not reset the deadline."""
        if attempt.finish is not None:
            seconds = _USAGE_SECONDS
        elif attempt.first_token_ms is None:
            seconds = self._deadlines.first_token
        else:
            seconds = self._deadlines.between_tokens
        async with run.stop.timeout(min(seconds, self._left(run))):
            async for chunk in chunks:
                attempt.finish = chunk.finish or attempt.finish
                attempt.usage = chunk.usage or attempt.usage
                if chunk.text:
                    return chunk
        return None

    async def _close(self, run: Run, attempt: Attempt) -> None:
        attempt.latency_ms = self._since(attempt.started)
        if attempt.ending is None and attempt.error is None:
            attempt.ending = "abandoned"
        if (watch := self._watching(attempt)) is not None:
            watch.tell(attempt)
        await self._admission.settle(run, attempt)
        if attempt.error is not None:
            event(
                _log,
                "model.failed",
                model=attempt.model.model_id,
                failure=str(attempt.error.failure),
                status=attempt.error.status,
                attempt=attempt.number,
            )

    async def _pause(self, run: Run, nth: int, retry_after: float | None) -> bool:
        """Exponential back-off with full jitter before asking the same model again; False when it is not worth it."""
        if retry_after is not None and retry_after > _PATIENCE:
            return False
        seconds = max(retry_after or 0.0, random.uniform(0, 0.1 * 2**nth))
        if seconds >= self._left(run):
            return False
        await asyncio.sleep(seconds)
        return True

    def _left(self, run: Run) -> float:
        return self._deadlines.total - (self._monotonic() - run.started)

    def _since(self, moment: float) -> float:
        return round((self._monotonic() - moment) * 1000, 3)


def _request(run: Run, attempt: Attempt) -> Request:
    call = run.call
    return Request(
        model=attempt.model.model_id,
        messages=attempt.asked or call.messages,
        max_output_tokens=call.max_output_tokens,
        temperature=call.temperature,
        schema=call.schema,
        cache_salt=None if call.shareable else call.user_id,
    )
