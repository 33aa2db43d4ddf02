"""The Bayesian view: how likely is an arm the better one, and what is lost by taking it? Pure, and without random numbers.

Effects and means of arms are normal, a prior on an effect too (conjugate, known variance: Gelman et al., Bayesian Data Analysis,
2.5). The figures for one treatment are those of growthbook's gbstats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, pi, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from shared.experiments.stats.difference import Effect, check_alpha

Better = Literal["up", "down"]

_REACH: Final = 9.0
"""Standard deviations beyond which a normal distribution is nothing (1e-19)."""
_STEP: Final = 0.5
"""Length of a piece of the quadrature in standard deviations of the arm that changes in it."""
_POINTS: Final = 8
"""Gauss and Legendre's points in a piece: exact to 1e-12 there."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is held of an effect beforehand: normal with this mean and variance. `None` stands for knowing nothing."""

    mean: float
    variance: float

    def __post_init__(self) -> None:
        if not self.variance > 0:
            raise ValueError("variance of a prior must be above 0")

    def scaled(self, factor: float) -> "Prior":
        """The prior of `factor` times the effect: from relative to absolute with the size of the control's mean."""
        return Prior(self.mean * factor, self.variance * factor**2)


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is held of an effect afterwards.

    `chance` is that the treatment is better. `loss` is what each choice is expected to cost against the better one, in units of
    the effect: that of keeping the control, and that of taking the treatment. With a `message` nothing is known: the chance is a
    half, the losses 0 and the interval everything.
    """

    mean: float
    sd: float
    interval: tuple[float, float]
    chance: float
    loss: tuple[float, float]
    message: str | None = None


def posterior(effect: Effect, prior: Prior | None = None, *, alpha: float = 0.05, better: Better = "up") -> Posterior:
    """The effect by its estimate and the prior; the interval holds it with probability 1 - alpha."""
    check_alpha(alpha)
    if effect.message is not None:
        return Posterior(0.0, 0.0, effect.interval, 0.5, (0.0, 0.0), effect.message)
    variance, mean = effect.standard_error**2, effect.estimate
    if prior is not None:
        weight = prior.variance / (prior.variance + variance)
        mean, variance = weight * mean + (1 - weight) * prior.mean, weight * variance
    sd = sqrt(variance)
    half = -float(ndtri(alpha / 2)) * sd
    above, below = excess(mean, sd), excess(-mean, sd)
    chance, loss = (mean / sd, (above, below)) if better == "up" else (-mean / sd, (below, above))
    return Posterior(mean, sd, (mean - half, mean + half), float(ndtr(chance)), loss)


def excess(mean: float, sd: float) -> float:
    """E[max(X, 0)] of a normal X: mean Phi(mean / sd) + sd phi(mean / sd), never below 0."""
    z = mean / sd
    density = exp(-z * z / 2) / sqrt(2 * pi) if abs(z) < 40 else 0.0
    return max(0.0, mean * float(ndtr(z)) + sd * density)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Of several arms, in their order: the chance to be the best, and what taking one is expected to cost against the best."""

    chances: tuple[float, ...]
    losses: tuple[float, ...]


def best(posteriors: Sequence[tuple[float, float]], better: Better = "up") -> Ranking:
    """Which of some arms is the best, by their independent normal posteriors (mean, standard deviation); to 1e-9.

    P(i is best) is the integral of phi_i times the other arms' Phi, and E[max] that of x times its density: Gauss and Legendre's
    quadrature over pieces that are short wherever one of the arms has its mass. Equal arms share; a standard deviation of 0 is a
    known value. ValueError where there is no arm, or a number is none or negative where it must not be.
    """
    if not posteriors:
        raise ValueError("posteriors must not be empty")
    if not all(isfinite(mean) and isfinite(sd) and sd >= 0 for mean, sd in posteriors):
        raise ValueError("posteriors must be finite means and standard deviations of 0 or more")
    sign = 1.0 if better == "up" else -1.0
    means = sign * np.array([mean for mean, _ in posteriors])
    middle = float(np.mean(means))
    means -= middle
    spreads = np.array([sd for _, sd in posteriors])
    least = 1e-9 * float(max(np.abs(means).max(), spreads.max())) or 1e-12
    spreads = np.maximum(spreads, least)
    x, weights = _quadrature(means, spreads)
    z = (x[None, :] - means[:, None]) / spreads[:, None]
    below = ndtr(z)
    density = np.exp(-z * z / 2) / (sqrt(2 * pi) * spreads[:, None])
    others = np.stack([np.prod(np.delete(below, place, axis=0), axis=0) for place in range(len(means))])
    parts = density * others * weights[None, :]
    chances = parts.sum(axis=1)
    chances /= chances.sum()
    losses = np.maximum(0.0, float((parts.sum(axis=0) * x).sum()) - means)
    return Ranking(tuple(map(float, chances)), tuple(map(float, losses)))


def _quadrature(
    means: NDArray[np.float64], spreads: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights of Gauss and Legendre's quadrature between the neighbours among all arms' grid points."""
    steps = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    edges = np.unique((means[:, None] + spreads[:, None] * steps[None, :]).ravel())
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    half = np.diff(edges) / 2
    middle = (edges[:-1] + edges[1:]) / 2
    return (middle[:, None] + half[:, None] * nodes[None, :]).ravel(), (half[:, None] * weights[None, :]).ravel()
