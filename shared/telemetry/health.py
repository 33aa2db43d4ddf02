"""How well the system is, as a score and the reasons for it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["healthy", "degraded", "unhealthy"]
Breaker = Literal["closed", "open", "half_open"]

_STORE_DOWN = 60
_COORDINATION_DOWN = 40
_NO_MODEL = 30
_ALL_COLD = 10  # the first to ask wait for it, or get the template's answer
_MODELS_SHARE = 50
_HALF_OPEN = 0.3  # of a model's share: it is being tried again
_FAILING_FROM, _FAILING_EACH, _FAILING_MOST = 0.01, 3.0, 30.0  # points for each per cent of requests that fail
_SLOW_FROM, _SLOW, _VERY_SLOW_FROM, _VERY_SLOW = 5.0, 10.0, 10.0, 20.0  # seconds, points
_ALERT: Mapping[str, float] = {"critical": 15.0, "warning": 5.0}
_ALERTS_MOST = 30.0
_DEAD_FROM, _DEAD, _MANY_DEAD_FROM, _MANY_DEAD = 10, 5.0, 100, 10.0
_JUDGED_ITSELF = frozenset({"error_rate", "response_time"})
"""Alerts whose measure takes points already."""


_Loss = tuple[float, str]
"""Points, and what took them."""


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


@dataclass(frozen=True, slots=True)
class Lately:
    """What the last minutes were like, None where too little happened to say: shares from 0 to 1, seconds."""

    error_rate: float | None = None
    response_time: float | None = None
    """95th percentile."""
    dead_jobs: int = 0
    firing: Mapping[str, str] = field(default_factory=dict)
    """Severity by the alert's rule."""


def judge(
    models: Sequence[ModelHealth],
    stores: Mapping[str, bool],
    lately: Lately | None = None,
    *,
    asleep: bool = False,
) -> Health:
    """Score the system.

    Without `documents` nothing can be kept, so it is unhealthy. Without `coordination` (limits and money cannot be
    judged), without any model, or with a model's breaker not closed it still answers, so it is degraded at worst.
    Alerts that are warnings take points and leave the status as it is, and so does it when all that is configured
    is `asleep` (our own server, cold or being woken): both are there on a sound system too.
    Only configured models count, each with the same share of 50 points. Of `lately`: failing requests take 3 points a
    per cent, 30 at most; slow answers 10 or 20; alerts 5 (warning) or 15 (critical) each, 30 at most; a backlog of dead jobs 5 or 10.
    """
    lost: list[_Loss] = []
    mild: list[_Loss] = []
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
    if asleep:
        mild.append((_ALL_COLD, "the own model's server is cold, and no other model is configured"))
    if lately is not None:
        lost += _lately(lately)
        for severity, entry in _alerts(lately.firing):
            (mild if severity == "warning" else lost).append(entry)
    told = sorted((*lost, *mild), key=lambda entry: -entry[0])
    score = max(0, round(100 - sum(points for points, _ in told)))
    unhealthy = not stores.get("documents", False)
    status: Status = "unhealthy" if unhealthy else "degraded" if lost else "healthy"
    return Health(status, score, tuple(reason for _, reason in told))


def _lately(found: Lately) -> list[_Loss]:
    lost: list[_Loss] = []
    if found.error_rate is not None and found.error_rate > _FAILING_FROM:
        points = min(_FAILING_MOST, _FAILING_EACH * 100 * found.error_rate)
        lost.append((points, f"{100 * found.error_rate:.1f} % of requests fail"))
    if found.response_time is not None and found.response_time > _SLOW_FROM:
        points = _VERY_SLOW if found.response_time > _VERY_SLOW_FROM else _SLOW
        lost.append((points, f"one answer in twenty takes {found.response_time:.1f} s or longer"))
    if found.dead_jobs >= _DEAD_FROM:
        many = found.dead_jobs >= _MANY_DEAD_FROM
        shown = f"{_MANY_DEAD_FROM} or more" if many else found.dead_jobs
        lost.append((_MANY_DEAD if many else _DEAD, f"{shown} jobs were given up"))
    return lost


def _alerts(firing: Mapping[str, str]) -> list[tuple[str, _Loss]]:
    """By severity. How many, not which: a rule's name is its maker's word, and anybody may ask for health."""
    counted = Counter(severity for rule, severity in firing.items() if rule not in _JUDGED_ITSELF)
    left = _ALERTS_MOST
    found: list[tuple[str, _Loss]] = []
    for severity, points in _ALERT.items():
        if count := counted[severity]:
            taken = min(left, count * points)
            left -= taken
            found.append((severity, (taken, f"{count} {severity} alert{'s' if count > 1 else ''}")))
    return found
