"""Caps on spending: whose day it is, which keys are charged, and how much is set aside before a call. Pure.

The rule that cannot be broken is kept by `Coordination.reserve`: committed + reserved never exceeds a cap. Here is
what makes it hold in money: the amount set aside is an upper bound of the bill (`Price.ceiling`), and what is
committed afterwards is at most what was set aside.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.coordination import Cap
from shared.llm.prices import NANO, Price
from shared.llm.types import Usage

ACCOUNT = "spend:account"
LEARNER = "spend:learner"


@dataclass(frozen=True, slots=True)
class Limits:
    """Daily limits in USD, the account's and one learner's, and the zones that say when their days begin."""

    account_usd: float
    learner_usd: float
    account_zone: str = "UTC"
    learner_zone: str | None = None


def day(now: float, zone: str) -> str:
    """The local calendar day (YYYY-MM-DD) of a moment (Unix seconds) in an IANA zone.

    A calendar day is the budget's day: 23 or 25 hours long on the nights the clocks change, and each moment in
    exactly one of them.
    """
    return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone)).date().isoformat()


@lru_cache(maxsize=512)
def known(zone: str) -> bool:
    """Whether there is an IANA zone of that name."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def account_key(now: float, zone: str) -> str:
    """The key the whole account's day is charged under."""
    return f"{ACCOUNT}:{day(now, zone)}"


def learner_key(user_id: str, now: float, zone: str) -> str:
    """The key one learner's day is charged under."""
    return f"{LEARNER}:{user_id}:{day(now, zone)}"


def zone_of(learner_zone: str | None, account_zone: str) -> str:
    """The zone a learner's day is in: their own where it is known, else the account's."""
    return learner_zone if learner_zone and known(learner_zone) else account_zone


def caps(user_id: str, now: float, limits: Limits) -> tuple[Cap, ...]:
    """The caps one call of one learner is held to: the account's first, then the learner's."""
    zone = zone_of(limits.learner_zone, limits.account_zone)
    return (
        Cap(account_key(now, limits.account_zone), round(limits.account_usd * NANO)),
        Cap(learner_key(user_id, now, zone), round(limits.learner_usd * NANO)),
    )


def bill(price: Price, usage: Usage, held: int) -> tuple[int, bool]:
    """What to commit in nano-USD, and whether the reported usage was beyond anything the call could have cost.

    No call can cost more than its ceiling (the prompt's bytes and the output limit that was sent bound the tokens), so
    a report above it is wrong: the ceiling is committed and the row is flagged for reconciliation.
    """
    cost = price.cost(usage)
    return (held, True) if cost > held else (cost, False)
