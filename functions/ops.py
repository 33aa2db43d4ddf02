"""Operations: health, metrics, breakers, revocations, maintenance. For machines and operators, not for learners."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Literal, Self
from weakref import WeakKeyDictionary

import functions_framework.aio
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from shared import log, runtime
from shared.documents import DOCUMENTS, Revocation
from shared.errors import NotFound, StoreError, Unavailable
from shared.identity.caller import SUBJECT
from shared.identity.revocation import revocations
from shared.llm import budget, catalog, reconcile
from shared.runtime import Runtime
from shared.telemetry.checkup import Checkup
from shared.telemetry.exposition import CONTENT_TYPE
from shared.telemetry.scrape import scrape
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

edge = Edge("ops", description="Health, metrics, circuit breakers, revocations and maintenance.")

PURGE_BATCH = 500
PURGE_BATCHES = 4
"""Batches of each collection, and of the coordination store, that one call removes."""
SCRAPE_SECONDS = 5.0
LISTED = 500

_END = r"\Z"  # Python's word for the end, which pydantic's expressions do not know

_log = log.get(__name__)
_checkups: WeakKeyDictionary[Runtime, Checkup] = WeakKeyDictionary()


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ModelState(_Closed):
    """One model of the catalogue. `breaker` is the worse one of its own and its account's."""

    name: str
    provider: str
    configured: bool
    breaker: Literal["closed", "half_open", "open"]


class HealthReply(_Closed):
    """`score` runs from 0 to 100; `reasons` says what took points away, worst first."""

    status: Literal["healthy", "degraded", "unhealthy"]
    score: int
    reasons: list[str]
    models: list[ModelState]
    stores: dict[str, bool]


class ResetRequest(_Closed):
    """Which breakers to close: those of a model or a breaker's own name; without it all of them."""

    model_type: str | None = Field(default=None, max_length=128)


class ResetReply(_Closed):
    """The breakers that were not closed and now are."""

    reset: list[str]


class CleanupReply(_Closed):
    """How much was removed and mended. `more`: there is more to do, so call again."""

    purged: dict[str, int]
    swept: int
    overdue_holds: int
    """Holds whose process had died, settled now by the ledger's word."""
    drift_usd: float
    """By how much the counters of spent money were off the ledger, and were corrected."""
    recovered_jobs: int
    """Jobs that had lost their way and were sent again."""
    more: bool


class RevokeRequest(_Closed):
    """A person or a token to shut out: exactly one of both. `not_before` (Unix seconds) refuses older sign-ins only."""

    user_id: Annotated[str, Field(pattern=f"^{SUBJECT.pattern.removesuffix(_END)}$")] | None = None
    token_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    reason: str = Field(default="", max_length=500)
    not_before: float = Field(default=0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.user_id is None) == (self.token_id is None):
            raise ValueError("give user_id or token_id, one of them")
        return self


class Revoked(_Closed):
    """Someone or something that is shut out."""

    kind: Literal["user", "token"]
    id: str
    reason: str
    created_at: float
    not_before: float


class RevocationsReply(_Closed):
    """The newest first, 500 at most."""

    revocations: list[Revoked]


@edge.get("/health", role=None, limit=None, reply=HealthReply)
async def health(_: Call) -> Response:
    """How well the system is. 200 while it can answer learners (also when degraded), 503 when it cannot."""
    now = runtime.current()
    checkup = _checkups.get(now)
    if checkup is None:
        checkup = _checkups[now] = Checkup(now.store, now.coordination, now.breakers, now.catalog, now.clock)
    found = await checkup.finding()
    answer = HealthReply(
        status=found.health.status,
        score=found.health.score,
        reasons=list(found.health.reasons),
        models=[
            ModelState(name=model.name, provider=model.provider, configured=model.configured, breaker=model.breaker)
            for model in found.models
        ],
        stores=dict(found.stores),
    )
    if found.health.status != "unhealthy":
        return reply(answer)
    response = reply(answer, status=503)
    response.headers["Retry-After"] = "5"
    return response


@edge.get("/metrics", role=("admin", "service"), root=True)
async def metrics(_: Call) -> Response:
    """The fleet's metrics in Prometheus' text format; 404 when PROMETHEUS_ENABLED is false."""
    now = runtime.current()
    if not now.settings.prometheus_enabled:
        raise NotFound("Metrics are switched off here.")
    try:
        async with asyncio.timeout(SCRAPE_SECONDS):
            text = await scrape(now.metrics, now.breakers, now.clock)
    except (StoreError, TimeoutError):
        # Counting from this process alone would make totals fall, which reads as a restart that never was.
        raise Unavailable("The totals cannot be read at the moment.") from None
    return Response(text, media_type=CONTENT_TYPE)


@edge.post("/admin/circuit-breaker/reset", body=ResetRequest | None, reply=ResetReply, role="admin")
async def reset_breakers(_: Call, body: ResetRequest | None) -> Response:
    """Close circuit breakers, on every instance; all of them without a body."""
    now = runtime.current()
    if body is None or body.model_type is None:
        return reply(ResetReply(reset=sorted(await now.breakers.reset())))
    shut: list[str] = []
    for scope in _scopes(now, body.model_type):
        shut += await now.breakers.reset(scope)
    return reply(ResetReply(reset=sorted(set(shut))))


def _scopes(now: Runtime, name: str) -> tuple[str, ...]:
    """The breakers a name stands for: a model's two, or the one of that name. NotFound names all there are."""
    if name in now.breakers.scopes:
        return (name,)
    model = now.catalog.resolve(name)
    if model is not None:
        return (model.group, model.scope)
    if name in catalog.MODELS:
        return ()  # a model that is not configured here has no breaker that could be open
    known = ", ".join([*catalog.MODELS, *now.breakers.scopes])
    raise NotFound(f"No breaker of that name. Known: {known}.")


@edge.post("/maintenance/cleanup", reply=CleanupReply, role=("admin", "service"))
async def cleanup(_: Call) -> Response:
    """Remove what has expired, settle what dead processes left, send lost jobs again: a bounded amount a call.

    Every batch stands for itself: a call that is cut off leaves nothing half done, and the next one goes on.
    """
    now = runtime.current()
    done = CleanupReply(purged={}, swept=0, overdue_holds=0, drift_usd=0, recovered_jobs=0, more=False)

    async def purge() -> None:
        for kind in DOCUMENTS:
            done.purged[kind.collection], left = await _batches(partial(now.store.purge, kind))
            done.more = done.more or left

    async def recover() -> None:
        done.recovered_jobs = await now.queue.recover(PURGE_BATCH)
        done.more = done.more or done.recovered_jobs >= PURGE_BATCH

    async def sweep() -> None:
        done.swept, left = await _batches(now.coordination.sweep)
        done.more = done.more or left

    async def settle() -> None:
        money = await reconcile.reconcile(now.store, now.coordination, _account_days(now), PURGE_BATCH)
        done.overdue_holds, done.drift_usd = money.overdue, money.drift_nano_usd / 1e9
        done.more = done.more or money.overdue >= PURGE_BATCH

    failed: list[str] = []
    for step in (purge, recover, sweep, settle):  # one that cannot be done does not keep the others from it
        try:
            await step()
        except (StoreError, Unavailable) as error:
            log.event(_log, "cleanup.failed", level=logging.ERROR, step=step.__name__, error=error.code)
            failed.append(step.__name__)
    if failed:
        raise Unavailable(f"Could not {', '.join(failed)}; the rest is done.", retry_after=60)
    return reply(done)


def _account_days(now: Runtime) -> list[str]:
    """The account's keys of today and yesterday, where counters can be lost; the embedded file does not forget."""
    if not now.remote:
        return []
    return [budget.account_key(now.clock() - back * 86_400, now.settings.ai_time_zone) for back in (0, 1)]


async def _batches(remove: Callable[[int], Awaitable[int]]) -> tuple[int, bool]:
    """Remove up to PURGE_BATCHES batches: how many went, and whether there is likely more."""
    count = 0
    for _ in range(PURGE_BATCHES):
        removed = await remove(PURGE_BATCH)
        count += removed
        if removed < PURGE_BATCH:
            return count, False
    return count, True


@edge.post("/admin/revocations", body=RevokeRequest, reply=Revoked, role="admin", status=201)
async def revoke(_: Call, body: RevokeRequest) -> Response:
    """Shut out a person or a token: at once on this instance, within five seconds on all."""
    document = await runtime.current().identity.revoke(
        user_id=body.user_id, token_id=body.token_id, reason=body.reason, not_before=body.not_before
    )
    return reply(_revoked(document), status=201)


@edge.get("/admin/revocations", reply=RevocationsReply, role="admin")
async def list_revocations(_: Call) -> Response:
    """Who and what is shut out."""
    found = await revocations(runtime.current().store, LISTED)
    return reply(RevocationsReply(revocations=[_revoked(document) for document in found]))


def _revoked(document: Revocation) -> Revoked:
    kind, _, name = document.id.partition(":")
    return Revoked(
        kind="user" if kind == "user" else "token",
        id=name,
        reason=document.reason,
        created_at=document.created_at,
        not_before=document.not_before,
    )


@functions_framework.aio.http  # type: ignore[arg-type]  # it takes any ASGI application, and says responses only
async def ops(_: Request) -> ASGIApp:
    """Entry point of the deployed function."""
    return edge.app


__all__ = ["edge", "ops"]
