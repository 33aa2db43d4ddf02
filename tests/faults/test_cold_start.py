"""The own server when it scales to zero (T31): others answer while one instance of all wakes it."""

import asyncio
import time
from dataclasses import replace

import pytest

from shared.documents import LiveConfig
from shared.llm import parts
from shared.llm.call import Answer
from shared.llm.knock import Pace
from shared.llm.standing import Warm, decode
from shared.runtime import Runtime
from shared.store import Put
from tests.fakes.waiting import eventually
from tests.faults.spending import over_a_line
from tests.product import Product, call, rows, streamed

OWN = "fake-own-cold600s"
BOTH = {"gemma_4_on_device": OWN, "gpt_4_mini": "fake-paid"}
ALONE = {"gemma_4_on_device": OWN}
KEY = "warmth:local"
SLO = 5.0
"""Seconds (contract, section 9: p95)."""
STILL = Pace(silence=600.0)
"""No probe because this machine stalls: every prompt is counted."""


class Ahead:
    """A clock that a test puts forward."""

    seconds = 0.0

    def __call__(self) -> float:
        return time.time() + self.seconds


def sleepy(product: Product, models: dict[str, str], pace: Pace = STILL, clock: Ahead | None = None) -> Runtime:
    """An instance whose own server scales to zero."""
    runtime = product.runtime(models, local_infer_scales_to_zero=True)
    if clock is not None:
        runtime.__dict__["clock"] = clock
    runtime.__dict__["warmth"] = parts.warmth(runtime, pace)
    return runtime


async def said(runtime: Runtime, *, stream: bool = False) -> Answer:
    question = call(cacheable=False)
    if not stream:
        return await runtime.gateway.complete(question)
    answer = (await streamed(runtime, question)).answer
    assert answer is not None
    return answer


async def own_answers(runtime: Runtime) -> bool:
    return (await said(runtime)).model == OWN


def prompts(product: Product) -> list[int]:
    """The output limits of what the own server was asked, in order: a wake-up's is 1."""
    return [made.body["max_tokens"] for made in product.fake.calls if made.model == OWN]


@pytest.mark.parametrize("stream", [False, True])
async def test_t31_the_first_learner_is_answered_by_another_model_while_the_own_one_is_woken(
    product: Product, stream: bool
) -> None:
    runtime = sleepy(product, BOTH)
    await runtime.provider("openai").open()
    first = await said(runtime, stream=stream)
    assert (first.model, first.degraded) == ("fake-paid", False)
    assert first.latency_ms < 20_000  # a cold start takes ten minutes here
    assert [(attempt.model, attempt.outcome) for attempt in first.attempts] == [("fake-paid", "ok")]
    assert "gemma_4_on_device is warming up" in first.reason
    await eventually(lambda: prompts(product) == [1])
    for _ in range(5):
        assert (await said(runtime, stream=stream)).model == "fake-paid"
    assert prompts(product) == [1], "no learner's prompt, and no second wake-up"
    assert runtime.warmth.state().state == "warming"
    product.fake.wake(OWN)
    await eventually(lambda: runtime.warmth.state().state == "ready")
    warm = await said(runtime, stream=stream)
    assert (warm.model, len(warm.attempts)) == (OWN, 1)
    assert "warming" not in warm.reason
    assert prompts(product) == [1, 100]


async def test_t31_two_instances_wake_it_once_and_both_see_it_awake(product: Product) -> None:
    pair = [sleepy(product, BOTH) for _ in range(2)]
    answers = await asyncio.gather(*(said(pair[number % 2]) for number in range(20)))
    assert {answer.model for answer in answers} == {"fake-paid"}
    await eventually(lambda: product.fake.count(OWN) == 1)
    assert {(await runtime.warmth.read()).state for runtime in pair} == {"warming"}
    product.fake.wake(OWN)
    for runtime in pair:
        await eventually(lambda runtime=runtime: own_answers(runtime), SLO * 6)  # type: ignore[misc]
    assert prompts(product).count(1) == 1


async def test_t31_an_instance_that_comes_later_finds_it_awake_at_once(product: Product) -> None:
    product.fake.wake(OWN)
    first = sleepy(product, BOTH)
    await eventually(lambda: own_answers(first))
    paid = product.fake.count("fake-paid")
    assert (await said(sleepy(product, BOTH))).model == OWN
    assert product.fake.count("fake-paid") == paid


async def test_t31_when_the_waking_instance_dies_another_takes_over(product: Product) -> None:
    first, second = sleepy(product, BOTH, replace(STILL, lease=1.0)), sleepy(product, BOTH, replace(STILL, lease=1.0))
    line = over_a_line(first)
    first.__dict__["warmth"] = parts.warmth(first, replace(STILL, lease=1.0))
    await said(first)
    await eventually(lambda: product.fake.count(OWN) == 1)
    line.cut = True  # killed: nothing it has done is taken back
    await first.warmth.close()
    held = decode((await second.coordination.get_many([KEY])).get(KEY))
    assert held is None or held.by == first.instance

    async def taken_over() -> bool:
        assert (await said(second)).model == "fake-paid"
        return product.fake.count(OWN) == 2

    await eventually(taken_over)
    assert prompts(product) == [1, 1]


async def test_t31_an_instance_that_closes_leaves_the_waking_to_the_next_message(product: Product) -> None:
    first, second = sleepy(product, BOTH), sleepy(product, BOTH)
    await said(first)
    await eventually(lambda: product.fake.count(OWN) == 1)
    await first.warmth.close()
    assert await second.coordination.get_many([KEY]) == {}
    await said(second)
    await eventually(lambda: product.fake.count(OWN) == 2)


async def test_t31_alone_and_cold_the_floor_answers_within_the_slo(product: Product) -> None:
    assert Pace().patience < SLO / 2
    runtime = sleepy(product, ALONE, replace(STILL, patience=3.0))
    question = call(cacheable=False)
    answer = await runtime.gateway.complete(question)
    assert (answer.provider, answer.degraded) == ("template", True)
    assert [attempt.outcome for attempt in answer.attempts] == ["open"]
    assert f"{OWN} warming up" in answer.reason
    assert 3000 <= answer.latency_ms < 20_000
    assert [row.outcome for row in await rows(runtime, question)] == ["asleep", "template"]
    again = await said(runtime)  # the patience is with the wake-up, not with each message
    assert again.degraded
    assert again.latency_ms < 3000
    assert prompts(product) == [1]


@pytest.mark.parametrize("stream", [False, True])
async def test_t31_alone_and_only_not_asked_for_a_while_it_answers_itself(product: Product, stream: bool) -> None:
    product.fake.wake(OWN)
    answer = await said(sleepy(product, ALONE, replace(STILL, patience=20.0)), stream=stream)
    assert (answer.model, answer.degraded) == (OWN, False)
    assert prompts(product) == [1, 100]


async def test_t31_a_server_that_refuses_while_it_starts_is_asked_again_until_it_answers(product: Product) -> None:
    product.fake.script(OWN, ["err503", "err429-retry0.1", "refusedconn", "empty-nousage", "ok"])
    runtime = sleepy(product, BOTH)
    await said(runtime)
    await eventually(lambda: runtime.warmth.state().state == "ready")
    assert prompts(product) == [1] * 5


async def test_t31_without_shared_state_the_instance_goes_on_by_what_it_knows(product: Product) -> None:
    runtime = sleepy(product, BOTH)
    line = over_a_line(runtime)
    line.cut = True
    cold = await said(runtime)
    assert cold.degraded, "paid models need the counters"
    await eventually(lambda: prompts(product) == [1])
    product.fake.wake(OWN)
    await eventually(lambda: runtime.warmth.state().state == "ready")
    assert (await said(runtime)).model == OWN


async def test_t31_awake_for_as_long_as_answers_come_and_cold_again_after_the_last(product: Product) -> None:
    product.fake.wake(OWN)
    clock = Ahead()
    runtime = sleepy(product, BOTH, clock=clock)
    await eventually(lambda: own_answers(runtime))
    for _ in range(3):
        clock.seconds += 200.0
        assert (await said(runtime)).model == OWN
        await eventually(lambda: _until(runtime, runtime.clock() + 250))
    assert prompts(product).count(1) == 1
    clock.seconds += 301.0
    assert (await said(runtime)).model == "fake-paid"
    await eventually(lambda: prompts(product).count(1) == 2)


async def _until(runtime: Runtime, moment: float) -> bool:
    """Whether all instances know that it is awake until then."""
    held = decode((await runtime.coordination.get_many([KEY])).get(KEY))
    return held is not None and held.state == "ready" and held.until > moment


async def test_t31_a_schedule_can_wake_it_and_keep_it_awake(product: Product) -> None:
    clock = Ahead()
    runtime = sleepy(product, BOTH, replace(STILL, patience=20.0), clock)
    assert runtime.warmth.state() == Warm(None)
    assert (await runtime.warmth.read()).state == "cold"
    product.fake.wake(OWN)
    assert (await runtime.warmth.wake()).state == "ready"
    assert (await runtime.warmth.wake()).state == "ready"
    assert prompts(product) == [1], "it has answered a moment ago"
    clock.seconds += 200.0
    assert (await runtime.warmth.wake()).state == "ready"
    assert prompts(product) == [1, 1]
    clock.seconds += 200.0
    assert (await said(runtime)).model == OWN


async def test_a_value_that_nobody_can_read_counts_as_cold(product: Product) -> None:
    product.fake.wake(OWN)
    runtime = sleepy(product, BOTH)
    await runtime.coordination.put(KEY, b"[junk", 60)
    assert (await said(runtime)).model == "fake-paid"
    await eventually(lambda: own_answers(runtime))


async def test_a_server_that_is_always_there_has_no_standing_and_is_never_woken(product: Product) -> None:
    product.fake.wake(OWN)
    runtime = product.runtime(BOTH)
    assert (await said(runtime)).model == OWN
    assert await runtime.warmth.wake() == Warm("off")
    assert await runtime.coordination.get_many([KEY]) == {}
    assert prompts(product) == [100]


async def test_without_an_own_model_there_is_nothing_to_wake(product: Product) -> None:
    runtime = sleepy(product, {"gpt_4_mini": "fake-paid"})
    assert (await said(runtime)).model == "fake-paid"
    assert await runtime.warmth.wake() == Warm("off")


async def test_the_standing_costs_a_request_no_round_trip(product: Product) -> None:
    product.fake.wake(OWN)
    runtime = product.runtime(BOTH, local_infer_scales_to_zero=True)
    coordination, asked = runtime.coordination, []

    class Counted:
        def __getattr__(self, name: str) -> object:
            asked.append(name)
            return getattr(coordination, name)

    runtime.__dict__["coordination"] = Counted()
    runtime.__dict__["warmth"] = parts.warmth(runtime, STILL)
    await runtime.provider("openai").open()  # seconds of importing
    await eventually(lambda: own_answers(runtime))
    assert "look" in asked
    del asked[:]
    for _ in range(3):
        assert (await said(runtime)).model == OWN
    background = ("add", "totals", "swap")  # metrics, and what instances tell of themselves
    looks = [name for name in asked if name not in background]
    assert set(looks) <= {"look"}
    assert len(looks) <= 3, "fewer where one look serves two, none where the last one is a moment old"


async def test_a_model_that_operators_have_disabled_is_not_woken(product: Product) -> None:
    runtime = sleepy(product, BOTH)
    await runtime.store.commit(Put(LiveConfig(id="live", disabled_models=["gemma_4_on_device"])))
    for _ in range(3):
        assert (await said(runtime)).model == "fake-paid"
    assert (await runtime.warmth.read()).state == "cold"
    assert prompts(product) == []
