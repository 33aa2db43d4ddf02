"""One arm's estimate of a metric with its variance, from the sums over its units. Pure.

Every estimate is a smooth function of the means of a unit's four numbers (`moments.FIELDS`), so its variance is g'Cg / n: g its
gradient at the means, C the covariance matrix of the four numbers within the arm (the delta method: Deng, Knoblich and Lu 2018,
arXiv:1803.06336). An adjusted estimate takes off theta times the same metric from before the exposure (CUPED: Deng, Xu, Kohavi and
Walker 2013). A share's variance is p(1 - p), as in growthbook's gbstats, whose figures these are.

What says nothing (no units, no variance, a denominator of zero) is a Summary with a `message`, never an error.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from shared.experiments.moments import PAIRS, Moments

NUM, DEN, PRE_NUM, PRE_DEN = range(4)

NO_UNITS: Final = "no units"
TOO_FEW: Final = "too few units"
NO_VARIANCE: Final = "no variance"
NO_DENOMINATOR: Final = "denominator is zero"
NOT_FINITE: Final = "numbers too large"

SumKind = Literal["mean", "proportion", "ratio"]
"""Metrics whose sums over units are enough."""
Gradient = tuple[float, float, float, float]

_NOISE: Final = 1e-12
"""A variance below this share of the mean square is what rounding leaves of a constant."""
_FLAT: Final = 1e-8
"""A ratio's theta below this is none."""


@dataclass(frozen=True, slots=True)
class Summary:
    """An arm's estimate: `variance / n` is the variance of `mean`, with `freedom` degrees of freedom.

    `baseline` is the mean before any adjustment, what relative effects are relative to; `baseline_variance` and `shared` are the
    variance of a unit's part in it and its covariance with the part in `mean`. `expected` stands for the mean where a relative
    effect's gradient is taken. Without adjustment all of these are those of `mean`.
    """

    n: float
    mean: float
    variance: float
    freedom: float
    baseline: float
    baseline_variance: float
    shared: float
    expected: float
    flaw: str | None = None

    @property
    def message(self) -> str | None:
        """Why it says nothing; None where it does."""
        if self.n <= 0:
            return NO_UNITS
        if self.flaw is not None:
            return self.flaw
        if not all(
            map(isfinite, (self.n, self.mean, self.variance, self.baseline, self.baseline_variance, self.shared))
        ):
            return NOT_FINITE
        if self.variance <= 0:
            return TOO_FEW if self.n <= 1 else NO_VARIANCE
        return TOO_FEW if self.freedom <= 0 else None


def plain(n: float, mean: float, variance: float, *, freedom: float | None = None, flaw: str | None = None) -> Summary:
    """A Summary from `n` units' mean and variance (n - 1 in its denominator); `freedom` is n - 1 unless it is given."""
    return Summary(n, mean, variance, n - 1 if freedom is None else freedom, mean, variance, variance, mean, flaw)


def summarise(kind: SumKind, moments: Moments) -> Summary:
    """The metric without adjustment: sum(num) / n, or for a ratio sum(num) / sum(den)."""
    return adjusted(kind, moments, 0.0)


def adjust(kind: SumKind, control: Moments, treatment: Moments) -> tuple[Summary, Summary]:
    """Both arms, adjusted by what their units did before; as they are where that tells nothing."""
    theta = slope(kind, control, treatment)
    return adjusted(kind, control, theta), adjusted(kind, treatment, theta)


def slope(kind: SumKind, control: Moments, treatment: Moments) -> float:
    """Theta: how much of a unit's value is foretold by its value from before. 0 where it cannot be told.

    Means: the regression over the units of both arms. Ratios: the arms' covariances of the linearised ratios over their variances.
    """
    shares = shares_of(kind)
    return ratio_slope(control, treatment, shares) if kind == "ratio" else mean_slope(control, treatment, shares)


def shares_of(kind: SumKind) -> frozenset[int]:
    """Which of a unit's four numbers are 0 or 1."""
    return frozenset((NUM,)) if kind == "proportion" else frozenset()


def adjusted(kind: SumKind, moments: Moments, theta: float, shares: frozenset[int] | None = None) -> Summary:
    """The metric less `theta` times itself from before; `theta` 0 leaves it as it is.

    `shares` are the places of the numbers that are 0 or 1 (by default those of the kind): their variances are p(1 - p).
    """
    places = shares_of(kind) if shares is None else shares
    return adjusted_ratio(moments, theta, places) if kind == "ratio" else adjusted_mean(moments, theta, places)


def adjusted_mean(moments: Moments, theta: float = 0.0, shares: frozenset[int] = frozenset()) -> Summary:
    """The mean of num, less theta times the mean of pre_num."""
    if moments.n <= 0:
        return _empty()
    own, before = moments.mean(NUM), moments.mean(PRE_NUM)
    return _linear(moments, shares, _Part(own - theta * before, (1, 0, -theta, 0)), _Part(own, (1, 0, 0, 0)), own)


def adjusted_ratio(moments: Moments, theta: float = 0.0, shares: frozenset[int] = frozenset()) -> Summary:
    """Sum of num over sum of den, less theta times pre_num over pre_den."""
    if moments.n <= 0:
        return _empty()
    if moments.sums[DEN] == 0 or (theta and moments.sums[PRE_DEN] == 0):
        return plain(moments.n, 0.0, 0.0, flaw=NO_DENOMINATOR)
    own = _ratio(moments, NUM, DEN)
    if not theta:
        return _linear(moments, shares, own, own, own.value)
    before = _ratio(moments, PRE_NUM, PRE_DEN)
    gradient = (*own.gradient[:2], -theta * before.gradient[PRE_NUM], -theta * before.gradient[PRE_DEN])
    less = own.value - theta * before.value
    return _linear(moments, shares, _Part(less, gradient), own, less)


def mean_slope(control: Moments, treatment: Moments, shares: frozenset[int] = frozenset()) -> float:
    """Covariance of num and pre_num over the variance of pre_num, over the units of both arms; 0 where either is constant."""
    both = control + treatment
    if _constant(both, NUM) or _constant(both, PRE_NUM):
        return 0.0
    return _covariance(both, NUM, PRE_NUM, shares) / _covariance(both, PRE_NUM, PRE_NUM, shares)


def ratio_slope(control: Moments, treatment: Moments, shares: frozenset[int] = frozenset()) -> float:
    """The arms' covariances of the linearised ratios from after and from before, over the variances of that from before."""
    together = spread = 0.0
    for arm in (control, treatment):
        if arm.n < 2 or arm.sums[DEN] == 0 or arm.sums[PRE_DEN] == 0:
            return 0.0
        of_own, of_before = _ratio(arm, NUM, DEN).gradient, _ratio(arm, PRE_NUM, PRE_DEN).gradient
        together += _product(arm, shares, of_own, of_before)
        spread += _product(arm, shares, of_before, of_before)
    theta = together / spread if spread > 0 else 0.0
    return theta if abs(theta) >= _FLAT else 0.0


def _empty() -> Summary:
    return plain(0, 0.0, 0.0, freedom=0)


@dataclass(frozen=True, slots=True)
class _Part:
    """An estimate and its gradient by the means of a unit's four numbers."""

    value: float
    gradient: Gradient


def _ratio(moments: Moments, num: int, den: int) -> _Part:
    above, below = moments.mean(num), moments.mean(den)
    gradient = [0.0] * 4
    gradient[num], gradient[den] = 1 / below, -above / below / below
    return _Part(above / below, (gradient[0], gradient[1], gradient[2], gradient[3]))


def _linear(moments: Moments, shares: frozenset[int], found: _Part, own: _Part, expected: float) -> Summary:
    """The Summary of an estimate, of the same without adjustment, and of what is expected of it."""
    variance = _product(moments, shares, found.gradient, found.gradient)
    squares = (part * part * moments.products[PAIRS.index((i, i))] for i, part in enumerate(found.gradient))
    scale = sum(squares) / moments.n
    return Summary(
        n=moments.n,
        mean=found.value,
        variance=0.0 if variance <= _NOISE * scale else variance,
        freedom=moments.n - 1,
        baseline=own.value,
        baseline_variance=_product(moments, shares, own.gradient, own.gradient),
        shared=_product(moments, shares, found.gradient, own.gradient),
        expected=expected,
    )


def _product(moments: Moments, shares: frozenset[int], one: Gradient, other: Gradient) -> float:
    """The covariance of a unit's parts in two estimates: one' C other."""
    return sum(
        a * b * _covariance(moments, i, j, shares) for i, a in enumerate(one) for j, b in enumerate(other) if a and b
    )


def _covariance(moments: Moments, one: int, other: int, shares: frozenset[int]) -> float:
    """With n - 1 in the denominator, or n where both are shares."""
    found = moments.covariance(one, other)
    return found * (moments.n - 1) / moments.n if {one, other} <= shares else found


def _constant(moments: Moments, place: int) -> bool:
    return (
        moments.n < 2 or moments.variance(place) <= _NOISE * moments.products[PAIRS.index((place, place))] / moments.n
    )
