"""Failures about money: caps, reservations, the ledger."""

import asyncio
from typing import Any

import pytest

from shared.coordination import Spend
from shared.documents import LedgerEntry
from shared.llm import budget
from shared.llm.attempt import Attempt
from shared.llm.breaker import BreakerState, encode
from shared.llm.catalog import Model
from shared.llm.types import Usage
from shared.store import Where
from tests.fakes.waiting import eventually
from tests.product import FREE, PAID, Product, call, rows, streamed

PAID_ONLY = {"gpt_4_mini": "fake-ok"}


async def test_t01_parallel_paid_calls_never_exceed_the_cap_over_two_gateways(product: Product) -> None:
    probe = product.runtime(PAID_ONLY)
    await probe.gateway.complete(call(cacheable=False))
    cost = (await probe.store.query(LedgerEntry, Where("user_id", "==", "u1"), order="created_at"))[0].cost_nano_usd
    # Room for the first answer's cost and three more holds, however many ask at once.
    hold = PAID.ceiling(len("Teach.What is a prime number?") + 2 * 16 + 64, 100)
    limit = (cost + 3 * hold) / 1e9
    first = product.runtime(PAID_ONLY, ai_daily_cost_limit=limit, ai_user_daily_cost_limit=100)
    second = product.runtime(PAID_ONLY, ai_daily_cost_limit=limit, ai_user_daily_cost_limit=100)
    product.fake.script("fake-ok", ["50ms"] * 100)
    answers = await asyncio.gather(
        *(runtime.gateway.complete(call(cacheable=False)) for _ in range(50) for runtime in (first, second))
    )
    paid = [answer for answer in answers if answer.provider == "openai"]
    assert 3 <= len(paid) < 100
    assert all(answer.degraded for answer in answers if answer.provider != "openai")
    key = budget.account_key(first.clock(), "UTC")
    spend = (await first.coordination.spend([key]))[key]
    assert spend.reserved == 0
    assert spend.committed <= round(limit * 1e9)
    everything = await first.store.query(LedgerEntry, Where("user_id", "==", "u1"), order="created_at", limit=1000)
    assert spend.committed == sum(row.cost_nano_usd for row in everything)


async def test_t04_spent_cap_refuses_paid_models_and_the_free_one_still_answers(product: Product) -> None:
    runtime = product.runtime(
        {"gpt_4_mini": "fake-paid", "gemma_4_on_device": "fake-own"},
        ai_daily_cost_limit=0,
        gemini_confidence_threshold=0,
    )
    answer = await runtime.gateway.complete(call())
    assert answer.provider == "gemma"
    assert [(a.model, a.outcome) for a in answer.attempts] == [("fake-paid", "over_budget"), ("fake-own", "ok")]
    assert product.fake.count("fake-paid") == 0


async def test_t04_failover_does_not_spend_past_the_learners_cap(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-err500", "claude": "fake-paid"}, ai_user_daily_cost_limit=0)
    answer = await runtime.gateway.complete(call())
    assert answer.provider == "template"
    assert answer.degraded
    assert product.fake.count("fake-paid") == 0


@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("Asia/Tokyo", 1_767_193_200, 24),  # 2026-01-01 00:00 +09
        ("UTC", 1_767_225_600, 24),
        ("Europe/Berlin", 1_774_738_800, 23),  # 2026-03-29, clocks go forward
        ("Europe/Berlin", 1_792_879_200, 25),  # 2026-10-25, clocks go back
    ],
)
def test_t05_each_day_begins_once_and_covers_its_hours_once(zone: str, start: int, hours: int) -> None:
    first = budget.day(start, zone)
    assert budget.day(start - 1, zone) != first
    assert {budget.day(start + minute * 60, zone) for minute in range(hours * 60)} == {first}
    assert budget.day(start + hours * 3600, zone) != first


def test_t05_the_learners_own_zone_decides_their_day_and_a_bad_one_falls_back() -> None:
    now = 1_767_225_600 - 3600  # 23:00 UTC on 31 December: already the next day in Tokyo
    limits = budget.Limits(1, 1, "UTC", "Asia/Tokyo")
    account, learner = budget.caps("u1", now, limits)
    assert (account.key, learner.key) == ("spend:account:2025-12-31", "spend:learner:u1:2026-01-01")
    fallen_back = budget.caps("u1", now, budget.Limits(1, 1, "UTC", "Mars/Olympus"))[1]
    assert fallen_back.key == "spend:learner:u1:2025-12-31"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("route", ["primary", "fallback", "cached", "floor"])
async def test_t08_exactly_one_final_row_with_an_id(product: Product, route: str, stream: bool) -> None:
    models = {"gemma_4_on_device": "fake-err400-own" if route in ("fallback", "floor") else "fake-own"}
    if route == "fallback":
        models["gpt_4_mini"] = "fake-paid"
    runtime = product.runtime(models)
    if route == "cached":
        await runtime.gateway.complete(call())
    question = call()
    if stream:
        answer = (await streamed(runtime, question)).answer
    else:
        answer = await runtime.gateway.complete(question)
    assert answer is not None
    found = await rows(runtime, question)
    assert [row.final for row in found].count(True) == 1
    assert all(row.id for row in found)
    assert len({row.id for row in found}) == len(found)
    expected = {"primary": "ok", "fallback": "ok", "cached": "cached", "floor": "template"}[route]
    final = next(row for row in found if row.final)
    assert final.outcome == expected
    assert final.stream is stream
    assert len(found) == (2 if route in ("fallback", "floor") else 1)


async def test_t09_leaving_before_the_usage_chunk_is_charged_in_full(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-n12-pace5ms"})
    question = call()
    result = await streamed(runtime, question, leave_after=12)
    assert len(result.deltas) >= 12
    (row,) = await rows(runtime, question)
    assert row.usage_source == "provider"
    assert row.output_tokens == 12
    assert row.cost_nano_usd == PAID.cost(Usage(row.input_tokens, 0, 12)) > 0


async def test_t09_leaving_a_long_answer_closes_the_upstream_in_bounded_time(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-n2000-pace20ms"}, ai_total_deadline=60)
    question = call(max_output_tokens=4000)
    began = asyncio.get_running_loop().time()
    await streamed(runtime, question, leave_after=3)
    assert asyncio.get_running_loop().time() - began < 20, "half of what the answer would take"
    await eventually(lambda: product.fake.open == 0)
    (row,) = await rows(runtime, question)
    assert row.outcome == "left"
    assert row.usage_source == "estimate"
    assert row.cost_nano_usd > 0


async def test_t10_explicit_zero_usage_costs_nothing(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-usage0"})
    for stream in (False, True):
        question = call(cacheable=False)
        if stream:
            await streamed(runtime, question)
        else:
            await runtime.gateway.complete(question)
        (row,) = await rows(runtime, question)
        assert (row.usage_source, row.cost_nano_usd, row.output_tokens) == ("provider", 0, 0)


async def test_t10_no_usage_is_an_estimate_and_says_so(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-nousage"})
    question = call()
    await runtime.gateway.complete(question)
    (row,) = await rows(runtime, question)
    assert row.usage_source == "estimate"
    assert row.cost_nano_usd > 0


async def test_t11_each_attempt_at_its_own_price_and_a_refused_one_free(product: Product) -> None:
    dear = PAID.__class__((PAID.rates[0].__class__(0, 9_000, 900, 90_000),), 100_000, 8_000, "2026-01-01")
    runtime = product.runtime({"gpt_4_mini": "fake-err429-first", "claude": "fake-second"}, prices={"gpt_4_mini": dear})
    question = call()
    answer = await runtime.gateway.complete(question)
    found = await rows(runtime, question)
    refused, paid = found[0], found[-1]
    assert (refused.model, refused.cost_nano_usd) == ("fake-err429-first", 0)
    assert paid.cost_nano_usd == PAID.cost(Usage(paid.input_tokens, paid.cached_input_tokens, paid.output_tokens))
    assert answer.cost_nano_usd == paid.cost_nano_usd


async def test_t12_a_model_without_a_price_is_refused_never_free(product: Product) -> None:
    runtime = product.runtime(
        {"gpt_4_mini": "fake-unpriced", "gemma_4_on_device": "fake-err400"}, prices={"gpt_4_mini": None}
    )
    question = call()
    answer = await runtime.gateway.complete(question)
    assert product.fake.count("fake-unpriced") == 0
    assert ("fake-unpriced", "refused") in [(a.model, a.outcome) for a in answer.attempts]
    assert answer.provider == "template"
    assert [row.outcome for row in await rows(runtime, question) if row.model == "fake-unpriced"] == ["unpriced"]


async def test_t12_the_own_model_is_flagged_as_self_hosted(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"}, prices={"gemma_4_on_device": FREE})
    question = call()
    await runtime.gateway.complete(question)
    (row,) = await rows(runtime, question)
    assert (row.cost_nano_usd, row.flags) == (0, ["self_hosted"])


@pytest.mark.parametrize("fault", ["err500", "silent", "refusedconn", "err401"])
async def test_t13_a_failed_call_gives_its_reservation_back(product: Product, fault: str) -> None:
    runtime = product.runtime({"gpt_4_mini": f"fake-{fault}"}, ai_first_token_deadline=0.5)
    await streamed(runtime, call())
    keys = [cap.key for cap in budget.caps("u1", runtime.clock(), budget.Limits(1, 1))]
    for spend in (await runtime.coordination.spend(keys)).values():
        assert (spend.reserved, spend.committed) == (0, 0)


async def test_t13_a_cancelled_request_gives_its_reservation_back(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-30000ms"})
    question = call()
    task = asyncio.ensure_future(runtime.gateway.complete(question))
    await eventually(lambda: product.fake.open == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    key = budget.account_key(runtime.clock(), "UTC")
    assert (await runtime.coordination.spend([key]))[key].reserved == 0
    assert [row.outcome for row in await rows(runtime, question)] == ["abandoned"]


@pytest.mark.parametrize("name", ["gpt_4_mini", "claude", "gemini_flash"])
@pytest.mark.parametrize("stream", [False, True])
async def test_t14_cached_input_tokens_are_counted_once(product: Product, name: str, stream: bool) -> None:
    runtime = product.runtime({name: "fake-cached5"})
    question = call()
    if stream:
        await streamed(runtime, question)
    else:
        await runtime.gateway.complete(question)
    (row,) = await rows(runtime, question)
    assert row.cached_input_tokens == 5
    assert row.input_tokens > 5
    assert row.cost_nano_usd == (row.input_tokens - 5) * 1_000 + 5 * 100 + row.output_tokens * 4_000


async def test_an_absurd_usage_report_is_capped_at_the_reservation_and_flagged(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-usagebig"})
    question = call()
    await runtime.gateway.complete(question)
    (row,) = await rows(runtime, question)
    assert "usage_implausible" in row.flags
    assert row.cost_nano_usd < 1_000_000


@pytest.mark.parametrize("counts", [(-50, 0, 1), ("12", 0, 1), (3.5, 0, 1), (1, None, 1)])
def test_t13_a_report_that_is_no_count_is_an_estimate_and_flagged(counts: tuple[Any, Any, Any]) -> None:
    attempt = Attempt(Model("gpt_4_mini", "openai", "openai", "fake-ok", PAID), 1, 0.0, called=True, ending="ok")
    attempt.text.append("An answer of some words.")
    attempt.usage = Usage(*counts)
    attempt.charge(call())
    assert attempt.flags == ["usage_malformed"]
    assert attempt.usage_source == "estimate"
    assert attempt.cost > 0


async def test_t05_the_hold_is_taken_under_the_learners_own_day(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-ok"})
    await runtime.gateway.complete(call(time_zone="Pacific/Kiritimati", cacheable=False))
    key = budget.learner_key("u1", runtime.clock(), "Pacific/Kiritimati")
    assert (await runtime.coordination.spend([key]))[key].committed > 0


async def test_a_refused_breaker_lets_go_of_the_money(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-ok"})
    shut = BreakerState(failures=3, failed_at=1.0, openings=1, open_until=runtime.clock() + 60)
    await runtime.coordination.put("breaker:model:fake-ok", encode(shut) or b"", 60)
    await runtime.gateway.complete(call(cacheable=False))
    key = budget.account_key(runtime.clock(), "UTC")
    assert (await runtime.coordination.spend([key]))[key] == Spend(0, 0)
