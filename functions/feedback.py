"""Feedback on answers: what learners and assessors say, what it comes to by agent and model, and whether it gets better."""

from typing import Any, cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import runtime
from shared.agents.feedback import (
    FeedbackRequest,
    FeedbackShown,
    ForgottenReply,
    MineQuery,
    MineReply,
    OwnerQuery,
    ReportQuery,
    ReportReply,
    SnapshotReply,
    SummaryQuery,
    SummaryReply,
)
from shared.errors import InvalidRequest
from shared.learning import reading
from shared.learning.opened import records, trains
from shared.learning.records import Given, joined, require_allowed
from shared.learning.summary import CONFIDENCE, Wanted, compared, figures, gathered, problems
from shared.learning.sums import merged
from shared.runtime import Runtime
from shared.store import Where
from shared.stored.feedback import Feedback
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

edge = Edge("feedback", description="Ratings, comments, corrections and assessments of answers, and what they come to.")

_SAYS = ("rating", "comment", "correction", "flags", "quality")


@edge.post("/feedback", body=FeedbackRequest, reply=FeedbackShown, role=("learner", "service"))
async def give(call: Call, body: FeedbackRequest) -> Response:
    """Say what you think of the answer to one of your requests; a later word of the same kind replaces an earlier one."""
    now = runtime.current()
    caller = call.caller
    fields = _fields(now, body)
    assesses = caller.role != "learner"
    whose = body.user_id if assesses else caller.user_id
    rows = await records(now).of_request(body.request_id, whose)
    owns = rows[-1].user_id == caller.user_id
    require_allowed(fields, owns=owns, assesses=assesses)
    given = Given(
        fields,
        training_consent=await trains(now, caller.user_id) if owns else None,
        assessor=caller.user_id if "quality" in fields else None,
    )
    return reply(_shown(await records(now).give(joined(rows), given, now.clock())))


@edge.get("/feedback/mine", query=MineQuery, reply=MineReply)
async def mine(call: Call, query: MineQuery) -> Response:
    """One's own feedback, newest change first."""
    now = runtime.current()
    found = await now.store.query(
        Feedback,
        Where("user_id", "==", query.user_id or call.caller.user_id),
        *(() if query.before is None else (Where("updated_at", "<", query.before),)),
        order="updated_at",
        descending=True,
        limit=query.limit,
    )
    last = found[-1].updated_at if len(found) == query.limit else None
    return reply(MineReply(feedback=[_shown(feedback) for feedback in found], next=last))


@edge.delete("/feedback/mine", query=OwnerQuery, reply=ForgottenReply)
async def forget(call: Call, query: OwnerQuery) -> Response:
    """Delete one's own feedback, 200 a call: out of the days' sums and of the conversations too."""
    now = runtime.current()
    deleted, more = await records(now).forget(query.user_id or call.caller.user_id, now.clock())
    return reply(ForgottenReply(deleted=deleted, more=more))


@edge.get("/feedback/summary", query=SummaryQuery, reply=SummaryReply, role=("admin", "service"))
async def summary(_: Call, query: SummaryQuery) -> Response:
    """What is thought of the answers of the last days, by agent and model."""
    now = runtime.current()
    moment = now.clock()
    days = reading.last_days(moment, query.days)
    wanted = Wanted(query.agent, query.model, query.language, query.by_language)
    found = gathered(await reading.cells(now.store, days), wanted)
    return reply(
        SummaryReply(
            days=query.days,
            first_day=days.first,
            last_day=days.last,
            total=figures("all", "all", None, merged(found.values())),
            cells=[figures(*key, sums) for key, sums in found.items()],
            fleet=await reading.traffic(now.store, now.coordination, moment, moment - query.days * reading.DAY),
        )
    )


@edge.get("/feedback/report", query=ReportQuery, reply=ReportReply, role=("admin", "service"))
async def report(_: Call, query: ReportQuery) -> Response:
    """The improvement report: the last days against as many before, with intervals and a plain verdict for each change."""
    now = runtime.current()
    moment, length = now.clock(), query.days * reading.DAY
    days = reading.last_days(moment, query.days)
    after = await reading.cells(now.store, days)
    before = await reading.cells(now.store, reading.last_days(moment, query.days, back=1))
    found = compared(before, after)
    begin = moment - length
    return reply(
        ReportReply(
            days=query.days,
            first_day=days.first,
            last_day=days.last,
            confidence=CONFIDENCE,
            each=round(found.each, 6),
            verdict=found.verdict,
            changes=list(found.changes),
            problems=problems(after),
            comments=await reading.worst(now.store, begin),
            current=[figures(*key, sums) for key, sums in gathered(after).items()],
            previous=[figures(*key, sums) for key, sums in gathered(before).items()],
            fleet=await reading.traffic(now.store, now.coordination, moment, begin),
            fleet_before=await reading.traffic(now.store, now.coordination, moment, begin - length, begin),
        )
    )


@edge.post("/feedback/snapshot", reply=SnapshotReply, role=("admin", "service"))
async def snapshot(_: Call) -> Response:
    """Keep the fleet's totals as they stand: once a day, so that periods can be told apart. Again on a day changes nothing."""
    now = runtime.current()
    moment = now.clock()
    keep_until = moment + 2 * now.settings.analytics_retention_days * reading.DAY
    day, kept = await reading.keep_totals(now.store, now.coordination, moment, keep_until)
    return reply(SnapshotReply(day=day, kept=kept))


def _fields(now: Runtime, body: FeedbackRequest) -> dict[str, Any]:
    """What is said, as it is stored. Raises InvalidRequest for nothing at all."""
    said = body.model_dump(include=set(_SAYS), exclude_unset=True, exclude_none=True)
    if not said:
        raise InvalidRequest("Say something about the answer.", fields=[("rating", f"Needs one of {', '.join(_SAYS)}")])
    if "quality" in said and not now.settings.quality_assessment_enabled:
        raise InvalidRequest(
            "Quality is not assessed here.", fields=[("quality", "QUALITY_ASSESSMENT_ENABLED is false")]
        )
    for text in ("comment", "correction"):
        if text in said:
            said[text] = said[text] or None
    if "flags" in said:
        said["flags"] = list(dict.fromkeys(said["flags"]))
    return said


def _shown(feedback: Feedback) -> FeedbackShown:
    return FeedbackShown(
        request_id=feedback.request_id,
        message_id=feedback.id,
        agent=feedback.agent,
        model=feedback.model,
        language=feedback.language,
        answered_at=feedback.answered_at,
        updated_at=feedback.updated_at,
        rating=feedback.rating,
        comment=feedback.comment,
        correction=feedback.correction,
        flags=feedback.flags,
        quality=feedback.quality,
    )


@functions_framework.aio.http
async def feedback(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
