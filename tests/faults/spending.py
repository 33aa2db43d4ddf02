"""What tests of money look at: the account's counter, the ledger, and the line to the shared state."""

from shared.coordination import Spend
from shared.documents import LedgerEntry
from shared.llm import budget
from shared.runtime import Runtime
from shared.store import Where
from tests.severed import Severed, severed


def over_a_line(runtime: Runtime) -> Severed:
    line, seen = severed(runtime.coordination)
    runtime.__dict__["coordination"] = seen
    return line


async def account(runtime: Runtime) -> Spend:
    key = budget.account_key(runtime.clock(), "UTC")
    return (await runtime.coordination.spend([key]))[key]


async def ledger(runtime: Runtime) -> int:
    day = budget.day(runtime.clock(), "UTC")
    return round(await runtime.store.total(LedgerEntry, "cost_nano_usd", Where("day", "==", day)))
