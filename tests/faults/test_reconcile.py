"""Money after deaths and losses: the ledger's word, and one effect of what ran twice."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from shared.coordination import Spend
from shared.documents import LedgerEntry, LiveConfig
from shared.errors import StoreError, Superseded
from shared.llm import budget, reconcile
from shared.llm.attempt import Attempt
from shared.llm.call import Answer
from shared.llm.catalog import Model
from shared.runtime import Runtime
from shared.store import Create, Delete, Put, Write
from tests.fakes.waiting import eventually
from tests.faults.spending import account, ledger, over_a_line
from tests.product import PAID, Product, call, rows

BOTH = {"gpt_4_mini": "fake-paid", "gemma_4_on_device": "fake-own"}

# --- what dead processes leave


async def crash_after(runtime: Runtime, product: Product, *, committed: bool) -> str:
    """A paid call whose process dies before it settles: with its row in the ledger, or without."""
    line = over_a_line(runtime)
    runtime.settlements.__dict__["_coordination"] = line
    question = call(cacheable=False)
    product.fake.script("fake-paid", ["200ms"])
    task = asyncio.create_task(runtime.gateway.complete(question))
    await eventually(lambda: product.fake.open == 1)
    line.cut = True
    if not committed:
        task.cancel()
    await asyncio.wait({task})
    runtime.settlements.__dict__["_bills"].clear()
    line.cut = False
    if not committed:
        for row in await rows(runtime, question):
            await runtime.store.commit(Delete(LedgerEntry, row.id))
    return question.message_id


@pytest.mark.parametrize("committed", [True, False])
async def test_t13_a_dead_process_is_settled_by_the_ledgers_word(product: Product, committed: bool) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    await runtime.gateway.complete(call("Warm up", cacheable=False))  # the first use of an SDK imports it
    before = await ledger(runtime)
    message = await crash_after(runtime, product, committed=committed)
    assert (await account(runtime)).reserved > 0
    runtime.database.clock = lambda: time.time() + 600  # holds live shorter
    assert list(await runtime.coordination.overdue()) == [f"{message}:1"]
    # Without a row the process may only be frozen: then it is its own to settle, for an hour.
    assert await reconcile.collect(runtime.store, runtime.coordination) == int(committed)
    assert await reconcile.collect(runtime.store, runtime.coordination, given_up=0) == int(not committed)
    assert await account(runtime) == Spend(await ledger(runtime), 0)
    assert ((await ledger(runtime)) > before) is committed
    assert await reconcile.collect(runtime.store, runtime.coordination) == 0


async def test_a_counter_that_forgot_is_made_what_the_ledger_says(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    for n in range(3):
        await runtime.gateway.complete(call(f"Question {n}", cacheable=False))
    key, true = budget.account_key(runtime.clock(), "UTC"), await ledger(runtime)
    assert await runtime.coordination.correct(key, await account(runtime), 5)
    assert await reconcile.recount(runtime.store, runtime.coordination, key) == true - 5
    assert await account(runtime) == Spend(true, 0)
    assert await reconcile.recount(runtime.store, runtime.coordination, key) == 0


async def test_a_counter_is_left_alone_while_a_hold_is_outstanding(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    await runtime.gateway.complete(call(cacheable=False))
    product.fake.script("fake-paid", ["200ms"])
    task = asyncio.create_task(runtime.gateway.complete(call(cacheable=False)))
    await eventually(lambda: product.fake.open == 1)
    key = budget.account_key(runtime.clock(), "UTC")
    assert await reconcile.recount(runtime.store, runtime.coordination, key) == 0
    await task
    assert await account(runtime) == Spend(await ledger(runtime), 0)


@pytest.mark.parametrize("key", ["spend:account", "budget:account:2026-01-01", ""])
async def test_only_spending_keys_are_asked_of_the_ledger(product: Product, key: str) -> None:
    with pytest.raises(ValueError, match="spending key"):
        await reconcile.committed(product.runtime().store, key)


async def test_t03_the_ledger_knows_a_learners_own_day(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    question = call(cacheable=False, user_id="team:u:7", time_zone="Pacific/Kiritimati")
    answer = await runtime.gateway.complete(question)
    key = budget.learner_key("team:u:7", runtime.clock(), "Pacific/Kiritimati")
    assert await reconcile.committed(runtime.store, key) == answer.cost_nano_usd
    assert (await runtime.coordination.spend([key]))[key] == Spend(answer.cost_nano_usd, 0)


# --- one effect


async def test_a_superseded_execution_keeps_nothing_but_its_bill(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    taken = LiveConfig(id="sealed by another")
    await runtime.store.commit(Create(taken))
    question = call(cacheable=False)
    kept = LiveConfig(id="what the agent keeps")
    with pytest.raises(Superseded):
        await runtime.gateway.complete(question, lambda _: [Put(kept)], lambda _: [Create(taken)])
    assert await runtime.store.get(LiveConfig, kept.id) is None
    (row,) = await rows(runtime, question)
    assert (row.final, row.flags) == (False, ["superseded"])
    assert row.cost_nano_usd > 0
    assert await account(runtime) == Spend(row.cost_nano_usd, 0)


async def test_a_lost_race_is_run_again_and_the_seal_goes_with_it(product: Product) -> None:
    runtime = product.runtime()
    await runtime.store.commit(Create(LiveConfig(id="raced")))

    async def again(_: Answer) -> Sequence[Write]:
        assert await runtime.store.get(LiveConfig, "seal") is None  # never without what the agent keeps
        return [Create(LiveConfig(id="free"))]

    await runtime.gateway.complete(
        call(), lambda _: [Create(LiveConfig(id="raced"))], lambda _: [Create(LiveConfig(id="seal"))], again
    )
    assert await runtime.store.get(LiveConfig, "seal") is not None
    assert await runtime.store.get(LiveConfig, "free") is not None


async def test_t08_rows_of_a_commit_nobody_heard_of_are_not_written_over(product: Product) -> None:
    """The commit lands, its answer is lost: what is then written as abandoned must not replace the true rows."""
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    commit = runtime.store.commit
    lost: list[bool] = []

    class Lossy:
        def __getattr__(self, name: str) -> object:
            return getattr(runtime_store, name)

        async def commit(self, *writes):  # type: ignore[no-untyped-def]
            await commit(*writes)
            if not lost:
                lost.append(True)
                raise StoreError("the answer was lost")

    runtime_store = runtime.store
    runtime.__dict__["store"] = Lossy()
    question = call(cacheable=False)
    with pytest.raises(StoreError):
        await runtime.gateway.complete(question)
    (row,) = await rows(runtime, question)
    assert row.final
    assert row.outcome == "ok"


def test_an_attempt_without_a_guard_is_told_as_refused() -> None:
    attempt = Attempt(Model("gpt_4_mini", "openai", "openai", "x", PAID), 1, 0.0, ending="unguarded")
    assert attempt.outcome == "refused"
