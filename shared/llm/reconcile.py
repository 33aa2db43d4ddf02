"""The ledger's word on money, for when the counters have lost theirs: a process that died, or a Redis that forgot.

Counters hold what was set aside and spent; the ledger holds why. A bill is settled after its row is kept
(`shared.llm.settlement`), so whatever the counters miss can be had from the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.coordination import Coordination
from shared.documents import LedgerEntry
from shared.llm import budget
from shared.store import Ref, Store, Where

GIVEN_UP = 3600.0
"""Seconds after its end that a hold without a ledger row is taken for one that cost nothing."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was mended: holds nobody had settled, and by how many nano-USD the corrected counters were off."""

    overdue: int
    drift_nano_usd: int


async def committed(store: Store, key: str) -> int:
    """What the ledger says a spending key (`budget.account_key`, `budget.learner_key`) has cost, in nano-USD.

    ValueError for a key of another form.
    """
    rest, _, day = key.rpartition(":")
    if rest == budget.ACCOUNT:
        where: Sequence[Where] = (Where("day", "==", day),)
    elif rest.startswith(budget.LEARNER + ":"):
        where = (Where("user_id", "==", rest.removeprefix(budget.LEARNER + ":")), Where("learner_day", "==", day))
    else:
        raise ValueError(f"no spending key: {key!r}")
    return round(await store.total(LedgerEntry, "cost_nano_usd", *where))


async def collect(store: Store, coordination: Coordination, limit: int = 100, *, given_up: float = GIVEN_UP) -> int:
    """Settle holds whose process died, of the `limit` oldest that are overdue; returns how many were settled.

    At their row's cost. One without a row is given up after `given_up` seconds: until then its process may only be frozen
    (a throttled instance), and will write the row and settle the hold itself. It reserves nothing meanwhile.
    """
    overdue = await coordination.overdue(limit)
    if not overdue:
        return 0
    found = await store.read(*(Ref(LedgerEntry, hold) for hold in overdue))
    bills: dict[str, int] = {}
    for (hold, since), entry in zip(overdue.items(), found, strict=True):
        if entry is not None:
            bills[hold] = entry[0].cost_nano_usd
        elif since >= given_up:
            bills[hold] = 0
    if bills:
        await coordination.settle(bills)
    return len(bills)


async def recount(store: Store, coordination: Coordination, key: str) -> int:
    """Make a key's counter what the ledger says, if nothing is under way there; returns by how much it was off.

    With a hold outstanding the two may differ rightly, so the key is left for another time. The counter is only changed
    if it still is what was seen before the rows were added up: a bill settled meanwhile makes the next try find the truth.
    """
    seen = (await coordination.spend([key]))[key]
    if seen.reserved:
        return 0
    rows = await committed(store, key)
    if rows == seen.committed or not await coordination.correct(key, seen, rows):
        return 0
    return rows - seen.committed


async def reconcile(store: Store, coordination: Coordination, keys: Sequence[str], limit: int = 100) -> Reconciled:
    """`collect`, then `recount` each key when nothing is left that has a row."""
    settled = await collect(store, coordination, limit)
    drift = 0 if settled >= limit else sum([abs(await recount(store, coordination, key)) for key in keys])
    return Reconciled(settled, drift)
