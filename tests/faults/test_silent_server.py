"""The own server stops generating while `/health` stays green (T28), or is so full that it says so (A7)."""

import asyncio
from typing import Any

import pytest

from shared.llm import parts
from shared.llm.breaker import CLOSED
from shared.llm.knock import Pace
from shared.runtime import Runtime
from tests.fakes.waiting import LONG, eventually
from tests.product import Product, Streamed, call, streamed

BOTH = {"gemma_4_on_device": "fake-own", "gpt_4_mini": "fake-paid"}
HUNG = ["silent"] * 1000
PACE = Pace(silence=0.5, probe=1.5, idle=300.0)
"""A fifth of what is deployed; the learners' own deadlines are a minute here, so that only the vigil can end the waiting."""


def watched(product: Product, pace: Pace = PACE, **changes: Any) -> Runtime:
    deadlines = {"ai_first_token_deadline": 60.0, "ai_total_deadline": 100.0}
    runtime = product.runtime(BOTH, **(deadlines | changes))
    runtime.__dict__["warmth"] = parts.warmth(runtime, pace)
    return runtime


async def all_of(runtime: Runtime, count: int) -> list[Streamed]:
    async with asyncio.timeout(LONG):
        return await asyncio.gather(*(streamed(runtime, call(cacheable=False)) for _ in range(count)))


async def status(runtime: Runtime) -> str:
    return (await runtime.breakers.snapshot())["model:fake-own"].status(runtime.clock())


async def own_answers(runtime: Runtime) -> bool:
    return (await runtime.gateway.complete(call(cacheable=False))).model == "fake-own"


def probes(product: Product) -> int:
    return sum(made.model == "fake-own" and made.body["max_tokens"] == 1 for made in product.fake.calls)


def test_t28_what_is_deployed_takes_a_silent_server_out_within_ten_seconds() -> None:
    assert Pace().interval == 10.0


@pytest.mark.parametrize("scales", [False, True])
async def test_t28_a_server_that_hangs_is_left_by_all_and_taken_back_when_it_generates(
    product: Product, scales: bool
) -> None:
    runtime, other = (watched(product, local_infer_scales_to_zero=scales) for _ in range(2))
    await runtime.provider("openai").open()
    if scales:
        await eventually(lambda: own_answers(runtime))
    product.fake.script("fake-own", HUNG)
    for result in await all_of(runtime, 4):
        assert result.answer is not None
        assert result.answer.model == "fake-paid"
        assert [attempt.outcome for attempt in result.answer.attempts] == ["timeout", "ok"]
    assert await status(runtime) == "open"
    asked = product.fake.count("fake-own") - probes(product)
    for left in (runtime, other):
        answer = await left.gateway.complete(call(cacheable=False))
        assert answer.model == "fake-paid"
    assert product.fake.count("fake-own") - probes(product) == asked, "learners are not its probes"
    assert (await runtime.warmth.read()).state == ("warming" if scales else "off")
    product.fake.reset()  # it generates again
    for back in (runtime, other):
        await eventually(lambda back=back: own_answers(back))  # type: ignore[misc]
    assert set((await runtime.breakers.snapshot()).values()) == {CLOSED}


async def test_t28_unstreamed_learners_leave_too(product: Product) -> None:
    runtime = watched(product, local_infer_scales_to_zero=True, ai_total_deadline=1000.0)
    await runtime.provider("openai").open()
    await eventually(lambda: own_answers(runtime))
    product.fake.script("fake-own", HUNG)
    async with asyncio.timeout(25):  # their own deadline is 30
        answer = await runtime.gateway.complete(call(cacheable=False))
    assert [attempt.outcome for attempt in answer.attempts] == ["timeout", "ok"]


async def test_t28_learners_on_the_instance_that_does_not_probe_leave_too(product: Product) -> None:
    runtimes = [watched(product) for _ in range(2)]
    for runtime in runtimes:
        await runtime.provider("openai").open()
    product.fake.script("fake-own", HUNG)
    for results in await asyncio.gather(*(all_of(runtime, 2) for runtime in runtimes)):
        for result in results:
            assert result.answer is not None
            assert result.answer.model == "fake-paid"


async def test_t28_an_engine_that_answers_errors_is_not_ready_any_more(product: Product) -> None:
    runtime = watched(product, local_infer_scales_to_zero=True)
    await eventually(lambda: own_answers(runtime))
    product.fake.script("fake-own", ["err500"] * 1000)
    assert (await runtime.gateway.complete(call(cacheable=False))).model == "fake-paid"
    await eventually(lambda: runtime.warmth.state().state == "warming")
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert [attempt.model for attempt in answer.attempts] == ["fake-paid"]
    assert "warming up" in answer.reason
    product.fake.reset()
    await eventually(lambda: own_answers(runtime))


async def test_t28_a_server_that_is_only_slow_is_probed_and_kept(product: Product) -> None:
    runtime = watched(product, Pace(silence=0.5, probe=20.0))
    product.fake.script("fake-own", ["slowfirst3s"])
    result = await streamed(runtime, call(cacheable=False))
    assert result.answer is not None
    assert [(a.model, a.outcome) for a in result.answer.attempts] == [("fake-own", "ok")]
    assert probes(product) == 1, "once an interval"
    assert await status(runtime) == "closed"


async def test_t28_a_server_that_speaks_to_anybody_is_not_probed(product: Product) -> None:
    runtime = watched(product, Pace(silence=2.0, probe=20.0))
    product.fake.script("fake-own", ["n60-pace100ms", "slowfirst4s"])
    for result in await all_of(runtime, 2):
        assert result.answer is not None
        assert result.answer.model == "fake-own"
    assert probes(product) == 0


async def test_t28_text_that_comes_while_the_probe_fails_outweighs_it(product: Product) -> None:
    runtime = watched(product, Pace(silence=0.5, probe=4.0))
    product.fake.script("fake-own", ["slowfirst2s-n100-pace50ms", "silent"])
    result = await streamed(runtime, call(cacheable=False))
    assert result.answer is not None
    assert result.answer.model == "fake-own"
    assert (probes(product), await status(runtime)) == (1, "closed")


async def test_t28_nothing_is_sent_to_a_server_that_nobody_asks(product: Product) -> None:
    """And one that is always there is asked no more once it is not wanted: a laptop is left alone."""
    runtime = watched(product, Pace(silence=0.5, probe=0.5, wanted=0.0))
    product.fake.script("fake-own", HUNG)
    await all_of(runtime, 1)
    waking = runtime.warmth._waking
    assert waking is not None
    async with asyncio.timeout(LONG):
        await waking
    assert probes(product) == 2
    assert await runtime.coordination.get_many(["warmth:local"]) == {}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["err503-retry1", "err429-retry1"])
async def test_a_full_queue_sends_learners_on_and_trips_no_breaker(product: Product, fault: str, stream: bool) -> None:
    runtime = product.runtime(BOTH)
    product.fake.script("fake-own", [fault] * 6)
    for _ in range(6):
        question = call(cacheable=False)
        answer = (await streamed(runtime, question)).answer if stream else await runtime.gateway.complete(question)
        assert answer is not None
        assert [(a.model, a.outcome) for a in answer.attempts] == [("fake-own", "error"), ("fake-paid", "ok")]
    assert set((await runtime.breakers.snapshot()).values()) == {CLOSED}
    assert await own_answers(runtime), "the first free place is used"


async def test_a_full_queue_is_waited_for_where_nobody_else_can_answer(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"})
    product.fake.script("fake-own", ["err503-retry0.2"])
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert [(a.model, a.outcome) for a in answer.attempts] == [("fake-own", "error"), ("fake-own", "ok")]


@pytest.mark.parametrize("fault", ["err503-retry600", "err503"])
async def test_a_server_that_is_going_away_is_left(product: Product, fault: str) -> None:
    runtime = product.runtime(BOTH)
    product.fake.script("fake-own", [fault] * 1000)
    for _ in range(2):
        await runtime.gateway.complete(call(cacheable=False))
    assert await status(runtime) == "open"


async def test_t24_a_vendors_retry_after_still_opens_its_breaker(product: Product) -> None:
    runtime = product.runtime({"gemma_4_cloud": "fake-err429-retry5"})
    await runtime.gateway.complete(call(cacheable=False))
    state = (await runtime.breakers.snapshot())["model:fake-err429-retry5"]
    assert state.open_until > state.failed_at
    assert state.why == "rate_limit"
