"""What an analysis reads: an experiment's sums, by variant, slice and cohort. Pure; how they come about is in `unit` and `counting`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.experiments.moments import Moments

Histogram = Mapping[int, int]
"""Values counted by bucket (`shared.experiments.sketch`)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The units of one variant, one slice of the traffic and one cohort.

    `units` were exposed; `treated` of them got at least once what the variant prescribes (its model answered; for other kinds all).
    `delivered`: answers by the model that gave them, `none` for the template and the cap, `cache` for cache hits.
    `metrics` by name; `early` and `late` are the primary metric's within EARLY_DAYS of a unit's exposure and after it.
    """

    units: int = 0
    treated: int = 0
    delivered: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, Moments] = field(default_factory=dict)
    early: Moments = field(default_factory=Moments)
    late: Moments = field(default_factory=Moments)


@dataclass(frozen=True, slots=True)
class Totals:
    """All that is known. `cells` by (variant, slice, cohort): slices are told apart only under a bandit, cohorts (by when a unit was
    first exposed, COHORTS of equal length) only without. `histograms` by (variant, quantile metric): one for each of the SHARDS.

    `moved`: units that were seen in another variant than their first. `late`: outcomes of before their unit's window.
    """

    cells: Mapping[tuple[str, int, int], Cell] = field(default_factory=dict)
    histograms: Mapping[tuple[str, str], tuple[Histogram, ...]] = field(default_factory=dict)
    moved: int = 0
    late: int = 0
    first_exposure: float | None = None
    last_exposure: float | None = None
