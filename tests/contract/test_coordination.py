"""What every coordination does, sentence by sentence of `shared.coordination` (money: test_spend.py)."""

import asyncio
from dataclasses import replace

import pytest

from shared.coordination import Cap, Coordination, Hold, Looked, Spend
from tests.contract.implementations import Opened


@pytest.fixture
def coordination(opened_coordination: Opened[Coordination]) -> Coordination:
    return opened_coordination.subject


# --- values


async def test_get_many_gives_what_exists(coordination: Coordination) -> None:
    await coordination.put("cache:a", b"\x00\xff'1", 60)
    await coordination.put("cache:b", b"", 60)
    assert await coordination.get_many(["cache:a", "cache:b", "cache:c", "cache:a"]) == {
        "cache:a": b"\x00\xff'1",
        "cache:b": b"",
    }
    assert await coordination.get_many([]) == {}


async def test_put_many_sets_all_for_their_time(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.put("a", b"old", 60)
    await coordination.put_many({"a": b"1", "b": b"2"}, 2)
    assert await coordination.get_many(["a", "b"]) == {"a": b"1", "b": b"2"}
    await opened_coordination.advance(2.5)
    assert await coordination.get_many(["a", "b"]) == {}


async def test_put_replaces_value_and_time(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.put("k", b"old", 1)
    await coordination.put("k", b"new", 60)
    await opened_coordination.advance(1.5)
    assert await coordination.get_many(["k"]) == {"k": b"new"}


async def test_values_expire(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.put("k", b"v", 2)
    assert await coordination.get_many(["k"]) == {"k": b"v"}
    await opened_coordination.advance(2.5)
    assert await coordination.get_many(["k"]) == {}


async def test_swap_writes_only_over_what_it_expects(coordination: Coordination) -> None:
    assert not await coordination.swap("k", b"a", b"b", 60)
    assert await coordination.swap("k", None, b"a", 60)
    assert not await coordination.swap("k", None, b"b", 60)
    assert not await coordination.swap("k", b"x", b"b", 60)
    assert await coordination.get_many(["k"]) == {"k": b"a"}
    assert await coordination.swap("k", b"a", b"b", 60)
    assert not await coordination.swap("k", b"a", None, 60)
    assert await coordination.swap("k", b"b", None, 60)
    assert await coordination.get_many(["k"]) == {}
    assert await coordination.swap("k", None, None, 60)


async def test_swap_takes_an_expired_value_for_absent(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    assert await coordination.swap("lease", None, b"a", 2)
    await opened_coordination.advance(2.5)
    assert not await coordination.swap("lease", b"a", b"a2", 2)
    assert await coordination.swap("lease", None, b"b", 2)


async def test_one_of_twenty_racers_takes_the_lease(coordination: Coordination) -> None:
    taken = await asyncio.gather(*(coordination.swap("lease", None, f"{n}".encode(), 60) for n in range(20)))
    assert sum(taken) == 1
    assert await coordination.get_many(["lease"]) == {"lease": f"{taken.index(True)}".encode()}


async def test_no_swap_is_lost_when_all_retry(coordination: Coordination) -> None:
    async def increment() -> None:
        for _ in range(100):
            old = (await coordination.get_many(["n"])).get("n")
            await asyncio.sleep(0)
            if await coordination.swap("n", old, b"%d" % (int(old or 0) + 1), 60):
                return
        pytest.fail("a hundred lost races in a row")

    await asyncio.gather(*(increment() for _ in range(20)))
    assert await coordination.get_many(["n"]) == {"n": b"20"}


async def test_clear_deletes_by_prefix_and_counts(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    kept = ["cach", "cachf:1", "cache", "dache:1", "CACHE:1", "cache_1"]
    for key in ["cache:1", "cache:%", "cache:é", "cache:", *kept]:
        await coordination.put(key, b"v", 60)
    await coordination.put("cache:old", b"v", 1)
    await opened_coordination.advance(1.5)
    assert await coordination.clear("cache:") == 4
    assert set(await coordination.get_many(["cache:1", "cache:%", "cache:é", "cache:", *kept])) == set(kept)
    assert await coordination.clear("cache:") == 0


# --- look


async def test_look_reads_and_reserves_in_one(coordination: Coordination) -> None:
    await coordination.put("a", b"1", 60)
    hold = Hold("h", (Cap("account", 100), Cap("u", 50)), 30, 60)
    assert await coordination.look(["a", "b"], hold) == Looked({"a": b"1"}, held=True)
    assert await coordination.look(["a"], replace(hold, id="h2")) == Looked({"a": b"1"}, refused="u")
    assert await coordination.look([], replace(hold, id="h3", amount=20)) == Looked({}, held=True)
    assert await coordination.spend(["account", "u"]) == {"account": Spend(0, 50), "u": Spend(0, 50)}


async def test_look_holds_no_money_where_a_value_makes_it_needless(coordination: Coordination) -> None:
    await coordination.put("cached", b"answer", 60)
    await coordination.put("other", b"1", 60)
    hold = Hold("h", (Cap("u", 100),), 30, 60)
    looked = await coordination.look(["other", "cached"], hold, unless=["cached"])
    assert looked == Looked({"other": b"1", "cached": b"answer"})
    assert await coordination.look(["other", "absent"], hold, unless=["absent"]) == Looked({"other": b"1"}, held=True)
    assert await coordination.spend(["u"]) == {"u": Spend(0, 30)}


async def test_look_without_a_hold_is_get_many(coordination: Coordination) -> None:
    await coordination.put("a", b"1", 60)
    assert await coordination.look(["a", "b"]) == Looked({"a": b"1"})
    assert await coordination.look([], unless=[]) == Looked({})


async def test_look_sends_the_same_hold_twice_and_holds_once(coordination: Coordination) -> None:
    hold = Hold("h", (Cap("u", 100),), 60, 60)
    assert await asyncio.gather(*(coordination.look(["a"], hold) for _ in range(3))) == [Looked({}, held=True)] * 3
    assert await coordination.spend(["u"]) == {"u": Spend(0, 60)}
    with pytest.raises(ValueError, match="negative"):
        await coordination.look(["a"], replace(hold, amount=-1))


# --- counters


async def test_add_returns_the_new_totals(coordination: Coordination) -> None:
    assert await coordination.add({"m:a": 1, "m:b": 2.5}) == {"m:a": 1, "m:b": 2.5}
    assert await coordination.add({"m:b": -1, "m:c": 0}) == {"m:b": 1.5, "m:c": 0}
    assert await coordination.add({}) == {}
    assert await coordination.totals("m:") == {"m:a": 1, "m:b": 1.5, "m:c": 0}
    assert await coordination.totals("m:b") == {"m:b": 1.5}
    assert await coordination.totals("x") == {}


async def test_adds_are_never_lost(coordination: Coordination) -> None:
    totals = await asyncio.gather(*(coordination.add({"n": 1}) for _ in range(100)))
    assert sorted(total["n"] for total in totals) == list(range(1, 101))


async def test_a_counters_time_is_set_when_it_is_created(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.add({"window": 1}, ttl=3)
    await coordination.add({"ever": 1})
    await opened_coordination.advance(2)
    assert await coordination.add({"window": 1}, ttl=3) == {"window": 2}
    assert await coordination.add({"ever": 1}, ttl=1) == {"ever": 2}
    await opened_coordination.advance(1.5)
    assert await coordination.totals("") == {"ever": 2}
    assert await coordination.add({"window": 1}, ttl=3) == {"window": 1}
    assert await coordination.add({"ever": 1}) == {"ever": 3}


async def test_a_named_addition_counts_once_within_an_hour(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    assert await coordination.add({"m:a": 2, "m:b": 1}, once="batch1") == {"m:a": 2, "m:b": 1}
    assert await coordination.add({"m:a": 3}, once="batch2") == {"m:a": 5}
    assert await coordination.add({"m:a": 2, "m:b": 1, "m:c": 1}, once="batch1") == {"m:a": 5, "m:b": 1, "m:c": 0}
    assert await coordination.totals("m:") == {"m:a": 5, "m:b": 1}
    await opened_coordination.advance(3500)
    assert await coordination.add({"m:a": 2}, once="batch1") == {"m:a": 5}
    await opened_coordination.advance(200)
    assert await coordination.add({"m:a": 2}, once="batch1") == {"m:a": 7}


async def test_a_named_addition_sent_at_once_by_many_counts_once(coordination: Coordination) -> None:
    totals = await asyncio.gather(*(coordination.add({"n": 4}, ttl=60, once="x") for _ in range(10)))
    assert totals == [{"n": 4}] * 10


async def test_totals_hold_counters_that_expire_and_those_that_stay(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.add({"w:[1]:x": 1, "w:*": 2, "v:1": 3}, ttl=2)
    await coordination.add({"w:[1]:y": 4})
    assert await coordination.totals("w:[1]") == {"w:[1]:x": 1, "w:[1]:y": 4}
    assert await coordination.totals("w:*") == {"w:*": 2}
    assert await coordination.totals("w") == {"w:[1]:x": 1, "w:[1]:y": 4, "w:*": 2}
    await opened_coordination.advance(2.5)
    assert await coordination.totals("w:") == {"w:[1]:y": 4}


async def test_t06_a_thousand_keys_in_one_flush_all_land(coordination: Coordination) -> None:
    deltas = {f"spend:u{n % 100}:m{n // 100}:2026-01-05": float(n) for n in range(1000)}
    assert await coordination.add(deltas) == deltas
    assert await coordination.totals("spend:") == deltas


# --- logs


async def test_a_log_keeps_its_order(coordination: Coordination) -> None:
    await coordination.append("log", [b"0", b"1"], 60)
    await coordination.append("log", [], 60)
    await coordination.append("log", [b"2"], 60)
    await coordination.append("log2", [b"x"], 60)
    assert list(await coordination.tail("log", 0)) == [b"0", b"1", b"2"]
    assert list(await coordination.tail("log", 2)) == [b"2"]
    assert list(await coordination.tail("log", 3)) == []
    assert list(await coordination.tail("nothing", 0)) == []


async def test_appends_at_once_keep_each_ones_order(coordination: Coordination) -> None:
    await asyncio.gather(*(coordination.append("log", [b"%d:0" % n, b"%d:1" % n], 60) for n in range(30)))
    items = list(await coordination.tail("log", 0))
    assert sorted(items) == sorted(b"%d:%d" % (n, k) for n in range(30) for k in range(2))
    assert all(items.index(b"%d:0" % n) + 1 == items.index(b"%d:1" % n) for n in range(30))


async def test_a_log_lives_so_long_after_its_last_append(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.append("log", [b"0"], 3)
    await opened_coordination.advance(2)
    await coordination.append("log", [b"1"], 3)
    await opened_coordination.advance(2)
    assert list(await coordination.tail("log", 0)) == [b"0", b"1"]
    await opened_coordination.advance(1.5)
    assert list(await coordination.tail("log", 0)) == []
    await coordination.append("log", [b"new"], 3)
    assert list(await coordination.tail("log", 0)) == [b"new"]


# --- sweep


async def test_sweep_removes_what_has_expired_and_nothing_else(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.put("short", b"v", 1)
    await coordination.put("long", b"v", 60)
    await coordination.add({"counted": 1}, ttl=1)
    await coordination.add({"ever": 1})
    await coordination.append("old", [b"0", b"1"], 1)
    await coordination.append("new", [b"0"], 60)
    await coordination.reserve(Hold("h", (Cap("u", 100),), 10, 60))
    await opened_coordination.advance(1.5)
    await coordination.sweep()
    assert await coordination.sweep() == 0
    assert await coordination.get_many(["short", "long"]) == {"long": b"v"}
    assert await coordination.totals("") == {"ever": 1}
    assert list(await coordination.tail("new", 0)) == [b"0"]
    assert await coordination.spend(["u"]) == {"u": Spend(0, 10)}


async def test_close_finishes_what_is_pending(coordination: Coordination) -> None:
    tasks = [asyncio.create_task(coordination.put(f"k{n}", b"v", 60)) for n in range(500)]
    await asyncio.sleep(0)
    await coordination.close()
    await asyncio.gather(*tasks)
    assert await coordination.get_many(["k499"]) == {"k499": b"v"}
