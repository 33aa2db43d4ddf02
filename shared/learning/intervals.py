"""Intervals of means, shares and their differences. Pure.

Shares: Wilson's score interval; the difference of two: Newcombe, "Interval estimation for the difference between independent
proportions", Statistics in Medicine 17:873 (1998), method 10. Means: Student's t; the difference of two: Welch's. The variance of
ratings counts one more of the worst and one more of the best: ten equal ratings are no proof that there is no other opinion, and
without it such a sample would be certain of its mean.
"""

from dataclasses import dataclass
from math import cos, pi, sqrt
from statistics import NormalDist

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of ratings between `worst` and `best`: how many, their sum, the sum of their squares."""

    n: int
    total: float
    squares: float
    worst: float = 1.0
    best: float = 5.0

    @property
    def mean(self) -> float:
        """Of the sample as it is. ZeroDivisionError for an empty one."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """With one more of either end."""
        n = self.n + 2
        mean = (self.total + self.worst + self.best) / n
        squares = self.squares + self.worst**2 + self.best**2
        return max(0.0, (squares - n * mean * mean) / (n - 1))


def normal_quantile(confidence: float) -> float:
    """The two-sided quantile: 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def t_quantile(confidence: float, freedom: float) -> float:
    """Student's two-sided quantile: exact for 1 and 2 degrees of freedom; above, Abramowitz and Stegun 26.7.5.

    That one is less than 0.2 % too small at 95 % from 3 degrees on, and at 99.8 % from 6 on.
    """
    p = (1 + confidence) / 2
    if freedom <= 1:
        return sqrt(1 / cos(pi * (p - 0.5)) ** 2 - 1)
    if freedom <= 2:
        return (2 * p - 1) * sqrt(2 / (4 * p * (1 - p)))
    z = NormalDist().inv_cdf(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / freedom ** (power + 1) for power, term in enumerate(terms))


def mean(sample: Sample, confidence: float = 0.95) -> Interval:
    """The interval of a mean, cut to what it can be."""
    reach = t_quantile(confidence, max(1, sample.n - 1)) * sqrt(sample.variance / sample.n)
    return max(sample.worst, sample.mean - reach), min(sample.best, sample.mean + reach)


def mean_difference(before: Sample, after: Sample, confidence: float = 0.95) -> Interval:
    """The interval of `after` less `before`."""
    a, b = before.variance / before.n, after.variance / after.n
    spread = a + b
    freedom = spread**2 / (a**2 / max(1, before.n - 1) + b**2 / max(1, after.n - 1))
    reach = t_quantile(confidence, max(1.0, freedom)) * sqrt(spread)
    difference = after.mean - before.mean
    return difference - reach, difference + reach


def share(count: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's interval of a share."""
    z = normal_quantile(confidence)
    centre, reach = count / n + z * z / (2 * n), z * sqrt(count * (n - count) / n**3 + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)


def share_difference(before: tuple[float, float], after: tuple[float, float], confidence: float = 0.95) -> Interval:
    """Newcombe's interval of `after` less `before`; each is a count and what it is of."""
    a, b = before[0] / before[1], after[0] / after[1]
    (a_low, a_high), (b_low, b_high) = share(*before, confidence), share(*after, confidence)
    low = sqrt((b - b_low) ** 2 + (a_high - a) ** 2)
    high = sqrt((b_high - b) ** 2 + (a - a_low) ** 2)
    return b - a - low, b - a + high
