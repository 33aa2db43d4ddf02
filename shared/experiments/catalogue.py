"""What the product measures of every experiment by itself, and the words that a definition may use. Data.

Where a metric's values come from stands in `shared.experiments.values`, under the same names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from shared.agents.experiments import Level, Platform
from shared.stored.experiments import ExperimentMetric, MetricKind


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A metric that nobody has to send, and a sentence that says what it is."""

    metric: ExperimentMetric
    sentence: str


def _built(
    name: str,
    kind: MetricKind,
    better: Literal["up", "down"],
    sentence: str,
    *,
    margin: float,
    quantile: float | None = None,
    learning: bool = False,
    rating: bool = False,
) -> tuple[str, BuiltIn]:
    metric = ExperimentMetric(
        name=name, kind=kind, better=better, quantile=quantile, learning=learning, rating=rating, margin=margin
    )
    return name, BuiltIn(metric, sentence)


BUILT_IN: Final[Mapping[str, BuiltIn]] = dict(
    (
        _built(
            "user_satisfaction",
            "ratio",
            "up",
            "Mean rating of the answers that were rated, 1 to 5.",
            margin=0.02,
            rating=True,
        ),
        _built("response_time", "ratio", "down", "Mean seconds from a question to the end of its answer.", margin=0.1),
        _built(
            "p50_response_time",
            "quantile",
            "down",
            "Seconds within which half of the answers were complete.",
            margin=0.1,
            quantile=0.5,
        ),
        _built(
            "p95_response_time",
            "quantile",
            "down",
            "Seconds within which 95 % of the answers were complete.",
            margin=0.1,
            quantile=0.95,
        ),
        _built(
            "p99_response_time",
            "quantile",
            "down",
            "Seconds within which 99 % of the answers were complete.",
            margin=0.2,
            quantile=0.99,
        ),
        _built("cost_per_request", "ratio", "down", "Mean cost of an answer in USD, all its attempts.", margin=0.1),
        _built(
            "error_rate",
            "ratio",
            "down",
            "Share of answers on whose way something failed: a model that had to be left, or no model at all.",
            margin=0.1,
        ),
        _built("degraded_rate", "ratio", "down", "Share of answers that no model gave.", margin=0.1),
        _built("cache_hit_rate", "ratio", "up", "Share of answers taken from the cache.", margin=0.1),
        _built("messages", "mean", "up", "Answers a learner got.", margin=0.05),
        _built("tokens_per_request", "ratio", "down", "Mean tokens of an answer, question included.", margin=0.1),
        _built("returned", "proportion", "up", "Share of learners who came back on a later day.", margin=0.05),
        _built(
            "next_item_correctness",
            "ratio",
            "up",
            "Share of exercises solved right that were answered after the variant was met.",
            margin=0.02,
            learning=True,
        ),
        _built("completion_rate", "ratio", "up", "Share of opened feed items that were completed.", margin=0.05),
    )
)
"""By name. A margin is how much worse it may get as a guardrail, as a share of the control's."""

LEVELS: Final[tuple[str, ...]] = get_args(Level)
PLATFORMS: Final[tuple[str, ...]] = get_args(Platform)
AGENTS: Final = ("mentor", "curriculum", "curation", "feed", "sentiment", "animation")
OPTIMIZATION_LEVELS: Final = ("conservative", "balanced", "aggressive", "maximum")
