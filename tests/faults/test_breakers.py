"""Failures that breakers remember: who is spared, who probes, who is let back."""

import asyncio

import pytest

from shared.llm.breaker import CLOSED, BreakerState, Policy, encode, failed
from shared.llm.stop import Stop
from tests.product import Product, call, streamed


async def test_t23_an_open_breaker_spares_the_target_on_both_instances(product: Product) -> None:
    models = {"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-rescue"}
    first, second = product.runtime(models), product.runtime(models)
    for _ in range(2):
        await first.gateway.complete(call(cacheable=False))
    before = product.fake.count("fake-err500")
    assert before >= 3
    for runtime in (first, second):
        answer = await runtime.gateway.complete(call(cacheable=False))
        assert answer.attempts[0].outcome == "open"
        assert answer.model == "fake-rescue"
    assert product.fake.count("fake-err500") == before


def test_t24_a_longer_retry_after_while_open_extends_the_deadline() -> None:
    policy = Policy(failures=1, cooldown=5)
    state = failed(CLOSED, 100.0, policy, retry_after=10)
    assert state.open_until == 110
    assert failed(state, 101.0, policy, retry_after=60).open_until == 161
    assert failed(state, 101.0, policy, retry_after=2).open_until == 110


@pytest.mark.parametrize("name", ["gemini_flash", "gpt_4"])
async def test_t25_an_account_quota_opens_the_whole_account(product: Product, name: str) -> None:
    other = "gpt_4_mini" if name == "gpt_4" else "gemini_flash"
    runtime = product.runtime({name: "fake-quota", other: "fake-quota"} if name != other else {name: "fake-quota"})
    await runtime.gateway.complete(call(cacheable=False))
    before = product.fake.count()
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert product.fake.count() == before == 1
    assert {a.outcome for a in answer.attempts} == {"open"}


async def test_t26_all_cooling_is_answered_by_the_floor_and_one_probe_goes_through(product: Product) -> None:
    runtimes = [product.runtime({"gemma_4_on_device": "fake-own"}) for _ in range(2)]
    product.fake.script("fake-own", ["err500"] * 3)
    for _ in range(2):
        await runtimes[0].gateway.complete(call(cacheable=False))
    cooling = await runtimes[1].gateway.complete(call(cacheable=False))
    assert (cooling.provider, cooling.degraded, cooling.attempts[0].outcome) == ("template", True, "open")
    # Let the cool-down pass by moving its end, then ask from both instances at once.
    breakers = runtimes[0].breakers
    from shared.llm import breaker

    key = "breaker:model:fake-own"
    raw = (await runtimes[0].coordination.get_many([key]))[key]
    state = breaker.decode(raw)
    ended = breaker.BreakerState(state.failures, state.failed_at, state.openings, runtimes[0].clock() - 1, 0.0, "")
    assert await runtimes[0].coordination.swap(key, raw, breaker.encode(ended), 60)
    before = product.fake.count()
    product.fake.script("fake-own", ["300ms"])
    answers = await asyncio.gather(*(runtimes[n % 2].gateway.complete(call(cacheable=False)) for n in range(20)))
    assert product.fake.count() - before == 1
    assert [answer.provider for answer in answers].count("gemma") == 1
    assert all(state.status(runtimes[0].clock()) == "closed" for state in (await breakers.snapshot()).values())


@pytest.mark.parametrize("probe", ["err400", "refuse0", "stopped"])
async def test_t26_a_probe_that_ends_oddly_does_not_keep_the_place(product: Product, probe: str) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"})
    half_open = BreakerState(failures=3, failed_at=1.0, openings=1, open_until=2.0)
    await runtime.coordination.put("breaker:model:fake-own", encode(half_open) or b"", 60)
    stop = Stop()
    if probe == "stopped":
        product.fake.script("fake-own", ["silent"])
        asyncio.get_running_loop().call_later(0.2, stop.request, "stopped")
    else:
        product.fake.script("fake-own", [probe])
    await streamed(runtime, call(cacheable=False), stop)
    assert (await runtime.gateway.complete(call(cacheable=False))).provider == "gemma"


async def test_admin_reset_closes_an_open_breaker(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"})
    product.fake.script("fake-own", ["auth"])
    await runtime.gateway.complete(call(cacheable=False))
    assert (await runtime.gateway.complete(call(cacheable=False))).provider == "template"
    assert await runtime.breakers.reset("account:local") == ["account:local"]
    assert (await runtime.gateway.complete(call(cacheable=False))).provider == "gemma"


async def test_a_probe_of_the_account_is_given_back_when_the_models_breaker_refuses(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-first", "gpt_4": "fake-second"})
    now = runtime.clock()
    half_open = BreakerState(failures=3, failed_at=1.0, openings=1, open_until=2.0)
    shut = BreakerState(failures=3, failed_at=now, openings=1, open_until=now + 60)
    await runtime.coordination.put("breaker:account:openai", encode(half_open) or b"", 60)
    await runtime.coordination.put("breaker:model:fake-first", encode(shut) or b"", 60)
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert [(a.model, a.outcome) for a in answer.attempts] == [("fake-first", "open"), ("fake-second", "ok")]
    states = await runtime.breakers.snapshot()
    assert states["account:openai"] == CLOSED
