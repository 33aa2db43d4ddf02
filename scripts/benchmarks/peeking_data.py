"""Simulated learners for `scripts/peeking`: what each brings, which arm it is in, and the sums at every look."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from shared.experiments.moments import Moments
from shared.experiments.stats.summaries import SumKind

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], tuple[Array, Array]]
"""Units of a shape: numerators and denominators."""

EVERY = 50
"""Units between two looks."""


@dataclass(frozen=True, slots=True)
class Population:
    """A metric and how its values come about."""

    name: str
    kind: SumKind
    draw: Draw
    treated: float = 0.5
    """The treatment's share of units."""
    chance: float = 0.0
    """Of a one in the control, for proportions."""


def _normal(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    return random.normal(1.0, 1.0, shape), np.ones(shape)


def _lognormal(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    return np.exp(random.normal(0.0, 2.0, shape)), np.ones(shape)


def _bernoulli(chance: float, random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    return (random.random(shape) < chance).astype(np.float64), np.ones(shape)


def answers(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Right answers of answers: each learner has a chance of its own (beta 2, 3), and those who are right more often answer more."""
    chance = random.beta(2.0, 3.0, shape)
    count = 1 + random.poisson(8.0 * chance)
    return random.binomial(count, chance).astype(np.float64), count.astype(np.float64)


NORMAL = Population("normal", "mean", _normal)
BERNOULLI = Population("Bernoulli 5 %", "proportion", partial(_bernoulli, 0.05), chance=0.05)
HEAVY = Population("lognormal, sigma 2", "mean", _lognormal)
RATIO = Population("ratio, several events a unit", "ratio", answers)
RARE = Population("Bernoulli 0.5 %", "proportion", partial(_bernoulli, 0.005), chance=0.005)
UNEVEN = Population("Bernoulli 5 %, 20 to 80", "proportion", partial(_bernoulli, 0.05), treated=0.8, chance=0.05)
TENTH = Population("Bernoulli 5 %, 90 to 10", "proportion", partial(_bernoulli, 0.05), treated=0.1, chance=0.05)
HEAVY_TENTH = Population("lognormal, sigma 2, 90 to 10", "mean", _lognormal, treated=0.1)
HEAVY_UNEVEN = Population("lognormal, sigma 2, 20 to 80", "mean", _lognormal, treated=0.8)


def looks(population: Population, random: np.random.Generator, units: int, effect: float = 0.0) -> Array:
    """Sums at every look, of shape (looks, 2 arms, 6): units, num, den, num squared, num times den, den squared.

    `effect` moves a mean; a proportion's zeros become ones with the chance that raises it by `effect`.
    """
    num, den = population.draw(random, (units,))
    treated = random.random(units) < population.treated
    if effect and population.kind == "proportion":
        share = effect / (1 - population.chance)
        num = np.where(treated & (num == 0) & (random.random(units) < share), 1.0, num)
    elif effect:
        num = num + effect * treated * den
    features = np.stack([np.ones(units), num, den, num * num, num * den, den * den], axis=1)
    arms = np.stack([features * ~treated[:, None], features * treated[:, None]], axis=1)
    sums: Array = arms.reshape(units // EVERY, EVERY, 2, 6).sum(axis=1).cumsum(axis=0)
    return sums


def moments(sums: list[float]) -> Moments:
    """One arm's sums at one look, as the product keeps them."""
    n, num, den, squares, product, den_squares = sums
    return Moments(round(n), (num, den, 0.0, 0.0), (squares, product, 0.0, 0.0, den_squares, 0.0, 0.0, 0.0, 0.0, 0.0))
