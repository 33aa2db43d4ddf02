"""Evaluations over real stores: what is decided once is announced, by whoever is there, whatever breaks in between."""

import asyncio
from typing import Any

import pytest

from shared.errors import StoreError
from shared.store import firestore_commits, firestore_link
from shared.telemetry import webhook
from shared.telemetry.outbox import HOLD_SECONDS, MOST_TRIES
from tests.services import firestore
from tests.telemetry.watching import FAILING, Hook, Start, Time, history, lines, minutes, own_rules, state, traffic


@pytest.mark.parametrize("stores", ["embedded", "firestore"])
async def test_t71_evaluations_at_once_on_several_instances_raise_end_and_announce_once(
    start: Start, clock: Time, hook: Hook, stores: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An emulator on a machine that stalls is not what fails here.
    monkeypatch.setattr(firestore_link, "READ_PATIENCE", 60.0)
    monkeypatch.setattr(firestore_commits, "PATIENCE", 60.0)
    cloud = {"firestore_emulator_host": firestore.emulator().host, "gcp_project_id": firestore.project()}
    fleet = [start(**(cloud if stores == "firestore" else {})) for _ in range(3)]
    await own_rules(fleet[0], FAILING)
    await minutes(fleet[0], clock, 2)
    clock.now += 60
    await traffic(fleet[0], 50, 50)
    found = await asyncio.gather(*(one.watch.evaluate() for one in (*fleet, *fleet)))
    assert [one.raised for one in found].count(["failing"]) == 1
    assert all(one.firing == ["failing"] for one in found)
    assert [alert.rule.name for alert in await history(fleet[1])] == ["failing"]
    for _ in range(8):
        clock.now += 60
        await traffic(fleet[1], 1000)
        await asyncio.gather(*(one.watch.evaluate() for one in fleet))
    ended = (await history(fleet[2]))[0]
    assert (ended.because, ended.resolved_value) == ("back to normal", 0.0)
    assert hook.events() == ["raised", "resolved"]
    assert (await state(fleet[0])).outbox == []
    await fleet[0].metrics.flush()
    totals = await fleet[0].coordination.totals("metric:ai_alerts_total|")
    assert totals == {"metric:ai_alerts_total|failing|warning|n": 1}


async def test_t71_a_new_process_goes_on_where_the_last_one_was(start: Start, clock: Time, hook: Hook) -> None:
    first = start()
    await own_rules(first, FAILING)
    await minutes(first, clock, 1)
    await minutes(first, clock, 1, bad=50)
    await first.close()
    second = start()
    await minutes(second, clock, 3, bad=50)
    assert len(await history(second)) == 1
    assert hook.events() == ["raised"]
    assert (await second.watch.evaluate()).firing == ["failing"]


async def test_a_repeated_delivery_of_the_schedule_changes_nothing(start: Start, clock: Time, hook: Hook) -> None:
    runtime = start()
    await own_rules(runtime, FAILING)
    await minutes(runtime, clock, 1)
    await minutes(runtime, clock, 1, bad=50)
    before = await state(runtime)
    for _ in range(3):
        await runtime.watch.evaluate()
    assert (await state(runtime)).samples == before.samples
    assert (len(await history(runtime)), hook.events()) == (1, ["raised"])


async def test_a_webhook_that_fails_is_tried_again_by_the_next_evaluations_under_the_same_key(
    start: Start, clock: Time, hook: Hook
) -> None:
    runtime = start()
    await own_rules(runtime, FAILING)
    await minutes(runtime, clock, 1)
    hook.status = 500
    await minutes(runtime, clock, 2, bad=50)
    assert len(hook.heard) == 2
    hook.status = 204
    await minutes(runtime, clock, 3, bad=50)
    assert hook.events() == ["raised"] * 3
    assert len(set(hook.keys)) == 1
    assert (await state(runtime)).outbox == []


async def test_a_webhook_that_never_works_is_given_up(start: Start, clock: Time, hook: Hook, capfd: Any) -> None:
    runtime = start()
    await own_rules(runtime, FAILING)
    await minutes(runtime, clock, 1)
    hook.status = 410
    await minutes(runtime, clock, MOST_TRIES + 3, bad=50)
    assert len(hook.heard) == MOST_TRIES
    assert (await state(runtime)).outbox == []
    assert [line["rule"] for line in lines(capfd) if line["message"] == "alert.undelivered"] == ["failing"]


async def test_a_webhook_that_hangs_holds_nothing_up_and_nobody_else_takes_its_notice(
    start: Start, clock: Time, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "POST_SECONDS", 30.0)
    one, two = start(), start()
    await own_rules(one, FAILING)
    await minutes(one, clock, 1)
    let_go, arrived = asyncio.Event(), asyncio.Event()
    taken = hook.answer

    async def hang(request: Any) -> Any:
        arrived.set()
        await let_go.wait()
        return await taken(request)

    hook.answer = hang
    clock.now += 60
    await traffic(one, 50, 50)
    slow = asyncio.create_task(one.watch.evaluate())
    async with asyncio.timeout(30):
        await arrived.wait()
    clock.now += 30
    assert (await two.watch.evaluate()).firing == ["failing"], "what was decided is kept before it is announced"
    assert not slow.done()
    let_go.set()
    await slow
    assert hook.events() == ["raised"]


async def test_what_a_dead_process_did_not_announce_the_next_one_does(
    start: Start, clock: Time, hook: Hook, capfd: Any
) -> None:
    """It died between its commit and the first word."""
    dying, alive = start(), start()
    await own_rules(dying, FAILING)
    await minutes(dying, clock, 1)
    clock.now += 60
    await traffic(dying, 50, 50)

    class Dead:
        async def deliver(self, _: Any) -> None:
            raise asyncio.CancelledError

    dying.watch._outbox = Dead()  # type: ignore[assignment]
    with pytest.raises(asyncio.CancelledError):
        await dying.watch.evaluate()
    assert hook.heard == []
    await alive.watch.evaluate()
    assert hook.heard == [], "whoever took it may still be at it"
    clock.now += HOLD_SECONDS
    await alive.watch.evaluate()
    assert hook.events() == ["raised"]
    assert [line["state"] for line in lines(capfd) if line["message"] == "alert.raised"] == ["raised"]


async def test_a_commit_whose_answer_is_lost_raises_no_second_alert(start: Start, clock: Time, hook: Hook) -> None:
    runtime = start()
    await own_rules(runtime, FAILING)
    await minutes(runtime, clock, 1)
    commit = runtime.store.commit

    async def lost(*writes: Any) -> Any:
        await commit(*writes)
        raise StoreError("the answer was lost")

    clock.now += 60
    await traffic(runtime, 50, 50)
    runtime.store.commit = lost  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        await runtime.watch.evaluate()
    runtime.store.commit = commit  # type: ignore[method-assign]
    await minutes(runtime, clock, 2, bad=50)
    assert len(await history(runtime)) == 1
    assert hook.events() == ["raised"]


async def test_what_cannot_be_read_decides_nothing(start: Start, clock: Time, hook: Hook) -> None:
    runtime = start()
    await own_rules(runtime, FAILING)
    await minutes(runtime, clock, 1)
    before = await state(runtime)

    async def unreadable(prefix: str) -> Any:
        raise StoreError("told to fail")

    runtime.coordination.totals = unreadable  # type: ignore[method-assign]
    clock.now += 60
    with pytest.raises(StoreError):
        await runtime.watch.evaluate()
    assert await state(runtime) == before
    assert hook.heard == []


async def test_what_is_announced_has_its_texts_though_the_state_keeps_none(
    start: Start, clock: Time, hook: Hook, capfd: Any
) -> None:
    runtime = start()
    await own_rules(runtime, FAILING.model_copy(update={"title": "Many fail", "runbook": "Look there."}))
    await minutes(runtime, clock, 1)
    hook.status = 500
    await minutes(runtime, clock, 1, bad=50)
    (waiting,) = (await state(runtime)).outbox
    assert (waiting.rule.title, waiting.rule.runbook) == ("", "")
    await own_rules(runtime)
    hook.status = 200
    await minutes(runtime, clock, 1)
    assert [(heard["title"], heard["runbook"]) for heard in hook.heard] == [("Many fail", "Look there.")] * 3
    assert hook.events() == ["raised", "raised", "resolved"]
    told = [line["runbook"] for line in lines(capfd) if line["message"].startswith("alert.")]
    assert told == ["Look there."] * 2
