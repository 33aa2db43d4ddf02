"""The gateway put together from a runtime's parts."""

import time
from typing import TYPE_CHECKING

from shared.llm.admission import Admission, Money
from shared.llm.dispatch import Deadlines, Dispatch
from shared.llm.gate import Gate
from shared.llm.gateway import Gateway, Parts
from shared.llm.opening import Defaults, Opening
from shared.llm.recording import Recording
from shared.llm.vigil import Vigil
from shared.optimization.levels import base_of

if TYPE_CHECKING:
    from shared.runtime import Runtime

WHOLE_SECONDS = 30.0
"""An unstreamed call that has not answered by then is left for the next model."""
_LEAST_GRACE = 15.0
"""A hold outlives the longest answer by half its time, and by this at least (a commit may be tried for ten seconds), so
that it can only run out when its process has died."""


def compose(runtime: "Runtime") -> Gateway:
    """One gateway over the runtime's stores, breakers, catalogue and settings."""
    settings = runtime.settings
    money = Money(settings.ai_daily_cost_limit, settings.ai_user_daily_cost_limit, settings.ai_time_zone)
    admission = Admission(
        runtime.coordination,
        runtime.breakers,
        runtime.settlements,
        money,
        warmth=runtime.warmth,
        hold_seconds=settings.ai_total_deadline + max(_LEAST_GRACE, settings.ai_total_deadline / 2),
    )
    opening = Opening(
        catalog=runtime.catalog,
        admission=admission,
        answers=runtime.answers,
        warmth=runtime.warmth,
        live=runtime.recent.live,
        defaults=Defaults(
            base=base_of(settings),
            local_fallback=settings.local_fallback_enabled,
            zone=settings.ai_time_zone,
            ledger_seconds=settings.analytics_retention_days * 86_400.0,
        ),
        clock=runtime.clock,
        monotonic=time.monotonic,
    )
    deadlines = Deadlines(
        total=settings.ai_total_deadline,
        first_token=settings.ai_first_token_deadline,
        between_tokens=settings.ai_between_tokens_deadline,
        whole=min(WHOLE_SECONDS, settings.ai_total_deadline),
    )
    dispatch = Dispatch(
        admission,
        runtime.provider,
        deadlines=deadlines,
        attempts_per_model=settings.ai_attempts_per_model,
        gate=lambda: Gate(settings.ai_max_concurrency, settings.ai_queue_size),
        vigil=_vigil(runtime),
        monotonic=time.monotonic,
    )
    return Gateway(
        Parts(
            opening=opening,
            dispatch=dispatch,
            recording=Recording(runtime.store, admission, runtime.settlements, runtime.catalog),
            metrics=runtime.metrics,
            monotonic=time.monotonic,
        )
    )


def _vigil(runtime: "Runtime") -> Vigil | None:
    """The watch over the own server, if there is one."""
    server, settings = runtime.warmth.server, runtime.settings
    if server is None:
        return None
    # A server of the cloud answers many at once; one at home may well be busy with a long answer for somebody else.
    many = settings.deployed or server.scales
    whole = server.pace.silence if many else settings.ai_first_token_deadline
    return Vigil(server, runtime.warmth, runtime.coordination, runtime.breakers, whole=whole, clock=runtime.clock)
