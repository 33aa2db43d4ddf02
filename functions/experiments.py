"""Experiments: what is compared with what, who gets which variant, what came in, what it says, and what is decided."""

from typing import cast

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared import ids, runtime
from shared.activity.compose import counted
from shared.agents.experiment_analysis import Analysis
from shared.agents.experiments import (
    AssignRequest,
    ExperimentChange,
    ExperimentDraft,
    ExperimentsQuery,
    OutcomesRequest,
    RollbackRequest,
    StartRequest,
    StopRequest,
)
from shared.agents.experiments_replies import (
    AnalysesReply,
    AssignReply,
    ExperimentReply,
    ExperimentsReply,
    FoldReply,
    MetricsReply,
    MonitoredExperiment,
    MonitorReply,
    OutcomesReply,
    StatusReply,
)
from shared.documents import LiveConfig
from shared.experiments import lifecycle, serving, showing
from shared.experiments.context import PLATFORM_HEADER
from shared.experiments.definition import define, require_variant
from shared.experiments.monitor import Monitor
from shared.store import Create, Where
from shared.stored.experiments import Experiment
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import reply

edge = Edge(
    "experiments", description="A/B tests and bandits: their life, assignment, outcomes, analysis and decisions."
)

_HOME = "/optimization/experiments"
_ONE = _HOME + "/{id}"


@edge.post(_HOME, body=ExperimentDraft, reply=ExperimentReply, role=("admin", "service"), status=201)
async def create(call: Call, body: ExperimentDraft) -> Response:
    """Define an experiment. It is a draft, which anything may still be changed in, until it is started."""
    now = runtime.current()
    experiment = define(body, serving.defaults(now), id=ids.new("exp"), by=call.caller.user_id, now=now.clock())
    await now.store.commit(Create(experiment))
    return reply(showing.shown(experiment), status=201)


@edge.get(_HOME, query=ExperimentsQuery, reply=ExperimentsReply, role=("admin", "service"))
async def list_all(_: Call, page: ExperimentsQuery) -> Response:
    """Experiments, newest first."""
    found = await runtime.current().store.query(
        Experiment,
        *(() if page.state is None else (Where("state", "==", page.state),)),
        *(() if page.before is None else (Where("created_at", "<", page.before),)),
        order="created_at",
        descending=True,
        limit=page.limit,
    )
    last = found[-1].created_at if len(found) == page.limit else None
    return reply(ExperimentsReply(experiments=[showing.line(one) for one in found], next=last))


@edge.get(f"{_HOME}/metrics", reply=MetricsReply, role=("admin", "service"))
async def metrics(_: Call) -> Response:
    """The metrics that the product measures of every experiment by itself."""
    return reply(showing.built_in())


@edge.get(f"{_HOME}/analysis", reply=AnalysesReply, role=("admin", "service"))
async def analyse_all(_: Call) -> Response:
    """All that run and what ended lately, a line each."""
    now = runtime.current()
    return reply(await serving.analyses(now, await serving.caught_up(now, 0)))


@edge.post(f"{_HOME}/fold", reply=FoldReply, role=("admin", "service"))
async def fold(_: Call) -> Response:
    """Count what has come in since the last time: scheduled each minute, a bounded amount a call. Nothing is counted twice."""
    done = await counted(runtime.current(), most=True)
    return reply(
        FoldReply(events=done.events, batches=done.batches, aside=done.aside, failed=done.failed, more=done.more)
    )


@edge.post(f"{_HOME}/monitor", reply=MonitorReply, role=("admin", "service"))
async def monitor(_: Call) -> Response:
    """Look at every running experiment and end those that can be decided: scheduled every five minutes, and whenever one likes."""
    now = runtime.current()
    done = await counted(now)
    seen = await Monitor(now.store).run(now.clock())
    serving.forget(now, *(one.experiment.id for one in seen if one.did != "nothing"))
    return reply(
        MonitorReply(
            experiments=[
                MonitoredExperiment(
                    experiment_id=one.experiment.id,
                    state=one.experiment.state,
                    units=one.units,
                    did=one.did,
                    sentence=one.sentence,
                )
                for one in seen
            ],
            waiting=done.more,
        )
    )


@edge.get(_ONE, reply=ExperimentReply, role=("admin", "service"))
async def get(_: Call, id: str) -> Response:  # noqa: A002 - the path's own word
    """One experiment with its course."""
    return reply(showing.shown(await serving.found(runtime.current(), id)))


@edge.patch(_ONE, body=ExperimentChange, reply=ExperimentReply, role=("admin", "service"))
async def change(call: Call, body: ExperimentChange, id: str) -> Response:  # noqa: A002
    """Change a draft in anything; of what runs traffic (wider), duration (longer), description, auto_stop and auto_promote."""
    now, by = runtime.current(), call.caller.user_id
    terms = serving.defaults(now)
    after = await serving.taken(
        now, id, lambda one, live: lifecycle.revise(one, live, body, terms, by=by, now=now.clock())
    )
    return reply(showing.shown(after))


@edge.delete(_ONE, reply=ExperimentReply, role=("admin", "service"))
async def delete(_: Call, id: str) -> Response:  # noqa: A002
    """Delete a draft; the answer is what it was. What has ever run, or was given up, stays on record."""
    return reply(showing.shown(await serving.removed(runtime.current(), id)))


@edge.post(f"{_ONE}/start", body=StartRequest | None, reply=ExperimentReply, role=("admin", "service"))
async def start(call: Call, body: StartRequest | None, id: str) -> Response:  # noqa: A002
    """Run a draft from now on: everywhere within two seconds."""
    why = "" if body is None else body.reason
    return reply(showing.shown(await serving.started(runtime.current(), id, call.caller.user_id, why)))


@edge.post(f"{_ONE}/stop", body=StopRequest | None, reply=ExperimentReply, role=("admin", "service"))
async def stop(call: Call, body: StopRequest | None, id: str) -> Response:  # noqa: A002
    """End an experiment; with a winner it is decided by your word, and with `promote` the winner is for everybody."""
    now, by, said = runtime.current(), call.caller.user_id, body or StopRequest()

    def step(one: Experiment, live: LiveConfig) -> lifecycle.Changed:
        require_variant(one, said.winner)
        return lifecycle.stop(
            one, live, by=by, now=now.clock(), why=said.reason, winner=said.winner, promote=said.promote
        )

    return reply(showing.shown(await serving.taken(now, id, step)))


@edge.post(f"{_ONE}/rollback", body=RollbackRequest | None, reply=ExperimentReply, role=("admin", "service"))
async def roll_back(call: Call, body: RollbackRequest | None, id: str) -> Response:  # noqa: A002
    """Take a promoted winner back from everybody."""
    now, by = runtime.current(), call.caller.user_id
    why = "" if body is None else body.reason
    after = await serving.taken(
        now, id, lambda one, live: lifecycle.roll_back(one, live, by=by, now=now.clock(), why=why)
    )
    return reply(showing.shown(after))


@edge.get(f"{_ONE}/status", reply=StatusReply, role=("admin", "service"))
async def status(_: Call, id: str) -> Response:  # noqa: A002
    """Where an experiment stands: participants, progress, days left, whether the shares are right, and what is wrong."""
    now = runtime.current()
    experiment = await serving.found(now, id)
    done = await counted(now)
    return reply(await serving.status(now, experiment, waiting=done.more))


@edge.get(f"{_ONE}/analysis", reply=Analysis, role=("admin", "service"))
async def analyse(_: Call, id: str) -> Response:  # noqa: A002
    """All that can be said of an experiment by what has come in, and a verdict in a sentence; `warnings` say what it lacks."""
    now = runtime.current()
    experiment = await serving.found(now, id)
    lacks = await serving.caught_up(now)
    analysis = await serving.analysed(now, experiment)
    return reply(analysis.model_copy(update={"warnings": [*lacks, *analysis.warnings]}))


@edge.post(f"{_ONE}/assign", body=AssignRequest, reply=AssignReply, role=("learner", "service"))
async def assign(call: Call, body: AssignRequest, id: str) -> Response:  # noqa: A002
    """A unit's variant, the same for ever. A learner asks for themselves; ask when the variant matters, for that is the exposure.

    A learner sees the app's own flags of the variant's config, and not what steers the server. After a stop other instances go on
    for two seconds: who meets a variant in them counts for nothing.
    """
    call.require_self(body.unit_id)
    learner = call.caller.role == "learner"
    platform = call.header(PLATFORM_HEADER)
    return reply(await serving.assigned(runtime.current(), id, body, platform, learner=learner))


@edge.post(f"{_ONE}/outcomes", body=OutcomesRequest, reply=OutcomesReply, role=("learner", "service"), status=202)
async def outcomes(call: Call, body: OutcomesRequest, id: str) -> Response:  # noqa: A002
    """Values of metrics, one or an array. A learner tells of themselves, in the experiment's own metrics with bounds or proportions.

    `accepted` ones are stored to be counted within a minute. Those of a unit that never was exposed, and those whose `event_id` has
    come before, count for nothing then. An outcome without a time of its own (`timestamp` and `sent_at`) can be told from a repeat
    only while it is among the unit's newest 2,000 events.
    """
    learner = call.caller.user_id if call.caller.role == "learner" else None
    many = call.raw.lstrip().startswith(b"[")
    return reply(await serving.received(runtime.current(), id, body, learner, many=many), status=202)


@functions_framework.aio.http
async def experiments(_: Request) -> Response:
    """Entry point of the deployed function. The framework awaits an ASGI application as it would a Response."""
    return cast(Response, edge.app)
