"""Background work: where Cloud Tasks delivers it, how far it is, and what could not be done."""

import logging
from typing import Literal

import functions_framework.aio
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from shared import log, runtime
from shared.errors import Conflict, Unavailable
from shared.jobs import Refused, Verdict
from shared.jobs.perform import deliver
from shared.web import progress
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

edge = Edge("jobs", description="Background work: delivery, progress and dead letters.")

OVERTAKEN_SECONDS = 60.0
"""How long after it was sent a delivery is told to come again although its job is not known."""

_LATER: dict[Verdict, tuple[str, float]] = {
    "unknown": ("There is no such job yet.", 5.0),
    "unhandled": ("Nobody here knows this kind of job.", 60.0),
    "early": ("The job is not due yet.", 0.0),
    "busy": ("The job is being done elsewhere.", 0.0),
}
"""Why a delivery has to come again, and after how many seconds (0: the job says)."""

_log = log.get(__name__)


class NotNow(Conflict):
    """The delivery has to come again. 409 and not 503: that would slow Cloud Tasks down for the whole queue."""

    code = "not_now"
    title = "Not now"


class AttemptFailed(Unavailable):
    """The job was tried and failed, and has attempts left."""

    status = 500
    code = "attempt_failed"
    title = "The attempt failed"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Delivery(_Closed):
    """What Cloud Tasks brings: which job, and when (Unix seconds) it was told to."""

    job_id: str = Field(min_length=1, max_length=128)
    sent_at: float = Field(default=0, ge=0, allow_inf_nan=False)


class DeliveryReply(_Closed):
    """The delivery is settled and need not come again. `dropped`: there is no such job."""

    job_id: str
    state: Literal["done", "dead", "finished", "dropped"]


@edge.post("/jobs/{kind}", body=Delivery, reply=DeliveryReply, role="service", limit=None)
async def work(_: Call, body: Delivery, kind: str) -> Response:
    """Do a job. Whatever is no 2xx makes Cloud Tasks bring it again."""
    now = runtime.current()
    ended = await deliver(now.queue, now.handlers, kind, body.job_id)
    if isinstance(ended, Refused):
        return _refused(ended, body, now.clock())
    if ended.state == "pending":
        raise AttemptFailed("It is tried again.", retry_after=ended.run_at - now.clock())
    return _settled(body, "dead" if ended.state == "dead" else "done")


def _refused(refused: Refused, body: Delivery, now: float) -> Response:
    if refused.verdict == "finished":
        return _settled(body, "finished")
    if refused.verdict == "unknown" and now >= body.sent_at + OVERTAKEN_SECONDS:
        log.event(_log, "jobs.dropped", level=logging.WARNING, job_id=body.job_id)
        return _settled(body, "dropped")
    detail, seconds = _LATER[refused.verdict]
    raise NotNow(detail, retry_after=seconds or refused.wait)


def _settled(body: Delivery, state: Literal["done", "dead", "finished", "dropped"]) -> Response:
    return reply(DeliveryReply(job_id=body.job_id, state=state))


progress.declare(edge, documented=True)


@functions_framework.aio.http  # type: ignore[arg-type]  # it takes any ASGI application, and says responses only
async def jobs(_: Request) -> ASGIApp:
    """Entry point of the deployed function."""
    return edge.app


__all__ = ["edge", "jobs"]
