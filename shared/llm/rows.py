"""Ledger rows: one for each attempt, one for each answer that no model was paid for. Pure."""

from typing import Any

from shared.documents import LedgerEntry
from shared.llm.attempt import Attempt, Run
from shared.llm.call import Call
from shared.llm.types import Usage


def of_attempt(run: Run, attempt: Attempt, *, final: bool) -> LedgerEntry:
    """The row of one attempt, priced at its own model's price."""
    price, usage = attempt.model.price, attempt.usage or Usage()
    return LedgerEntry(
        **_about(run.call, attempt.number),
        **_when(run),
        final=final,
        model=attempt.model.model_id,
        provider=attempt.model.provider,
        outcome=attempt.ending if attempt.error is None else str(attempt.error.failure),
        stream=run.stream,
        cache="none",
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
        usage_source=attempt.usage_source,
        cost_nano_usd=attempt.cost,
        price_date=price.as_of if price else "",
        flags=attempt.flags,
        latency_ms=attempt.latency_ms,
        first_token_ms=attempt.first_token_ms,
    )


def of_answer(run: Run, *, model: str, provider: str, outcome: str, cache: str, latency_ms: float) -> LedgerEntry:
    """The row of a run's answer no model was asked for: a cache hit, the template floor, a safety answer."""
    return free(
        run.call,
        len(run.attempts) + 1,
        model=model,
        provider=provider,
        outcome=outcome,
        cache=cache,
        stream=run.stream,
        latency_ms=latency_ms,
        **_when(run),
    )


def free(call: Call, number: int, **fields: Any) -> LedgerEntry:
    """The final row of an answer that cost nothing. `fields`: model, provider, outcome, cache, stream, latency_ms, and the days."""
    return LedgerEntry(
        **_about(call, number),
        **fields,
        final=True,
        input_tokens=0,
        cached_input_tokens=0,
        output_tokens=0,
        usage_source="none",
        cost_nano_usd=0,
        price_date="",
    )


def _about(call: Call, number: int) -> dict[str, Any]:
    return {
        "id": f"{call.message_id}:{number}",
        "request_id": call.request_id,
        "message_id": call.message_id,
        "user_id": call.user_id,
        "agent": call.agent,
        "version": call.version,
        "language": call.language,
        "variants": {assignment.experiment_id: assignment.variant for assignment in call.experiments},
        "beside": call.beside,
        "attempt": number,
    }


def _when(run: Run) -> dict[str, Any]:
    return {
        "day": run.day,
        "learner_day": run.learner_day,
        "created_at": run.now,
        "expires_at": run.keep_until,
    }
