"""What `scripts/vllm/bench` does: two servers, the same questions, who makes more tokens a second. See there."""

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpu_service.arguments import FRONT
from gpu_service.serve import ENGINE, prepare

if TYPE_CHECKING:
    import aiohttp

ROOT = Path(__file__).resolve().parents[2]
PORTS = {"service": 22180, "bare": 22181}
START_SECONDS = 600
STOP_SECONDS = 60


@dataclass(frozen=True)
class Load:
    """One measurement: so many calls of so many tokens, so many at once."""

    concurrency: int
    requests: int
    tokens: int


@dataclass(frozen=True)
class Figures:
    """Tokens/s of all calls together; the median time to the first token, ms."""

    rate: float
    first_ms: float


def commands(environment: dict[str, str]) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Command and environment of each server; they differ in the front, and in nothing else."""
    found = {}
    for name, port in PORTS.items():
        _, engine, inherited = prepare({**environment, "PORT": str(port), "HOST": "127.0.0.1"})
        if name == "bare":
            at = engine.index("--middleware")
            assert engine[at + 1] == FRONT
            del engine[at : at + 2]
        python = environment.get("VLLM_PYTHON", str(ROOT / ".venv-vllm" / "bin" / "python"))
        found[name] = ([python, *ENGINE, *engine], inherited)
    return found


@contextlib.contextmanager
def process(name: str, command: list[str], environment: dict[str, str]) -> Iterator[None]:
    """A server, stopped with its whole process group."""
    log = ROOT / ".data" / "vllm" / f"bench-{name}.log"
    with log.open("w") as output, subprocess.Popen(
        command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
    ) as started:  # fmt: skip
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(started.pid, signal.SIGTERM)
                started.wait(STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


async def until_ready(session: "aiohttp.ClientSession", name: str) -> str:
    """The model's name, once the server has answered a question."""
    import aiohttp

    url, limit = f"http://127.0.0.1:{PORTS[name]}/v1", time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with session.get(url + "/models") as response:
                model = str((await response.json())["data"][0]["id"])
            await one(session, name, model, 16)
            return model
        await asyncio.sleep(1)
    raise SystemExit(f"{name} did not start in {START_SECONDS} s: see .data/vllm/bench-{name}.log")


async def one(session: "aiohttp.ClientSession", name: str, model: str, tokens: int) -> float:
    """One streamed answer of exactly `tokens`; seconds to its first token."""
    body: dict[str, Any] = {
        "model": model, "stream": True, "max_tokens": tokens, "min_tokens": tokens, "ignore_eos": True, "temperature": 0,
        "messages": [{"role": "user", "content": f"What is {time.monotonic_ns()}?"}],
    }  # fmt: skip
    began, first = time.monotonic(), 0.0
    async with session.post(f"http://127.0.0.1:{PORTS[name]}/v1/chat/completions", json=body) as response:
        if response.status != 200:
            raise SystemExit(f"{name} answered {response.status}: {(await response.text())[:200]}")
        async for line in response.content:
            if b'"content"' in line and not first:
                first = time.monotonic() - began
    return first


async def measure(session: "aiohttp.ClientSession", name: str, model: str, load: Load) -> Figures:
    """One round against one server."""
    places = asyncio.Semaphore(load.concurrency)

    async def placed() -> float:
        async with places:
            return await one(session, name, model, load.tokens)

    began = time.monotonic()
    firsts = await asyncio.gather(*(placed() for _ in range(load.requests)))
    rate = load.requests * load.tokens / (time.monotonic() - began)
    return Figures(rate, statistics.median(firsts) * 1000)


@contextlib.asynccontextmanager
async def client() -> AsyncIterator["aiohttp.ClientSession"]:
    """Enough connections for any load; none older than vLLM keeps an idle one (5 s), for a POST on a closing one is lost."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=START_SECONDS)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    ) as session:
        yield session


async def run(environment: dict[str, str], load: Load, rounds: int, *, apart: bool) -> dict[str, list[Figures]]:
    """The figures of every round. Together they take turns, so that a slow minute of the machine hits both."""
    found: dict[str, list[Figures]] = {name: [] for name in PORTS}
    planned = commands(environment)
    groups = [[name] for name in PORTS] if apart else [list(PORTS)]
    for group in groups:
        with contextlib.ExitStack() as stack:
            for name in group:
                stack.enter_context(process(name, *planned[name]))
            async with client() as session:
                models = {name: await until_ready(session, name) for name in group}
                for name in group:
                    await measure(session, name, models[name], load)  # warms up; not counted
                for number in range(rounds):
                    for name in group if number % 2 else reversed(group):
                        figures = await measure(session, name, models[name], load)
                        found[name].append(figures)
                        print(f"round {number + 1}/{rounds} {name:8} {figures.rate:8.1f} tokens/s", file=sys.stderr)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="scripts/vllm/bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--requests", type=int, default=24)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--apart", action="store_true")
    given = parser.parse_args()
    # A kill ends the servers as well: they are in sessions of their own.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment = dict(os.environ)  # noqa: TID251 - the service's settings
    if not environment.get("GPU_HARDWARE"):
        tiny = sorted((ROOT / ".data" / "vllm").glob("tiny-gemma4-*"))
        if not tiny:
            raise SystemExit("no checkpoint: run scripts/vllm/serve once")
        environment |= {"GPU_HARDWARE": "cpu", "GPU_MODEL": str(tiny[-1]), "MAX_NUM_SEQS": str(given.concurrency)}
    load = Load(given.concurrency, given.requests, given.tokens)
    found = asyncio.run(run(environment, load, given.rounds, apart=given.apart))
    print(f"{environment['GPU_HARDWARE']}, {load.requests} calls of {load.tokens} tokens, {load.concurrency} at once")
    print(f"machine's load beside it: {os.getloadavg()[1]:.1f} over 5 minutes, {os.cpu_count()} CPUs")
    for name, figures in found.items():
        rates = [figure.rate for figure in figures]
        first = statistics.median(figure.first_ms for figure in figures)
        spread = f"{min(rates):.0f} to {max(rates):.0f}"
        print(f"{name:8} {statistics.median(rates):8.1f} tokens/s (median; {spread}), first token {first:.0f} ms")
    ratios = [a.rate / b.rate for a, b in zip(found["service"], found["bare"], strict=True)]
    print(f"service / bare, by round: median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}")


if __name__ == "__main__":
    main()
