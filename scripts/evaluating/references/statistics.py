"""growthbook's statistics classes, as the sums and summaries that ours are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any, Final

from scripts.evaluating.references.closeness import Unknown
from shared.experiments.moments import PAIRS, Moments
from shared.experiments.stats.quantile import Clusters, from_interval
from shared.experiments.stats.summaries import (
    DEN,
    NUM,
    PRE_DEN,
    PRE_NUM,
    Summary,
    adjusted_mean,
    adjusted_ratio,
    mean_slope,
    ratio_slope,
)

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "SampleMeanStatistic": ("n", "sum", "sum_squares"),
    "ProportionStatistic": ("n", "sum"),
    "RatioStatistic": ("n", "m_statistic", "d_statistic", "m_d_sum_of_products"),
    "RegressionAdjustedStatistic": ("n", "post_statistic", "pre_statistic", "post_pre_sum_of_products", "theta"),
    "RegressionAdjustedRatioStatistic": (
        "n",
        "m_statistic_post",
        "d_statistic_post",
        "m_statistic_pre",
        "d_statistic_pre",
        "m_post_m_pre_sum_of_products",
        "d_post_d_pre_sum_of_products",
        "m_pre_d_pre_sum_of_products",
        "m_post_d_post_sum_of_products",
        "m_post_d_pre_sum_of_products",
        "m_pre_d_post_sum_of_products",
        "theta",
    ),
    "QuantileStatistic": ("n", "n_star", "nu", "quantile_hat", "quantile_lower", "quantile_upper"),
    "QuantileClusteredStatistic": (
        "n",
        "n_star",
        "nu",
        "quantile_hat",
        "quantile_lower",
        "quantile_upper",
        "main_sum",
        "main_sum_squares",
        "denominator_sum",
        "denominator_sum_squares",
        "main_denominator_sum_product",
        "n_clusters",
    ),
}
"""Their fields in the order of their arguments."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One arm. `shares` are the numbers of a unit that are 0 or 1; `theta` where it was given; a quantile has its own summary."""

    name: str
    moments: Moments = field(default_factory=Moments)
    shares: frozenset[int] = frozenset()
    theta: float | None = None
    quantile: Summary | None = None

    @property
    def ratio(self) -> bool:
        """Whether it is a sum over a sum."""
        return "Ratio" in self.name

    @property
    def adjusted(self) -> bool:
        """Whether what was before is taken off."""
        return self.name.startswith("RegressionAdjusted")

    @property
    def summary(self) -> Summary:
        """The estimate that ours makes of it, with the theta there is."""
        if self.quantile is not None:
            return self.quantile
        make = adjusted_ratio if self.ratio else adjusted_mean
        return make(self.moments, self.theta or 0.0, self.shares)

    def attribute(self, name: str) -> Any:
        """What growthbook calls it by that name. Raises Unknown."""
        found = self.summary
        known = {
            "n": found.n,
            "mean": found.mean,
            "variance": found.variance,
            "stddev": sqrt(max(0.0, found.variance)),
            "unadjusted_mean": found.baseline,
            "sum": self.moments.sums[NUM],
            "theta": self.theta,
        }
        if name not in known:
            raise Unknown(f"{self.name}.{name}")
        return known[name]


def statistic(name: str, given: Mapping[str, Any]) -> Statistic:
    """The arm of a class's name and its arguments."""
    if name in ("SampleMeanStatistic", "ProportionStatistic"):
        return _of(name, given["n"], {NUM: _single(name, given)}, {})
    if name == "RatioStatistic":
        parts = {NUM: given["m_statistic"], DEN: given["d_statistic"]}
        return _of(name, given["n"], parts, {(NUM, DEN): given["m_d_sum_of_products"]})
    if name == "RegressionAdjustedStatistic":
        parts = {NUM: given["post_statistic"], PRE_NUM: given["pre_statistic"]}
        return _of(name, given["n"], parts, {(NUM, PRE_NUM): given["post_pre_sum_of_products"]}, given.get("theta"))
    if name == "RegressionAdjustedRatioStatistic":
        return _adjusted_ratio(name, given)
    return Statistic(name, quantile=_quantile(name, given))


def together(arms: Sequence[Statistic]) -> Statistic:
    """The arms of several strata as one. Shares that were added up count as plain values there."""
    if len(arms) == 1:
        return arms[0]
    if any(arm.quantile is not None or arm.name != arms[0].name for arm in arms):
        raise Unknown("a sum of different statistics or of quantiles")
    name = "SampleMeanStatistic" if arms[0].name == "ProportionStatistic" else arms[0].name
    return Statistic(name, sum((arm.moments for arm in arms), Moments()))


def with_theta(control: Statistic, treatment: Statistic) -> tuple[Statistic, Statistic]:
    """Adjusted arms with the theta of both, where one of them was given without; without adjustment where there is none."""
    if not (control.adjusted and treatment.adjusted) or (control.theta is not None and treatment.theta is not None):
        return control, treatment
    slope = ratio_slope if control.ratio else mean_slope
    theta = slope(control.moments, treatment.moments, control.shares)
    if theta:
        return replace(control, theta=theta), replace(treatment, theta=theta)
    name = "RatioStatistic" if control.ratio else "SampleMeanStatistic"
    return replace(control, name=name, theta=0.0), replace(treatment, name=name, theta=0.0)


def _single(name: str, given: Mapping[str, Any]) -> Statistic:
    squares = given["sum"] if name == "ProportionStatistic" else given["sum_squares"]
    products = tuple(squares if pair == (NUM, NUM) else 0.0 for pair in PAIRS)
    share = frozenset((NUM,)) if name == "ProportionStatistic" else frozenset[int]()
    return Statistic(name, Moments(given["n"], (given["sum"], 0.0, 0.0, 0.0), products), share)


def _of(
    name: str,
    n: int,
    parts: Mapping[int, Statistic],
    products: Mapping[tuple[int, int], float],
    theta: float | None = None,
) -> Statistic:
    """An arm from the single statistics of some of a unit's numbers and the sums of their products."""
    if n < 0:
        raise Unknown("a negative number of units")
    sums = tuple(parts[place].moments.sums[NUM] if place in parts else 0.0 for place in range(4))
    squares = {(place, place): part.moments.products[PAIRS.index((NUM, NUM))] for place, part in parts.items()}
    all_products = {**squares, **products}
    shares = frozenset(place for place, part in parts.items() if part.shares)
    return Statistic(name, Moments(n, sums, tuple(all_products.get(pair, 0.0) for pair in PAIRS)), shares, theta)


def _adjusted_ratio(name: str, given: Mapping[str, Any]) -> Statistic:
    places = {"m_post": NUM, "d_post": DEN, "m_pre": PRE_NUM, "d_pre": PRE_DEN}
    parts = {place: given[f"{key[0]}_statistic_{key[2:]}"] for key, place in places.items()}
    products = {
        (one, other) if one <= other else (other, one): given[f"{left}_{right}_sum_of_products"]
        for left, one in places.items()
        for right, other in places.items()
        if f"{left}_{right}_sum_of_products" in given
    }
    return _of(name, given["n"], parts, products, given.get("theta"))


def _quantile(name: str, given: Mapping[str, Any]) -> Summary:
    clusters = None
    if name == "QuantileClusteredStatistic":
        clusters = Clusters(
            given["n_clusters"],
            given["main_sum"],
            given["main_sum_squares"],
            given["denominator_sum"],
            given["denominator_sum_squares"],
            given["main_denominator_sum_product"],
        )
    bounds = (given["quantile_lower"], given["quantile_upper"])
    n, seen, value = given["n"], given["n_star"], given["quantile_hat"]
    return from_interval(n, given["nu"], value, bounds, seen=seen, clusters=clusters)
