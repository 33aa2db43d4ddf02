"""Operations: health, metrics, breakers, revocations, maintenance. For machines and operators, not for learners."""

import asyncio
from collections import Counter
from typing import Annotated, Literal, Self
from weakref import WeakKeyDictionary

import functions_framework.aio
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from shared import runtime
from shared.documents import Revocation
from shared.errors import NotFound, StoreError, Unavailable
from shared.identity.caller import SUBJECT
from shared.identity.revocation import revocations
from shared.llm import catalog
from shared.llm.standing import State
from shared.maintenance import Cleanup
from shared.runtime import Runtime
from shared.telemetry.checkup import Checkup
from shared.telemetry.exposition import CONTENT_TYPE
from shared.telemetry.scrape import scrape
from shared.web import alerting, progress, waking
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

edge = Edge("ops", description="Health, metrics, circuit breakers, revocations and maintenance.")

SCRAPE_SECONDS = 5.0
LISTED = 500

_END = r"\Z"  # Python's word for the end, which pydantic's expressions do not know

_checkups: WeakKeyDictionary[Runtime, Checkup] = WeakKeyDictionary()


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ModelState(_Closed):
    """One model of the catalogue. `breaker` is the worse one of its own and its account's."""

    name: str
    provider: str
    configured: bool
    breaker: Literal["closed", "half_open", "open"]


class Lately(_Closed):
    """The last five minutes, measured at `at` (Unix seconds): shares from 0 to 1; null where too little happened to say."""

    at: float
    error_rate: float | None
    response_time_p95: float | None
    alerts: dict[str, int]
    """How many rules are broken, by severity. Which they are is for operators: GET /admin/alerts."""


class HealthReply(_Closed):
    """`score` runs from 0 to 100; `reasons` says what took points away, worst first.

    `release` is what was deployed. `own_server`: whether the own model's server is there (off: it never goes away, or there is none). `lately` is
    null where no alerts are evaluated.
    """

    status: Literal["healthy", "degraded", "unhealthy"]
    score: int
    reasons: list[str]
    models: list[ModelState]
    stores: dict[str, bool]
    release: str | None
    own_server: State | None
    lately: Lately | None


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
    counted: int
    """Events that waited to be counted for experiments and analytics."""
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
    found = await _checkup(now).finding()
    last = found.reading
    answer = HealthReply(
        status=found.health.status,
        score=found.health.score,
        reasons=list(found.health.reasons),
        models=[
            ModelState(name=model.name, provider=model.provider, configured=model.configured, breaker=model.breaker)
            for model in found.models
        ],
        stores=dict(found.stores),
        release=now.settings.release,
        own_server=found.own_server,
        lately=last
        and Lately(
            at=last.at,
            error_rate=last.error_rate,
            response_time_p95=last.response_time,
            alerts=dict(Counter(last.firing.values())),
        ),
    )
    if found.health.status != "unhealthy":
        return reply(answer)
    response = reply(answer, status=503)
    response.headers["Retry-After"] = "5"
    return response


def _checkup(now: Runtime) -> Checkup:
    found = _checkups.get(now)
    if found is None:
        found = _checkups[now] = Checkup(
            now.store,
            now.coordination,
            now.breakers,
            now.catalog,
            now.clock,
            fleet=now.fleet,
            warmth=now.warmth.key,
        )
    return found


@edge.get("/metrics", role=("admin", "service"), root=True, media_type=CONTENT_TYPE)
async def metrics(_: Call) -> Response:
    """The fleet's metrics in Prometheus' text format; 404 when PROMETHEUS_ENABLED is false."""
    now = runtime.current()
    if not now.settings.prometheus_enabled:
        raise NotFound("Metrics are switched off here.")
    try:
        async with asyncio.timeout(SCRAPE_SECONDS):
            text = await scrape(now.metrics, now.breakers, now.fleet, now.clock)
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
    done = await Cleanup(runtime.current()).run()
    if done.failed:
        raise Unavailable(f"Could not {', '.join(done.failed)}; the rest is done.", retry_after=60)
    return reply(
        CleanupReply(
            purged=done.purged,
            swept=done.swept,
            overdue_holds=done.overdue_holds,
            drift_usd=done.drift_usd,
            recovered_jobs=done.recovered_jobs,
            counted=done.counted,
            more=done.more,
        )
    )


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


alerting.declare(edge)
waking.declare(edge)
# In the cloud learners and operators reach these through here: no token of theirs passes Google's check before `jobs`.
progress.declare(edge, documented=False)


@functions_framework.aio.http  # type: ignore[arg-type]  # it takes any ASGI application, and says responses only
async def ops(_: Request) -> ASGIApp:
    """Entry point of the deployed function."""
    return edge.app


__all__ = ["edge", "ops"]
