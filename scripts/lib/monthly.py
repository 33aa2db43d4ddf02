"""`scripts/monthly-cost`: what an installation costs in a month, from its traffic and terraform/prices.json.

    python -m scripts.lib.monthly [--messages N] [--seconds S] [--gpu-hours H] [--warm-mentors N] [--load-balancer]

Counts what grows with messages by the operations that tests/costs measured (README), and what runs by the clock by the
schedules of functions/catalog.yaml. Not in it: tokens of paid models (AI_DAILY_COST_LIMIT caps them), traffic out, storage,
logs beyond the free allotment, Cloud Armor. A mentor that is always there is counted at the rate of a busy one: an upper bound.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from shared import deployables

PRICES = Path(__file__).resolve().parents[2] / "terraform" / "prices.json"
MONTH_HOURS = 730

PER_MESSAGE = {"redis_command": 1.62, "document_read": 4.62, "document_write": 5.4, "document_delete": 1.0}
"""tests/costs/test_messages.py: 100 mixed messages, background and all (1.22 reads, 4 writes); test_fold.py: counting those of 40 learners."""
PER_SCHEDULED_CALL = {"redis_command": 6.0, "document_read": 4.0, "document_write": 1.0, "document_delete": 0.0}
"""An upper bound of what one call of `ops` by the clock asks of the stores when nothing is to be done."""
PER_COUNTING_CALL = {"redis_command": 0.0, "document_read": 9.0, "document_write": 0.0, "document_delete": 0.0}
"""The same of `experiments`, which looks into every place of the outbox (test_fold.py), and for what runs."""
SCHEDULED_SECONDS = 1.0
"""How long such a call is open, a cold start now and then included."""


@dataclass(frozen=True)
class Traffic:
    """What is asked of an installation in a month. `seconds`: how long a message's answer is being written."""

    messages: int = 0
    seconds: float = 4.0
    gpu_hours: float = 0.0
    warm_mentors: int = 0
    load_balancer: bool = False


@dataclass(frozen=True)
class Price:
    """USD a unit. The first `free` units of a month cost nothing; `plan`: more than those, and every unit is paid."""

    what: str
    usd: float
    free: float
    plan: bool

    def of(self, units: float) -> float:
        """USD for so many units in a month."""
        if units <= self.free:
            return 0.0
        return units * self.usd if self.plan else (units - self.free) * self.usd


def prices(path: Path = PRICES) -> dict[str, Price]:
    """The table, by unit."""
    found = json.loads(path.read_text(encoding="utf-8"))["prices"]
    return {
        name: Price(item["what"], item["usd"], item["free"], item.get("plan", False)) for name, item in found.items()
    }


def calls_by_the_clock() -> dict[str, float]:
    """Calls of Cloud Scheduler in a month, by function. Raises ValueError for a cron line with days of the month or months."""
    return {entry.name: sum(_in_a_month(item.cron) for item in entry.schedules) for entry in deployables.load()}


def _in_a_month(cron: str) -> float:
    minute, hour, *dates, weekday = cron.split(" ")
    if dates != ["*", "*"]:
        raise ValueError(f"{cron}: days of the month and months are not counted")
    return _times(minute, 60) * _times(hour, 24) * _times(weekday, 7) / 7 * MONTH_HOURS / 24


def _times(field: str, of: int) -> float:
    """How many of `of` values a cron field names."""
    total = 0.0
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        values = of if span == "*" else int(last) - int(first) + 1 if last else 1
        total += values / int(step or 1)
    return total


def units(traffic: Traffic) -> dict[str, float]:
    """How much of everything that is billed the traffic uses in a month."""
    by_function = calls_by_the_clock()
    calls, counting = sum(by_function.values()), by_function["experiments"]
    open_seconds = traffic.messages * traffic.seconds + calls * SCHEDULED_SECONDS
    warm = traffic.warm_mentors * MONTH_HOURS * 3600
    stores = {
        name: each * traffic.messages
        + PER_SCHEDULED_CALL[name] * (calls - counting)
        + PER_COUNTING_CALL[name] * counting
        for name, each in PER_MESSAGE.items()
    }
    return {
        "vcpu_second": open_seconds + warm,
        "gib_second": open_seconds + warm,
        "request": traffic.messages + calls,
        "gpu_hour": traffic.gpu_hours,
        "secret_version": 6,
        "scheduler_job": sum(len(entry.schedules) for entry in deployables.load()),
        "forwarding_rule_hour": 2 * MONTH_HOURS if traffic.load_balancer else 0,
        **stores,
    }


def table(traffic: Traffic) -> list[tuple[str, float, float]]:
    """Rows of (what, units, USD)."""
    known = prices()
    return [(known[name].what, amount, known[name].of(amount)) for name, amount in units(traffic).items()]


def main() -> None:
    """Print the table and its sum."""
    parser = argparse.ArgumentParser(prog="scripts/monthly-cost", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=0, help="mentor messages in a month")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long an answer is being written")
    parser.add_argument("--gpu-hours", type=float, default=0.0, help="hours in the month that the own model is awake")
    parser.add_argument("--warm-mentors", type=int, default=0, help="mentor instances that are always there")
    parser.add_argument("--load-balancer", action="store_true")
    given = parser.parse_args()
    try:
        rows = table(Traffic(given.messages, given.seconds, given.gpu_hours, given.warm_mentors, given.load_balancer))
    except ValueError as error:
        sys.exit(f"scripts/monthly-cost: {error}")
    for what, amount, usd in rows:
        if amount:
            print(f"{what:92} {amount:>14,.0f} {usd:>9.2f}")
    print(f"{'USD a month, before the tokens of paid models':92} {'':>14} {sum(usd for *_, usd in rows):>9.2f}")


if __name__ == "__main__":
    main()
