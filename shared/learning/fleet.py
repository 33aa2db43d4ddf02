"""All answers, with and without feedback: the fleet's totals, kept once a day, so that their differences tell of a period. Pure.

The totals are the metrics' own (`shared.telemetry.names`): counting costs a request nothing more, and its price is that a process
killed in the second before its counts went out has taken them along. The ledger has every attempt; these are for looking at.
"""

from collections.abc import Mapping
from typing import Final

from shared.agents.feedback import FleetCalls, FleetPeriod, FleetTraffic
from shared.telemetry.series import parse

_SEPARATOR: Final = "|"
_KEPT: Final = {
    "ai_requests_total": "answers",
    "ai_failed_calls_total": "failed",
    "ai_cost_usd_total": "cost",
}
Totals = dict[str, float]


def kept(counters: Mapping[str, float]) -> Totals:
    """What a day's document keeps of the metrics' counters: a histogram's sum and count stand for it."""
    totals: Totals = {}
    for counter, value in counters.items():
        found = parse(counter)
        if found is None:
            continue
        metric, labels, part = found
        if metric.name == "ai_response_time_seconds":
            area = "seconds" if part == "sum" else "timed"
        elif metric.name in _KEPT:
            area = _KEPT[metric.name]
        else:
            continue
        key = _SEPARATOR.join((area, *labels))
        totals[key] = totals.get(key, 0.0) + value
    return totals


def difference(before: Totals, after: Totals) -> Totals | None:
    """What came between two moments; None where a counter fell: what counts has begun anew, and nobody knows what was lost."""
    if any(after.get(key, 0.0) < value for key, value in before.items() if not key.startswith("cost")):
        return None
    # Money is a sum of fractions, which may differ by their order.
    return {key: max(0.0, value - before.get(key, 0.0)) for key, value in after.items()}


def period(since: float, until: float, totals: Totals) -> FleetPeriod:
    """A period's differences as figures."""
    outcomes: dict[tuple[str, str], dict[str, int]] = {}
    failed: dict[str, dict[str, int]] = {}
    cost: dict[str, float] = {}
    for key, value in totals.items():
        area, *labels = key.split(_SEPARATOR)
        if not value:
            continue
        if area == "answers":
            outcomes.setdefault((labels[0], labels[1]), {})[labels[2]] = round(value)
        elif area == "failed":
            failed.setdefault(labels[0], {})[labels[1]] = round(value)
        elif area == "cost":
            cost[labels[0]] = value
    return FleetPeriod(
        since=since,
        until=until,
        traffic=[
            FleetTraffic(
                agent=agent,
                model=model,
                answers=sum(found.values()),
                outcomes=dict(sorted(found.items())),
                latency_ms=_mean_ms(totals, agent, model),
            )
            for (agent, model), found in sorted(outcomes.items())
        ],
        calls=[
            FleetCalls(model=model, failed=failed.get(model, {}), cost_usd=round(cost.get(model, 0.0), 9))
            for model in sorted({*failed, *cost})
        ],
    )


def _mean_ms(totals: Totals, agent: str, model: str) -> float | None:
    timed = totals.get(_SEPARATOR.join(("timed", agent, model)), 0.0)
    return round(totals[_SEPARATOR.join(("seconds", agent, model))] / timed * 1000, 1) if timed else None
