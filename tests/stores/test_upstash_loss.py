"""A Redis that was lost, whole or in part: the ledger says what was spent, and no cap opens."""

import asyncio

import pytest

from shared.coordination import Spend
from shared.errors import StoreError
from tests.contract.implementations import Clock
from tests.services.upstash import Upstash
from tests.stores.spending import Ledger, Make, hold


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
