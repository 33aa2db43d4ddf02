"""Mixture supermartingales and the boundaries they make. Pure.

Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49:1055
(2021), sections 3.2 to 3.4 and propositions 5 to 9. S is a sum of deviations from the mean, V its intrinsic time (the variance that
has come together). Where S is sub-psi, exp(lambda S - psi(lambda) V) is a supermartingale for each lambda, and so is its average
m(S, V) over a distribution of lambda: with probability 1 - alpha, m stays below 1 / alpha at all times together. Solved for S,
that is a boundary that S crosses with probability alpha at most, however often it is looked at.

The precision `rho` of the mixing distribution says at which intrinsic time `v_opt` the boundary is about as low as it can be.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from math import exp, inf, lgamma, log, log1p, sqrt
from typing import Final

from scipy.optimize import brentq
from scipy.special import betainc, betaln, gammainc, gammaincc, log_ndtr

from shared.experiments.stats.inputs import require_positive, require_probability

_DOUBLINGS: Final = 200
"""Of the search for a sum that is certainly beyond the boundary."""
_LEAST_PART: Final = 1e-3
"""Of the beta distribution's precision: below it the boundary would be optimised for less than one observation."""


def two_sided_rho(v_opt: float, alpha_opt: float) -> float:
    """The precision with which the two-sided normal mixture's boundary at level `alpha_opt` is lowest at `v_opt` (section 3.5)."""
    require_positive(v_opt=v_opt)
    require_probability(alpha_opt=alpha_opt)
    level = 2 * log(1 / alpha_opt)
    return v_opt / (level + log1p(level))


def one_sided_rho(v_opt: float, alpha_opt: float) -> float:
    """That of the one-sided mixture: nearly the two-sided one's at twice the level, so `alpha_opt` must be below a half."""
    require_positive(v_opt=v_opt)
    if not 0 < alpha_opt < 0.5:
        raise ValueError(f"alpha_opt must be above 0 and below 0.5 where one side is asked about, not {alpha_opt!r}")
    return two_sided_rho(v_opt, 2 * alpha_opt)


class Mixture(ABC):
    """A mixture supermartingale of one kind, with its parameters."""

    __slots__ = ()

    @abstractmethod
    def log_mixture(self, s: float, v: float) -> float:
        """The logarithm of m(s, v): how strong the evidence of a sum `s` at intrinsic time `v` is."""

    def ceiling(self, v: float) -> float:
        """The largest sum there can be at intrinsic time `v`."""
        del v
        return inf

    def bound(self, v: float, log_threshold: float) -> float:
        """The sum at which the logarithm of the mixture reaches `log_threshold` (log 1 / alpha); no more than the ceiling."""
        require_positive(v=v, log_threshold=log_threshold)

        def beyond(s: float) -> float:
            return self.log_mixture(s, v) - log_threshold

        high = self.ceiling(v)
        if high < inf and beyond(high) < 0:
            return high
        if high == inf:
            high = self._beyond(v, log_threshold)
        return float(brentq(beyond, 0.0, high, xtol=1e-12 * high, rtol=1e-14, maxiter=500))

    def _beyond(self, v: float, log_threshold: float) -> float:
        high = v
        for _ in range(_DOUBLINGS):
            if self.log_mixture(high, v) > log_threshold:
                return high
            high *= 2
        raise ValueError(f"no boundary was found at v {v!r} for log_threshold {log_threshold!r}")


@dataclass(frozen=True, slots=True)
class TwoSidedNormalMixture(Mixture):
    """Sub-Gaussian sums, both directions: lambda is normal with mean 0 (proposition 5)."""

    v_opt: float
    alpha_opt: float
    rho: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rho", two_sided_rho(self.v_opt, self.alpha_opt))

    def log_mixture(self, s: float, v: float) -> float:
        """In closed form."""
        return log(self.rho / (v + self.rho)) / 2 + s * s / (2 * (v + self.rho))

    def bound(self, v: float, log_threshold: float) -> float:
        """In closed form."""
        require_positive(v=v, log_threshold=log_threshold)
        return sqrt((v + self.rho) * (log1p(v / self.rho) + 2 * log_threshold))


@dataclass(frozen=True, slots=True)
class OneSidedNormalMixture(Mixture):
    """Sub-Gaussian sums, upwards: lambda is half-normal (proposition 6)."""

    v_opt: float
    alpha_opt: float
    rho: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rho", one_sided_rho(self.v_opt, self.alpha_opt))

    def log_mixture(self, s: float, v: float) -> float:
        """In closed form."""
        spread = v + self.rho
        return log(4 * self.rho / spread) / 2 + s * s / (2 * spread) + float(log_ndtr(s / sqrt(spread)))


@dataclass(frozen=True, slots=True)
class _Scaled(Mixture):
    """What both gamma mixtures are given: the scale `c` besides the time and level to be best at."""

    v_opt: float
    alpha_opt: float
    c: float
    rho: float = field(init=False)

    def __post_init__(self) -> None:
        require_positive(c=self.c)
        object.__setattr__(self, "rho", one_sided_rho(self.v_opt, self.alpha_opt))


@dataclass(frozen=True, slots=True)
class GammaExponentialMixture(_Scaled):
    """Sub-exponential sums with scale `c`: lambda is gamma distributed (proposition 9)."""

    def log_mixture(self, s: float, v: float) -> float:
        """In closed form, by the regularised lower incomplete gamma function."""
        square = self.c * self.c
        prior, shape = self.rho / square, (v + self.rho) / square
        sum_and_time = (self.c * s + v) / square
        rate = sum_and_time + prior
        of_prior = prior * log(prior) - lgamma(prior) - _log(gammainc(prior, prior))
        return of_prior + lgamma(shape) + _log(gammainc(shape, rate)) - shape * log(rate) + sum_and_time


@dataclass(frozen=True, slots=True)
class GammaPoissonMixture(_Scaled):
    """Sub-Poisson sums with scale `c`: the other tail of the gamma distribution (proposition 8)."""

    def log_mixture(self, s: float, v: float) -> float:
        """In closed form, by the regularised upper incomplete gamma function."""
        square = self.c * self.c
        prior, rate = self.rho / square, (v + self.rho) / square
        shape = s / self.c + rate
        of_prior = prior * log(prior) - lgamma(prior) - _log(gammaincc(prior, prior))
        return of_prior + lgamma(shape) + _log(gammaincc(shape, rate)) - shape * log(rate) + v / square


@dataclass(frozen=True, slots=True)
class BetaBinomialMixture(Mixture):
    """Sums of values between -g and h, such as successes less their expected share; one- or two-sided (proposition 7)."""

    v_opt: float
    alpha_opt: float
    g: float
    h: float
    is_one_sided: bool
    r: float = field(init=False)
    """Precision of the beta distribution, in the units of v."""

    def __post_init__(self) -> None:
        require_positive(g=self.g, h=self.h)
        rho = (one_sided_rho if self.is_one_sided else two_sided_rho)(self.v_opt, self.alpha_opt)
        product = self.g * self.h
        object.__setattr__(self, "r", max(rho - product, _LEAST_PART * product))

    def log_mixture(self, s: float, v: float) -> float:
        """In closed form, by the incomplete beta function."""
        g, h, r = self.g, self.h, self.r
        span = g + h
        share = h / span if self.is_one_sided else 1.0
        return (
            v / (g * h) * log(span)
            - (v + h * s) / (h * span) * log(g)
            - (v - g * s) / (g * span) * log(h)
            + log_incomplete_beta((r + v - g * s) / (g * span), (r + v + h * s) / (h * span), share)
            - log_incomplete_beta(r / (g * span), r / (h * span), share)
        )

    def ceiling(self, v: float) -> float:
        """All of the v / (g h) values at h."""
        return v / self.g


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return float(betaln(a, b))


def log_incomplete_beta(a: float, b: float, x: float) -> float:
    """The logarithm of the incomplete beta function, which is not regularised."""
    return log_beta(a, b) + (0.0 if x == 1 else _log(betainc(a, b, x)))


def chance(log_mixture: float) -> float:
    """The p value of that much evidence, at all times together: 1 over the mixture, at most 1 (Ville's inequality)."""
    return exp(-log_mixture) if log_mixture > 0 else 1.0


def _log(value: float) -> float:
    return log(value) if value > 0 else -inf
