"""The soak: mixed traffic at a moderate rate for minutes, and whether the worker's memory grows."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.benchmarks import machine, processes
from scripts.benchmarks.processes import Mentor
from scripts.benchmarks.trend import Trend, second_half, trend

if TYPE_CHECKING:
    import aiohttp

CHAT = "/api/v1/ai/mentor/chat"
RATE = 100.0
SAMPLE_SECONDS = 5.0
LEARNERS = 25
LANES = 32
"""Requests in flight at most: when the server is slower than the rate, the rate falls, and the soak says so."""
COMMON = 20
_CACHE_SIZE = 10_000  # the product's default
_NEW = 0.7  # share of requests that are new to the cache
_READ_BUFFER = 2**20


@dataclass
class Soak:
    """What the soak saw. `samples` are (seconds, MB resident in the workers); `rate` is what was reached, per second."""

    minutes: float
    rate: float = 0.0
    sent: int = 0
    failed: int = 0
    samples: list[tuple[float, float]] = field(default_factory=list)
    trend: Trend | None = None
    peak_mb: float | None = None
    noise: float | None = None


def run(minutes: float, done: Callable[[str], None], rate: float = RATE) -> Soak:
    """Soak for `minutes`. `done` hears of every sample."""
    seconds = minutes * 60
    under_test, beside = machine.cpus()
    # Full within the first half, or its filling would look like growth.
    size = min(_CACHE_SIZE, max(10, int(seconds * rate * _NEW / 4)))
    with processes.module("scripts.benchmarks.upstream", beside) as upstream, machine.pinned(beside):
        env = {"LOCAL_INFER_URL": upstream.url + "/v1", "MAX_CACHE_SIZE": str(size)}
        with processes.mentor(under_test, **env) as mentor:
            soak = Soak(minutes)
            watch = machine.Watch((mentor.pid, upstream.pid))
            asyncio.run(_soak(soak, mentor, seconds, rate, done))
            soak.noise = watch.read(seconds)[1]
            soak.peak_mb = machine.tree_mb(mentor.pid, "VmHWM")
    soak.trend = trend(second_half(soak.samples))
    return soak


def request(number: int) -> tuple[str, bool]:
    """The message of the n-th request and whether its answer is streamed: three in ten are common questions. Pure."""
    if number % 10 < round(10 * (1 - _NEW)):
        return f"What is number {number // 10 % COMMON} good for? fake-20ms", False
    return f"What comes after {number}? fake-20ms", number % 10 >= 7


async def _soak(soak: Soak, mentor: Mentor, seconds: float, rate: float, done: Callable[[str], None]) -> None:
    import aiohttp

    tokens = [mentor.token(f"learner-{number}") for number in range(LEARNERS)]
    began = time.monotonic()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1)  # the server lets go after 2 seconds
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=_READ_BUFFER) as session:
        numbers = iter(range(int(seconds * rate)))

        async def lane() -> None:
            for number in numbers:
                wait = began + number / rate - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                elif time.monotonic() - began > seconds:
                    return  # the server is slower than the rate: the rest is not sent
                soak.sent += 1
                soak.failed += not await _ask(session, mentor.url + CHAT, tokens[number % LEARNERS], number)

        sampling = asyncio.create_task(_sample(soak, mentor.pid, began, done))
        await asyncio.gather(*(lane() for _ in range(LANES)))
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)
    soak.rate = soak.sent / (time.monotonic() - began)


async def _sample(soak: Soak, pid: int, began: float, done: Callable[[str], None]) -> None:
    while True:
        sizes = [machine.resident_mb(worker) or 0.0 for worker in machine.workers(pid)]
        if any(sizes):
            soak.samples.append((time.monotonic() - began, sum(sizes)))
        done(f"soak, {sum(sizes):.0f} MB")
        await asyncio.sleep(SAMPLE_SECONDS)


async def _ask(session: "aiohttp.ClientSession", url: str, token: str, number: int) -> bool:
    """Whether the answer came whole."""
    import aiohttp

    message, stream = request(number)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.post(url, json={"message": message, "stream": stream}, headers=headers) as response:
            answer = await response.read()
    except (aiohttp.ClientError, TimeoutError):
        return False
    return response.status == 200 and (not stream or b"event: done" in answer)
