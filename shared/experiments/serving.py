"""Experiments over a process's own stores and settings: who gets which variant, what comes in, how they stand.

Store reads: an assignment reads the experiment's document (kept for RUNNING_SECONDS while it runs), and the learner's profile where
it is for some only; the first exposure of a unit that this process sees is one write. Outcomes are one write for each of the places that
their units belong to, in one commit.
"""

import asyncio
import random
import secrets
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from shared.activity.compose import counted
from shared.activity.events import Exposed, happening, happenings
from shared.activity.fold import PLACE_NAMES
from shared.agents.experiment_analysis import Analysis
from shared.agents.experiments import AssignRequest, OutcomeDraft
from shared.agents.experiments_replies import (
    AnalysesReply,
    AssignReply,
    IgnoredOutcome,
    OutcomesReply,
    StatusReply,
)
from shared.documents import LiveConfig
from shared.errors import AlreadyExists, Conflict, NotFound, StaleVersion, Unavailable
from shared.experiments import showing
from shared.experiments.config import flags
from shared.experiments.context import Context, fits, level_of, platform_of
from shared.experiments.course import LIVE, Course
from shared.experiments.definition import Defaults
from shared.experiments.intake import take_in
from shared.experiments.lifecycle import MOST_RUNNING, Changed, start
from shared.experiments.problems import Here, problems
from shared.experiments.slices import arm_of
from shared.experiments.stored import load
from shared.store import Create, Delete, Put, Ref, Where
from shared.stored.activity import Happening
from shared.stored.experiments import Experiment, State
from shared.web.problem import log_failure

if TYPE_CHECKING:
    from shared.experiments.course import Step
    from shared.runtime import Runtime

RUNNING_SECONDS: Final = 2.0
"""How old what is known of a running experiment may be: as old as LiveConfig, by which its variants steer."""
ENDED_SECONDS: Final = 30 * 86_400.0
MOST_ENDED: Final = 20
SHOWN: Final = 20
CATCH_UP_SECONDS: Final = 5.0
"""How long an analysis of one experiment goes on counting what waits before it tells without the rest."""
_RACES: Final = 12
_TOLD: Final = 20_000
"""Exposures that a process remembers to have stored; of one that it has forgotten it stores another, which counts for nothing."""


@dataclass(slots=True)
class _Known:
    running: OrderedDict[str, tuple[float, Experiment]] = field(default_factory=OrderedDict)
    told: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)


_known: "WeakKeyDictionary[Runtime, _Known]" = WeakKeyDictionary()


def defaults(now: "Runtime") -> Defaults:
    """What the installation's settings say."""
    return Defaults(now.settings.min_experiment_participants, now.settings.default_experiment_duration_days)


async def found(now: "Runtime", experiment_id: str) -> Experiment:
    """An experiment as it is stored. Raises NotFound."""
    experiment = await now.store.get(Experiment, experiment_id)
    if experiment is None:
        raise NotFound("There is no such experiment.")
    return experiment


async def started(now: "Runtime", experiment_id: str, by: str, why: str) -> Experiment:
    """Run a draft from now on. Raises NotFound, Conflict, InvalidRequest, and Unavailable."""
    if not now.settings.ab_testing_enabled:
        raise Conflict("Experiments are switched off here (AB_TESTING_ENABLED is false).")
    salt = secrets.token_hex(8)

    def step(experiment: Experiment, live: LiveConfig) -> Changed:
        moment = now.clock()
        return start(experiment, live, configured=now.catalog.models, salt=salt, by=by, now=moment, why=why)

    return await taken(now, experiment_id, step)


async def removed(now: "Runtime", experiment_id: str) -> Experiment:
    """Delete a draft; as it was. Raises NotFound, Conflict for what is no draft any more, and Unavailable.

    A start of the same moment writes LiveConfig. So this writes it too, unchanged: only one of them comes through.
    """
    for race in range(_RACES):
        read, live = await now.store.read(Ref(Experiment, experiment_id), Ref(LiveConfig, LIVE))
        if read is None:
            raise NotFound("There is no such experiment.")
        experiment: Experiment = read[0]
        if experiment.state != "draft":
            ran = "its course and what came in stay on record" if experiment.running else "its course stays on record"
            raise Conflict(f"It is {experiment.state}: only a draft can be deleted, {ran}.")
        same = Create(LiveConfig(id=LIVE)) if live is None else Put(live[0], expect=live[1])
        try:
            await now.store.commit(same, Delete(Experiment, experiment_id))
        except (AlreadyExists, StaleVersion):
            await asyncio.sleep(random.uniform(0, 0.02 * (race + 1)))
            continue
        forget(now, experiment_id)
        return experiment
    raise Unavailable("Too much is being changed at the same moment.")


async def taken(now: "Runtime", experiment_id: str, step: "Step") -> Experiment:
    """Take a step of an experiment's course; this process goes by it at once, others within RUNNING_SECONDS."""
    after = await Course(now.store).take(experiment_id, step)
    forget(now, experiment_id)
    return after


def forget(now: "Runtime", *changed: str) -> None:
    """Read these experiments again when they are asked for next."""
    for experiment_id in changed:
        _of(now).running.pop(experiment_id, None)


async def assigned(
    now: "Runtime", experiment_id: str, asked: AssignRequest, platform: str | None, *, learner: bool
) -> AssignReply:
    """The unit's variant; that it met it is stored where `asked.expose`. `platform` is the caller's own header. Raises NotFound.

    `learner`: whether one asks, who sees of the config what is the app's own.
    """
    experiment = await _recent(now, experiment_id)
    running, decision = experiment.running, experiment.decision
    nothing = AssignReply(experiment_id=experiment_id, unit_id=asked.unit_id, variant=None, config={})
    promoted = decision is not None and decision.promoted and decision.rolled_back_at is None
    if running is None or not now.settings.ab_testing_enabled or not (promoted or experiment.state == "running"):
        return nothing
    named = decision.variant if decision is not None and promoted else arm_of(running, asked.unit_id)
    if named is None or not fits(running.targeting, await _context(now, experiment, asked, platform)):
        return nothing
    whole = next(variant.config for variant in experiment.variants if variant.name == named)
    config = flags(experiment.kind, whole) if learner else whole
    if promoted:
        return nothing.model_copy(update={"config": config, "promoted": True})
    if asked.expose:
        await _expose(now, experiment_id, asked.unit_id, named)
    return nothing.model_copy(update={"variant": named, "config": config})


async def received(
    now: "Runtime", experiment_id: str, drafts: Sequence[OutcomeDraft], learner: str | None, *, many: bool
) -> OutcomesReply:
    """Store outcomes to be counted; `many`: they came as an array. Raises NotFound and what `take_in` raises.

    The same ones again have no other effect.
    """
    experiment = await _recent(now, experiment_id)
    moment = now.clock()
    taken_in = take_in(experiment, drafts, learner=learner, now=moment, many=many)
    if taken_in.events:
        await now.store.commit(*(Create(one) for one in happenings(taken_in.events, moment)))
    ignored = taken_in.ignored
    return OutcomesReply(
        accepted=len(taken_in.events),
        ignored=len(ignored),
        reasons=Counter(reason for _, reason in ignored),
        examples=[IgnoredOutcome(event_id=name, reason=reason) for name, reason in ignored[:SHOWN]],
    )


async def caught_up(now: "Runtime", seconds: float = CATCH_UP_SECONDS) -> list[str]:
    """Count what waits, and go on for about `seconds` while there is more and it gets less; what figures lack then, in a sentence."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    done = await counted(now)
    while done.more and done.events and not done.failed and loop.time() < until:
        done = await counted(now)
    if not done.more:
        return []
    firsts = (now.store.query(Happening, Where("place", "==", name), order="at", limit=1) for name in PLACE_NAMES)
    waiting = [one.at for found in await asyncio.gather(*firsts) for one in found]
    if not waiting:
        return []
    since = datetime.fromtimestamp(min(waiting), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return [f"Not all that has come in since {since} is counted, and these figures lack it: ask again in a minute."]


async def analysed(now: "Runtime", experiment: Experiment) -> Analysis:
    """What can be said of an experiment by what is counted."""
    from shared.experiments.analysis import analyse  # brings numpy and scipy

    return analyse(experiment, await load(now.store, experiment.id), now.clock())


async def status(now: "Runtime", experiment: Experiment, *, waiting: bool) -> StatusReply:
    """Where an experiment stands. `waiting`: not all that has come in is counted."""
    analysis = await analysed(now, experiment)
    here = await _here(now) if experiment.state == "running" else None
    wrong = [] if here is None else problems(experiment, here, now.clock())
    return showing.status(experiment, analysis, waiting=waiting, problems=[*wrong, *analysis.warnings])


async def analyses(now: "Runtime", lacks: list[str]) -> AnalysesReply:
    """A line for all that run, analysed as of now, and for what ended lately, as it was last seen. `lacks`: what they lack."""
    moment = now.clock()
    lines, failed = [], []
    for experiment in await _listed(now, "running", MOST_RUNNING):
        try:
            lines.append(showing.analysed(experiment, await analysed(now, experiment)))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one experiment, the others are told of
            log_failure("experiment.unanalysed", error)
            failed.append(experiment.id)
    ended = [*await _listed(now, "decided", MOST_RUNNING), *await _listed(now, "stopped", MOST_RUNNING)]
    late = [one for one in ended if one.running is not None and (one.ended_at or 0) > moment - ENDED_SECONDS]
    late.sort(key=lambda one: -(one.ended_at or 0))
    lines += [showing.concluded(one) for one in late[:MOST_ENDED]]
    return AnalysesReply(at=moment, experiments=lines, failed=failed, warnings=lacks)


async def _listed(now: "Runtime", state: State, limit: int) -> list[Experiment]:
    return await now.store.query(
        Experiment, Where("state", "==", state), order="created_at", descending=True, limit=limit
    )


async def _recent(now: "Runtime", experiment_id: str) -> Experiment:
    known, moment = _of(now).running, now.clock()
    kept = known.get(experiment_id)
    if kept is not None and moment - kept[0] <= RUNNING_SECONDS:
        return kept[1]
    experiment = await found(now, experiment_id)
    known.pop(experiment_id, None)
    if experiment.state == "running":
        known[experiment_id] = (moment, experiment)
        while len(known) > MOST_RUNNING:
            known.popitem(last=False)
    return experiment


async def _context(now: "Runtime", experiment: Experiment, asked: AssignRequest, platform: str | None) -> Context:
    """Who the unit is, as far as the experiment's targeting asks."""
    targeting = experiment.targeting
    asks = (targeting.languages and asked.language is None) or (targeting.levels and asked.level is None)
    profile = await now.recent.profile(asked.unit_id) if asks else None
    known = None if profile is None else profile.language
    return Context(
        language=asked.language or known or now.settings.ai_default_language,
        platform=platform_of(asked.platform or platform),
        level=asked.level or level_of(profile),
    )


async def _expose(now: "Runtime", experiment_id: str, unit: str, variant: str) -> None:
    told = _of(now).told
    if (experiment_id, unit) in told:
        return
    event = Exposed(unit=unit, id=f"x:{experiment_id}:{unit}", experiment=experiment_id, variant=variant)
    await now.store.commit(Create(happening(event, now.clock())))
    told[experiment_id, unit] = None
    while len(told) > _TOLD:
        told.popitem(last=False)


async def _here(now: "Runtime") -> Here:
    moment = now.clock()
    states = await now.breakers.snapshot()
    shut = {scope for scope, state in states.items() if state.status(moment) == "open"}
    models = now.catalog.models
    return Here(
        configured=models,
        unpriced=[name for name, model in models.items() if model.price is None],
        broken=[name for name, model in models.items() if {model.group, model.scope} & shut],
        live=await now.recent.live(),
        enabled=now.settings.ab_testing_enabled,
    )


def _of(now: "Runtime") -> _Known:
    known = _known.get(now)
    if known is None:
        known = _known[now] = _Known()
    return known
