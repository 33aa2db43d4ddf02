"""An answer that no model was asked for, because the agent's own work is the answer: its envelope, its ledger row, its count.

The row is what makes such an answer one that can be rated (`POST /feedback`) and counted like every other.
"""

import hashlib
import time
from typing import TYPE_CHECKING, Any

from shared import ids
from shared.asking import chosen_for
from shared.documents import LedgerEntry
from shared.llm import budget, rows, telling
from shared.llm.call import Answer, Call
from shared.llm.types import Usage
from shared.safety.verdict import ALLOW, Verdict
from shared.web.context import Call as WebCall

if TYPE_CHECKING:
    from shared.asking import Asker
    from shared.runtime import Runtime

_RECORD_SECONDS = 1.0
"""How long the row is waited for; a store that takes longer gets it behind the answer."""
_COUNTED = {"allow": "ok", "support": "support", "block": "blocked"}


async def answered(
    now: "Runtime",
    call: WebCall,
    *,
    agent: str,
    version: str,
    model: str,
    who: "Asker",
    began: float,
    verdict: Verdict = ALLOW,
) -> dict[str, Any]:
    """The envelope of an answer whose work began at `began` (`time.perf_counter`). Never raises for the row's sake.

    `verdict` is what safety said of the caller's words: the row of a refusal or of help says so.
    """
    live = await now.recent.live()
    chosen = chosen_for(now, live, call, agents=(agent,), language=who.wanted, profile=who.profile)
    user_id = call.caller.user_id
    question = Call(
        agent=agent,
        user_id=user_id,
        request_id=call.request_id,
        message_id=ids.new("m"),
        messages=(),
        question="",
        language=who.language,
        wanted=who.wanted,
        notice=who.notice,
        version=version,
        max_output_tokens=0,
        time_zone=who.profile.time_zone if who.profile else None,
        experiments=chosen.experiments,
        steering=chosen.steering,
        beside=chosen.beside,
    )
    answer = Answer(
        text="",
        finish="stop",
        model=model,
        provider="template",
        reason="the agent's own work",
        complexity=0.0,
        attempts=(),
        cache="none",
        degraded=False,
        config="sha256:" + hashlib.sha256(f"{agent}|{version}|{live.version}".encode()).hexdigest()[:16],
        usage=Usage(),
        cost_nano_usd=0,
        latency_ms=round((time.perf_counter() - began) * 1000, 3),
        verdict=verdict,
        experiments=question.experiments,
    )
    row = _row(now, question, answer)
    await now.settlements.record([row, telling.of_own(question, answer, row.created_at)], _RECORD_SECONDS)
    now.metrics.inc("ai_requests_total", agent, "none", _COUNTED[verdict.action])
    return answer.envelope(question)


def _row(now: "Runtime", call: Call, answer: Answer) -> LedgerEntry:
    moment, zone = now.clock(), now.settings.ai_time_zone
    return rows.free(
        call,
        1,
        model=answer.model,
        provider=answer.provider,
        outcome="own" if answer.verdict.action == "allow" else answer.verdict.action,
        cache="none",
        stream=False,
        latency_ms=answer.latency_ms,
        day=budget.day(moment, zone),
        learner_day=budget.day(moment, budget.zone_of(call.time_zone, zone)),
        created_at=moment,
        expires_at=moment + now.settings.analytics_retention_days * 86_400.0,
    )
