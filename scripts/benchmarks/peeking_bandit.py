"""Bandits that are looked at every day, for `scripts/peeking`: slices, shares and figures are the product's."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from shared.experiments import bandit
from shared.experiments.moments import Moments
from shared.experiments.stats.measuring import measure
from shared.experiments.totals import Cell, Totals
from shared.stored.experiments import (
    Experiment,
    ExperimentMetric,
    ExperimentVariant,
    MetricKind,
    RunningExperiment,
    RunningVariant,
    Slice,
)

DAYS = 28
DAY = 86_400.0
AT_ONCE = 10
"""Experiments that one worker makes in one piece."""
Values = NDArray[np.float64]


def _chance(random: np.random.Generator, chances: Values, *, likely: float) -> Values:
    return (random.random(len(chances)) < likely + chances).astype(np.float64)


def _heavy(random: np.random.Generator, shifts: Values) -> Values:
    return np.asarray(np.exp(random.normal(0.0, 1.5, len(shifts))) + shifts)


@dataclass(frozen=True, slots=True)
class Course:
    """A bandit of so many units a day. `draw`: their values, given what is added to each one's mean; `effect`: the last arm's."""

    name: str
    kind: MetricKind
    daily: int
    draw: Callable[[np.random.Generator, Values], Values]
    arms: int = 2
    effect: float = 0.0


COURSES = (
    Course("50 %, 100 a day", "proportion", 100, partial(_chance, likely=0.5)),
    Course("5 %, 30 a day", "proportion", 30, partial(_chance, likely=0.05)),
    Course("2 %, 100 a day", "proportion", 100, partial(_chance, likely=0.02)),
    Course("5 %, 100 a day, four arms", "proportion", 100, partial(_chance, likely=0.05), arms=4),
    Course("0.5 %, 300 a day", "proportion", 300, partial(_chance, likely=0.005)),
    Course("lognormal, sigma 1.5, 60 a day", "mean", 60, _heavy),
    Course("50 % +10, 100 a day", "proportion", 100, partial(_chance, likely=0.5), effect=0.1),
)


def called(pool: Executor, course: Course, runs: int, seed: int, step: Callable[[], None]) -> float:
    """The share of experiments in which any always-valid interval excluded 0 on any day."""
    found = []
    for piece in pool.map(partial(_piece, course, seed), range(steps(runs))):
        found += piece
        step()
    return sum(found) / len(found)


def steps(runs: int) -> int:
    """How many pieces `runs` experiments are made in."""
    return -(-runs // AT_ONCE)


def _piece(course: Course, seed: int, piece: int) -> list[bool]:
    random = np.random.default_rng([seed, piece])
    return [_ever(course, random) for _ in range(AT_ONCE)]


def _ever(course: Course, random: np.random.Generator) -> bool:
    asked = _experiment(course)
    sums: dict[tuple[str, int, int], Moments] = {}
    for day in range(1, DAYS + 1):
        assert asked.running is not None
        slices = asked.running.slices
        arm = random.choice(course.arms, size=course.daily, p=slices[-1].weights)
        values = course.draw(random, course.effect * (arm == course.arms - 1))
        for place, variant in enumerate(asked.variants):
            key = variant.name, len(slices) - 1, 0
            sums[key] = sums.get(key, Moments()) + _sums(values[arm == place])
        totals = Totals({key: Cell(one.n, one.n, metrics={"metric": one}) for key, one in sums.items()})
        for effect in measure(asked, asked.primary, totals).effects:
            low, high = effect.always_valid.low, effect.always_valid.high
            if (low is not None and low > 0) or (high is not None and high < 0):
                return True
        weights = bandit.next_weights(asked, totals, day * DAY)
        if weights is not None:
            opened = [*slices, Slice(ranges=[], weights=weights, opened_at=day * DAY)]
            asked = asked.model_copy(update={"running": asked.running.model_copy(update={"slices": opened})})
    return False


def _sums(values: Values) -> Moments:
    n, total, square = len(values), float(values.sum()), float(values @ values)
    return Moments(n, (total, float(n), 0.0, 0.0), (square, total, 0.0, 0.0, float(n), 0.0, 0.0, 0.0, 0.0, 0.0))


def _experiment(course: Course) -> Experiment:
    names, share = [f"arm {place}" for place in range(course.arms)], 1 / course.arms
    opened = [Slice(ranges=[], weights=[share] * course.arms, opened_at=0)]
    return Experiment(
        id="bandit",
        name="bandit",
        kind="feature",
        state="running",
        variants=[ExperimentVariant(name=name, is_control=not place, weight=share) for place, name in enumerate(names)],
        metrics=[ExperimentMetric(name="metric", kind=course.kind)],
        target_participants=course.daily * DAYS,
        min_participants=100,
        traffic_allocation=1.0,
        duration_days=DAYS,
        allocation="thompson",
        created_at=0,
        created_by="peeking",
        started_at=0,
        running=RunningExperiment(
            id="bandit",
            salt="",
            slices=opened,
            variants=[RunningVariant(name=name, weight=share) for name in names],
        ),
    )
