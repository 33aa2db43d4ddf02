"""Rate limits: the window, what is shared between instances, and that a flood takes nothing from others."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.coordination.local import LocalCoordination
from shared.errors import RateLimited
from shared.settings import Settings
from shared.sqlite import Database
from shared.web import limits
from shared.web.limits import Limits, network_of
from tests.fakes.waiting import eventually
from tests.web.conftest import Sites

ASK = {"message": "Why?"}
MINUTE = 1_800_000_000.0
Make = Callable[..., Limits]


class Clock:
    now = MINUTE

    def __call__(self) -> float:
        return self.now


class Broken:
    """Coordination that cannot be reached."""

    def __init__(self) -> None:
        self.calls = 0

    async def add(self, deltas: Mapping[str, float], ttl: float | None = None) -> Mapping[str, float]:
        self.calls += 1
        raise ConnectionError("down")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def coordination(tmp_path: Path, clock: Clock) -> AsyncIterator[LocalCoordination]:
    database = Database(tmp_path / "lyo.db", clock=clock)
    yield LocalCoordination(database)
    await database.close()


@pytest.fixture
async def make(clock: Clock, coordination: LocalCoordination) -> AsyncIterator[Make]:
    made: list[Limits] = []

    def build(coordination: Any = coordination, **changes: int) -> Limits:
        values = {"rate_limit_ip_per_minute": 10, "rate_limit_user_per_minute": 10, "rate_limit_endpoint_per_minute": 4}
        settings = Settings(auth_mode="local", environment="test", **(values | changes))
        made.append(Limits(settings, coordination, clock))
        return made[-1]

    yield build
    for item in made:
        await item.close()


def admitted(subject: Limits, tries: int, user: str = "u1", endpoint: str | None = None) -> int:
    """How many of so many requests come through."""
    count = 0
    for _ in range(tries):
        try:
            subject.admit_user(user, endpoint)
            count += 1
        except RateLimited:
            pass
    return count


async def test_a_limit_admits_exactly_that_many(make: Make) -> None:
    assert admitted(make(), 25) == 10


async def test_a_model_call_counts_for_the_user_and_the_endpoint(make: Make) -> None:
    subject = make()
    assert admitted(subject, 9, endpoint="/chat") == 4
    assert admitted(subject, 9, endpoint="/outline") == 4
    assert admitted(subject, 9) == 2, "ten in all"
    assert admitted(subject, 9, "u2", "/chat") == 4


async def test_the_window_slides(make: Make, clock: Clock) -> None:
    subject = make()
    clock.now = MINUTE + 30
    assert admitted(subject, 20) == 10
    clock.now = MINUTE + 60
    assert admitted(subject, 20) == 0, "a fixed window would let ten more in"
    clock.now = MINUTE + 90
    assert admitted(subject, 20) == 5
    clock.now = MINUTE + 240
    assert admitted(subject, 20) == 10


async def test_what_was_refused_is_not_counted(make: Make, clock: Clock) -> None:
    subject = make()
    admitted(subject, 1000)
    clock.now += 120
    assert admitted(subject, 1) == 1


@pytest.mark.parametrize("start", [0.0, 0.5, 29.0, 59.0])
@pytest.mark.parametrize("limit", [1, 10])
async def test_retry_after_is_right(make: Make, clock: Clock, start: float, limit: int) -> None:
    subject = make(rate_limit_user_per_minute=limit)
    clock.now = MINUTE + start
    admitted(subject, limit)
    with pytest.raises(RateLimited) as caught:
        subject.admit_user("u1")
    wait = caught.value.retry_after
    assert wait is not None
    assert 1 <= wait <= 120
    clock.now += wait - 1.001
    assert admitted(subject, 1) == 0, "a second earlier is too early"
    clock.now += 1.001
    assert admitted(subject, 1) == 1


async def test_instances_share_their_counts(make: Make) -> None:
    a, b = make(), make()
    assert admitted(a, 7) == 7
    await a.share()
    assert admitted(b, 1) == 1
    await b.share()
    assert admitted(b, 20) == 2
    await b.share()
    await a.share()
    assert admitted(a, 1) == 1, "it has not heard of the last two: this is the overshoot"
    await a.share()
    assert admitted(a, 1) == admitted(b, 1) == 0


async def test_a_new_instance_learns_of_the_last_minute(make: Make, clock: Clock) -> None:
    a, b = make(), make()
    clock.now = MINUTE + 50
    assert admitted(a, 20) == 10
    await a.share()
    clock.now = MINUTE + 60
    assert admitted(b, 1) == 1
    await b.share()
    assert admitted(b, 20) == 0


async def test_sharing_happens_by_itself_while_there_is_traffic(make: Make, coordination: LocalCoordination) -> None:
    subject = make()
    admitted(subject, 3)
    assert await coordination.totals("limit:") == {}
    sharing = subject._sharing
    assert sharing is not None
    await eventually(sharing.done)  # nothing runs when there is nothing to share
    assert subject._sharing is sharing
    assert sum((await coordination.totals("limit:")).values()) == 3


async def test_without_coordination_the_own_count_decides(make: Make, clock: Clock) -> None:
    broken = Broken()
    subject = make(coordination=broken)
    assert admitted(subject, 5) == 5
    await subject.share()
    assert admitted(subject, 20) == 5
    await subject.share()
    assert broken.calls == 2
    clock.now += 180
    await subject.share()
    assert subject._unshared == {}, "what no longer matters is let go"


async def test_a_fault_loses_nothing(make: Make, coordination: LocalCoordination) -> None:
    subject = make()
    real, subject._coordination = subject._coordination, Broken()  # type: ignore[assignment]
    admitted(subject, 4)
    await subject.share()
    subject._coordination = real
    await subject.share()
    assert sum((await coordination.totals("limit:user:u1")).values()) == 4


async def test_memory_is_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 100)
    subject = make()
    assert admitted(subject, 10) == 10
    for number in range(1000):
        subject.admit_address(f"10.0.{number // 256}.{number % 256}")
    assert len(subject._addresses) == 100
    assert len(subject._unshared) <= 100
    assert admitted(subject, 1) == 0, "addresses push no user out"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::"),
        ("", "?"),
        ("x" * 500, "?"),
    ],
)
def test_what_an_address_is_counted_as(address: str, network: str) -> None:
    assert network_of(address) == network


async def test_t54_a_flood_without_tokens_takes_nothing_from_learners(sites: Sites) -> None:
    site = await sites(
        rate_limit_ip_per_minute=5, rate_limit_user_per_minute=5, rate_limit_endpoint_per_minute=3, log_level="ERROR"
    )
    flood = [await site.call("/sample/ask", ASK, sub=None) for _ in range(20)]
    forged = [
        await site.call("/sample/ask", ASK, sub=None, headers={"Authorization": "Bearer a.b.c"}) for _ in range(5)
    ]
    assert [heard.status for heard in flood] == [401] * 5 + [429] * 15
    assert {heard.status for heard in forged} == {429}
    assert int(flood[-1].headers["Retry-After"]) >= 1
    assert flood[-1].json["code"] == "rate_limited"
    learner = [await site.call("/sample/ask", ASK) for _ in range(5)]
    assert [heard.status for heard in learner] == [200, 200, 200, 429, 429], "the learner's own limit, from one address"
    assert [(await site.call("/sample/report")).status for _ in range(3)] == [200, 200, 429]
    assert (await site.call("/sample/ask", ASK, sub="u2")).status == 200


async def test_t54_a_learner_who_floods_takes_nothing_from_who_signs_in(sites: Sites) -> None:
    site = await sites(rate_limit_ip_per_minute=3, rate_limit_user_per_minute=3)
    assert [(await site.call("/sample/report")).status for _ in range(9)] == [200] * 3 + [429] * 6
    assert [(await site.call("/sample/report", sub=None)).status for _ in range(4)] == [401] * 3 + [429]
    assert [(await site.call("/health", sub=None)).status for _ in range(1)] == [429], "an open route counts by address"


async def test_t54_two_instances_share_a_learners_limit(sites: Sites) -> None:
    a, b = [await sites(rate_limit_user_per_minute=6) for _ in range(2)]
    spent = [(await a.call("/sample/report")).status for _ in range(6)]
    await a.runtime.limits.share()
    first = (await b.call("/sample/report")).status
    await b.runtime.limits.share()
    rest = [(await b.call("/sample/report")).status for _ in range(3)]
    assert spent == [200] * 6
    assert (first, rest) == (200, [429] * 3)
