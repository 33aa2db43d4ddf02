"""The alerts there are from the start, as data. Terraform makes policies of the contract's: see `scripts/alerts`.

Shares run from 0 to 1, times are seconds, money is USD. What each metric is: `shared.telemetry.signals`.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from shared.stored.watching import AlertRule

DEFAULT_COST_PER_REQUEST: Final = 0.02
"""USD; ALERT_COST_PER_REQUEST changes it."""

_TABLE = (
    AlertRule(
        name="response_time",
        title="Answers take longer than 5 seconds (95th percentile)",
        metric="response_time",
        operator=">",
        threshold=5.0,
        window_seconds=300,
        min_events=20,
        runbook="GET /health names models whose breaker is open; compare ai_response_time_seconds by model. A slow own model: "
        "look at its queue and at gpu_utilization, or raise its instances. A slow provider: disable its model in LiveConfig.",
    ),
    AlertRule(
        name="cache_hit_rate",
        title="Fewer than 60 % of look-ups are found in the cache",
        metric="cache_hit_rate",
        operator="<",
        threshold=0.6,
        window_seconds=3600,
        min_events=100,
        runbook="Each change of prompts, policy or LiveConfig puts older entries out of reach: look for a recent release or "
        "change. Otherwise raise CACHE_TTL_SECONDS or MAX_CACHE_SIZE; new traffic that never repeats is no fault.",
    ),
    AlertRule(
        name="gpu_utilization",
        title="The GPU is busy more than 90 % of the time",
        metric="gpu_utilization",
        operator=">",
        threshold=0.9,
        window_seconds=600,
        min_events=5,
        runbook="Answers wait for the own model. Raise the GPU service's maximum of instances, or lower LiveConfig's "
        "complexity_threshold so that paid models take more (watch the cost).",
    ),
    AlertRule(
        name="memory",
        title="An instance uses more than 85 % of its memory",
        metric="memory",
        operator=">",
        threshold=0.85,
        window_seconds=300,
        min_events=3,
        severity="critical",
        runbook="Cloud Run ends an instance that goes over its limit. Lower MAX_CACHE_SIZE or the function's concurrency, or "
        "raise its memory in functions/catalog.yaml; memory that grows without traffic is a leak: redeploy and report it.",
    ),
    AlertRule(
        name="error_rate",
        title="More than 1 % of requests fail",
        metric="error_rate",
        operator=">",
        threshold=0.01,
        window_seconds=300,
        min_events=50,
        severity="critical",
        runbook="GET /health says which store or model is away. Read the log at severity ERROR, grouped by message; after a "
        "release roll back first (terraform/README.md) and look for the reason then.",
    ),
    AlertRule(
        name="cost_per_request",
        title="Answers cost more than they should on average",
        metric="cost_per_request",
        operator=">",
        threshold=DEFAULT_COST_PER_REQUEST,
        window_seconds=3600,
        min_events=50,
        runbook="ai_cost_usd_total by model shows who spends. Raise LiveConfig's complexity_threshold so that the own model "
        "takes more, or disable the dear model; the daily caps hold whatever happens.",
    ),
)

_DEGRADED = AlertRule(
    name="degraded_rate",
    title="More than 20 % of requests get the template's answer",
    metric="degraded_rate",
    operator=">",
    threshold=0.2,
    window_seconds=300,
    min_events=20,
    severity="critical",
    runbook="No model answers, or nobody may ask one: GET /health names models whose breaker is open, the log's line "
    "`answered` what was tried. Keys, quotas and the provider's own status come first; then the caps on money.",
)

CONTRACT: Final[Mapping[str, AlertRule]] = {rule.name: rule for rule in _TABLE}
"""Those of the contract's section 8. Terraform makes policies of them."""
BUILT_IN: Final[Mapping[str, AlertRule]] = {**CONTRACT, _DEGRADED.name: _DEGRADED}
"""What is beyond the contract reaches Google as an operator's rule does: by the line that it was raised."""


def built_in(cost_per_request: float) -> dict[str, AlertRule]:
    """The table with this deployment's bound on the cost of an answer (USD)."""
    cost = BUILT_IN["cost_per_request"].model_copy(update={"threshold": cost_per_request})
    return {**BUILT_IN, cost.name: cost}


def in_force(cost_per_request: float, custom: Iterable[AlertRule]) -> dict[str, AlertRule]:
    """All rules by name; one that operators made takes the place of a built-in one of the same name."""
    return built_in(cost_per_request) | {rule.name: rule for rule in custom}
