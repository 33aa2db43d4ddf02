"""The fields every generated answer carries, as the OpenAPI document shows them (`Answer.envelope` makes them)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Shown(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AttemptShown(_Shown):
    """One upstream attempt, or why a model of the plan was not asked."""

    model: str
    outcome: Literal["ok", "error", "timeout", "open", "refused", "over_budget"]
    latency_ms: float
    cost_usd: float


class RouteShown(_Shown):
    """Why these models, and what came of each."""

    reason: str
    complexity: float
    attempts: list[AttemptShown]


class UsageShown(_Shown):
    """Tokens of the answer; `input_tokens` includes the cached ones."""

    input_tokens: int
    cached_input_tokens: int
    output_tokens: int


class ExperimentShown(_Shown):
    """An experiment the learner is in."""

    experiment_id: str
    variant: str


class SafetyShown(_Shown):
    """The safety verdict."""

    verdict: Literal["allow", "block", "support"]
    categories: list[str]


class Envelope(_Shown):
    """Base of every generated reply. Costs in USD, times in milliseconds."""

    request_id: str
    language: str
    direction: Literal["ltr", "rtl"] = Field(description="Which way the answer's language is written")
    notice: str = Field(description="For the learner, beside the answer; mostly empty")
    model: str
    provider: Literal["gemma", "openai", "anthropic", "gemini", "template"]
    route: RouteShown
    cache: Literal["none", "exact", "semantic"]
    degraded: bool
    finish: Literal["stop", "length", "refusal", "stopped"]
    config: str
    usage: UsageShown
    cost_usd: float
    latency_ms: float
    experiments: list[ExperimentShown]
    safety: SafetyShown
