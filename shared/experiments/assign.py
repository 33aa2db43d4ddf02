"""Which variant a unit gets: a hash, so it is sticky without being stored and needs no read on the hot path.

Two independent hashes of (salt, unit): the first decides whether the unit is in the experiment at all, the second
which arm. Widening `traffic` therefore only adds units and never moves one that is in.
"""

import hashlib
from collections.abc import Sequence

from shared.documents import RunningExperiment
from shared.llm.call import Assignment


def fraction(salt: str, unit: str) -> float:
    """A uniform number in [0, 1) that depends on nothing but its arguments."""
    digest = hashlib.blake2b(f"{salt}\x00{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def assign(unit: str, experiments: Sequence[RunningExperiment]) -> tuple[Assignment, ...]:
    """The unit's variants, one for each experiment it is in."""
    found = (_one(unit, experiment) for experiment in experiments)
    return tuple(assignment for assignment in found if assignment is not None)


def _one(unit: str, experiment: RunningExperiment) -> Assignment | None:
    if not experiment.variants or fraction(f"{experiment.salt}:in", unit) >= experiment.traffic:
        return None
    place = fraction(f"{experiment.salt}:arm", unit) * sum(variant.weight for variant in experiment.variants)
    for variant in experiment.variants:
        place -= variant.weight
        if place < 0:
            return Assignment(experiment.id, variant.name, variant.prefer_model)
    last = experiment.variants[-1]
    return Assignment(experiment.id, last.name, last.prefer_model)
