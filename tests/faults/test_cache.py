"""Failures of caches: what must never be found in one."""

from typing import Any

import pytest

from tests.product import Product, call, streamed


@pytest.mark.parametrize("fault", ["n200-length", "refuse3", "nousage-n5-cut3"])
@pytest.mark.parametrize("stream", [False, True])
async def test_t37_incomplete_answers_are_not_stored(product: Product, fault: str, stream: bool) -> None:
    runtime = product.runtime({"gemma_4_on_device": f"fake-{fault}"}, ai_attempts_per_model=1)
    for _ in range(2):
        if stream:
            await streamed(runtime, call())
        else:
            await runtime.gateway.complete(call())
    assert product.fake.count() == 2


@pytest.mark.parametrize(
    "text",
    ["I'm sorry, but I cannot help with that.", "Lo siento, no puedo ayudarte.", "申し訳ありませんが、できません。"],
)
async def test_t37_an_apology_is_not_stored(product: Product, text: str) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"})
    product.fake.script("fake-own", [{"fault": "ok", "text": text}] * 2)
    first = await runtime.gateway.complete(call())
    assert first.text == text
    await runtime.gateway.complete(call())
    assert product.fake.count() == 2


async def test_t37_an_error_is_not_stored_and_the_engine_runs_again(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"}, ai_attempts_per_model=1)
    product.fake.script("fake-own", ["err500"])
    assert (await runtime.gateway.complete(call())).degraded
    again = await runtime.gateway.complete(call())
    assert (again.provider, again.cache) == ("gemma", "none")


async def test_a_shareable_answer_serves_everybody_on_every_instance(product: Product) -> None:
    first, second = product.runtime(), product.runtime()
    told = await first.gateway.complete(call())
    await first.answers.settled()
    for runtime in (first, second):
        hit = await runtime.gateway.complete(call(user_id="u2"))
        assert (hit.cache, hit.text, hit.cost_nano_usd) == ("exact", told.text, 0)
        again = await streamed(runtime, call(user_id="u2"))
        assert again.answer is not None
        assert (again.answer.cache, again.text) == ("exact", told.text)
    assert product.fake.count() == 1


async def test_t34_a_private_turn_is_never_found_by_another_learner(product: Product) -> None:
    runtime = product.runtime()
    await runtime.gateway.complete(call(shareable=False))
    assert (await runtime.gateway.complete(call(shareable=False, user_id="u2"))).cache == "none"
    assert (await runtime.gateway.complete(call(shareable=True, user_id="u2"))).cache == "none"
    assert (await runtime.gateway.complete(call(shareable=False))).cache == "exact"


async def test_a_private_answer_never_leaves_its_process(product: Product) -> None:
    first, second = product.runtime(), product.runtime()
    await first.gateway.complete(call(shareable=False))
    await first.answers.settled()
    assert (await first.gateway.complete(call(shareable=False))).cache == "exact"
    assert (await second.gateway.complete(call(shareable=False))).cache == "none"
    assert not await first.coordination.clear("cache:")


@pytest.mark.parametrize(
    "change",
    [
        {"version": "test-2"},
        {"language": "de"},
        {"max_output_tokens": 50},
        {"temperature": 0.1},
        {"agent": "curriculum"},
    ],
)
async def test_t38_another_version_language_or_setting_is_another_entry(
    product: Product, change: dict[str, Any]
) -> None:
    runtime = product.runtime()
    await runtime.gateway.complete(call())
    assert (await runtime.gateway.complete(call(**change))).cache == "none"


async def test_a_ttl_of_zero_stores_nothing(product: Product) -> None:
    runtime = product.runtime(cache_ttl_seconds=0)
    for _ in range(2):
        assert (await runtime.gateway.complete(call())).cache == "none"
