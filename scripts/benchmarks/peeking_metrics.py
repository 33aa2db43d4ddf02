"""The part of `scripts/peeking` about single looks: what CUPED takes off the variance, and how often ratios' intervals hold."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from scripts.benchmarks.peeking_data import RATIO, looks, moments
from shared.experiments.moments import Moments
from shared.experiments.stats.difference import Effect, compare
from shared.experiments.stats.summaries import adjust, plain, summarise

_LIFT = 0.05
"""The true difference of the ratios."""
_RATIO = 2 / 4.2
"""The control's: E chance (1 + 8 chance) over E (1 + 8 chance), where chance is beta(2, 3): mean 0.4, mean square 0.2."""
_AT_ONCE = 250
_LARGE, _SAMPLES = 20_000, 20
_SMALL = 400


@dataclass(frozen=True, slots=True)
class Reduction:
    """CUPED with a covariate of correlation `rho`: the share of variance that is left, as the standard errors say (with the error of
    that), and as the estimates of many experiments of 400 units scatter."""

    rho: float
    said: float
    error: float
    scattered: float
    runs: int

    @property
    def expected(self) -> float:
        """What is left in theory."""
        return 1 - self.rho**2

    @property
    def met(self) -> bool:
        """Whether both are the theory's within four standard errors; the second pays for theta with one unit of each sample."""
        scatter = 4 * self.expected * np.sqrt(4 * self.rho**2 / self.runs) + self.expected / _SMALL
        return bool(
            abs(self.said - self.expected) <= 4 * self.error + 1 / _LARGE
            and abs(self.scattered - self.expected) <= scatter + 4 / _SMALL
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of `runs` experiments whose 95 % interval held the truth: the product's, absolute and relative, and per event."""

    units: int
    runs: int
    absolute: float
    relative: float
    naive: float


def reduction(pool: Executor, rho: float, runs: int, seed: int) -> Reduction:
    """Measured on fresh normal samples."""
    random = np.random.default_rng([seed, round(1000 * rho)])
    left = [
        after.standard_error**2 / before.standard_error**2 for before, after in _pairs(random, rho, _LARGE, _SAMPLES)
    ]
    sizes = [_AT_ONCE] * (runs // _AT_ONCE)
    tasks = [(seed + 1 + number, rho, size) for number, size in enumerate(sizes)]
    pairs = [pair for piece in pool.map(_estimates, tasks) for pair in piece]
    before, after = np.var([pair[0] for pair in pairs]), np.var([pair[1] for pair in pairs])
    return Reduction(
        rho, float(np.mean(left)), float(np.std(left) / np.sqrt(_SAMPLES)), float(after / before), len(pairs)
    )


def _estimates(task: tuple[int, float, int]) -> list[tuple[float, float]]:
    seed, rho, size = task
    random = np.random.default_rng([seed, round(1000 * rho)])
    return [(before.estimate, after.estimate) for before, after in _pairs(random, rho, _SMALL, size)]


def _pairs(random: np.random.Generator, rho: float, units: int, samples: int) -> Iterator[tuple[Effect, Effect]]:
    """The effect without and with CUPED, of A/A samples."""
    for _ in range(samples):
        before = random.normal(2.0, 1.0, (2, units // 2))
        value = 1 + rho * before + np.sqrt(1 - rho * rho) * random.normal(0.0, 1.0, before.shape)
        arms = [_with_covariate(value[arm], before[arm]) for arm in (0, 1)]
        plainly = compare(*(summarise("mean", arm) for arm in arms), relative=False, alpha=0.05)
        yield plainly, compare(*adjust("mean", arms[0], arms[1]), relative=False, alpha=0.05)


def _with_covariate(value: np.ndarray, before: np.ndarray) -> Moments:
    n = len(value)
    sums = (float(value.sum()), float(n), float(before.sum()), float(n))
    own, shared, earlier = float(value @ value), float(value @ before), float(before @ before)
    return Moments(n, sums, (own, sums[0], shared, sums[0], float(n), sums[2], float(n), earlier, sums[2], float(n)))


def coverage(pool: Executor, units: int, runs: int, seed: int) -> Coverage:
    """Measured on fresh learners with several events each."""
    pieces = list(pool.map(partial(_covered, units), range(seed, seed + -(-runs // _AT_ONCE))))
    total = _AT_ONCE * len(pieces)
    held = [sum(piece[place] for piece in pieces) / total for place in range(3)]
    return Coverage(units, total, *held)


def _covered(units: int, seed: int) -> tuple[int, int, int]:
    random = np.random.default_rng([seed, units])
    absolute = relative = naive = 0
    for _ in range(_AT_ONCE):
        at_end = looks(RATIO, random, units, _LIFT)[-1].tolist()
        arms = [summarise("ratio", moments(arm)) for arm in at_end]
        events = [
            plain(den, num / den, (num / den - shift) * (1 - num / den + shift))
            for (_, num, den, *_), shift in zip(at_end, (0.0, _LIFT), strict=True)
        ]
        absolute += _holds(compare(*arms, relative=False, alpha=0.05).interval, _LIFT)
        relative += _holds(compare(*arms, relative=True, alpha=0.05).interval, _LIFT / _RATIO)
        naive += _holds(compare(*events, relative=False, alpha=0.05).interval, _LIFT)
    return absolute, relative, naive


def _holds(interval: tuple[float, float], truth: float) -> bool:
    return interval[0] <= truth <= interval[1]
