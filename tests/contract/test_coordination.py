"""What every coordination does, sentence by sentence of `shared.coordination`."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.coordination import Cap, Coordination, Hold, Spend
from tests.contract.implementations import COORDINATIONS, Opened


@pytest.fixture
def coordination(opened_coordination: Opened[Coordination]) -> Coordination:
    return opened_coordination.subject


def hold(name: str, amount: int, *caps: tuple[str, int], ttl: float = 60) -> Hold:
    return Hold(name, tuple(Cap(key, limit) for key, limit in caps), amount, ttl)


# --- values


async def test_get_many_gives_what_exists(coordination: Coordination) -> None:
    await coordination.put("cache:a", b"\x00\xff'1", 60)
    await coordination.put("cache:b", b"", 60)
    assert await coordination.get_many(["cache:a", "cache:b", "cache:c", "cache:a"]) == {
        "cache:a": b"\x00\xff'1",
        "cache:b": b"",
    }
    assert await coordination.get_many([]) == {}


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


async def test_t06_a_thousand_keys_in_one_flush_all_land(coordination: Coordination) -> None:
    deltas = {f"spend:u{n % 100}:m{n // 100}:2026-01-05": float(n) for n in range(1000)}
    assert await coordination.add(deltas) == deltas
    assert await coordination.totals("spend:") == deltas


# --- money


async def test_a_hold_is_granted_up_to_its_cap_and_no_further(coordination: Coordination) -> None:
    assert await coordination.reserve(hold("h1", 60, ("u", 100))) is None
    assert await coordination.reserve(hold("h2", 41, ("u", 100))) == "u"
    assert await coordination.reserve(hold("h3", 40, ("u", 100))) is None
    assert await coordination.spend(["u", "other"]) == {"u": Spend(0, 100), "other": Spend(0, 0)}


async def test_t02_the_first_hold_of_a_key_is_capped_too(coordination: Coordination) -> None:
    assert await coordination.reserve(hold("h1", 101, ("new", 100))) == "new"
    granted = await asyncio.gather(*(coordination.reserve(hold(f"f{n}", 30, ("new", 100))) for n in range(8)))
    assert granted.count(None) == 3
    assert await coordination.spend(["new"]) == {"new": Spend(0, 90)}


async def test_all_caps_or_none(coordination: Coordination) -> None:
    assert await coordination.reserve(hold("h1", 10, ("account", 100), ("user", 9))) == "user"
    assert await coordination.spend(["account", "user"]) == {"account": Spend(0, 0), "user": Spend(0, 0)}
    assert await coordination.reserve(hold("h2", 9, ("account", 100), ("user", 9))) is None
    assert await coordination.spend(["account", "user"]) == {"account": Spend(0, 9), "user": Spend(0, 9)}


async def test_settle_commits_what_was_spent_and_frees_the_rest(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 60, ("account", 100), ("user", 100)))
    await coordination.settle("h", 25)
    assert await coordination.spend(["account", "user"]) == {"account": Spend(25, 0), "user": Spend(25, 0)}
    assert await coordination.reserve(hold("h2", 76, ("user", 100))) == "user"
    assert await coordination.reserve(hold("h3", 75, ("user", 100))) is None


async def test_settle_may_exceed_the_hold_because_the_money_is_gone(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 10, ("u", 100)))
    await coordination.settle("h", 130)
    assert await coordination.spend(["u"]) == {"u": Spend(130, 0)}
    assert await coordination.reserve(hold("h2", 0, ("u", 100))) == "u"


async def test_settle_with_nothing_releases(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 100, ("u", 100)))
    await coordination.settle("h", 0)
    assert await coordination.spend(["u"]) == {"u": Spend(0, 0)}


async def test_a_second_settle_does_nothing(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 50, ("u", 100)))
    await asyncio.gather(*(coordination.settle("h", 20) for _ in range(5)))
    await coordination.settle("never held", 20)
    assert await coordination.spend(["u"]) == {"u": Spend(20, 0)}


async def test_t13_an_expired_hold_counts_no_more(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    assert await coordination.reserve(hold("crashed", 100, ("account", 100), ("user", 100), ttl=2)) is None
    assert await coordination.reserve(hold("h", 1, ("user", 100))) == "user"
    await opened_coordination.advance(2.5)
    assert await coordination.spend(["account", "user"]) == {"account": Spend(0, 0), "user": Spend(0, 0)}
    assert await coordination.reserve(hold("h", 100, ("user", 100))) is None
    assert await coordination.reserve(hold("h2", 100, ("account", 100))) is None


async def test_t13_an_expired_hold_is_still_committed_once(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    for name, met in (("met", True), ("unmet", False)):
        await coordination.reserve(hold(name, 60, (name, 100), ttl=2))
        await opened_coordination.advance(2.5)
        if met:  # another reserve has given its money back meanwhile
            assert await coordination.reserve(hold(f"after {name}", 100, (name, 100))) is None
        await coordination.settle(name, 30)
        await coordination.settle(name, 30)
        assert await coordination.spend([name]) == {name: Spend(30, 100 if met else 0)}


async def test_one_key_under_two_caps_is_charged_once(coordination: Coordination) -> None:
    assert await coordination.reserve(hold("h", 10, ("u", 100), ("u", 9))) == "u"
    assert await coordination.reserve(hold("h", 10, ("u", 100), ("u", 50))) is None
    assert await coordination.spend(["u"]) == {"u": Spend(0, 10)}


async def test_a_reserve_sent_twice_holds_once(coordination: Coordination) -> None:
    assert await coordination.reserve(hold("h", 60, ("u", 100))) is None
    assert await coordination.reserve(hold("h", 60, ("u", 100))) is None
    assert await coordination.spend(["u"]) == {"u": Spend(0, 60)}


async def test_negative_money_is_refused(coordination: Coordination) -> None:
    with pytest.raises(ValueError, match="negative"):
        await coordination.reserve(hold("h", -1, ("u", 100)))
    with pytest.raises(ValueError, match="negative"):
        await coordination.settle("h", -1)


async def test_t01_a_hundred_at_once_never_exceed_the_cap(coordination: Coordination) -> None:
    caps = (("account", 10_000), ("user", 700))
    granted = await asyncio.gather(*(coordination.reserve(hold(f"h{n}", 100, *caps)) for n in range(100)))
    assert granted.count(None) == 7
    assert await coordination.spend(["account", "user"]) == {"account": Spend(0, 700), "user": Spend(0, 700)}


LIMITS = {"account": 100, "a": 40, "b": 70}
STEPS = st.one_of(
    st.tuples(st.just("reserve"), st.sampled_from(["a", "b"]), st.integers(0, 60), st.sampled_from([0.5, 1.0, 3.0])),
    st.tuples(st.just("settle"), st.integers(0, 30), st.floats(0, 1)),
    st.tuples(st.just("pass"), st.sampled_from([0.6, 1.1, 3.5])),
)


@pytest.mark.parametrize("name", sorted(COORDINATIONS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(st.lists(STEPS, min_size=1, max_size=8), max_size=12))
def test_t01_no_interleaving_exceeds_a_cap(
    name: str, rounds: list[list[Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rounds of steps that run at once, against a model: a settle within its time never costs more than was held."""
    asyncio.run(_interleave(name, rounds, tmp_path_factory))


async def _interleave(name: str, rounds: list[list[Any]], folders: pytest.TempPathFactory) -> None:
    async with COORDINATIONS[name](folders.mktemp("spend")) as opened:
        coordination, spent = opened.subject, dict.fromkeys(LIMITS, 0)
        held: list[list[Any]] = []

        async def play(step: Any) -> None:
            if step[0] == "reserve":
                key, amount, ttl = step[1:]
                wanted = hold(f"h{len(held)}", amount, *((k, LIMITS[k]) for k in ("account", key)), ttl=ttl)
                entry = [wanted, False, opened.now() + ttl]
                held.append(entry)
                entry[1] = await coordination.reserve(wanted) is None
            elif held:
                wanted, granted, until = entry = held[step[1] % len(held)]
                # After its time a hold may find its money given away: only those within it are bound by the cap.
                if granted and until > opened.now():
                    entry[1] = False
                    await coordination.settle(wanted.id, cost := int(wanted.amount * step[2]))
                    for cap in wanted.caps:
                        spent[cap.key] += cost

        for steps in rounds:
            for step in steps:
                if step[0] == "pass":
                    await opened.advance(step[1])
            await asyncio.gather(*(play(step) for step in steps if step[0] != "pass"))
            now = await coordination.spend(LIMITS)
            for key, limit in LIMITS.items():
                live = [h for h, granted, until in held if granted and until > opened.now()]
                reserved = sum(h.amount for h in live if key in {cap.key for cap in h.caps})
                assert now[key] == Spend(spent[key], reserved)
                assert spent[key] + reserved <= limit


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
    await coordination.reserve(hold("h", 10, ("u", 100), ttl=60))
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
