"""The one path every model call takes, streamed or not.

    safety -> cache -> plan -> (breaker, reserve) -> provider -> ledger row per attempt -> settle -> metrics

`complete` gives the whole answer. `stream` gives Deltas and then the Answer; nothing is yielded before a provider's
first text is there, so a failure before it goes to the next model unseen. After it, an answer ends whole, stopped, or
as `Interrupted`: never as if it were whole. When no model can answer, the template floor does, marked degraded.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from shared.errors import Interrupted, NoAnswer, Superseded
from shared.llm import screening
from shared.llm.attempt import Attempt, Run
from shared.llm.call import Again, Answer, Call, Delta, Keep, keep_nothing
from shared.llm.dispatch import Dispatch
from shared.llm.opening import Opening
from shared.llm.providers import template
from shared.llm.recording import Recording
from shared.llm.stop import Stop
from shared.llm.types import Usage
from shared.log import event
from shared.log import get as logger
from shared.telemetry import tally, trace
from shared.telemetry.metrics import Metrics

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is composed of (see `shared.runtime`)."""

    opening: Opening
    dispatch: Dispatch
    recording: Recording
    metrics: Metrics
    monotonic: Callable[[], float]


class Gateway:
    """`complete` and `stream`; everything else is in its parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def complete(
        self, call: Call, keep: Keep = keep_nothing, seal: Keep = keep_nothing, again: Again | None = None
    ) -> Answer:
        """The whole answer, with its ledger rows and what `keep` and `seal` return stored in one commit.

        `keep` is what the agent keeps; when it loses a race, `again` says what to keep instead. `seal` holds the answer under
        its caller's key: when that is refused another execution was first, so nothing but the bill is kept. Raises Superseded
        then.
        """
        run = await self._parts.opening.run(call, Stop(), stream=False)
        span = trace.begin("answer")
        try:
            answer = await self._opened(run)
            if answer is None:
                async with aclosing(self._parts.dispatch.attempts(run)) as attempts:
                    async for attempt in attempts:
                        asking = trace.begin("chat", attempt.model.model_id, kind=trace.CLIENT)
                        try:
                            await self._parts.dispatch.complete(run, attempt)
                        finally:
                            _told(asking, attempt)
                        screening.whole(run, attempt)
            return await self._finish(run, answer or self._closing(run), keep, seal, again)
        finally:
            with span:
                await self._abandon(run)

    async def stream(
        self,
        call: Call,
        stop: Stop,
        keep: Keep = keep_nothing,
        seal: Keep = keep_nothing,
        again: Again | None = None,
    ) -> AsyncGenerator[Delta | Answer, None]:
        """Deltas, then the Answer; see `complete`. Raises Interrupted when the answer broke off after its first Delta."""
        run = await self._parts.opening.run(call, stop, stream=True)
        span = trace.begin("answer")
        try:
            answer = await self._opened(run)
            if answer is not None:
                yield Delta(answer.text)
            else:
                async with aclosing(self._parts.dispatch.attempts(run)) as attempts:
                    async for attempt in attempts:
                        asking = trace.begin("chat", attempt.model.model_id, kind=trace.CLIENT)
                        try:
                            async with (
                                aclosing(self._parts.dispatch.deltas(run, attempt)) as deltas,
                                aclosing(screening.streamed(run, attempt, deltas)) as shown,
                            ):
                                async for text in shown:
                                    yield Delta(text)
                        finally:
                            _told(asking, attempt)
                answer = self._closing(run)
                if rest := screening.unsaid(run, answer):
                    yield Delta(rest)
            yield await self._finish(run, answer, keep, seal, again)
        finally:
            with span:
                await self._abandon(run)

    async def _opened(self, run: Run) -> Answer | None:
        with trace.begin("open"):
            return await self._parts.opening.answer(run)

    def _closing(self, run: Run) -> Answer:
        """The answer the attempts have led to: the last one's, or the floor's."""
        last = run.attempts[-1] if run.attempts else None
        if last is None or last.ending not in ("ok", "stopped", "left", "withheld"):
            if run.call.schema is not None and run.call.floor is None and run.stop.reason is None:
                raise NoAnswer("No model gave an answer of the form that was asked for.", retry_after=5)
            return self._floor(run)
        usage = last.usage or Usage()
        finish = last.finish or "stop"
        text, verdict = screening.outcome(run, last)
        if last.ending == "withheld":
            finish = "refusal"
        return Answer(
            text=text,
            finish="stopped" if last.ending in ("stopped", "left") else finish,
            model=last.model.model_id,
            provider=last.model.provider,
            reason=_reason(run, last),
            complexity=run.complexity.score,
            attempts=run.reports(),
            cache="none",
            degraded=False,
            config=run.config,
            usage=usage,
            cost_nano_usd=sum(attempt.cost for attempt in run.attempts),
            latency_ms=self._elapsed(run),
            verdict=verdict,
            experiments=run.call.experiments,
        )

    def _floor(self, run: Run) -> Answer:
        text = "" if run.stop.reason else _without_model(run.call)
        tried = ", ".join(_passed(attempt) for attempt in run.attempts)
        return Answer(
            text=text,
            finish="stopped" if run.stop.reason else "stop",
            model="template",
            provider="template",
            reason=f"{run.plan.reason if run.plan else ''}; template floor ({tried or 'nobody to ask'})",
            complexity=run.complexity.score,
            attempts=run.reports(),
            cache="none",
            degraded=True,
            config=run.config,
            usage=Usage(),
            cost_nano_usd=sum(attempt.cost for attempt in run.attempts),
            latency_ms=self._elapsed(run),
            experiments=run.call.experiments,
        )

    async def _finish(self, run: Run, answer: Answer, keep: Keep, seal: Keep, again: Again | None) -> Answer:
        """Store and settle, count, and file the answer for others."""
        try:
            with trace.begin("commit"):
                await self._parts.recording.finish(run, answer, keep, seal, again)
        except Superseded:
            self._parts.metrics.inc("ai_requests_total", run.call.agent, _last_model(run), "superseded")
            tally.mark()
            self._count_attempts(run)
            trace.current().set(agent=run.call.agent, outcome="superseded")
            raise
        await self._parts.opening.file(run, answer)
        self._count(run, answer)
        return answer

    async def _abandon(self, run: Run) -> None:
        if await self._parts.recording.abandon(run):
            self._parts.metrics.inc("ai_requests_total", run.call.agent, _last_model(run), "interrupted")
            tally.mark()
            self._count_attempts(run)
            trace.current().set(agent=run.call.agent, outcome="interrupted")
            event(
                _log,
                "unanswered",
                agent=run.call.agent,
                message_id=run.call.message_id,
                model=_last_model(run),
                outcome="interrupted",
                attempts=len(run.attempts),
                cost_usd=sum(attempt.cost for attempt in run.attempts) / 1e9,
            )

    def _count(self, run: Run, answer: Answer) -> None:
        metrics, agent = self._parts.metrics, run.call.agent
        outcome = answer.outcome
        trace.current().set(
            agent=agent,
            message_id=run.call.message_id,
            outcome=outcome,
            cache=answer.cache,
            attempts=len(run.attempts),
            cost_usd=answer.cost_nano_usd / 1e9,
        )
        metrics.inc("ai_requests_total", agent, answer.model, outcome)
        metrics.observe("ai_response_time_seconds", answer.latency_ms / 1000, agent, answer.model)
        if run.cache_key is not None:
            if answer.cache == "none":
                metrics.inc("ai_cache_misses_total", "exact")
            else:
                metrics.inc("ai_cache_hits_total", answer.cache)
        if answer.verdict.categories:
            metrics.inc("ai_safety_verdicts_total", answer.verdict.categories[0], run.call.language)
        self._count_attempts(run)
        event(
            _log,
            "answered",
            agent=agent,
            message_id=run.call.message_id,
            model=answer.model,
            outcome=outcome,
            cache="unasked" if run.cache_key is None else "miss" if answer.cache == "none" else answer.cache,
            attempts=len(run.attempts),
            latency_ms=answer.latency_ms,
            cost_usd=answer.cost_nano_usd / 1e9,
        )

    def _count_attempts(self, run: Run) -> None:
        """The money of every attempt, whatever became of the answer, and the calls that gave none."""
        metrics = self._parts.metrics
        for attempt in run.attempts:
            if attempt.cost:
                metrics.inc("ai_cost_usd_total", attempt.model.model_id, by=attempt.cost / 1e9)
            if attempt.called and attempt.outcome != "ok" and attempt.ending != "withheld":
                metrics.inc("ai_failed_calls_total", attempt.model.model_id, attempt.outcome)

    def _elapsed(self, run: Run) -> float:
        return round((self._parts.monotonic() - run.started) * 1000, 3)


def _without_model(call: Call) -> str:
    if call.floor is not None:
        return call.floor()
    return template.respond(call.agent, call.language, call.messages)


def _told(span: trace.Remote, attempt: Attempt) -> None:
    """End an attempt's span with what came of it."""
    if not span.sampled:
        return
    usage = attempt.usage or Usage()
    span.set(
        model=attempt.model.model_id,
        provider=attempt.model.provider,
        attempt=attempt.number,
        outcome=attempt.outcome,
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=attempt.cost / 1e9,
    )
    if attempt.error is not None:
        span.fail(str(attempt.error.failure))
    span.end()


def _reason(run: Run, last: Attempt) -> str:
    base = run.plan.reason if run.plan else ""
    earlier = run.attempts[:-1]
    if not earlier:
        return base
    passed = ", ".join(_passed(attempt) for attempt in earlier)
    return f"{base}; {last.model.model_id} answered after {passed}"


def _passed(attempt: Attempt) -> str:
    """How an attempt that came to nothing is told; the envelope's words know of no model that is being woken."""
    return f"{attempt.model.model_id} {'warming up' if attempt.ending == 'asleep' else attempt.outcome}"


def _last_model(run: Run) -> str:
    return run.attempts[-1].model.model_id if run.attempts else "none"


__all__ = ["Gateway", "Interrupted", "Parts"]
