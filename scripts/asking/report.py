"""What a run came to, as a table and as JSON."""

from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prompt's end. `reply` is the envelope, or the problem when `status` is not 200."""

    status: int
    seconds: float
    first_seconds: float | None
    reply: dict[str, Any]


def summarise(outcomes: list[Outcome], seconds: float) -> dict[str, Any]:
    """The run's figures; latencies in milliseconds, money in USD."""
    good = [outcome for outcome in outcomes if outcome.status == 200]
    times = sorted(outcome.seconds * 1000 for outcome in good)
    firsts = sorted(outcome.first_seconds * 1000 for outcome in good if outcome.first_seconds is not None)
    return {
        "prompts": len(outcomes),
        "answered": len(good),
        "failed": dict(Counter(str(o.reply.get("code", o.status)) for o in outcomes if o.status != 200)),
        "degraded": sum(1 for o in good if o.reply.get("degraded")),
        "models": dict(Counter(f"{o.reply.get('provider')}/{o.reply.get('model')}" for o in good)),
        "languages": dict(Counter(str(o.reply.get("language")) for o in good)),
        "verdicts": dict(Counter(str(o.reply.get("safety", {}).get("verdict")) for o in good)),
        "cache_hits": sum(1 for o in good if o.reply.get("cache") != "none"),
        "upstream_attempts": sum(len(o.reply.get("route", {}).get("attempts", ())) for o in good),
        "cost_usd": round(sum(o.reply.get("cost_usd", 0.0) for o in good), 6),
        "tokens_in": sum(o.reply.get("usage", {}).get("input_tokens", 0) for o in good),
        "tokens_out": sum(o.reply.get("usage", {}).get("output_tokens", 0) for o in good),
        "latency_ms": _quantiles(times),
        "first_text_ms": _quantiles(firsts),
        "seconds": round(seconds, 2),
        "per_second": round(len(outcomes) / seconds, 1) if seconds else 0.0,
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    return "\n".join(f"{name:18} {_shown(value)}" for name, value in figures.items())


def _quantiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {
        name: round(values[round((len(values) - 1) * at)], 1)
        for name, at in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
    }


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"
    return str(value)
