"""A Redis that was lost, whole or in part: the ledger says what was spent, and no cap opens."""

import asyncio

import pytest

from shared.coordination import Spend
from shared.errors import StoreError
from tests.contract.implementations import Clock
from tests.services.upstash import Upstash
from tests.stores.spending import Ledger, Make, hold

pytestmark = pytest.mark.usefixtures("patient")


async def test_a_lost_database_opens_no_cap(server: Upstash, make: Make) -> None:
    ledger = Ledger()
    coordination = make(recall=ledger.recall)
    for name, learner in (("h1", "u"), ("h2", "v")):
        assert await coordination.reserve(hold(name, 90, learner)) is None
        await coordination.settle({name: 80})
    ledger.committed = {"account:1": 960, "learner:u:1": 80, "learner:v:1": 80}
    server.redis.wipe()
    assert await coordination.reserve(hold("h3", 21)) == "learner:u:1"
    assert await make(recall=ledger.recall).reserve(hold("h4", 21, "v")) == "learner:v:1"
    assert await coordination.reserve(hold("h5", 41, "new")) == "account:1"
    assert await coordination.reserve(hold("h6", 20)) is None
    assert await coordination.spend(["account:1", "learner:u:1"]) == {
        "account:1": Spend(960, 20),
        "learner:u:1": Spend(80, 20),
    }


async def test_a_loss_is_seen_by_look_too(server: Upstash, make: Make) -> None:
    ledger = Ledger(**{"account:1": 990})
    coordination = make(recall=ledger.recall)
    server.redis.wipe()
    await coordination.put("k", b"v", 60)
    looked = await coordination.look(["k"], hold("h", 11))
    assert (looked.values, looked.held, looked.refused) == ({"k": b"v"}, False, "account:1")
    assert (await coordination.look(["k"], hold("h", 10))).held


async def test_t01_a_hundred_at_once_after_a_loss_ask_the_ledger_once_a_key(make: Make) -> None:
    ledger = Ledger(**{"account:1": 700, "learner:u:1": 40})
    sides = [make(recall=ledger.recall), make(recall=ledger.recall)]
    granted = await asyncio.gather(*(sides[n % 2].reserve(hold(f"h{n}", 10)) for n in range(100)))
    assert granted.count(None) == 6
    assert await sides[0].spend(["learner:u:1"]) == {"learner:u:1": Spend(40, 60)}
    assert len(ledger.asked) <= 4  # two keys on two instances


async def test_a_new_day_asks_once_for_the_account_and_for_no_learner(make: Make) -> None:
    ledger, clock = Ledger(), Clock()
    coordination = make(recall=ledger.recall, now=clock)
    assert await coordination.reserve(hold("h0", 10)) is None  # a database never seen before
    await clock.advance(51 * 3600)
    ledger.asked.clear()
    for n in range(5):
        assert await coordination.reserve(hold(f"h{n + 1}", 10, f"u{n}", day=4)) is None
    assert ledger.asked == ["account:4"]


async def test_an_accounts_spend_lost_alone_makes_learners_be_asked_for(
    server: Upstash, make: Make, namespace: str
) -> None:
    ledger, clock = Ledger(), Clock()
    coordination = make(recall=ledger.recall, now=clock)
    assert await coordination.reserve(hold("h0", 10)) is None
    await clock.advance(51 * 3600)
    assert await coordination.reserve(hold("h1", 10, day=4)) is None
    await coordination.settle({"h1": 9})
    ledger.committed = {"account:4": 9, "learner:u:4": 9, "learner:v:4": 95}
    for key in ("account:4", "learner:u:4"):
        assert server.redis.ask("UNLINK", f"{namespace}:spend:{key}") == ":1"
    assert await coordination.reserve(hold("h2", 92, day=4)) == "learner:u:4"
    assert await coordination.reserve(hold("h3", 6, "v", day=4)) == "learner:v:4"


async def test_a_bill_does_not_stand_for_a_lost_spend(server: Upstash, make: Make, namespace: str) -> None:
    ledger = Ledger()
    coordination = make(recall=ledger.recall)
    assert await coordination.reserve(hold("h", 50)) is None
    ledger.committed = {"account:1": 990}
    server.redis.ask("UNLINK", f"{namespace}:spend:account:1")
    await coordination.settle({"h": 5})
    assert await coordination.reserve(hold("h2", 11)) == "account:1"


async def test_no_ledger_no_money(make: Make) -> None:
    ledger = Ledger()
    ledger.broken = True
    coordination = make(recall=ledger.recall)
    with pytest.raises(StoreError, match="ledger"):
        await coordination.reserve(hold("h", 1))
    with pytest.raises(StoreError, match="ledger"):
        await coordination.look(["k"], hold("h", 1))
    assert await coordination.spend(["account:1"]) == {"account:1": Spend(0, 0)}
    ledger.broken = False
    assert await coordination.reserve(hold("h", 1)) is None


RUBBISH = {
    "nan": ("HSET", "c", "nan"),
    "negative": ("HSET", "c", "-999999999"),
    "fraction": ("HSET", "c", "1.5"),
    "word": ("HSET", "c", "abc"),
    "beyond": ("HSET", "c", "1e18"),
    "reserved": ("HSET", "r", "nan"),
    "without": ("HDEL", "c"),
    "string": ("SET", "x"),
}


@pytest.mark.parametrize("key", ["account:1", "learner:u:1"])
@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_a_wrong_value_opens_no_cap_and_heals(
    server: Upstash, make: Make, namespace: str, key: str, rubbish: str
) -> None:
    """Whoever wrote it: it is no word on money, so the ledger is asked."""
    ledger, clock = Ledger(), Clock()
    coordination = make(recall=ledger.recall, now=clock)
    assert await coordination.reserve(hold("h0", 10, "other", day=9)) is None
    await clock.advance(51 * 3600)  # long after the database was new, so that absent learners are not asked for
    await coordination.reserve(hold("h1", 60))
    await coordination.settle({"h1": 60})
    ledger.committed = {"account:1": 995, "learner:u:1": 95}
    command, *words = RUBBISH[rubbish]
    server.redis.ask(command, f"{namespace}:spend:{key}", *words)
    assert await coordination.reserve(hold("h2", 50)) == key
    assert await coordination.reserve(hold("h3", 5)) is None
    assert (await coordination.spend([key]))[key] == Spend(ledger.committed[key], 5)
    await coordination.settle({"h3": 4})
    assert (await coordination.spend([key]))[key] == Spend(ledger.committed[key] + 4, 0)


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_a_wrong_value_can_be_corrected_and_bills_do_not_add_to_it(
    server: Upstash, make: Make, namespace: str, rubbish: str
) -> None:
    coordination = make()
    await coordination.reserve(hold("h", 60))
    command, *words = RUBBISH[rubbish]
    server.redis.ask(command, f"{namespace}:spend:account:1", *words)
    await coordination.settle({"h": 50})
    seen = (await coordination.spend(["account:1"]))["account:1"]
    assert seen == Spend(0, 0)
    assert await coordination.correct("account:1", seen, 50)
    assert await coordination.spend(["account:1"]) == {"account:1": Spend(50, 0)}


async def test_counting_goes_on_over_somebody_elses_value(server: Upstash, make: Make, namespace: str) -> None:
    coordination = make()
    server.redis.ask("SET", f"{namespace}:count:metric", "x")
    assert await coordination.add({"metric:a": 2}) == {"metric:a": 2.0}
    server.redis.ask("HSET", f"{namespace}:count:metric", "metric:a", "rubbish")
    assert await coordination.add({"metric:a": 3}) == {"metric:a": 3.0}
    assert await coordination.totals("metric:") == {"metric:a": 3.0}
