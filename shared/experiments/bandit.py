"""Thompson sampling in rounds: what share of the next slice's units each variant gets. Pure.

A variant's share is the probability that it is the best, by what is known when the round begins (Thompson 1933; in batches, as in
Chapelle and Li 2011): flat priors, normal posteriors of the means in which every slice counts by its units (`arms`), so that an arm
that began badly by chance is not written off for it. FLOOR of the traffic is shared alike, whatever is known: every arm goes on being
measured, and with k variants no unit stands for more than k / FLOOR units of its slice.

Within a slice the shares are fixed before its first unit comes and depend on nothing of its own units. What is assumed: units do not
influence each other, and nothing but the shares decides which arm a unit of a slice gets. Units of different slices may differ.
"""

from typing import Final

from shared.experiments import arms
from shared.experiments.slices import ROUNDS
from shared.experiments.totals import Totals
from shared.stored.experiments import Experiment

FLOOR: Final = 0.2
"""Part of each slice that is shared alike: with k variants each gets at least FLOOR / k of it."""
LEAST_PER_ARM: Final = 25
"""Units that every variant must have had in the newest slice, on average, before the next one is opened."""
DAY: Final = 86_400.0


def next_weights(experiment: Experiment, totals: Totals, now: float) -> list[float] | None:
    """The shares of the next slice, in the order of the variants; None where it is not due.

    Due: the newest of the slices has been open for its part of the duration and has enough units, and fewer than ROUNDS are open.
    Where nothing can be told of the primary metric yet, all variants get the same. A quantile, which cannot be weighted, is never due.
    """
    running = experiment.running
    if experiment.allocation != "thompson" or experiment.state != "running" or running is None or not running.slices:
        return None
    if len(running.slices) >= ROUNDS or experiment.primary.kind == "quantile":
        return None
    newest = len(running.slices) - 1
    if now - running.slices[newest].opened_at < experiment.duration_days * DAY / ROUNDS:
        return None
    seen = arms.by_slice(experiment, totals).get(newest, {})
    if sum(units for units, _ in seen.values()) < LEAST_PER_ARM * len(experiment.variants):
        return None
    return floored(chances(experiment, totals))


def chances(experiment: Experiment, totals: Totals) -> list[float]:
    """The probability of each variant to be the best on the primary metric; the same for all where that cannot be told."""
    from shared.experiments.stats.measuring import estimate, rank

    views = rank(experiment, experiment.primary, estimate(experiment, experiment.primary, totals))
    found = [views[name].probability_best for name in arms.names(experiment)]
    known = [chance for chance in found if chance is not None]
    return known if len(known) == len(found) else [1 / len(found)] * len(found)


def floored(probabilities: list[float]) -> list[float]:
    """The shares: FLOOR of all alike, the rest by the probabilities. They sum to 1."""
    count, whole = len(probabilities), sum(probabilities)
    shares = [FLOOR / count + (1 - FLOOR) * one / whole for one in probabilities]
    total = sum(shares)
    return [share / total for share in shares]
