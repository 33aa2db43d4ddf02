"""What an event says about metrics: the one table from events to values. Pure.

The names are those of `shared.experiments.catalogue`; `pNN_response_time` is any quantile of the time an answer took. All but an
`Outcome` name the experiments they count in by their `arms`.

- response_time, pNN_response_time: seconds of an answer
- cost_per_request: USD of an answer, all attempts
- error_rate: answers on whose way an attempt failed, or that are degraded
- degraded_rate, cache_hit_rate: answers of that outcome
- tokens_per_request: input and output
- messages: answers
- user_satisfaction: sum and number of ratings; a changed rating adds the difference when it is changed
- next_item_correctness: exercises solved right
- completion_rate: feed items completed, over those opened
- `returned` is read off the day of a unit's last answer (`shared.experiments.unit`)
- any other: the values of outcomes of that name
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from shared.activity.events import Answered, Consumed, Event, Exposed, Graded, Outcome, Rated
from shared.stored.experiments import ExperimentMetric

Value = tuple[str, float, float]
"""A metric's name, and what the event adds to its numerator and its denominator."""
RETURNED: Final = "returned"
_TIMES: Final = re.compile(r"p\d{1,2}_response_time\Z")
_CACHED: Final = "cached"
_DEGRADED: Final = "degraded"


def experiments_of(event: Event) -> Iterable[str]:
    """The ids of the experiments that an event counts in."""
    return (event.experiment,) if isinstance(event, Exposed | Outcome) else event.arms


def exposed_to(event: Event, experiment: str) -> str | None:
    """The variant that the event shows its unit to have met; None: it tells of no exposure.

    An answer does, and so does being told. Grading, rating and consuming name the arm that a unit would be in.
    """
    if isinstance(event, Exposed):
        return event.variant
    return event.arms.get(experiment) if isinstance(event, Answered) else None


def values(event: Event, metrics: Mapping[str, ExperimentMetric]) -> list[Value]:
    """What the event adds to these metrics; nothing for those that it does not tell of."""
    if isinstance(event, Outcome):
        metric = metrics.get(event.metric)
        return [] if metric is None else [(event.metric, event.value, event.den if metric.kind == "ratio" else 1.0)]
    found = [(name, *pair) for name, pair in _built_in(event).items() if name in metrics]
    if isinstance(event, Answered):
        seconds = event.latency_ms / 1000
        found += [(name, seconds, 1.0) for name in metrics if _TIMES.match(name)]
    return found


def _built_in(event: Event) -> dict[str, tuple[float, float]]:
    if isinstance(event, Answered):
        degraded = event.outcome == _DEGRADED
        return {
            "response_time": (event.latency_ms / 1000, 1.0),
            "cost_per_request": (event.cost / 1e9, 1.0),
            "error_rate": (float(degraded or event.failed_attempts > 0), 1.0),
            "degraded_rate": (float(degraded), 1.0),
            "cache_hit_rate": (float(event.outcome == _CACHED), 1.0),
            "tokens_per_request": (float(event.input_tokens + event.output_tokens), 1.0),
            "messages": (1.0, 1.0),
        }
    if isinstance(event, Rated):
        return {"user_satisfaction": (float(event.total), float(event.count))}
    if isinstance(event, Graded):
        return {"next_item_correctness": (float(event.correct), 1.0)}
    if isinstance(event, Consumed):
        return {"completion_rate": (float(event.how == "completed"), float(event.how == "opened"))}
    return {}
