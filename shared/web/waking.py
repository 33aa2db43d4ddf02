"""Waking the own model's server before learners come: a school's schedule posts here some minutes before nine.

No schedule of ours does, because an awake server costs GPU time whether or not anybody asks it. An operator adds one to
`functions/catalog.yaml`, beside `cleanup` there, for the hours in which its learners come (UTC; a cold start takes minutes):

    - name: wake
      cron: "*/4 7-15 * * 1-5"
      path: /api/v1/ai/maintenance/wake

More often than LOCAL_INFER_IDLE_SECONDS, so that it stays awake until the first learner: a ready server is asked again only
when half of that time has passed since its last answer, and one that is being woken is not asked twice.

`declare` adds the route to an edge.
"""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from shared import runtime
from shared.llm.standing import State
from shared.web.context import Call
from shared.web.replies import reply

if TYPE_CHECKING:
    from shared.web.edge import Edge


class WakeReply(BaseModel):
    """How the own model's server is now, by what all instances know, and since when (Unix seconds)."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = Field(
        description="warming: it is being woken, which takes minutes. ready: it answers. off: it never goes away, or there"
        " is none. cold, or null where that could not be asked: try again."
    )
    since: float | None


def declare(edge: "Edge") -> None:
    """Serve this route from `edge`."""
    edge.post("/maintenance/wake", reply=WakeReply, role=("admin", "service"))(wake_own_server)


async def wake_own_server(_: Call) -> Response:
    """Wake the own model's server, or keep it awake. Answers within seconds and does not wait for a cold start; once more
    does no harm."""
    warm = await runtime.current().warmth.wake()
    return reply(WakeReply(state=warm.state, since=warm.since))
