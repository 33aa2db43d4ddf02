"""Samples of the fleet's totals over time: few enough to keep, close enough to tell any window. Pure.

A window's value is the difference between two samples, so a run that came late or not at all makes a window longer, never
wrong: what happened meanwhile is in the totals.
"""

from collections.abc import Sequence
from typing import Final

from shared.stored.watching import Sample

LONGEST_WINDOW: Final = 86_400
SHORTEST_WINDOW: Final = 60
CLOSEST: Final = 30.0
"""Seconds between two samples at least, however often somebody evaluates."""
_TIERS: Final = ((900.0, 0.0), (7_200.0, 300.0), (LONGEST_WINDOW + 3_600.0, 1_800.0))
"""Up to this age one sample in so many seconds is kept: about 90 in all."""
_SLACK: Final = 15.0
"""How much younger than its window a sample may be: schedules are not exact."""
_STALE: Final = 120.0
_STEADY: Final = ("requests", "lookups")
"""Sums of whole numbers over all models and agents. Money is none: a sum of fractions depends on their order."""


def add(samples: Sequence[Sample], now: Sample) -> list[Sample]:
    """The samples with a new one, thinned; where totals fell (the store that counts began anew) the old ones' gauges only."""
    if samples and now.at - samples[-1].at < CLOSEST:
        return list(samples)
    kept: list[Sample] = []
    taken: set[tuple[int, int]] = set()
    for sample in (*comparable(samples, now), now):
        age = now.at - sample.at
        tier = next((place for place, (oldest, _) in enumerate(_TIERS) if age <= oldest), None)
        if tier is None:
            continue
        every = _TIERS[tier][1]
        place = (tier, int(sample.at // every)) if every else None
        if place is None or place not in taken:
            kept.append(sample)
        if place is not None:
            taken.add(place)
    return kept


def comparable(samples: Sequence[Sample], now: Sample) -> list[Sample]:
    """As `now` can be compared with them: without their totals where one fell, which it never does by itself.

    Judged by totals that no setting has a part in: which models are our own may change with a release.
    """
    last = next((sample.counts for sample in reversed(samples) if sample.counts), {})
    if any(now.counts.get(key, 0.0) < last.get(key, 0.0) for key in _STEADY):
        return [sample.model_copy(update={"counts": {}}) for sample in samples]
    return list(samples)


def window(samples: Sequence[Sample], now: Sample, seconds: float) -> tuple[Sample | None, list[Sample]]:
    """The sample at the window's beginning whose totals count, and all of those inside it, oldest first.

    Where none is old enough the oldest stands for the beginning: a young system is judged by what there is. One of more
    than twice the window's age says nothing about now.
    """
    begin = now.at - seconds + min(_SLACK, seconds / 4)
    near = [s for s in comparable(samples, now) if now.at - 2 * seconds - _STALE <= s.at < now.at]
    counted = [sample for sample in near if sample.counts]
    old = [sample for sample in counted if sample.at <= begin]
    since = old[-1] if old else counted[0] if counted else None
    return since, [sample for sample in near if sample.at > begin]


def held(seconds: float) -> int:
    """How many samples a window holds at least, its end included, when the evaluations come each minute."""
    count, younger = 0, 0.0
    for oldest, every in _TIERS:
        step = max(every, SHORTEST_WINDOW)
        count += int(max(0.0, min(seconds, oldest) - younger) // step)
        younger = oldest
    return max(1, count)
