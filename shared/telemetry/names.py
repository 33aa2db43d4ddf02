"""The metrics there are, as data: name, kind, help text, labels with their allowed values, buckets.

A label with `values` takes those and turns everything else into "other". A label without is free, and its metric holds
`MAX_SERIES` series at most in the whole fleet; what comes after goes to "other". So no junk name and no learner's id can
make series without end. To add a metric or an allowed value: one line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shared.language.names import LANGUAGES
from shared.safety import categories

Kind = Literal["counter", "gauge", "histogram"]

OTHER: Final = "other"
MAX_SERIES: Final = 200


@dataclass(frozen=True, slots=True)
class Label:
    """A label's name and, unless it is free, the values it may take besides "other"."""

    name: str
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `buckets` are a histogram's upper bounds, rising, without the infinite one."""

    name: str
    kind: Kind
    help: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def free(self) -> bool:
        """Whether any label takes whatever comes, so that the number of series needs a bound."""
        return any(label.values is None for label in self.labels)


_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 120.0)
_LONG_SECONDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)

_AGENT = Label(
    "agent_type",
    frozenset({"mentor", "curriculum", "curation", "feed", "sentiment", "animation", "feedback", "summary"}),
)
# Stable names of the API; `Metrics(known=…)` adds the concrete ids that are configured.
_MODEL_VALUES = frozenset(
    {"gemma_4_on_device", "gemma_4_cloud", "gpt_4_mini", "gpt_4", "claude", "gemini_flash", "template", "cache", "none"}
)
_MODEL = Label("model", _MODEL_VALUES)
_MODEL_TYPE = Label("model_type", _MODEL_VALUES)
_CACHE = Label("cache_type", frozenset({"exact", "semantic"}))
_OUTCOME = Label(
    "outcome",
    frozenset(
        {"ok", "degraded", "cached", "blocked", "support", "stopped", "superseded"}
        | {"interrupted", "error"}  # nobody was answered: told by the gateway, and by the edge where it never got there
    ),
)
_VARIANT = (Label("experiment_name"), Label("variant"))

_ALL = (
    Metric(
        "ai_requests_total", "counter", "Answers asked of the models, by how they ended.", (_AGENT, _MODEL, _OUTCOME)
    ),
    Metric(
        "ai_response_time_seconds",
        "histogram",
        "Time from the request to the end of its answer.",
        (_AGENT, _MODEL),
        _SECONDS,
    ),
    Metric("ai_cache_hits_total", "counter", "Answers taken from the cache.", (_CACHE,)),
    Metric("ai_cache_misses_total", "counter", "Answers looked for in the cache and not found.", (_CACHE,)),
    Metric(
        "ai_failed_calls_total",
        "counter",
        "Model calls that were made and gave no answer.",
        (_MODEL, Label("outcome", frozenset({"error", "timeout", "refused"}))),
    ),
    Metric(
        "ai_safety_verdicts_total",
        "counter",
        "Questions answered with help or refused, and answers of which something was held back, by the first thing found.",
        (Label("category", frozenset({*categories.ALL, "answer_leak"})), Label("language", frozenset(LANGUAGES))),
    ),
    Metric("ai_cost_usd_total", "counter", "Money spent on model calls, in USD.", (_MODEL,)),
    Metric("ai_circuit_breaker_state", "gauge", "0 closed, 1 half-open, 2 open.", (Label("target"),)),
    Metric("ai_memory_usage_bytes", "gauge", "Memory of the instance that is worst off, by its limit."),
    Metric("ai_gpu_utilization_percent", "gauge", "Use of the GPU service's device, 0 to 100."),
    Metric("ai_experiments_total", "counter", "Units assigned to a variant.", _VARIANT),
    Metric("ai_experiment_conversions_total", "counter", "Outcomes recorded for a variant.", _VARIANT),
    Metric(
        "ai_optimization_requests_total",
        "counter",
        "Optimisation runs asked for.",
        (_MODEL_TYPE, Label("optimization_type")),
    ),
    Metric("ai_optimization_duration_seconds", "histogram", "Length of optimisation runs.", (), _LONG_SECONDS),
    Metric(
        "ai_optimization_improvement_percent",
        "gauge",
        "Change measured by the last optimisation run.",
        (_MODEL_TYPE, Label("metric")),
    ),
    Metric("ai_model_performance_latency_ms", "gauge", "Latency measured by the last benchmark.", (_MODEL_TYPE,)),
    Metric("ai_model_performance_accuracy", "gauge", "Accuracy measured by the last benchmark.", (_MODEL_TYPE,)),
    Metric("ai_model_performance_cost", "gauge", "USD per request in the last benchmark.", (_MODEL_TYPE,)),
    Metric("ai_model_performance_quality", "gauge", "Quality measured by the last benchmark.", (_MODEL_TYPE,)),
    Metric(
        "ai_alerts_total",
        "counter",
        "Alerts that were raised.",
        (Label("rule"), Label("severity", frozenset({"warning", "critical"}))),
    ),
    Metric(
        "ai_realtime_connections_total",
        "counter",
        "WebSocket connections that have ended, or were refused in their handshake.",
        (Label("outcome", frozenset({"open", "refused"})),),
    ),
    Metric("ai_benchmark_runs_total", "counter", "Benchmark runs that were finished."),
)

METRICS: Final[Mapping[str, Metric]] = {metric.name: metric for metric in _ALL}
