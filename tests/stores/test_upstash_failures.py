"""Redis that is down, slow or wrong: nothing hangs, nothing acknowledged is lost, nothing is granted in the dark."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.coordination import Cap, Hold, Spend
from shared.coordination.upstash import UpstashCoordination
from shared.coordination.upstash_wire import AT_ONCE
from shared.errors import StoreError
from tests.fakes.waiting import eventually
from tests.services.upstash import Upstash, upstash
from tests.stores.spending import Make, hold

FAULTS = ["hang", "status", "garbage", "drop", "lost", "short", "odd"]


async def answers(coordination: UpstashCoordination) -> bool:
    """Whether it is back."""
    try:
        return await coordination.get_many(["a"]) == {}
    except StoreError:
        return False


async def sent() -> None:
    """So many turns of the loop that what was just asked is under way, and not yet with what is asked next."""
    for _ in range(6):
        await asyncio.sleep(0)


# --- a database that dies


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, patient: None) -> None:
    with upstash(tmp_path) as server:
        coordination = UpstashCoordination(server.url, server.token, monotonic=lambda: time.monotonic() * 100)
        held, settled = [0], [0]

        async def spend(worker: int) -> None:
            for n in range(10_000):
                name = f"{worker}:{n}"
                await coordination.reserve(Hold(name, (Cap("account", 10**9),), 1000, 600))
                held[0] += 1
                await coordination.settle({name: 7})
                settled[0] += 1

        workers = [asyncio.create_task(spend(worker)) for worker in range(8)]
        await eventually(lambda: settled[0] > 20)
        await asyncio.to_thread(server.redis.kill)
        outcomes = await asyncio.gather(*workers, return_exceptions=True)
        assert all(isinstance(outcome, StoreError) for outcome in outcomes)
        await asyncio.to_thread(server.redis.start)
        await eventually(lambda: answers(coordination))
        found = (await coordination.spend(["account"]))["account"]
        assert found.committed // 7 in range(settled[0], settled[0] + 9)  # and what was done without being acknowledged
        assert found.reserved // 1000 in range(9)
        assert found.committed // 7 + found.reserved // 1000 >= held[0]
        await coordination.close()


@pytest.mark.usefixtures("patient")
async def test_scripts_are_sent_again_to_a_server_that_forgot_them(server: Upstash, make: Make) -> None:
    coordination = make()
    assert await coordination.reserve(hold("h", 10)) is None
    assert server.redis.ask("SCRIPT", "FLUSH") == "+OK"
    was = server.count()["requests"]
    assert (
        await asyncio.gather(*(coordination.reserve(hold(f"h{n}", 10)) for n in range(12)))
        == [None] * 9 + ["learner:u:1"] * 3
    )
    assert server.count()["requests"] == was + 2


@pytest.mark.usefixtures("patient")
async def test_nothing_is_deleted_by_del(server: Upstash, make: Make) -> None:
    assert server.redis.ask("ACL", "SETUSER", "default", "-del") == "+OK"
    try:
        coordination = make()
        assert await coordination.swap("lease", None, b"a", 60)
        assert await coordination.swap("lease", b"a", None, 60)
        await coordination.put("cache:a", b"1", 60)
        assert await coordination.clear("cache:") == 1
        assert await coordination.reserve(hold("h", 10)) is None
        await coordination.settle({"h": 3})
        await coordination.settle({"h": 3})
        assert await coordination.sweep() == 0
        assert await coordination.spend(["account:1"]) == {"account:1": Spend(3, 0)}
    finally:
        assert server.redis.ask("ACL", "SETUSER", "default", "+del") == "+OK"


# --- a database that does not answer, or not with sense


@pytest.mark.parametrize("kind", FAULTS)
async def test_trouble_is_a_store_error_in_time_and_grants_nothing(
    request: pytest.FixtureRequest, server: Upstash, make: Make, kind: str
) -> None:
    """A database that hangs is not waited for; of any other trouble is told before the time for an answer is over."""
    now = 0.0
    coordination = make(monotonic=lambda: now)
    if kind != "hang":
        request.getfixturevalue("patient")
        assert await coordination.reserve(hold("warm", 1)) is None
    server.fault(kind, seconds=30)
    calls: list[Callable[[], object]] = [
        lambda: coordination.reserve(hold("h", 1)),
        lambda: coordination.look(["a"], hold("h", 1)),
        lambda: coordination.get_many(["a", "b"]),
        lambda: coordination.settle({"warm": 1}),
        lambda: coordination.add({"n": 1}),
        lambda: coordination.totals("n:"),
        lambda: coordination.swap("s", None, b"1", 60),
        lambda: coordination.spend(["account:1"]),
        lambda: coordination.clear("x"),
        lambda: coordination.tail("l", 0),
    ]
    for call in calls:
        now += 10.0
        started = time.monotonic()
        with pytest.raises(StoreError):
            await call()  # type: ignore[misc]
        assert time.monotonic() - started < 8
    server.fault()

    async def granted() -> bool:
        nonlocal now
        now += 10.0
        try:
            return await coordination.reserve(hold("h", 1)) is None
        except StoreError:
            return False

    await eventually(granted)


async def test_a_dead_database_costs_one_time_out_and_then_nothing(
    server: Upstash, make: Make, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "shared")
    now = 0.0
    coordination = make(monotonic=lambda: now)
    server.fault("hang", seconds=30)
    asked, started = [], time.monotonic()
    for tick in range(350):
        now, was = tick / 100, coordination.requests
        with pytest.raises(StoreError):
            await coordination.get_many(["a"])
        if coordination.requests > was:
            asked.append(now)
        await asyncio.sleep(0.001)
    assert asked == [0, 1, 3], "one second of rest, then two"
    assert time.monotonic() - started < 50, "only those three took half a second each"
    server.fault()

    async def back() -> bool:
        nonlocal now
        now += 8.0
        return await answers(coordination)

    await eventually(back)
    await asyncio.sleep(0)  # lines go out with their loop turn
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
    assert [line["message"] for line in lines if line["message"].startswith("redis.")] == ["redis.down", "redis.up"]


async def test_what_waits_behind_calls_that_hang_is_not_sent_after_them(server: Upstash, make: Make) -> None:
    coordination = make()
    server.fault("hang", seconds=30)
    was, calls = coordination.requests, []
    for _ in range(6):
        calls.append(asyncio.create_task(coordination.get_many(["a"])))
        await sent()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreError] * 6
    assert coordination.requests - was == AT_ONCE


async def test_while_one_call_tries_the_others_do_not_wait_for_it(server: Upstash, make: Make) -> None:
    now = 0.0
    coordination = make(monotonic=lambda: now)
    server.fault("status")
    with pytest.raises(StoreError):
        await coordination.get_many(["a"])
    server.fault("hang", seconds=30)
    now, was = 1.5, coordination.requests
    trying = asyncio.create_task(coordination.get_many(["a"]))
    await sent()
    for _ in range(50):
        with pytest.raises(StoreError):
            await coordination.get_many(["a"])
    assert not trying.done(), "none of them let the loop go round"
    assert coordination.requests == was + 1
    trying.cancel()
    await asyncio.wait([trying])
    server.fault()

    async def back() -> bool:
        nonlocal now
        now += 8.0
        return await answers(coordination)

    await eventually(back)  # whoever tried and left is not waited for


@pytest.mark.usefixtures("patient")
async def test_a_hold_whose_answer_was_lost_is_counted_once(server: Upstash, make: Make) -> None:
    now = 0.0
    coordination = make(monotonic=lambda: now)
    assert await coordination.reserve(hold("h0", 1)) is None
    server.fault("lost", times=1)
    with pytest.raises(StoreError):
        await coordination.reserve(hold("h", 60))
    now = 10.0
    assert await coordination.reserve(hold("h", 60)) is None
    server.fault("lost", times=1)
    with pytest.raises(StoreError):
        await coordination.settle({"h": 50})
    now = 20.0
    await coordination.settle({"h": 50})
    assert await coordination.spend(["learner:u:1"]) == {"learner:u:1": Spend(50, 1)}


@pytest.mark.usefixtures("patient")
async def test_one_commands_error_is_its_own(server: Upstash, make: Make, namespace: str) -> None:
    coordination = make()
    assert server.redis.ask("RPUSH", f"{namespace}:log:good", "ufine") == ":1"
    for key in ("log:bad", "spend:bad", "count:bad", "value:odd"):
        assert server.redis.ask("SET", f"{namespace}:{key}", "?") == "+OK"
    bad = Hold("h", (Cap("bad", 100),), 1, 60)
    calls = [coordination.tail("bad", 0), coordination.get_many(["odd"]), coordination.tail("good", 0),
             coordination.reserve(hold("h2", 1)), coordination.reserve(bad), coordination.add({"bad:x": 1})]  # fmt: skip
    tail, odd, good, granted, over_rubbish, counted = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(tail, StoreError)
    assert isinstance(odd, StoreError)
    assert (good, granted) == ([b"fine"], None)
    # Money and counters mend themselves: rubbish is no word on either.
    assert (over_rubbish, counted) == (None, {"bad:x": 1.0})
    assert await coordination.get_many(["a"]) == {}  # and nobody takes the database for dead


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("status", [400, 413])
async def test_a_refused_request_is_not_a_dead_database(server: Upstash, make: Make, status: int) -> None:
    coordination = make()
    server.fault("status", status=status, times=1)
    with pytest.raises(StoreError):
        await coordination.reserve(hold("h", 1))
    assert await coordination.reserve(hold("h", 1)) is None


async def test_a_wrong_token_is_a_store_error(server: Upstash) -> None:
    coordination = UpstashCoordination(server.url, "wrong")
    with pytest.raises(StoreError):
        await coordination.reserve(hold("h", 1))
    await coordination.close()
