"""How well the system is, as a score and the reasons for it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Status = Literal["healthy", "degraded", "unhealthy"]
Breaker = Literal["closed", "open", "half_open"]

_STORE_DOWN = 60
_COORDINATION_DOWN = 40
_NO_MODEL = 30
_MODELS_SHARE = 50
_HALF_OPEN = 0.3  # of a model's share: it is being tried again


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """One model: whether it is configured here, and the worst breaker it stands behind."""

    name: str
    provider: str
    configured: bool
    breaker: Breaker


@dataclass(frozen=True, slots=True)
class Health:
    """`score` runs from 0 to 100; `reasons` says what took points away, worst first."""

    status: Status
    score: int
    reasons: tuple[str, ...]


def judge(models: Sequence[ModelHealth], stores: Mapping[str, bool]) -> Health:
    """Score the system.

    Without `documents` nothing can be kept, so it is unhealthy. Without `coordination` (limits and money cannot be
    judged), without any model, or with a model's breaker not closed it still answers, so it is degraded at worst.
    Only configured models count, each with the same share of 50 points.
    """
    lost: list[tuple[float, str]] = []
    if not stores.get("documents", False):
        lost.append((_STORE_DOWN, "the document store does not answer"))
    if not stores.get("coordination", False):
        lost.append((_COORDINATION_DOWN, "the coordination store does not answer"))
    configured = [model for model in models if model.configured]
    if not configured:
        lost.append((_NO_MODEL, "no model is configured: the template responder answers"))
    for model in configured:
        share = _MODELS_SHARE / len(configured)
        if model.breaker == "open":
            lost.append((share, f"{model.name}: circuit breaker open"))
        elif model.breaker == "half_open":
            lost.append((share * _HALF_OPEN, f"{model.name}: circuit breaker half-open"))
    lost.sort(key=lambda entry: -entry[0])
    score = max(0, round(100 - sum(points for points, _ in lost)))
    unhealthy = not stores.get("documents", False)
    status: Status = "unhealthy" if unhealthy else "degraded" if lost else "healthy"
    return Health(status, score, tuple(reason for _, reason in lost))
