"""From what an operator asks for to an experiment, with every fault named by its field. Pure.

    experiment = define(draft, Defaults(100, 14), id=…, by=…, now=…)
    experiment = edited(experiment, change, defaults)            # while it is a draft

What has no bound of its own in the request is checked here, because it needs more than one field or a table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.agents.experiments import (
    LONGEST_DAYS,
    MOST_METRICS,
    MOST_QUANTILES,
    ExperimentChange,
    ExperimentDraft,
    MetricDraft,
    MetricsDraft,
    TargetingDraft,
    VariantDraft,
)
from shared.errors import InvalidRequest
from shared.experiments.catalogue import AGENTS, BUILT_IN, LEVELS, PLATFORMS
from shared.experiments.config import Fault, steering
from shared.language.names import LANGUAGES
from shared.stored.experiments import (
    Experiment,
    ExperimentMetric,
    ExperimentVariant,
    Kind,
    RunningVariant,
    Targeting,
)

_NEAR: Final = 1e-6
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "languages": tuple(LANGUAGES),
    "platforms": PLATFORMS,
    "levels": LEVELS,
    "agents": AGENTS,
}
PLAIN: Final = (
    "name",
    "description",
    "target_participants",
    "traffic_allocation",
    "min_participants",
    "duration_days",
    "layer",
    "allocation",
    "alpha",
    "power",
    "minimum_effect",
    "auto_stop",
    "auto_promote",
)
"""Fields that are stored as they are asked for."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The installation's: fewer participants than `participants` are never enough; `days` holds where nothing is said."""

    participants: int
    days: float


def define(draft: ExperimentDraft, defaults: Defaults, *, id: str, by: str, now: float) -> Experiment:  # noqa: A002 - as everywhere
    """An experiment as a draft. `now` is Unix seconds. Raises InvalidRequest with every field that does not fit."""
    faults: list[Fault] = []
    variants = _variants(draft.variants, draft.allocation, faults)
    metrics, guardrails = _metrics(draft.metrics, faults)
    plain = {name: getattr(draft, name) for name in PLAIN}
    if "target_participants" not in draft.model_fields_set:
        plain["target_participants"] = max(defaults.participants, draft.target_participants)
    if draft.min_participants is None:
        plain["min_participants"] = min(defaults.participants, plain["target_participants"])
    if draft.duration_days is None:
        plain["duration_days"] = min(float(defaults.days), LONGEST_DAYS)
    targeting = _targeting(draft.targeting, faults)
    _configs(variants, draft.experiment_type, faults)
    _whole(plain, metrics, defaults, faults)
    _refuse(faults)
    return Experiment(
        id=id,
        kind=draft.experiment_type,
        variants=variants,
        metrics=metrics,
        guardrails=guardrails,
        targeting=targeting,
        created_at=now,
        created_by=by,
        **plain,
    )


def wanted(experiment: Experiment, change: ExperimentChange) -> dict[str, Any]:
    """What a change asks for that is not so already, by the fields of a request. Raises InvalidRequest."""
    faults: list[Fault] = []
    given = {name: getattr(change, name) for name in ExperimentChange.model_fields if name in change.model_fields_set}
    if "variants" in given and change.variants is not None:
        given["variants"] = _variants(change.variants, change.allocation or experiment.allocation, faults)
    if "metrics" in given and change.metrics is not None:
        given["metrics"] = _metrics(change.metrics, faults)
    if "targeting" in given and change.targeting is not None:
        given["targeting"] = _targeting(change.targeting, faults)
    faults += [(name, "Cannot be empty") for name, value in given.items() if value is None and name != "layer"]
    _refuse(faults)
    return {name: value for name, value in given.items() if value != _stands(experiment, name)}


def edited(experiment: Experiment, change: ExperimentChange, defaults: Defaults) -> Experiment:
    """A draft with the change. Raises InvalidRequest with every field that does not fit then."""
    given = wanted(experiment, change)
    update = {name: value for name, value in given.items() if name in PLAIN or name in ("variants", "targeting")}
    if "experiment_type" in given:
        update["kind"] = given["experiment_type"]
    if "metrics" in given:
        update["metrics"], update["guardrails"] = given["metrics"]
    after = experiment.model_copy(update=update)
    faults: list[Fault] = []
    _configs(after.variants, after.kind, faults)
    if after.allocation == "thompson" and not _equal(variant.weight for variant in after.variants):
        faults.append(("variants", "A bandit begins with equal shares"))
    _whole({name: getattr(after, name) for name in PLAIN}, after.metrics, defaults, faults)
    _refuse(faults)
    return after


def require_variant(experiment: Experiment, winner: str | None) -> None:
    """Raise InvalidRequest for a winner that is no variant of it; None is no winner yet."""
    names = [variant.name for variant in experiment.variants]
    if winner is not None and winner not in names:
        _refuse([("winner", f"There is no variant {winner!r}; there are {', '.join(names)}")])


def arms(experiment: Experiment) -> list[RunningVariant]:
    """What the variants change, in their order. Raises InvalidRequest where this release does not know a config any more."""
    faults: list[Fault] = []
    found = _configs(experiment.variants, experiment.kind, faults)
    _refuse(faults)
    return found


def _stands(experiment: Experiment, name: str) -> Any:
    if name == "experiment_type":
        return experiment.kind
    return (experiment.metrics, experiment.guardrails) if name == "metrics" else getattr(experiment, name)


def _variants(drafts: list[VariantDraft], allocation: str, faults: list[Fault]) -> list[ExperimentVariant]:
    names = [draft.name for draft in drafts]
    faults += [
        (f"variants.{place}.name", f"There is another variant {name!r}")
        for place, name in enumerate(names)
        if name in names[:place]
    ]
    controls = sum(draft.is_control for draft in drafts)
    if controls != 1:
        faults.append(("variants", f"Exactly one variant is the control (is_control): here {controls or 'none'} is"))
    weights = [draft.weight for draft in drafts]
    if all(weight is None for weight in weights):
        weights = [1 / len(drafts)] * len(drafts)
    elif None in weights:
        faults.append((f"variants.{weights.index(None)}.weight", "Give every variant a weight, or none"))
    elif abs(sum(weight or 0 for weight in weights) - 1) > _NEAR:
        total = sum(weight or 0 for weight in weights)
        faults.append(("variants", f"The weights sum to 1: here they sum to {total:.6g}"))
    elif allocation == "thompson" and not _equal(weight or 0 for weight in weights):
        faults.append(("variants", "A bandit begins with equal shares"))
    return [
        ExperimentVariant(**draft.model_dump(exclude={"weight"}), weight=weight or 0)
        for draft, weight in zip(drafts, weights, strict=True)
    ]


def _configs(variants: Iterable[ExperimentVariant], kind: Kind, faults: list[Fault]) -> list[RunningVariant]:
    found = []
    for place, variant in enumerate(variants):
        # One without a weight is refused for that already.
        running, wrong = steering(variant.name, variant.weight or 1.0, kind, variant.config)
        faults += [(".".join(("variants", str(place), "config", *filter(None, [path]))), text) for path, text in wrong]
        found.append(running)
    return found


def _metrics(draft: MetricsDraft, faults: list[Fault]) -> tuple[list[ExperimentMetric], list[str]]:
    own = _own(draft.definitions, faults)
    named = [("metrics.primary_metric", draft.primary_metric)]
    named += [(f"metrics.secondary_metrics.{at}", name) for at, name in enumerate(draft.secondary_metrics)]
    named += [(f"metrics.guardrail_metrics.{at}", name) for at, name in enumerate(draft.guardrail_metrics)]
    found: dict[str, ExperimentMetric] = {}
    for path, name in named:
        if name in found:
            faults.append((path, f"{name} is listed twice"))
        elif (metric := own.get(name) or (BUILT_IN[name].metric if name in BUILT_IN else None)) is None:
            known = ", ".join([*BUILT_IN, *own])
            faults.append((path, f"No metric {name!r}: define it in metrics.definitions, or take one of {known}"))
        else:
            found[name] = metric
    if len(found) > MOST_METRICS:
        faults.append(("metrics", f"An experiment has {MOST_METRICS} metrics at most"))
    quantiles = [name for name, metric in found.items() if metric.kind == "quantile"]
    if len(quantiles) > MOST_QUANTILES:
        text = f"An experiment has {MOST_QUANTILES} quantile metrics at most: here are {', '.join(quantiles)}"
        faults.append(("metrics", text))
    unused = [(at, one.name) for at, one in enumerate(draft.definitions) if one.name not in {name for _, name in named}]
    faults += [(f"metrics.definitions.{at}", f"{name} is used nowhere") for at, name in unused]
    return list(found.values()), [name for name in draft.guardrail_metrics if name in found]


def _own(drafts: list[MetricDraft], faults: list[Fault]) -> dict[str, ExperimentMetric]:
    found: dict[str, ExperimentMetric] = {}
    for place, draft in enumerate(drafts):
        path = f"metrics.definitions.{place}"
        if draft.name in found:
            faults.append((f"{path}.name", f"{draft.name} is defined twice"))
        elif draft.name in BUILT_IN:
            built = BUILT_IN[draft.name].metric
            told = sorted(draft.model_fields_set - {"name", "margin"})
            if other := [name for name in told if getattr(draft, name) != getattr(built, name)]:
                faults.append((f"{path}.{other[0]}", f"{draft.name} is built in: only its margin can be set"))
            found[draft.name] = built if draft.margin is None else built.model_copy(update={"margin": draft.margin})
        elif draft.kind is None:
            faults.append(
                (f"{path}.kind", f"Needs one of mean, proportion, ratio, quantile: {draft.name} is not built in")
            )
        elif (draft.kind == "quantile") != (draft.quantile is not None):
            faults.append((f"{path}.quantile", "Is given for the kind quantile (0.95 is p95), and for no other"))
        elif draft.kind == "proportion" and (draft.lowest is not None or draft.highest is not None):
            name = "highest" if draft.lowest is None else "lowest"
            faults.append((f"{path}.{name}", "A proportion's values lie between 0 and 1 by themselves: leave it out"))
        elif draft.lowest is not None and draft.highest is not None and draft.lowest >= draft.highest:
            faults.append((f"{path}.lowest", f"Is less than highest, which is {draft.highest:g}"))
        else:
            found[draft.name] = ExperimentMetric(**draft.model_dump(exclude={"margin"}), margin=draft.margin or 0.0)
    return found


def _targeting(draft: TargetingDraft, faults: list[Fault]) -> Targeting:
    found = {}
    for name, known in _WORDS.items():
        words = list(dict.fromkeys(word.lower() for word in getattr(draft, name)))
        faults += [
            (f"targeting.{name}", f"{word!r} is none of {', '.join(known)}") for word in words if word not in known
        ]
        found[name] = words
    return Targeting(**found)


def _whole(plain: Mapping[str, Any], metrics: list[ExperimentMetric], defaults: Defaults, faults: list[Fault]) -> None:
    """What several fields must agree in."""
    least = f"{defaults.participants} participants are the least here (MIN_EXPERIMENT_PARTICIPANTS)"
    if plain["target_participants"] < defaults.participants:
        faults.append(("target_participants", least))
    elif plain["min_participants"] < defaults.participants:
        faults.append(("min_participants", least))
    elif plain["min_participants"] > plain["target_participants"]:
        faults.append(("min_participants", "Is no more than target_participants"))
    if plain["auto_promote"] and not plain["auto_stop"]:
        faults.append(("auto_promote", "Needs auto_stop: only what is decided is promoted"))
    if plain["allocation"] == "thompson" and metrics and metrics[0].kind == "quantile":
        faults.append(
            (
                "allocation",
                "A bandit goes by means, so its primary metric is no quantile: take fixed, or another primary metric",
            )
        )


def _equal(weights: Iterable[float]) -> bool:
    found = list(weights)
    return max(found) - min(found) <= _NEAR


def _refuse(faults: list[Fault]) -> None:
    if faults:
        shown = ", ".join(dict.fromkeys(path for path, _ in faults[:5]))
        raise InvalidRequest(f"These fields do not fit: {shown}.", fields=faults)
