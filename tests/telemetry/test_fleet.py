"""Three real server processes over one store: what was answered was counted, once, whoever ends when."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Instance:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    async def end(self, number: signal.Signals) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.wait()


@asynccontextmanager
async def instance(folder: Path, session: aiohttp.ClientSession, **environment: str) -> AsyncIterator[Instance]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "functions_framework", "--target", "counting", "--host", "127.0.0.1", "--port", str(port),
        "--source", str(Path(__file__).with_name("counting.py")),
        env={**os.environ, "PYTHONPATH": str(ROOT), "COUNTING_DIR": str(folder), **environment},  # noqa: TID251
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    running = Instance(process, f"http://127.0.0.1:{port}")
    try:

        async def answers() -> bool:
            try:
                async with session.get(running.url + "/favicon.ico"):
                    return True
            except aiohttp.ClientConnectionError:
                return False

        await eventually(answers, 60)
        yield running
    finally:
        await running.end(signal.SIGTERM)


async def send(session: aiohttp.ClientSession, to: Instance, count: int) -> None:
    for _ in range(count):
        async with session.post(to.url + "/") as answer:
            assert answer.status == 200


async def totals(session: aiohttp.ClientSession, of: Instance) -> tuple[float, float]:
    async with session.get(of.url + "/metrics") as answer:
        text = await answer.text()
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }
    return found.get("ai_requests_total", 0.0), found.get("ai_response_time_seconds_count", 0.0)


async def test_t71_totals_equal_requests_over_three_instances_and_restarts_and_never_fall(tmp_path: Path) -> None:
    seen: list[float] = []
    async with (
        aiohttp.ClientSession() as session,
        instance(tmp_path, session, INTERVAL="3600") as first,
        instance(tmp_path, session, INTERVAL="3600") as second,
    ):
        await asyncio.gather(send(session, first, 40), send(session, second, 30))
        seen.append((await totals(session, second))[0])
        await first.end(signal.SIGTERM)  # right after its last answer, with counts it had no time to send
        seen.append((await totals(session, second))[0])
        assert seen[-1] == 70
        async with instance(tmp_path, session, INTERVAL="3600") as third:
            await asyncio.gather(send(session, third, 20), send(session, second, 10))
            await totals(session, second)  # makes the second one send
            await totals(session, third)
            for one in (second, third):
                requests, observed = await totals(session, one)
                assert (requests, observed) == (100, 100)
                seen.append(requests)
    assert seen == sorted(seen)


async def test_t71_a_killed_instance_loses_its_last_interval_at_most(tmp_path: Path) -> None:
    async with (
        aiohttp.ClientSession() as session,
        instance(tmp_path, session, INTERVAL="0.2") as first,
        instance(tmp_path, session, INTERVAL="0.2") as second,
    ):
        await send(session, first, 20)

        async def told() -> bool:
            return (await totals(session, second)) == (20, 20)

        await eventually(told, 10)
        os.killpg(first.process.pid, signal.SIGKILL)
        await first.process.wait()
        assert await totals(session, second) == (20, 20)
