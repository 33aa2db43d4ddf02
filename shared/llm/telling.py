"""What an answer is told as to those who count: one event, stored in the commit of its ledger rows. Pure."""

from collections.abc import Sequence

from shared.activity.events import Answered, happening
from shared.llm.attempt import Run
from shared.llm.call import Answer, Call
from shared.llm.catalog import Catalog
from shared.llm.types import Usage
from shared.stored.activity import Happening

CACHE, NOBODY = "cache", "none"
"""What delivered an answer that no model was asked for: the cache; the template, an agent's own work, a refusal."""


def of_run(run: Run, answer: Answer, catalog: Catalog) -> Happening:
    """A gateway's answer, with all its attempts."""
    call, last, found = run.call, run.attempts[-1] if run.attempts else None, run.found
    by_model = last is not None and answer.cache == "none" and answer.provider != "template"
    first_ms = None
    if by_model and last is not None and run.stream and last.first_token_ms is not None:
        first_ms = round((last.started - run.started) * 1000 + last.first_token_ms, 3)
    # What failed was paid for too, and the dearest is held against all that was paid.
    used = [found.usage] if found is not None else [one.usage for one in run.attempts if one.charged and one.usage]
    return happening(
        Answered(
            unit=call.user_id,
            id=call.message_id,
            agent=call.agent,
            delivered=last.model.name if by_model and last is not None else CACHE if found is not None else NOBODY,
            outcome=answer.outcome,
            language=call.language,
            arms=_arms(call),
            beside=call.beside,
            cache=answer.cache,
            cost=answer.cost_nano_usd,
            saved=0 if found is None else found.cost_nano_usd,
            dearest=_dearest(used, catalog, run),
            latency_ms=answer.latency_ms,
            first_ms=first_ms,
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            failed_attempts=sum(
                one.called and one.outcome != "ok" and one.ending != "withheld" for one in run.attempts
            ),
        ),
        run.now,
    )


def of_own(call: Call, answer: Answer, now: float) -> Happening:
    """An agent's own answer, made without the gateway. `now` in Unix seconds."""
    return happening(
        Answered(
            unit=call.user_id,
            id=call.message_id,
            agent=call.agent,
            delivered=NOBODY,
            outcome=answer.outcome,
            language=call.language,
            arms=_arms(call),
            beside=call.beside,
            latency_ms=answer.latency_ms,
        ),
        now,
    )


def _arms(call: Call) -> dict[str, str]:
    return {one.experiment_id: one.variant for one in call.experiments}


def _dearest(used: Sequence[Usage], catalog: Catalog, run: Run) -> int:
    """What the dearest model that may be asked takes for so many tokens, in nano-USD: what is saved is held against it."""
    disabled = run.knobs.disabled_models
    prices = [m.price for m in catalog.models.values() if m.price is not None and m.name not in disabled]
    return max((sum(price.cost(usage) for usage in used) for price in prices), default=0)
