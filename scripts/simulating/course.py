"""One experiment from its creation to its end, looked at again and again, and what many of them come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from scripts.simulating.api import METRIC, TREATMENT, Api
from scripts.simulating.traffic import Source


@dataclass(frozen=True)
class Course:
    """What one experiment showed. `stopped_at`: units at the first look whose always-valid interval had no 0 in it."""

    effect: float | None
    stopped_at: int | None
    peeked: bool
    """Whether the fixed-horizon test was below alpha at any look."""
    at_end: bool
    """Whether it was at the last one, the only one it is right for."""
    srm: bool
    estimate: float | None
    covered: bool | None
    """Whether the last always-valid interval holds the true effect; None where nobody knows it."""


async def course(api: Api, source: Source, *, units: int, look: int, seed: int) -> Course:
    """Play one. Every look is a read of the analysis, as an operator does it."""
    chance = np.random.default_rng(seed)
    experiment = await api.create(f"Simulation {source.name}", source.kind, units)
    await api.start(experiment)
    came, stopped_at, peeked, said = 0, None, False, {}
    try:
        for number, size in enumerate(source.looks(units, look)):
            names = [f"s{seed}-{came + place}" for place in range(size)]
            values: list[dict[str, Any]] = []
            for unit, variant in zip(names, await api.assigned(experiment, names), strict=True):
                drawn = source.draw(chance, number, treated=variant == TREATMENT)
                values += [
                    {"unit_id": unit, "metric": METRIC, "value": value, "denominator": den, "event_id": f"{unit}.{event}"}
                    for event, (value, den) in enumerate(drawn)
                ]  # fmt: skip
            await api.outcomes(experiment, values)
            came += size
            said = await api.analysis(experiment)
            effect = _effect(said)
            peeked = peeked or _below(effect, said["alpha"])
            if stopped_at is None and _without_zero(effect["always_valid"]):
                stopped_at = came
    finally:
        await api.stop(experiment)
    last = _effect(said)
    return Course(
        source.effect,
        stopped_at,
        peeked,
        _below(last, said["alpha"]),
        bool(said["srm"]["assigned"]["alarm"]),
        last["effect"]["relative"],
        _holds(last["always_valid"]["relative"], source.effect),
    )


def summary(name: str, courses: Sequence[Course]) -> dict[str, Any]:
    """Shares and medians over the experiments of one kind."""
    n = len(courses)
    stops = [one.stopped_at for one in courses if one.stopped_at is not None]
    known = [one.covered for one in courses if one.covered is not None]
    return {
        "traffic": name,
        "experiments": n,
        "always_valid": round(len(stops) / n, 4),
        "median_stop": median(stops) if stops else None,
        "fixed_peeked": round(sum(one.peeked for one in courses) / n, 4),
        "fixed_at_end": round(sum(one.at_end for one in courses) / n, 4),
        "srm_alarms": round(sum(one.srm for one in courses) / n, 4),
        "covered": round(sum(known) / len(known), 4) if known else None,
    }


def _effect(said: dict[str, Any]) -> dict[str, Any]:
    effects: list[dict[str, Any]] = said["metrics"][0]["effects"]
    return effects[0]


def _below(effect: dict[str, Any], alpha: float) -> bool:
    return effect["p_value"] is not None and effect["p_value"] < alpha


def _without_zero(interval: dict[str, Any]) -> bool:
    low, high = interval["low"], interval["high"]
    return (low is not None and low > 0) or (high is not None and high < 0)


def _holds(interval: dict[str, Any], effect: float | None) -> bool | None:
    if effect is None:
        return None
    low, high = interval["low"], interval["high"]
    return (low is None or low <= effect) and (high is None or high >= effect)
