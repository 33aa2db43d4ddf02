"""Failures of models: fallback, breakers, retries, streams that break."""

import asyncio
import json

import pytest

from shared.errors import Interrupted, NoAnswer, Overloaded
from shared.llm.breaker import CLOSED
from shared.llm.stop import Stop
from shared.llm.types import Schema
from tests.fakes.waiting import LONG, eventually
from tests.product import Product, call, rows, streamed

SCHEMA = Schema(
    "fact",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "year": {"type": "integer"}},
        "required": ["name", "year"],
        "additionalProperties": False,
    },
)


@pytest.mark.parametrize("fault", ["cut40", "eof40"])
async def test_t15_a_cut_stream_never_ends_clean(product: Product, fault: str) -> None:
    runtime = product.runtime({"gpt_4_mini": f"fake-n60-{fault}"})
    question = call()
    result = await streamed(runtime, question)
    assert isinstance(result.error, Interrupted)
    assert result.answer is None
    assert result.text  # a reset may swallow the last of what was sent, so not even t40 is certain
    assert "t41" not in result.text
    (row,) = await rows(runtime, question)
    assert row.outcome == "cut"
    assert not row.final
    assert row.cost_nano_usd > 0  # what was said is billed, as an estimate


async def test_t16_a_break_after_the_first_text_neither_repeats_nor_skips(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-n60-cut40", "gpt_4_mini": "fake-n60"})
    whole = await streamed(product.runtime({"gpt_4_mini": "fake-n60"}), call(cacheable=False))
    result = await streamed(runtime, call())
    assert result.text
    assert whole.text.startswith(result.text)
    assert result.error is not None


@pytest.mark.parametrize("name", ["gpt_4_mini", "claude", "gemini_flash"])
async def test_t17_in_band_timeout_is_retryable(product: Product, name: str) -> None:
    runtime = product.runtime({name: "fake-n20-inbandtimeout0", "gemma_4_cloud": "fake-rescue"})
    result = await streamed(runtime, call())
    assert result.answer is not None
    assert result.answer.provider == "gemma"
    after = product.runtime({name: "fake-n20-inbandtimeout3"})
    question = call(cacheable=False)
    await streamed(after, question)
    assert (await rows(after, question))[0].outcome in ("server", "timeout")


@pytest.mark.parametrize("stream", [False, True])
async def test_t18_an_empty_answer_goes_to_the_next_model(product: Product, stream: bool) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-empty", "gpt_4_mini": "fake-rescue"})
    question = call()
    answer = (await streamed(runtime, question)).answer if stream else await runtime.gateway.complete(question)
    assert answer is not None
    assert answer.model == "fake-rescue"
    assert product.fake.count("fake-empty") == 1


async def test_t19_silence_behind_pings_fires_the_first_token_deadline(product: Product) -> None:
    runtime = product.runtime(
        {"claude": "fake-silent", "gemma_4_cloud": "fake-rescue"},
        ai_first_token_deadline=1.0,
        gemini_confidence_threshold=0,
    )
    result = await streamed(runtime, call())
    assert result.answer is not None
    assert [a.outcome for a in result.answer.attempts] == ["timeout", "ok"]


@pytest.mark.parametrize("name", ["gpt_4_mini", "claude", "gemini_flash", "gemma_4_on_device"])
@pytest.mark.parametrize("fault", ["auth", "err429", "inband0-auth", "inband0-err429"])
async def test_t20_refusals_of_the_opening_fall_back_in_a_stream(product: Product, name: str, fault: str) -> None:
    runtime = product.runtime({name: f"fake-{fault}", "gemma_4_cloud": "fake-rescue"})
    result = await streamed(runtime, call())
    assert result.answer is not None
    assert result.answer.model == "fake-rescue"
    assert not result.error


async def test_t21_when_all_fail_calls_are_bounded_and_the_floor_answers(product: Product) -> None:
    names = ("gemma_4_on_device", "gpt_4_mini", "gpt_4", "gemma_4_cloud", "claude", "gemini_flash")
    runtime = product.runtime({name: f"fake-err500-{name.replace('_', 'x')}" for name in names})
    answer = await runtime.gateway.complete(call())
    assert product.fake.count() <= 8
    assert len(answer.attempts) <= 8
    assert (answer.provider, answer.degraded) == ("template", True)
    assert answer.text.strip()


@pytest.mark.parametrize("name", ["gemma_4_on_device", "gpt_4_mini", "claude", "gemini_flash"])
@pytest.mark.parametrize("stream", [False, True])
async def test_t22_one_owner_of_retries(product: Product, name: str, stream: bool) -> None:
    runtime = product.runtime({name: "fake-err500"}, ai_attempts_per_model=2)
    if stream:
        await streamed(runtime, call())
    else:
        await runtime.gateway.complete(call())
    assert product.fake.count() == 2


async def test_t28_green_health_does_not_keep_a_dead_engine_in_traffic(product: Product) -> None:
    models = {"gemma_4_on_device": "fake-silent", "gpt_4_mini": "fake-rescue"}
    hurried = product.runtime(models, ai_first_token_deadline=0.2)
    for _ in range(3):
        await streamed(hurried, call(cacheable=False))
    before = product.fake.count("fake-silent")
    result = await streamed(product.runtime(models), call(cacheable=False))
    assert result.answer is not None
    assert result.answer.model == "fake-rescue"
    assert product.fake.count("fake-silent") == before == 3


async def test_t29_a_hung_backend_does_not_hold_up_the_others(product: Product) -> None:
    runtime = product.runtime(
        {"gpt_4_mini": "fake-silent", "gemma_4_on_device": "fake-own"},
        ai_max_concurrency=4,
        ai_queue_size=2,
        ai_first_token_deadline=60.0,
        ai_total_deadline=100.0,
    )
    hung = [
        asyncio.ensure_future(streamed(runtime, call(cacheable=False, prefer_model="gpt_4_mini"))) for _ in range(12)
    ]
    await eventually(lambda: sum(task.done() for task in hung) == 6)
    async with asyncio.timeout(LONG):
        answer = await runtime.gateway.complete(call(cacheable=False))
    assert answer.provider == "gemma"
    done = [task for task in hung if task.done()]
    assert len(done) == 6  # those that found no place at the hung one went on to the other at once
    assert all(answer is not None and answer.provider == "gemma" for answer in (t.result().answer for t in done))
    for task in hung:
        task.cancel()
    await asyncio.gather(*hung, return_exceptions=True)


async def test_when_every_place_is_taken_the_answer_is_503_with_retry_after(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-25000ms"}, ai_max_concurrency=2, ai_queue_size=1)
    asked = [asyncio.ensure_future(runtime.gateway.complete(call(cacheable=False))) for _ in range(10)]
    await eventually(lambda: sum(task.done() for task in asked) == 7, 20)
    refused = [task.exception() for task in asked if task.done()]
    assert all(isinstance(error, Overloaded) and error.retry_after for error in refused)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["err500", "n30-cut10", "badjson", "empty"])
async def test_t30_structured_output_falls_back_to_valid_json(product: Product, fault: str, stream: bool) -> None:
    runtime = product.runtime({"gemma_4_on_device": f"fake-{fault}", "claude": "fake-rescue"})
    question = call(schema=SCHEMA)
    if stream:
        result = await streamed(runtime, question)
        assert result.error is None
        text, answer = result.text, result.answer
    else:
        answer = await runtime.gateway.complete(question)
        text = answer.text
    assert answer is not None
    assert answer.model == "fake-rescue"
    assert set(json.loads(text)) == {"name", "year"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["notjson", "refuse3", "length"])
async def test_t30_prose_is_never_passed_off_as_json(product: Product, fault: str, stream: bool) -> None:
    alone = product.runtime({"gemma_4_on_device": f"fake-{fault}"})
    helped = product.runtime({"gemma_4_on_device": f"fake-{fault}", "claude": "fake-rescue"})
    for runtime, limit in ((alone, 3 if fault == "length" else 100), (helped, 100)):
        question = call(schema=SCHEMA, max_output_tokens=limit, cacheable=False)
        if runtime is alone:
            if stream:
                result = await streamed(runtime, question)
                assert isinstance(result.error, NoAnswer)
                assert not result.deltas
            else:
                with pytest.raises(NoAnswer):
                    await runtime.gateway.complete(question)
            assert [row.final for row in await rows(runtime, question)] == [False]
        elif fault != "length":
            text = (
                (await streamed(runtime, question)).text if stream else (await runtime.gateway.complete(question)).text
            )
            assert set(json.loads(text)) == {"name", "year"}


async def test_a_request_that_waits_for_a_place_can_be_stopped_and_blames_nobody(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-25000ms"}, ai_max_concurrency=1, ai_queue_size=5)
    first = asyncio.ensure_future(runtime.gateway.complete(call(cacheable=False)))
    await eventually(lambda: product.fake.open == 1)
    stop, question = Stop(), call(cacheable=False)
    asyncio.get_running_loop().call_later(0.2, stop.request, "stopped")
    async with asyncio.timeout(15):
        result = await streamed(runtime, question, stop)
    assert result.answer is not None
    assert result.answer.finish == "stopped"
    assert product.fake.count() == 1
    assert all(state == CLOSED for state in (await runtime.breakers.snapshot()).values())
    assert not first.done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_total_deadline_ends_the_trying(product: Product) -> None:
    runtime = product.runtime(
        {"gemma_4_on_device": "fake-silent", "gpt_4_mini": "fake-silent", "claude": "fake-silent"},
        ai_total_deadline=1.0,
        ai_first_token_deadline=0.6,
    )
    await runtime.provider("openai").open()
    began = asyncio.get_running_loop().time()
    result = await streamed(runtime, call(cacheable=False))
    assert asyncio.get_running_loop().time() - began < 20
    assert result.answer is not None
    assert result.answer.degraded
    assert len(result.answer.attempts) < 3, "two, or one when the machine stalls"


async def test_t33_stop_ends_the_upstream_and_the_spend(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-n2000-pace10ms"}, ai_total_deadline=60)
    stop, question = Stop(), call(max_output_tokens=4000)
    result = await streamed(runtime, question, stop, leave_after=5, reason="stopped")
    assert result.answer is not None
    assert result.answer.finish == "stopped"
    assert result.text == result.answer.text
    await eventually(lambda: product.fake.open == 0, 15)
    assert product.fake.closed_early == 1
    (row,) = await rows(runtime, question)
    assert row.outcome == "stopped"
    assert 0 < row.output_tokens < 1000
