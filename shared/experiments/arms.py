"""An experiment's sums as its analysis needs them: one arm a variant, over cohorts and, under a bandit, over slices. Pure.

Under a bandit the shares of the variants differ from slice to slice, and later shares follow earlier outcomes: whoever adds up
the slices' sums holds units of different times against each other, and an arm that began badly by chance keeps its bad luck, since
few units come after it. So every slice counts with its own units' share of all, whatever the shares in it were. That is inverse
propensity weighting normalised within slices (Hajek's estimator, stratified): with N_s units in slice s and W_s = N_s / N, the mean
of an arm is sum W_s m_s and its variance sum W_s^2 v_s / n_s. Sums of products get the same weights, so that ratios and CUPED
follow by the delta method as they do for plain sums. A weighted arm counts for Kish's effective number of units, 1 / sum (W_s^2 / n_s):
those that an unweighted arm of the same precision would have. They are what it is asked to have before an always-valid interval is
given, and (less one) its degrees of freedom; what the slices' arms have in common is known with more.

In a thin part of a slice the variance is badly known, and low just when its mean is. So there are two sets of sums, with an arm's
own v_s and with what the arms of the slice have in common, and an estimate takes the larger variance (`measuring`).

Slices in which an arm has fewer than LEAST units are left out: what is estimated is the effect on the units of the slices that count.
How many units a slice's arms have depends on outcomes of earlier slices and not on its own, so leaving it out moves no slice's
estimate; where the effect changes from slice to slice the average is over fewer of them, and the analysis says how many units wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.experiments.moments import PAIRS, Moments
from shared.experiments.totals import Totals
from shared.stored.experiments import Experiment

LEAST = 10
"""Units that each arm must have in a slice for the slice to count: below, its variance is hardly known and its mean far from normal."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A variant with all its units. `answers` by the model that gave them."""

    name: str
    is_control: bool
    units: int = 0
    treated: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)


def names(experiment: Experiment) -> list[str]:
    """The variants in their order."""
    return [variant.name for variant in experiment.variants]


def others(experiment: Experiment) -> list[str]:
    """The variants that are held against the control."""
    return [variant.name for variant in experiment.variants if not variant.is_control]


def shares(experiment: Experiment, place: int = 0) -> dict[str, float]:
    """What share of a slice's units each variant should get; of a slice that is not known, what was asked for."""
    running = experiment.running
    weights = [variant.weight for variant in experiment.variants]
    if running is not None and 0 <= place < len(running.slices):
        given = running.slices[place].weights
        weights = given if len(given) == len(weights) else weights
    whole = sum(weights)
    return dict(zip(names(experiment), (weight / whole for weight in weights), strict=True)) if whole > 0 else {}


def arms(experiment: Experiment, totals: Totals) -> dict[str, Arm]:
    """Every variant's units and answers, as they came."""
    found = {}
    for variant in experiment.variants:
        cells = [cell for (name, _, _), cell in totals.cells.items() if name == variant.name]
        answers: dict[str, int] = {}
        for cell in cells:
            for model, count in cell.delivered.items():
                answers[model] = answers.get(model, 0) + count
        found[variant.name] = Arm(
            variant.name,
            variant.is_control,
            sum(cell.units for cell in cells),
            sum(cell.treated for cell in cells),
            answers,
        )
    return found


def by_slice(experiment: Experiment, totals: Totals) -> dict[int, dict[str, tuple[int, int]]]:
    """(exposed, treated) units of every variant in each slice that has any."""
    found: dict[int, dict[str, tuple[int, int]]] = {}
    known = names(experiment)
    for (name, place, _), cell in totals.cells.items():
        if name in known:
            one = found.setdefault(place, dict.fromkeys(known, (0, 0)))
            one[name] = (one[name][0] + cell.units, one[name][1] + cell.treated)
    return {place: one for place, one in sorted(found.items()) if any(units for units, _ in one.values())}


def moments(experiment: Experiment, totals: Totals, metric: str, *, common: bool = False) -> dict[str, Moments]:
    """The sums of a metric for every variant: plain ones, or under a bandit those that count every slice by its units.

    With `common`, a bandit's arms vary within each slice as all its arms do together.
    """
    cells = ((key, cell.metrics.get(metric, Moments())) for key, cell in totals.cells.items())
    return _gathered(experiment, cells, common=common)


def phases(experiment: Experiment, totals: Totals) -> tuple[dict[str, Moments], dict[str, Moments]]:
    """The primary metric's sums in the units' first days and after them."""
    early = _gathered(experiment, ((key, cell.early) for key, cell in totals.cells.items()))
    late = _gathered(experiment, ((key, cell.late) for key, cell in totals.cells.items()))
    return early, late


def cohorts(experiment: Experiment, totals: Totals) -> dict[int, dict[str, Moments]]:
    """The primary metric's sums by cohort and variant; none under a bandit."""
    if experiment.allocation == "thompson":
        return {}
    found: dict[int, dict[str, Moments]] = {}
    for (name, _, cohort), cell in totals.cells.items():
        one = found.setdefault(cohort, {variant: Moments() for variant in names(experiment)})
        if name in one:
            one[name] += cell.metrics.get(experiment.primary.name, Moments())
    return dict(sorted(found.items()))


def slice_weights(sizes: Mapping[int, Mapping[str, int]]) -> dict[int, float]:
    """What each slice weighs: its share of the units of all slices in which every arm has LEAST; the others are left out."""
    usable = {place: sum(one.values()) for place, one in sizes.items() if one and min(one.values()) >= LEAST}
    whole = sum(usable.values())
    return {place: units / whole for place, units in usable.items()}


def weighted(parts: Sequence[tuple[float, Moments]], spreads: Sequence[Sequence[Moments]] = ()) -> Moments:
    """Of slices with their weights (which sum to 1): sums whose mean is sum W m and whose mean's variance is sum W^2 v / n.

    v: a slice's own variance, or that within the arms which `spreads` has of each slice. It counts for
    1 / sum (W^2 / n) units (Kish), rounded.
    """
    used = [place for place, (weight, part) in enumerate(parts) if weight > 0 and part.n >= 2]
    shares = [parts[place][0] ** 2 / parts[place][1].n for place in used]
    if not shares:
        return Moments()
    arms_of = [spreads[place] if spreads else (parts[place][1],) for place in used]
    n = max(2, round(1 / sum(shares)))
    means = [sum(parts[place][0] * parts[place][1].mean(one) for place in used) for one in range(4)]
    products = []
    for one, other in PAIRS:
        within = (_within(some, one, other) for some in arms_of)
        covariance = n * sum(a * v for a, v in zip(shares, within, strict=True))
        products.append((n - 1) * covariance + n * means[one] * means[other])
    return Moments(n, tuple(n * mean for mean in means), tuple(products))


def _within(some: Sequence[Moments], one: int, other: int) -> float:
    """The covariance that arms have in common, each around its own mean."""
    freedom = sum(part.n - 1 for part in some)
    return sum((part.n - 1) * part.covariance(one, other) for part in some) / freedom


def _gathered(
    experiment: Experiment, found: Iterable[tuple[tuple[str, int, int], Moments]], *, common: bool = False
) -> dict[str, Moments]:
    known = names(experiment)
    slices: dict[int, dict[str, Moments]] = {}
    for (name, place, _), part in found:
        if name in known and part.n:
            one = slices.setdefault(place if experiment.allocation == "thompson" else 0, {})
            one[name] = one[name] + part if name in one else part
    if experiment.allocation != "thompson":
        plain = slices.get(0, {})
        return {name: plain.get(name, Moments()) for name in known}
    sizes = {
        place: {name: one[name].n if name in one else 0 for name in known} for place, one in sorted(slices.items())
    }
    weights = slice_weights(sizes)
    spreads = [[slices[place][name] for name in known] for place in weights] if common else []
    return {
        name: weighted([(weight, slices[place][name]) for place, weight in weights.items()], spreads) for name in known
    }
