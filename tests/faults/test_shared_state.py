"""Failures of what instances share: what each use of it does while it cannot be reached, and what is mended afterwards."""

import asyncio
import time

import pytest

from shared.coordination import Spend
from shared.errors import StoreError
from shared.llm.breaker import BreakerState, encode
from shared.store import Write
from tests.fakes.waiting import eventually
from tests.faults.spending import account, ledger, over_a_line
from tests.product import Product, call, rows, streamed
from tests.severed import Severed

BOTH = {"gpt_4_mini": "fake-paid", "gemma_4_on_device": "fake-own"}


@pytest.mark.parametrize("stream", [False, True])
async def test_t13_without_shared_state_no_paid_model_is_asked_and_the_free_one_answers(
    product: Product, stream: bool
) -> None:
    runtime = product.runtime(BOTH, gemini_confidence_threshold=0)
    line = over_a_line(runtime)
    line.cut = True
    question = call(cacheable=False)
    answer = (await streamed(runtime, question)).answer if stream else await runtime.gateway.complete(question)
    assert answer is not None
    assert [(a.model, a.outcome) for a in answer.attempts] == [("fake-paid", "refused"), ("fake-own", "ok")]
    assert not answer.degraded
    assert product.fake.count("fake-paid") == 0
    assert len(await rows(runtime, question)) == 2


async def test_t23_breakers_go_on_by_what_the_instance_knows(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-err500"})
    line = over_a_line(runtime)
    line.cut = True
    for _ in range(2):
        assert (await runtime.gateway.complete(call(cacheable=False))).degraded
    asked = product.fake.count()
    assert asked == 3  # the third failure opened it, in the second answer's first attempt
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert [a.outcome for a in answer.attempts] == ["open"]
    assert product.fake.count() == asked


async def test_t26_an_open_breaker_seen_before_the_cut_still_spares_the_model_and_one_probe_passes(
    product: Product,
) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"})
    now = time.time()
    runtime.__dict__["clock"] = lambda: now
    shut = BreakerState(failures=3, failed_at=now, openings=1, open_until=now + 1.0)
    await runtime.coordination.put("breaker:model:fake-own", encode(shut) or b"", 600)
    line = over_a_line(runtime)
    assert (await runtime.gateway.complete(call(cacheable=False))).degraded
    line.cut = True
    assert (await runtime.gateway.complete(call(cacheable=False))).degraded
    assert product.fake.count() == 0
    now += 1.1
    product.fake.script("fake-own", ["1000ms"])
    answers = await asyncio.gather(*(runtime.gateway.complete(call(cacheable=False)) for _ in range(8)))
    assert product.fake.count() == 1
    assert [answer.degraded for answer in answers].count(False) == 1
    assert not (await runtime.gateway.complete(call(cacheable=False))).degraded


async def test_the_caches_near_layer_serves_while_the_shared_one_is_away(product: Product) -> None:
    runtime = product.runtime()
    line = over_a_line(runtime)
    await runtime.gateway.complete(call())
    line.cut = True
    assert (await runtime.gateway.complete(call())).cache == "exact"
    assert (await runtime.gateway.complete(call("Another question"))).cache == "none"


async def test_t07_a_bill_that_could_not_be_settled_is_settled_when_the_line_is_back(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    line = over_a_line(runtime)
    product.fake.script("fake-paid", ["200ms"])
    task = asyncio.create_task(runtime.gateway.complete(call(cacheable=False)))
    await eventually(lambda: product.fake.open == 1)
    line.cut = True
    answer = await task
    assert answer.cost_nano_usd > 0
    line.cut = False

    async def settled() -> bool:
        return (await account(runtime)).reserved == 0

    await eventually(settled)
    assert await account(runtime) == Spend(answer.cost_nano_usd, 0)


async def test_t39_a_cleared_answer_does_not_come_back_while_the_shared_state_is_away(product: Product) -> None:
    writer, reader = product.runtime(), product.runtime()
    await writer.gateway.complete(call())
    await writer.answers.settled()
    assert (await reader.gateway.complete(call())).cache == "exact"
    await reader.answers.clear()
    line = over_a_line(reader)
    line.cut = True
    assert (await reader.gateway.complete(call())).cache == "none"


async def test_t13_a_look_whose_answer_was_lost_leaves_no_hold(product: Product) -> None:
    runtime = product.runtime(BOTH, gemini_confidence_threshold=0)
    coordination = runtime.coordination

    class Deaf:
        def __getattr__(self, name: str) -> object:
            return getattr(coordination, name)

        async def look(self, *arguments: object) -> None:
            await coordination.look(*arguments)  # type: ignore[arg-type]
            raise StoreError("the answer was lost")

    runtime.__dict__["coordination"] = Deaf()
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert answer.model == "fake-own"
    assert await account(runtime) == Spend(0, 0)


async def test_t07_what_was_paid_counts_although_the_store_takes_no_rows_and_the_rows_follow(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    store = runtime.store

    class Closed:
        shut = True

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def commit(self, *writes: Write) -> object:
            if self.shut:
                raise StoreError("read only")
            return await store.commit(*writes)

    closed = runtime.__dict__["store"] = Closed()
    questions = [call(f"Question {n}", cacheable=False) for n in range(3)]
    for question in questions:
        with pytest.raises(StoreError):
            await runtime.gateway.complete(question)
    spent = await account(runtime)
    assert spent.committed > 0
    assert spent.reserved == 0
    assert await ledger(runtime) == 0
    closed.shut = False

    async def followed() -> bool:
        return await ledger(runtime) == spent.committed

    await eventually(followed)
    found = [row for question in questions for row in await rows(runtime, question)]
    assert [(row.final, row.outcome) for row in found] == [(False, "ok")] * 3


async def test_many_who_find_the_configuration_old_read_it_once(product: Product) -> None:
    runtime = product.runtime()
    store, readings = runtime.store, []

    class Counted:
        async def get(self, *named: object) -> None:
            readings.append(named)
            await asyncio.sleep(0.01)

    runtime.recent._store = Counted()  # type: ignore[assignment]
    await asyncio.gather(*(runtime.recent.live() for _ in range(50)))
    assert len(readings) == 1
    runtime.recent._store = store


async def test_a_first_look_brings_breakers_cache_and_money_in_one_round_trip(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-paid"})
    line, calls = over_a_line(runtime), []
    through = line.__getattr__

    class Counted(Severed):
        def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
            calls.append(name)
            return through(name)

    runtime.__dict__["coordination"] = Counted(runtime.coordination)
    await runtime.gateway.complete(call())
    assert [name for name in calls if name not in ("add", "totals")] == ["look", "settle"]
