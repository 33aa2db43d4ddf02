"""An experiment's way from draft to decided: which step is allowed, what it leaves of the experiment and of LiveConfig. Pure.

draft -> running -> stopped | decided,  draft -> stopped (given up),  stopped -> decided (by an operator's word)

Every step takes both documents as they stand and gives both back, to be stored in one commit over those versions
(`shared.experiments.course`). LiveConfig comes back as the same object where it is not changed. What is decided stays decided.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from shared.agents.experiments import ExperimentChange
from shared.documents import LiveConfig
from shared.errors import Conflict
from shared.experiments.definition import Defaults, arms, edited, wanted
from shared.experiments.slices import ROUNDS, NoRoom, Unwidened, open_first, open_next, widen
from shared.stored.experiments import Decision, Experiment, Promotion, RunningExperiment, State, Transition

MOST_RUNNING: Final = 50
MOST_PROMOTIONS: Final = 50
LARGEST: Final = 400_000
"""Bytes that running experiments and promotions may have in LiveConfig together: Firestore takes 1 MiB a document, and every
instance reads it every two seconds."""
MOST_TRANSITIONS: Final = 200
CHANGEABLE: Final = ("traffic_allocation", "duration_days", "description", "auto_stop", "auto_promote")
"""Fields that can be changed while an experiment runs."""
_FROZEN: Final = {
    "variants": "weights and configs are frozen while it runs: units that are in would move or mix",
    "metrics": "what is measured is fixed before anything is seen",
    "alpha": "the error rate is fixed before anything is seen",
}

Changed = tuple[Experiment, LiveConfig]


def start(
    experiment: Experiment, live: LiveConfig, *, configured: Collection[str], salt: str, by: str, now: float, why: str
) -> Changed:
    """Run a draft. `configured`: the models that can be asked here; `salt` is random. Raises Conflict and InvalidRequest."""
    if experiment.state != "draft":
        raise Conflict(f"It is {experiment.state}: only a draft can be started.")
    if len(live.experiments) >= MOST_RUNNING:
        raise Conflict(f"{MOST_RUNNING} experiments run already: stop one first.")
    variants = arms(experiment)
    for variant in variants:
        if variant.prefer_model is None:
            continue
        if variant.prefer_model not in configured:
            here = ", ".join(configured) or "none"
            raise Conflict(
                f"{variant.name} asks {variant.prefer_model}, which is not configured here. Configured: {here}."
            )
        if variant.prefer_model in live.disabled_models:
            raise Conflict(
                f"{variant.name} asks {variant.prefer_model}, which is switched off (LiveConfig.disabled_models)."
            )
    try:
        running = open_first(experiment, live.experiments, salt, now, variants)
    except NoRoom as error:
        raise _full(experiment.layer, error) from None
    after = _moved(experiment, "running", by, now, why)
    after = after.model_copy(update={"running": running, "started_at": now})
    return after, _written(live, [*live.experiments, running], by, now)


def stop(
    experiment: Experiment, live: LiveConfig, *, by: str, now: float, why: str, winner: str | None, promote: bool
) -> Changed:
    """End it; with a winner decide it. Stopping what is stopped changes nothing. Raises Conflict."""
    if experiment.state == "decided":
        raise Conflict("It is decided, and what is decided stays decided.")
    if promote and winner is None:
        raise Conflict("promote: needs a winner.")
    if winner is None:
        return (
            (experiment, live)
            if experiment.state == "stopped"
            else _ended(experiment, live, "stopped", by=by, now=now, why=why)
        )
    if experiment.running is None:
        raise Conflict("winner: it never ran, so there is nothing to be decided.")
    if winner not in (names := [variant.name for variant in experiment.variants]):
        raise Conflict(f"winner: there is no variant {winner!r}; there are {', '.join(names)}.")
    sentence = why or f"{by} decided for {winner}."
    decision = Decision(at=now, by=by, kind="operator", variant=winner, sentence=sentence)
    return _decided(experiment, live, decision, by=by, now=now, promote=promote)


def conclude(experiment: Experiment, live: LiveConfig, decision: Decision, now: float) -> Changed:
    """End it with what the monitor decided; a win goes to everybody where the experiment allows that and there is room.

    Raises Conflict for one that does not run.
    """
    if experiment.state != "running":
        raise Conflict(f"It is {experiment.state}.")
    promote = experiment.auto_promote and decision.kind == "win" and len(live.promotions) < MOST_PROMOTIONS
    return _decided(experiment, live, decision, by=decision.by, now=now, promote=promote)


def roll_back(experiment: Experiment, live: LiveConfig, *, by: str, now: float, why: str) -> Changed:
    """Take its winner back from everybody. Once more changes nothing. Raises Conflict for one that was never promoted."""
    decision = experiment.decision
    if decision is None or not decision.promoted:
        raise Conflict("Its winner was never given to everybody: there is nothing to be taken back.")
    if decision.rolled_back_at is not None:
        return experiment, live
    after = _moved(experiment, experiment.state, by, now, f"Taken back from everybody. {why}".strip())
    after = after.model_copy(update={"decision": decision.model_copy(update={"rolled_back_at": now})})
    promotions = [one for one in live.promotions if one.experiment_id != experiment.id]
    return after, _written(live, live.experiments, by, now, promotions)


def revise(
    experiment: Experiment, live: LiveConfig, change: ExperimentChange, defaults: Defaults, *, by: str, now: float
) -> Changed:
    """Change what may be changed in its state. Raises Conflict naming the first field that may not, and InvalidRequest."""
    given = wanted(experiment, change)
    if not given:
        return experiment, live
    why = f"Changed: {', '.join(given)}."
    if experiment.state == "draft":
        return _moved(edited(experiment, change, defaults), "draft", by, now, why), live
    allowed = CHANGEABLE if experiment.state == "running" else ("description",)
    for name in given:
        if name not in allowed:
            reason = _FROZEN.get(name, f"only {', '.join(allowed)} can be changed now")
            raise Conflict(f"{name} cannot be changed: it is {experiment.state}, and {reason}.")
    after = experiment.model_copy(update=given)
    if after.duration_days < experiment.duration_days:
        raise Conflict("duration_days can only become longer while it runs; to end it, stop it.")
    if after.auto_promote and not after.auto_stop:
        raise Conflict("auto_promote needs auto_stop: only what is decided is promoted.")
    if "traffic_allocation" in given:
        return _wider(experiment, after, live, by=by, now=now, why=why)
    return _moved(after, after.state, by, now, why), live


def open_round(experiment: Experiment, live: LiveConfig, weights: Sequence[float], now: float) -> Changed:
    """A bandit's next part of the traffic, in these shares (in the order of the variants). Raises Conflict where it cannot be opened."""
    running = _running(experiment)
    try:
        part = open_next(running, experiment.traffic_allocation / ROUNDS, weights, live.experiments, now)
    except (NoRoom, Unwidened) as error:
        raise Conflict(f"The next round cannot be opened: {error}.") from None
    shares = ", ".join(f"{arm.name} {share:.0%}" for arm, share in zip(part.variants, weights, strict=True))
    after = _moved(experiment, "running", "monitor", now, f"Round {len(part.slices)} of {ROUNDS}: {shares}.")
    return after.model_copy(update={"running": part}), _written(live, _with(live, part), "monitor", now)


def slug(name: str) -> str:
    """An experiment's name as a metric's label: "Model Performance Comparison" is model_performance_comparison."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:64] or "experiment"


def _wider(before: Experiment, after: Experiment, live: LiveConfig, *, by: str, now: float, why: str) -> Changed:
    if after.allocation == "thompson":
        raise Conflict("traffic_allocation cannot be changed: a bandit's rounds open its traffic.")
    try:
        running = widen(_running(before), after.traffic_allocation, live.experiments, now)
    except NoRoom as error:
        raise _full(after.layer, error) from None
    except Unwidened as error:
        raise Conflict(f"traffic_allocation: {error}.") from None
    moved = _moved(after, "running", by, now, f"{why} {before.traffic_allocation:g} to {after.traffic_allocation:g}.")
    return moved.model_copy(update={"running": running}), _written(live, _with(live, running), by, now)


def _decided(
    experiment: Experiment, live: LiveConfig, decision: Decision, *, by: str, now: float, promote: bool
) -> Changed:
    after, config = _ended(experiment, live, "decided", by=by, now=now, why=decision.sentence)
    if promote:
        variant = next(one for one in _running(experiment).variants if one.name == decision.variant)
        if len(config.promotions) >= MOST_PROMOTIONS:
            raise Conflict(f"{MOST_PROMOTIONS} winners hold for everybody: take one back first.")
        promotion = Promotion(
            experiment_id=experiment.id, variant=variant, targeting=experiment.targeting, at=now, by=by
        )
        config = _written(live, config.experiments, by, now, [*config.promotions, promotion])
        decision = decision.model_copy(update={"promoted": True})
    return after.model_copy(update={"decision": decision}), config


def _ended(experiment: Experiment, live: LiveConfig, state: State, *, by: str, now: float, why: str) -> Changed:
    after = _moved(experiment, state, by, now, why)
    if experiment.state != "running":
        return after.model_copy(update={"ended_at": experiment.ended_at or now}), live
    left = [one for one in live.experiments if one.id != experiment.id]
    return after.model_copy(update={"ended_at": now}), _written(live, left, by, now)


def _moved(experiment: Experiment, state: State, by: str, now: float, why: str) -> Experiment:
    """With the step in its course; of more than MOST_TRANSITIONS the oldest but the first go."""
    step = Transition(at=now, by=by, before=experiment.state, after=state, why=why[:1_000])
    course = [*experiment.transitions, step]
    if len(course) > MOST_TRANSITIONS:
        course = [course[0], *course[2:]]
    return experiment.model_copy(update={"state": state, "transitions": course})


def _running(experiment: Experiment) -> RunningExperiment:
    if experiment.running is None:
        raise Conflict(f"It is {experiment.state} and does not run.")
    return experiment.running


def _with(live: LiveConfig, running: RunningExperiment) -> list[RunningExperiment]:
    return [running if one.id == running.id else one for one in live.experiments]


def _written(
    live: LiveConfig,
    experiments: list[RunningExperiment],
    by: str,
    now: float,
    promotions: list[Promotion] | None = None,
) -> LiveConfig:
    kept = live.promotions if promotions is None else promotions
    update = {"experiments": experiments, "promotions": kept, "version": live.version + 1}
    after = live.model_copy(update={**update, "updated_at": now, "updated_by": by})
    size = _size(after)
    if size > LARGEST and size > _size(live):
        raise Conflict(f"What runs and what was promoted would have {size} bytes, and {LARGEST} is the most.")
    return after


def _size(live: LiveConfig) -> int:
    """Bytes of what experiments have in it."""
    return len(live.model_dump_json(include={"experiments", "promotions"}).encode())


def _full(layer: str | None, error: NoRoom) -> Conflict:
    where = "" if layer is None else f" of layer {layer}"
    return Conflict(f"traffic_allocation: only {error.free:.4g} of the traffic{where} is free.")
