"""T62 and T63: a unit stays in its arm whatever delivered its answer, and what delivered it is told beside that."""

from typing import Any

import pytest

from shared.activity.events import Answered
from shared.agents.mentor import ChatRequest
from shared.dialogue.chat import begin
from shared.documents import Profile
from shared.experiments import slices
from shared.llm.call import Answer
from shared.runtime import Runtime
from shared.store import Put
from shared.stored.experiments import RunningExperiment, Targeting
from tests.dialogue.test_chat import web_call
from tests.experiments.happened import events, experiment, run_it, unit_in
from tests.product import Product

BOTH = {"gemma_4_on_device": "fake-own", "claude": "fake-paid"}


async def ask(runtime: Runtime, user_id: str, message: str = "What is light?", **headers: str) -> Answer:
    turn = await begin(runtime, web_call(user_id, **headers), ChatRequest(message=message))
    return await runtime.gateway.complete(turn.question, turn.keep, again=turn.again)


async def told(runtime: Runtime) -> list[tuple[str, dict[str, str], str, str]]:
    """Of each answer: whose, in which arms, who delivered it, and how it came out."""
    return [
        (one.unit, one.arms, one.delivered, one.outcome) for one in await events(runtime) if isinstance(one, Answered)
    ]


async def test_t62_the_variants_model_answers_where_it_can(product: Product) -> None:
    runtime, running = product.runtime(BOTH), experiment(prefer_model="claude")
    await run_it(runtime, running)
    changed, control = unit_in(running, "changed"), unit_in(running, "control")
    assert (await ask(runtime, changed)).model == "fake-paid"
    assert (await ask(runtime, control)).model == "fake-own"
    assert await told(runtime) == [
        (changed, {"e": "changed"}, "claude", "ok"),
        (control, {"e": "control"}, "gemma_4_on_device", "ok"),
    ]


@pytest.mark.parametrize(
    ("models", "settings", "live", "failed"),
    [
        ({"gemma_4_on_device": "fake-own"}, {}, {}, 0),
        (BOTH, {}, {"disabled_models": ["claude"]}, 0),
        ({"gemma_4_on_device": "fake-own", "claude": "fake-err500"}, {"ai_attempts_per_model": 2}, {}, 2),
        (BOTH, {"ai_user_daily_cost_limit": 0.0}, {}, 0),
    ],
    ids=["not configured any more", "disabled", "it fails", "the learner's cap is spent"],
)
async def test_t62_who_meets_a_fallback_stays_in_their_arm(
    product: Product, models: dict[str, str], settings: dict[str, Any], live: dict[str, Any], failed: int
) -> None:
    runtime, running = product.runtime(models, **settings), experiment(prefer_model="claude")
    await run_it(runtime, running, **live)
    unit = unit_in(running, "changed")
    answer = await ask(runtime, unit)
    assert (answer.model, [one.variant for one in answer.experiments]) == ("fake-own", ["changed"])
    assert await told(runtime) == [(unit, {"e": "changed"}, "gemma_4_on_device", "ok")]
    (one,) = [one for one in await events(runtime) if isinstance(one, Answered)]
    assert one.failed_attempts == failed


async def test_t62_a_breaker_that_opens_moves_nobody(product: Product) -> None:
    models = {"gemma_4_on_device": "fake-own", "claude": "fake-err500"}
    runtime, running = product.runtime(models, ai_attempts_per_model=1), experiment(prefer_model="claude")
    await run_it(runtime, running)
    unit = unit_in(running, "changed")
    for number in range(8):
        await ask(runtime, unit, f"What is {number}?")
    assert product.fake.count("fake-err500") < 8, "it is open"
    found = await told(runtime)
    assert len(found) == 8
    assert {(one[0], tuple(one[1].items()), one[2]) for one in found} == {
        (unit, (("e", "changed"),), "gemma_4_on_device")
    }


async def test_t62_the_floor_and_a_refusal_are_told_in_the_arm_too(product: Product) -> None:
    runtime, running = product.runtime({}), experiment(prefer_model="claude")
    await run_it(runtime, running)
    unit = unit_in(running, "changed")
    await ask(runtime, unit)
    await ask(runtime, unit, "I want to kill myself")
    assert await told(runtime) == [
        (unit, {"e": "changed"}, "none", "degraded"),
        (unit, {"e": "changed"}, "none", "support"),
    ]


async def test_t62_a_cache_hit_is_told_in_its_arm_and_is_never_of_another_arm(product: Product) -> None:
    runtime, running = product.runtime(BOTH), experiment(prefer_model="claude")
    await run_it(runtime, running)
    first, second = (unit_in(running, "changed", nth) for nth in (0, 1))
    control = unit_in(running, "control")
    made = await ask(runtime, first)
    assert (await ask(runtime, control)).cache == "none", "the control is not served what the variant's model said"
    assert (await ask(runtime, second)).cache == "exact"
    *_, hit = [one for one in await events(runtime) if isinstance(one, Answered)]
    assert (hit.unit, hit.arms, hit.delivered, hit.outcome) == (second, {"e": "changed"}, "cache", "cached")
    assert (hit.cost, hit.saved) == (0, made.cost_nano_usd)
    assert hit.saved > 0
    assert hit.dearest == hit.saved, "the dearest there is has made it"


@pytest.mark.parametrize(
    "changes",
    [
        {"instruction": "Use an example from football."},
        {"live": {"complexity_threshold": 0.0}},
        {"live": {"optimization_level": "maximum"}},
    ],
)
async def test_t62_arms_with_another_prompt_or_other_settings_share_no_cached_answer(
    product: Product, changes: dict[str, Any]
) -> None:
    runtime, running = product.runtime({"gemma_4_on_device": "fake-own"}), experiment(**changes)
    await run_it(runtime, running)
    arms = {arm: [await ask(runtime, unit_in(running, arm, nth)) for nth in (0, 1)] for arm in ("control", "changed")}
    assert {arm: [one.cache for one in found] for arm, found in arms.items()} == {
        "control": ["none", "exact"],
        "changed": ["none", "exact"],
    }
    assert arms["control"][0].config != arms["changed"][0].config


async def test_t63_a_second_device_a_new_installation_and_another_instance_change_nothing(product: Product) -> None:
    running = experiment(prefer_model="claude")
    seen = set()
    for headers in ({"x_client_platform": "ios"}, {"x_client_platform": "web", "accept_language": "de"}, {}):
        runtime = product.runtime(BOTH)
        await run_it(runtime, running)
        await runtime.store.commit(Put(Profile(id="u7", difficulty_preference=len(headers) / 3)))
        answer = await ask(runtime, "u7", f"What is light {headers}?", **headers)
        seen |= {(one.experiment_id, one.variant) for one in answer.experiments}
    assert seen == {("e", slices.arm_of(running, "u7"))}


async def test_t63_wider_traffic_and_a_round_of_a_bandit_move_nobody(product: Product) -> None:
    runtime = product.runtime(BOTH)
    narrow = experiment(prefer_model="claude")
    narrow = narrow.model_copy(update={"slices": [narrow.slices[0].model_copy(update={"ranges": [(0.0, 0.4)]})]})
    learners = [f"u{number}" for number in range(40)]

    async def arms(running: RunningExperiment) -> dict[str, str]:
        await run_it(runtime, running)
        answers = [(user, await ask(runtime, user, f"Question of {user}")) for user in learners]
        return {user: one.experiments[0].variant for user, one in answers if one.experiments}

    before = await arms(narrow)
    wider = slices.widen(narrow, 0.7, (), 1.0)
    after = await arms(wider)
    assert 5 < len(before) < len(after) < 40
    assert before.items() <= after.items()
    bandit = slices.open_next(wider, 0.3, (0.05, 0.95), (), 2.0)
    last = await arms(bandit)
    assert after.items() <= last.items()
    assert len(last) == 40


async def test_only_the_request_that_is_targeted_is_steered(product: Product) -> None:
    runtime = product.runtime(BOTH)
    running = experiment(prefer_model="claude").model_copy(update={"targeting": Targeting(platforms=["ios"])})
    await run_it(runtime, running)
    unit = unit_in(running, "changed")
    assert (await ask(runtime, unit, x_client_platform="iOS")).model == "fake-paid"
    assert (await ask(runtime, unit, "And sound?", x_client_platform="android")).model == "fake-own"
    assert [one[1] for one in await told(runtime)] == [{"e": "changed"}, {}]


async def test_with_experiments_switched_off_nobody_is_in_one(product: Product) -> None:
    runtime, running = product.runtime(BOTH, ab_testing_enabled=False), experiment(prefer_model="claude")
    await run_it(runtime, running)
    assert (await ask(runtime, unit_in(running, "changed"))).model == "fake-own"
    assert [one[1] for one in await told(runtime)] == [{}]
