"""What people ask about background work: how far a job is, what could not be done, and to try that again.

`declare` adds these routes to an edge. Two functions have them: `jobs` itself, and the public function that stands in
front of it in the cloud, where Google's identity check lets only Cloud Tasks through to `jobs` (catalog.yaml, `front`).
"""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from shared import runtime
from shared.documents import Job
from shared.errors import Conflict, NotFound
from shared.identity.caller import Caller
from shared.web.context import Call
from shared.web.replies import reply

if TYPE_CHECKING:
    from shared.web.edge import Edge

LISTED = 100


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JobReply(_Closed):
    """A job. `progress` runs from 0 to 1; `payload`, `owner` and `key` are for operators only. Times are Unix seconds."""

    id: str
    kind: str
    state: Literal["pending", "running", "done", "dead"]
    progress: float
    attempts: int
    result: dict[str, Any] | None
    error: str | None = None
    run_at: float
    created_at: float
    updated_at: float
    payload: dict[str, Any] | None = None
    owner: str | None = None
    key: str | None = None


class DeadReply(_Closed):
    """Jobs whose attempts are used up, newest first."""

    jobs: list[JobReply]


def declare(edge: "Edge", *, documented: bool) -> None:
    """Serve these routes from `edge`; one function documents them, whichever serves them."""
    edge.get("/jobs/{id}", reply=JobReply, documented=documented)(job)
    edge.get("/jobs/dead", reply=DeadReply, role="admin", documented=documented)(dead)
    edge.post("/jobs/dead/{id}/retry", reply=JobReply, role="admin", documented=documented)(retry)


async def job(call: Call, id: str) -> Response:  # noqa: A002 - the path's name for it
    """How far a job is. A learner sees their own, without what was asked of it."""
    found = await runtime.current().queue.get(id)
    if found is None or not _may_see(call.caller, found):
        raise NotFound("There is no such job.")
    return reply(_shown(found, whole=call.caller.role == "admin"))


async def dead(_: Call) -> Response:
    """The dead letters."""
    found = await runtime.current().queue.dead(LISTED)
    return reply(DeadReply(jobs=[_shown(job, whole=True) for job in found]))


async def retry(_: Call, id: str) -> Response:  # noqa: A002 - the path's name for it
    """Give a dead job its attempts back."""
    queue = runtime.current().queue
    again = await queue.retry(id)
    found = await queue.get(id)
    if found is None:
        raise NotFound("There is no such job.")
    if not again:
        raise Conflict("This job is not dead.")
    return reply(_shown(found, whole=True))


def _may_see(caller: Caller, job: Job) -> bool:
    return caller.role == "admin" or (job.owner is not None and job.owner == caller.user_id)


def _shown(job: Job, *, whole: bool) -> JobReply:
    # An error's text is for operators: it may name what is inside, or quote somebody.
    hidden = set() if whole else {"payload", "owner", "key", "error"}
    names = JobReply.model_fields.keys() - hidden
    return JobReply(**{name: getattr(job, name) for name in names})
