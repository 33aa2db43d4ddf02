"""Experiments and their sums, as the tests of the analysis arrange them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shared.experiments.moments import PAIRS, Moments
from shared.experiments.totals import Cell, Totals
from shared.stored.experiments import (
    Experiment,
    ExperimentMetric,
    ExperimentVariant,
    RunningExperiment,
    RunningVariant,
    Slice,
)

DAY = 86_400.0
RATING = ExperimentMetric(name="user_satisfaction", kind="ratio", rating=True, margin=0.02)
LEARNT = ExperimentMetric(name="next_item_correctness", kind="ratio", learning=True, margin=0.05)
SLOWNESS = ExperimentMetric(name="response_time", kind="ratio", better="down", margin=0.1)
SCORE = ExperimentMetric(name="score", kind="mean")


def experiment(
    *metrics: ExperimentMetric,
    arms: Sequence[str] = ("control", "treatment"),
    slices: Sequence[Sequence[float]] = (),
    **fields: Any,
) -> Experiment:
    """A running experiment with equal shares; `slices` are the shares of a bandit's."""
    share = 1 / len(arms)
    running = RunningExperiment(
        id="e1",
        salt="s",
        slices=[Slice(ranges=[], weights=list(one), opened_at=0) for one in slices or ([share] * len(arms),)],
        variants=[RunningVariant(name=name, weight=share) for name in arms],
    )
    given = {
        "name": "model_comparison",
        "kind": "model_selection",
        "state": "running",
        "target_participants": 1_000,
        "min_participants": 100,
        "traffic_allocation": 1.0,
        "duration_days": 14.0,
        "created_at": 0.0,
        "created_by": "ops",
        "started_at": 0.0,
        "running": running,
        "metrics": list(metrics or (SCORE,)),
    }
    return Experiment(
        id="e1",
        variants=[ExperimentVariant(name=name, is_control=not place, weight=share) for place, name in enumerate(arms)],
        **{**given, **fields},
    )


def moments(num: Any, den: Any = None, pre_num: Any = None, pre_den: Any = None) -> Moments:
    """The sums of some units' numbers; what is left out is 1 for `den`, 0 and 1 for what was before."""
    num = np.asarray(num, dtype=float)
    numbers = [
        num,
        np.ones_like(num) if den is None else np.asarray(den, dtype=float),
        np.zeros_like(num) if pre_num is None else np.asarray(pre_num, dtype=float),
        np.ones_like(num) if pre_den is None else np.asarray(pre_den, dtype=float),
    ]
    return Moments(
        len(num), tuple(float(one.sum()) for one in numbers), tuple(float(numbers[a] @ numbers[b]) for a, b in PAIRS)
    )


def cell(metrics: Mapping[str, Moments], **fields: Any) -> Cell:
    """A cell of as many units as its first metric has, all of them treated."""
    units = next(iter(metrics.values())).n if metrics else 0
    return Cell(**{"units": units, "treated": units, **fields}, metrics=metrics)


def totals(cells: Mapping[str, Mapping[str, Moments]], **fields: Any) -> Totals:
    """Sums of one slice and cohort by variant and metric."""
    found = {(name, 0, 0): cell(metrics) for name, metrics in cells.items()}
    return Totals(**{"first_exposure": 0.0, "last_exposure": DAY, **fields}, cells=found)


def normal(n: int, mean: float, sd: float) -> Moments:
    """The sums of `n` units of which exactly that mean and deviation are seen."""
    spread = sd * np.sqrt((n - 1) / n) * np.where(np.arange(n) % 2 == 0, 1.0, -1.0) if n % 2 == 0 else None
    assert spread is not None, "an even number of units"
    return moments(mean + spread)
