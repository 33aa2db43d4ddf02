"""Memory is the fleet's worst, told on the beat that metrics go out on; a container's limit is what counts."""

import asyncio
import random
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.coordination.upstash import UpstashCoordination
from shared.errors import StoreError
from shared.telemetry import fleet as fleets
from shared.telemetry.fleet import MEMORY_TTL, REPORT_SECONDS, Fleet, Reading
from shared.telemetry.memory import Memory, memory, resident_bytes
from shared.telemetry.metrics import Metrics
from tests.services.upstash import shared
from tests.telemetry.conftest import Failing
from tests.telemetry.reading import Make

LIMIT = 1000


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Instance(Fleet):
    """One instance whose memory a test decides."""

    def __init__(self, coordination: Failing, name: str, clock: Clock, used: int, limit: int | None = LIMIT) -> None:
        self.used = used
        super().__init__(coordination, name, clock, lambda: Memory(self.used, limit))

    async def beats(self, clock: Clock, times: int = 1) -> None:
        """So many beats, a report's time apart."""
        for _ in range(times):
            clock.now += REPORT_SECONDS
            self.report()
            await self.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_the_worst_instance_is_the_fleets(coordination: Failing, clock: Clock) -> None:
    small, large = Instance(coordination, "a", clock, 200), Instance(coordination, "b", clock, 900)
    other = Instance(coordination, "ops", clock, 100)
    await small.beats(clock)
    assert (await other.worst()).used == 200
    await large.beats(clock, 3)
    await small.beats(clock, 2)
    assert (await other.worst()).share == 0.9


async def test_whoever_is_worst_off_is_so_by_its_own_limit(coordination: Failing, clock: Clock) -> None:
    roomy, tight = Instance(coordination, "a", clock, 800, 8000), Instance(coordination, "b", clock, 450, 500)
    await roomy.beats(clock)
    await tight.beats(clock, 3)
    await roomy.beats(clock, 2)
    assert await roomy.worst() == Memory(450, 500)


async def test_memory_that_was_given_back_is_no_longer_told(coordination: Failing, clock: Clock) -> None:
    first, second = Instance(coordination, "a", clock, 900), Instance(coordination, "b", clock, 300)
    await first.beats(clock)
    await second.beats(clock, 3)
    first.used = 100
    await first.beats(clock)
    await second.beats(clock, 3)
    assert (await first.worst()).used == 300


async def test_an_instance_that_ended_is_forgotten(
    coordination: Failing, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(fleets, "MEMORY_TTL", 0.2)
    gone, alive = Instance(coordination, "a", clock, 900), Instance(coordination, "b", clock, 300)
    await gone.beats(clock)
    async with asyncio.timeout(20):
        while (await alive.worst()).used == 900:
            await asyncio.sleep(0.05)
    monkeypatch.setattr(fleets, "MEMORY_TTL", MEMORY_TTL)
    await alive.beats(clock, 3)
    assert (await Instance(coordination, "ops", clock, 1).worst()).used == 300


async def test_instances_that_report_at_once_agree_in_a_few_beats(coordination: Failing, clock: Clock) -> None:
    """Of all who are worse than what stands one is heard a beat, so each beat halves those who still have to be."""
    many = [Instance(coordination, f"i{number}", clock, 100 + number) for number in range(30)]
    order = random.Random(5)
    for _ in range(20):
        clock.now += REPORT_SECONDS
        for one in order.sample(many, len(many)):
            one.report()
        await asyncio.gather(*(one.close() for one in many))
    assert (await many[0].worst()).used == 129


async def test_a_report_is_one_operation_and_comes_with_the_counts_on_their_beat(
    coordination: Failing, make: Make, clock: Clock
) -> None:
    asked: list[str] = []

    class Watched(Failing):
        async def swap(self, key: str, expected: bytes | None, value: bytes | None, ttl: float) -> bool:
            asked.append(f"swap at add {coordination.adds}")
            return await coordination.swap(key, expected, value, ttl)

    one = Fleet(Watched.__new__(Watched), "a", clock, lambda: Memory(1, 10))
    metrics = make(interval=0.05, beside=one.report)
    metrics.inc("ai_requests_total", "mentor", "claude", "ok")
    async with asyncio.timeout(20):
        while not coordination.adds:
            await asyncio.sleep(0.01)
    await one.close()
    assert asked == ["swap at add 0"], "it began before the counts were sent, so that one round trip takes both"
    metrics.inc("ai_requests_total", "mentor", "claude", "ok")
    async with asyncio.timeout(20):
        while coordination.adds < 2:
            await asyncio.sleep(0.01)
    await one.close()
    assert len(asked) == 1, "ten seconds have not gone by"


async def test_over_a_network_the_report_is_no_round_trip_of_its_own(patient: None, clock: Clock) -> None:
    server = shared()
    redis = UpstashCoordination(server.url, server.token, namespace=f"n{uuid.uuid4().hex[:12]}")
    one = Fleet(redis, "a", clock, lambda: Memory(1, 10))
    metrics = Metrics(redis, interval=0.2, beside=one.report)

    async def beat() -> int:
        """Round trips of one beat with something to count."""
        before = redis.requests
        metrics.inc("ai_requests_total", "mentor", "claude", "ok")
        async with asyncio.timeout(60):
            while metrics._sender is not None:
                await asyncio.sleep(0.02)
        await one.close()
        return redis.requests - before

    await beat()  # the server gets to know the scripts
    assert await beat() == 1, "counts alone: no report is due"
    clock.now += REPORT_SECONDS
    assert await beat() == 1, "counts and report"
    assert (await one.worst()).used == 1
    assert await redis.get_many(["fleet:memory"])
    await metrics.close()
    await redis.close()


async def test_a_store_that_is_away_or_holds_rubbish_costs_a_report_and_nothing_else(
    coordination: Failing, clock: Clock
) -> None:
    await coordination.put("fleet:memory", b"rubbish", 60)
    await coordination.put("fleet:measured", b'{"of": "another version"}', 60)
    one = Instance(coordination, "a", clock, 500)
    assert (await one.worst()).used == 500
    assert await one.reading() is None
    await one.beats(clock, 3)
    assert (await Instance(coordination, "ops", clock, 1).worst()).used == 500

    class Away(Failing):
        async def swap(self, key: str, expected: bytes | None, value: bytes | None, ttl: float) -> bool:
            raise StoreError("told to fail")

        async def put(self, key: str, value: bytes, ttl: float) -> None:
            raise StoreError("told to fail")

    away = Instance(Away.__new__(Away), "b", clock, 1)
    await away.beats(clock)
    await away.tell(Reading(at=1))


async def test_what_an_evaluation_found_is_told_to_all(coordination: Failing, clock: Clock) -> None:
    told = Reading(at=5.0, error_rate=0.5, gpu_utilization=0.25, dead_jobs=3, firing={"memory": "critical"})
    await Instance(coordination, "a", clock, 1).tell(told)
    assert await Instance(coordination, "b", clock, 1).reading() == told


Files = Callable[..., Path]


@pytest.fixture
def cgroup(tmp_path: Path) -> Files:
    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_a_container_counts_by_its_own_limit_without_cache_that_can_go(cgroup: Files) -> None:
    second = cgroup(
        memory_DOT_max="1000\n", memory_DOT_current="700\n", memory_DOT_stat="anon 400\ninactive_file 200\n"
    )
    assert memory(second) == Memory(500, 1000)


def test_cgroups_of_version_1_too(cgroup: Files) -> None:
    first = cgroup(
        memory__memory_DOT_limit_in_bytes="1000\n",
        memory__memory_DOT_usage_in_bytes="900\n",
        memory__memory_DOT_stat="cache 1\ntotal_inactive_file 100\n",
    )
    assert memory(first).share == 0.8


@pytest.mark.parametrize("limit", ["max\n", "9223372036854771712\n", "junk", "0"])
def test_without_a_limit_nothing_is_said_of_a_share(cgroup: Files, limit: str) -> None:
    for names in (("memory_DOT_max",), ("memory__memory_DOT_limit_in_bytes",)):
        found = memory(cgroup(**{names[0]: limit}, memory_DOT_current="5"))
        assert found.share is None
        assert 1_000_000 < found.used < 2 * resident_bytes()


def test_a_sandbox_that_tells_its_limit_alone_is_filled_by_this_process(cgroup: Files) -> None:
    found = memory(cgroup(memory_DOT_max=str(1 << 40)))
    assert found.limit == 1 << 40
    assert found.used > 1_000_000
