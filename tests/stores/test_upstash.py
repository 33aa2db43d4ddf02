"""What is Upstash's own beyond the contract: round trips, several instances, the server's clock, how long things are kept."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from shared.coordination import Cap, Hold, Looked, Spend
from tests.contract.implementations import COORDINATIONS
from tests.fakes.waiting import eventually
from tests.processes import ROOT, environment
from tests.services.upstash import Upstash
from tests.stores.spending import Make

pytestmark = pytest.mark.usefixtures("patient")

DAY = 86_400.0


def hold(name: str, amount: int, *caps: tuple[str, int], ttl: float = 60) -> Hold:
    return Hold(name, tuple(Cap(key, limit) for key, limit in caps), amount, ttl)


async def test_each_operation_is_one_request(server: Upstash, make: Make) -> None:
    coordination = make()
    caps = (("account", 100), ("u", 100))

    async def before(name: str) -> Looked:
        return await coordination.look(["cache:a", "breaker:x", "breaker:y"], hold(name, 10, *caps), ["cache:a"])

    steps: list[Callable[[int], Awaitable[object]]] = [
        lambda n: before(f"h{n}"),
        lambda n: coordination.settle({f"h{n}": 3, "other": 1}, {"breaker:x": b"1", "breaker:y": b"2"}, 60),
        lambda n: coordination.get_many(["a", "b"]),
        lambda n: coordination.put_many({"a": b"1", "b": b"2"}, 60),
        lambda n: coordination.swap("s", None, b"1", 60),
        lambda n: coordination.add({"metric:a": 1, "metric:b": 2}, once=f"b{n}"),
        lambda n: coordination.totals("metric:"),
        lambda n: coordination.append("log", [b"1", b"2"], 60),
        lambda n: coordination.tail("log", 1),
        lambda n: coordination.spend(["account", "u"]),
        lambda n: coordination.overdue(),
    ]
    for step in steps:  # the server does not know the scripts yet
        await step(0)
    for step in steps:
        was = server.count()["requests"]
        await step(1)
        assert server.count()["requests"] == was + 1
    assert await coordination.spend(["account", "u"]) == {"account": Spend(6, 0), "u": Spend(6, 0)}


async def test_what_is_issued_together_travels_together(server: Upstash, make: Make) -> None:
    coordination = make()
    await coordination.get_many(["warm"])
    was = server.count()
    await asyncio.gather(*(coordination.put(f"k{n}", b"%d" % n, 60) for n in range(300)))
    now = server.count()
    assert (now["requests"] - was["requests"], now["commands"] - was["commands"]) == (3, 300)
    found = await asyncio.gather(*(coordination.get_many([f"k{n}"]) for n in range(300)))
    assert found == [{f"k{n}": b"%d" % n} for n in range(300)]


async def test_large_values_do_not_travel_together(server: Upstash, make: Make) -> None:
    coordination = make()
    await coordination.get_many(["warm"])
    was = server.count()
    await asyncio.gather(*(coordination.put(f"k{n}", b"x" * 200_000, 60) for n in range(6)))
    await coordination.put("k", b"x" * 900_000, 60)
    now = server.count()
    assert (now["requests"] - was["requests"], now["commands"] - was["commands"]) == (4, 7)


async def test_t01_a_hundred_at_once_over_two_instances_never_exceed_the_cap(make: Make) -> None:
    sides = [make(), make()]
    caps = (("account", 10_000), ("user", 700))
    granted = await asyncio.gather(*(sides[n % 2].reserve(hold(f"h{n}", 100, *caps)) for n in range(100)))
    assert granted.count(None) == 7
    assert granted.count("user") == 93
    for side in sides:
        assert await side.spend(["account", "user"]) == {"account": Spend(0, 700), "user": Spend(0, 700)}


async def test_t13_the_servers_clock_ends_a_hold_whose_process_died(make: Make) -> None:
    dead, alive = make(), make()
    assert await dead.reserve(hold("dead", 100, ("account", 100), ttl=2)) is None
    await dead.close()
    assert await alive.reserve(hold("next", 1, ("account", 100))) == "account"

    async def granted() -> bool:
        return await alive.reserve(hold("next", 100, ("account", 100))) is None

    await eventually(granted, 10)
    assert list(await alive.overdue()) == ["dead"]


async def test_t13_a_lost_hold_can_be_settled_for_two_days(tmp_path: Path) -> None:
    async with COORDINATIONS["upstash"](tmp_path) as opened:
        coordination = opened.subject
        for name in ("slow", "gone"):
            await coordination.reserve(hold(name, 10, ("u", 100)))
        await opened.advance(DAY)
        assert await coordination.sweep() == 0
        await coordination.settle({"slow": 10})
        await opened.advance(1.1 * DAY)
        assert await coordination.sweep() == 1
        await coordination.settle({"gone": 10})
        assert await coordination.spend(["u"]) == {"u": Spend(10, 0)}
        await opened.advance(36 * DAY)
        await coordination.reserve(hold("new", 1, ("u", 100)))
        await opened.advance(39 * DAY)
        assert await coordination.spend(["u"]) == {"u": Spend(10, 0)}
        await opened.advance(41 * DAY)
        assert await coordination.spend(["u"]) == {"u": Spend(0, 0)}


async def test_everything_but_what_counts_for_ever_expires(server: Upstash, namespace: str, make: Make) -> None:
    coordination = make()
    await coordination.look(["a"], hold("h1", 10, ("account", 100)))
    await coordination.reserve(hold("h2", 10, ("account", 100)))
    await coordination.settle({"h2": 3}, {"a": b"1"}, 60)
    await coordination.swap("b", None, b"1", 60)
    await coordination.add({"limit:a": 1}, ttl=60, once="x")
    await coordination.append("log", [b"1"], 60)
    lasting = "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do if redis.call('TTL', k) < 0 then return k end end"
    kept = server.redis.ask("EVAL", lasting.replace("return k", "redis.call('UNLINK', k)"), "0", f"{namespace}:areas:*")
    assert kept == "$-1"
    assert server.redis.ask("EVAL", lasting, "0", f"{namespace}:[^h]*") == "$-1"
    assert server.redis.ask("TTL", f"{namespace}:spend:account") in (":3456000", ":3455999")


@pytest.mark.parametrize(
    "value", [b"", b"OK", b"\x00", "é\u2028😀".encode(), b"\xff\xfe", b"b\xff", b"uT0s=", bytes(256)]
)
async def test_a_value_comes_back_byte_for_byte(make: Make, value: bytes) -> None:
    coordination = make()
    await coordination.put("k", value, 60)
    assert await coordination.get_many(["k"]) == {"k": value}
    assert await coordination.swap("k", value, value + b"!", 60)
    await coordination.append("l", [value], 60)
    assert list(await coordination.tail("l", 0)) == [value]


async def test_money_is_exact_up_to_nine_million_dollars(make: Make) -> None:
    coordination, most = make(), 2**53
    assert await coordination.reserve(hold("h", most - 2, ("u", 2**62))) is None
    assert await coordination.reserve(hold("h1", 1, ("u", 2**62))) is None
    assert await coordination.reserve(hold("h2", 1, ("u", 2**62))) == "u"
    await coordination.settle({"h": most - 3})
    assert await coordination.spend(["u"]) == {"u": Spend(most - 3, 1)}
    with pytest.raises(ValueError, match="over"):
        await coordination.settle({"h1": most})


async def test_one_key_is_not_taken_for_another(make: Make) -> None:
    coordination = make()
    await coordination.put("x", b"value", 60)
    await coordination.add({"x": 1})
    await coordination.append("x", [b"item"], 60)
    await coordination.reserve(hold("x", 1, ("x", 100)))
    assert await coordination.clear("") == 1
    assert await coordination.totals("") == {"x": 1}
    assert list(await coordination.tail("x", 0)) == [b"item"]
    assert await coordination.spend(["x"]) == {"x": Spend(0, 1)}


def test_it_works_from_one_event_loop_after_another_and_in_a_forked_child(server: Upstash, namespace: str) -> None:
    """In a process of its own: a fork of this one would take along the threads' locks of what other tests began (gRPC)."""
    code = textwrap.dedent(f"""
        import asyncio, gc, multiprocessing, sys
        from shared.coordination.upstash import UpstashCoordination

        coordination = UpstashCoordination({server.url!r}, {server.token!r}, namespace={namespace!r})

        async def replace(expected):
            found = await coordination.get_many(["k"])
            await coordination.put("k", b"child", 60)
            await coordination.close()
            gc.collect()  # what is left of the parent's connections here must not be closed
            return found == {{"k": expected}}

        def child():
            sys.exit(0 if asyncio.run(replace(b"parent")) else 1)

        async def parent():
            await coordination.put("k", b"parent", 60)
            process = multiprocessing.get_context("fork").Process(target=child)
            process.start()
            while process.is_alive():
                await asyncio.sleep(0.01)
            assert await coordination.get_many(["k"]) == {{"k": b"child"}}
            await coordination.close()
            assert process.exitcode == 0

        asyncio.run(parent())
        assert asyncio.run(replace(b"child"))
    """)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_nothing_of_the_client_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, shared.coordination.upstash; sys.exit(any(m in sys.modules for m in ('aiohttp', 'upstash_redis')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), check=False).returncode == 0
