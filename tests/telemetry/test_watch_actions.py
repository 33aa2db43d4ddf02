"""What alerts change by themselves, whom they ask, and what they never tell."""

import json
from typing import Any

from shared import log
from shared.documents import LiveConfig
from shared.errors import StoreError
from shared.store import Create
from tests.product import call
from tests.telemetry.watching import FAILING, Hook, Start, Time, history, lines, minutes, own_rules, state, traffic


async def test_a_level_change_is_made_with_the_alert_and_keeps_what_an_operator_changed_meanwhile(
    start: Start, clock: Time
) -> None:
    runtime = start()
    await own_rules(runtime, FAILING.model_copy(update={"action": "level_change", "level": "maximum"}))
    await minutes(runtime, clock, 1)
    commit = runtime.store.commit
    done: list[bool] = []

    async def raced(*writes: Any) -> Any:
        if not done:
            done.append(True)
            operators = LiveConfig(id="live", version=7, disabled_models=["claude"], cache_ttl_seconds=5)
            await commit(Create(operators))
        return await commit(*writes)

    clock.now += 60
    await traffic(runtime, 50, 50)
    runtime.store.commit = raced  # type: ignore[method-assign]
    assert (await runtime.watch.evaluate()).raised == ["failing"]
    live = await runtime.store.get(LiveConfig, "live")
    assert live is not None
    assert (live.version, live.disabled_models, live.updated_by) == (8, ["claude"], "alert:failing")
    assert (live.complexity_threshold, live.cache_ttl_seconds) == (1.0, 86_400)
    (alert,) = await history(runtime)
    assert [(change.who, change.what) for change in alert.changes] == [("alert:failing", "level_change to maximum")]
    await minutes(runtime, clock, 3, bad=50)
    assert (await runtime.store.get(LiveConfig, "live")) == live, "once"


async def test_cache_clear_puts_cached_answers_out_of_reach_on_every_instance(start: Start, clock: Time) -> None:
    """Also those that each instance keeps by itself."""
    one, two = start(), start()
    await own_rules(one, FAILING.model_copy(update={"action": "cache_clear"}))
    await minutes(one, clock, 1)
    await one.gateway.complete(call())
    await one.answers.settled()
    for runtime in (one, two, one, two):
        assert (await runtime.gateway.complete(call())).cache == "exact"
    await minutes(one, clock, 1, bad=50)
    clock.now += 2.1
    assert (await two.gateway.complete(call())).cache == "none"
    await two.answers.settled()
    assert (await one.gateway.complete(call())).cache == "exact", "what is new is shared as before"


async def test_breaker_reset_closes_them_once_and_is_tried_again_where_it_fails(start: Start, clock: Time) -> None:
    runtime = start({"gpt_4_mini": "fake-ok"})
    rule = FAILING.model_copy(
        update={"metric": "open_breakers", "threshold": 0, "min_events": 1, "action": "breaker_reset"}
    )
    await own_rules(runtime, rule)
    await runtime.breakers.failed("account:openai", why="auth", retry_after=None, hard=True)
    reset, away = runtime.breakers.reset, [True]

    async def unreachable(scope: str = "") -> list[str]:
        if away:
            raise StoreError("told to fail")
        return await reset(scope)

    runtime.breakers.reset = unreachable  # type: ignore[method-assign]
    assert (await runtime.watch.evaluate()).raised == ["failing"]
    away.clear()
    await runtime.watch.evaluate()
    assert (await runtime.breakers.snapshot())["account:openai"].status(clock.now) == "closed"
    await runtime.breakers.failed("account:openai", why="auth", retry_after=None, hard=True)
    await runtime.watch.evaluate()
    assert (await runtime.breakers.snapshot())["account:openai"].status(clock.now) == "open", "not again so soon"


async def test_the_gpu_is_looked_at_only_after_it_answered_somebody(start: Start, clock: Time) -> None:
    """Watching must not wake a service that has gone to sleep, nor keep it from going."""
    runtime = start()
    model = runtime.catalog.models["gemma_4_on_device"].model_id
    looks: list[float] = []

    async def look() -> dict[str, float]:
        looks.append(clock.now)
        return {"gpu_utilization": 0.97}

    terms = runtime.watch._terms
    object.__setattr__(terms, "gpu", look)
    assert terms.own == {model}
    await minutes(runtime, clock, 3)
    assert looks == []
    runtime.metrics.inc("ai_requests_total", "mentor", model, "ok")
    await minutes(runtime, clock, 1)
    assert len(looks) == 1
    reading = await runtime.fleet.reading()
    assert reading is not None
    assert reading.gpu_utilization == 0.97
    await minutes(runtime, clock, 5)
    assert len(looks) == 1
    reading = await runtime.fleet.reading()
    assert reading is not None
    assert reading.gpu_utilization is None


async def test_a_gpu_that_only_fails_is_looked_at_too(start: Start, clock: Time) -> None:
    """Asked over the wire, it gives an error each time; another model answers."""
    runtime = start({"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-ok"})
    looks: list[float] = []

    async def look() -> dict[str, float]:
        looks.append(clock.now)
        return {"gpu_utilization": 1.0}

    object.__setattr__(runtime.watch._terms, "gpu", look)
    await minutes(runtime, clock, 2)
    answer = await runtime.gateway.complete(call())
    assert (answer.model, answer.attempts[0].model) != ("fake-err500", "fake-ok")
    await minutes(runtime, clock, 1)
    assert len(looks) == 1


async def test_the_jobs_that_were_given_up_are_read_every_tenth_minute(start: Start, clock: Time) -> None:
    """To count them is to read them whole, and the count is told each minute."""
    runtime = start()
    reads: list[float] = []

    async def dead(_: int) -> list[str]:
        reads.append(clock.now)
        return ["job"] * 12

    runtime.queue.dead = dead  # type: ignore[method-assign,assignment]
    clock.now -= clock.now % 600
    await minutes(runtime, clock, 30)
    assert len(reads) == 4, "the first time, and whenever ten minutes are over"
    reading = await runtime.fleet.reading()
    assert reading is not None
    assert reading.dead_jobs == 12


async def test_t46_canaries_are_in_no_announcement_no_line_and_no_label(
    start: Start, clock: Time, hook: Hook, capfd: Any
) -> None:
    """Keys, the webhook's own address, and what learners and junk bring into the counters."""
    runtime = start({"gpt_4_mini": "fake-ok"}, alert_webhook_url=hook.url)
    log.configure(runtime.settings)
    await own_rules(runtime, FAILING)
    await minutes(runtime, clock, 1)
    for junk in ("canary@example.org", "sk-canary-openai-0001", "canary-hook-token"):
        runtime.metrics.inc("ai_requests_total", junk, junk, junk, by=500)
    hook.status = 500
    await minutes(runtime, clock, 1, bad=50)
    hook.status = 200
    await minutes(runtime, clock, 1, bad=50)
    told = await state(runtime)
    shown = "".join((*hook.texts, json.dumps(lines(capfd)), told.model_dump_json(), await runtime.metrics.render()))
    assert "failing" in shown
    assert "canary" not in shown
