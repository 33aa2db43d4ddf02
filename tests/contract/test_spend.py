"""What every coordination does with money: caps, holds and settlements, sentence by sentence of `shared.coordination`."""

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
    await coordination.settle({"h": 25})
    assert await coordination.spend(["account", "user"]) == {"account": Spend(25, 0), "user": Spend(25, 0)}
    assert await coordination.reserve(hold("h2", 76, ("user", 100))) == "user"
    assert await coordination.reserve(hold("h3", 75, ("user", 100))) is None


async def test_settle_may_exceed_the_hold_because_the_money_is_gone(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 10, ("u", 100)))
    await coordination.settle({"h": 130})
    assert await coordination.spend(["u"]) == {"u": Spend(130, 0)}
    assert await coordination.reserve(hold("h2", 0, ("u", 100))) == "u"


async def test_settle_with_nothing_releases(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 100, ("u", 100)))
    await coordination.settle({"h": 0})
    assert await coordination.spend(["u"]) == {"u": Spend(0, 0)}


async def test_a_second_settle_does_nothing(coordination: Coordination) -> None:
    await coordination.reserve(hold("h", 50, ("u", 100)))
    await asyncio.gather(*(coordination.settle({"h": 20}) for _ in range(5)))
    await coordination.settle({"never held": 20})
    assert await coordination.spend(["u"]) == {"u": Spend(20, 0)}


async def test_settle_takes_several_bills_and_leaves_values(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    for name in ("h1", "h2", "h3"):
        await coordination.reserve(hold(name, 20, ("account", 100), (name, 50)))
    await coordination.settle({"h1": 5, "h2": 0, "never held": 9}, {"cache:a": b"\xff", "cache:b": b"2"}, 2)
    assert await coordination.spend(["account", "h1", "h2"]) == {
        "account": Spend(5, 20),
        "h1": Spend(5, 0),
        "h2": Spend(0, 0),
    }
    assert await coordination.get_many(["cache:a", "cache:b"]) == {"cache:a": b"\xff", "cache:b": b"2"}
    await coordination.settle({}, {"cache:b": b"3"}, 60)
    await coordination.settle({})
    await opened_coordination.advance(2.5)
    assert await coordination.get_many(["cache:a", "cache:b"]) == {"cache:b": b"3"}


async def test_a_refused_settlement_changes_nothing(coordination: Coordination) -> None:
    for name in ("h1", "h2"):
        await coordination.reserve(hold(name, 20, ("u", 100)))
    with pytest.raises(ValueError, match="negative"):
        await coordination.settle({"h1": 5, "h2": -1}, {"k": b"v"}, 60)
    assert await coordination.spend(["u"]) == {"u": Spend(0, 40)}
    assert await coordination.get_many(["k"]) == {}


async def test_t13_holds_that_ran_out_unsettled_are_overdue(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    for name, ttl in (("second", 2), ("first", 1), ("settled", 1), ("running", 60), ("unmet", 1.5)):
        await coordination.reserve(hold(name, 10, ("other" if name == "unmet" else "u", 100), ttl=ttl))
    await coordination.settle({"settled": 1})
    assert list(await coordination.overdue()) == []
    await opened_coordination.advance(1.7)
    assert list(await coordination.overdue()) == ["first", "unmet"]
    await opened_coordination.advance(1)
    assert await coordination.reserve(hold("next", 79, ("u", 100))) is None  # it has given their money back
    assert list(await coordination.overdue()) == ["first", "unmet", "second"]
    assert list(await coordination.overdue(limit=2)) == ["first", "unmet"]
    await coordination.settle({"first": 5, "unmet": 0})
    assert list(await coordination.overdue()) == ["second"]
    assert await coordination.spend(["u", "other"]) == {"u": Spend(6, 89), "other": Spend(0, 0)}


async def test_a_hold_made_again_is_not_overdue(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.reserve(hold("h", 60, ("u", 100), ttl=1))
    await opened_coordination.advance(1.5)
    assert list(await coordination.overdue()) == ["h"]
    assert await coordination.reserve(hold("h", 40, ("u", 100), ttl=60)) is None
    assert list(await coordination.overdue()) == []
    await coordination.settle({"h": 30})
    assert await coordination.spend(["u"]) == {"u": Spend(30, 0)}


async def test_correct_sets_what_nobody_has_moved(opened_coordination: Opened[Coordination]) -> None:
    coordination = opened_coordination.subject
    await coordination.reserve(hold("h", 60, ("u", 100), ttl=2))
    assert not await coordination.correct("u", Spend(0, 0), 5)
    assert not await coordination.correct("u", Spend(1, 60), 5)
    assert await coordination.correct("u", Spend(0, 60), 30)
    assert await coordination.spend(["u"]) == {"u": Spend(30, 60)}
    assert await coordination.reserve(hold("h2", 11, ("u", 100))) == "u"
    await opened_coordination.advance(2.5)
    assert await coordination.correct("u", Spend(30, 0), 90)  # what ran out counts no more
    assert await coordination.reserve(hold("h3", 11, ("u", 100))) == "u"
    assert await coordination.correct("unknown", Spend(0, 0), 7)
    assert await coordination.spend(["u", "unknown"]) == {"u": Spend(90, 0), "unknown": Spend(7, 0)}
    with pytest.raises(ValueError, match="negative"):
        await coordination.correct("u", Spend(90, 0), -1)


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
        await coordination.settle({name: 30})
        await coordination.settle({name: 30})
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
        await coordination.settle({"h": -1})


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
                    await coordination.settle({wanted.id: (cost := int(wanted.amount * step[2]))})
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
