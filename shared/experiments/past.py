"""What a learner did on the days before an exposure, out of their activity: the covariate of the metrics that the product measures.

Events of before an experiment name no variant of it, and are counted and gone when it starts; the days' sums that analytics keep of
every learner (`shared.analytics.learner`) have what matters of them. Whole UTC days only, none that the exposure's own touches: so
no variant had a hand in them. Pure.
"""

from collections.abc import Collection, Mapping
from typing import Final

from shared.analytics import learner
from shared.experiments.exact import SCALE

_COLUMNS: Final[Mapping[str, tuple[str, str, int]]] = {
    # metric: numerator, denominator, billionths in one of the numerator
    "response_time": ("us", "answers", SCALE // 10**6),
    "cost_per_request": ("cost", "answers", 1),
    "messages": ("answers", "answers", SCALE),
    "user_satisfaction": ("rating", "ratings", SCALE),
    "next_item_correctness": ("correct", "graded", SCALE),
    "completion_rate": ("completed", "opened", SCALE),
}
COVERED: Final = frozenset(_COLUMNS)
"""Metrics whose past is known from a learner's days."""


def past(activity: str, metrics: Collection[str], exposed_on: int, days: int) -> dict[str, tuple[int, int]]:
    """Numerator and denominator, in billionths, by metric, of the `days` UTC days before the day `exposed_on` (since 1970).

    `activity` is a LearnerActivity's body.
    """
    known = [values for day, values in learner.decoded(activity).days.items() if exposed_on - days <= day < exposed_on]
    found = {
        name: (sum(day.get(num, 0) for day in known) * scale, sum(day.get(den, 0) for day in known) * SCALE)
        for name, (num, den, scale) in _COLUMNS.items()
        if name in metrics
    }
    return {name: pair for name, pair in found.items() if any(pair)}
