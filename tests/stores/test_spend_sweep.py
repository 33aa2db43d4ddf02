"""How long the embedded coordination keeps money's traces."""

from pathlib import Path

from shared.coordination import Cap, Hold, Spend
from shared.coordination.local import LocalCoordination
from shared.sqlite import Database
from tests.contract.implementations import Clock

DAY = 86_400.0


async def test_spend_of_days_long_past_is_swept(tmp_path: Path) -> None:
    clock = Clock()
    database = Database(tmp_path / "lyo.db", clock=clock)
    coordination = LocalCoordination(database)
    for name, caps in (("old", ("day1",)), ("lost", ("day1", "ever"))):
        await coordination.reserve(Hold(name, tuple(Cap(key, 100) for key in caps), 10, 60))
    await coordination.settle({"old": 10})
    await clock.advance(3 * DAY)
    assert await coordination.sweep() == 1  # the lost hold, whose money is given back
    await clock.advance(36 * DAY)
    await coordination.reserve(Hold("new", (Cap("ever", 100),), 10, 60))
    await coordination.settle({"new": 7})
    assert await coordination.spend(["day1", "ever"]) == {"day1": Spend(10, 0), "ever": Spend(7, 0)}
    await clock.advance(5 * DAY)
    assert await coordination.sweep() == 1
    assert await coordination.spend(["day1", "ever"]) == {"day1": Spend(0, 0), "ever": Spend(7, 0)}
    assert database.read("SELECT key FROM spend") == [("ever",)]
    await coordination.close()


async def test_t13_a_lost_hold_can_be_settled_for_two_days(tmp_path: Path) -> None:
    clock = Clock()
    coordination = LocalCoordination(Database(tmp_path / "lyo.db", clock=clock))
    for name in ("slow", "gone"):
        await coordination.reserve(Hold(name, (Cap("u", 100),), 10, 60))
    await clock.advance(DAY)
    await coordination.sweep()
    await coordination.settle({"slow": 10})
    await clock.advance(1.1 * DAY)
    assert await coordination.sweep() == 1
    await coordination.settle({"gone": 10})
    assert await coordination.spend(["u"]) == {"u": Spend(10, 0)}
    await coordination.close()


async def test_sweep_keeps_to_its_limit(tmp_path: Path) -> None:
    clock = Clock()
    coordination = LocalCoordination(Database(tmp_path / "lyo.db", clock=clock))
    for n in range(3):
        await coordination.put(f"k{n}", b"v", 1)
        await coordination.append(f"l{n}", [b"v", b"w"], 1)
    await coordination.add({f"c{n}": 1 for n in range(3)}, ttl=1)
    await clock.advance(2)
    assert [await coordination.sweep(limit=4) for _ in range(4)] == [4, 4, 1, 0]
    await coordination.close()
