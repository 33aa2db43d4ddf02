"""The GPU service on CPU, the real vLLM with a tiny Gemma 4: started once for the session, stopped with everything it started.

Collected only when the mark is asked for (`scripts/test --vllm`, or `pytest tests/vllm -m vllm`), in one process: under
xdist each worker would start a server of its own.
"""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tools import unavailable
from tests.vllm.server import Server

if TYPE_CHECKING:
    from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30
DRAIN_SECONDS = 100
"""Ample, for streams take their time on a busy machine; without one under way the drain is over at once."""
HEALTH_SECONDS = 5
ENDS_THE_SERVER = "test_drain.py"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless the mark expression speaks of vllm."""
    return None if "vllm" in config.getoption("markexpr") else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What ends the server comes last: another start would cost more than all the rest."""
    items.sort(key=lambda item: item.path == Path(__file__).with_name(ENDS_THE_SERVER))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: "subprocess.Popen[str]") -> None:
    """End the whole process group: the script, vLLM's API server and its engine. It may have ended already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True)
class Started:
    """The running server: its address (ending in /v1), the script that started it, and the engine's log."""

    url: str
    process: "subprocess.Popen[str]"
    log: Path

    def engine(self) -> int:
        """The process id of the engine's core, which is another than the API server's."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                group = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[2])
                if group == self.process.pid and (folder / "cmdline").read_bytes().startswith(b"VLLM::EngineCore"):
                    return int(folder.name)
        raise AssertionError("there is no engine")


@pytest.fixture(scope="session")
def started() -> Iterator[Started]:
    """A server that answers."""
    if not (ROOT / ".venv-vllm" / ".installed").exists():
        unavailable("vLLM is not installed (scripts/vllm/install makes .venv-vllm, about 3 GB)")
    port = _free_port()
    # Tied to our end of the pipe: should this process be killed, the server ends as well.
    command = [str(ROOT / "scripts" / "vllm" / "serve"), str(port), "--until-stdin-closes"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "DRAIN_SECONDS": str(DRAIN_SECONDS), "HEALTH_SECONDS": str(HEALTH_SECONDS)},  # noqa: TID251
    ) as process:
        assert process.stdout is not None
        try:
            said: list[str] = []
            for line in process.stdout:  # ends when the script does; it gives up after 300 s by itself
                said.append(line)
                if line.startswith("ready "):
                    break
            else:
                pytest.fail("vLLM did not start:\n" + "".join(said), pytrace=False)
            yield Started(f"http://127.0.0.1:{port}/v1", process, ROOT / ".data" / "vllm" / f"serve-{port}.log")
        finally:
            _stop(process)


@pytest.fixture(scope="session")
def vllm_url(started: Started) -> str:
    """`http://127.0.0.1:PORT/v1` of a server that answers."""
    return started.url


@pytest.fixture
async def server(vllm_url: str) -> AsyncIterator[Server]:
    """A session on the running server."""
    import aiohttp

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90)) as session:
        yield Server(session, vllm_url)


@contextlib.asynccontextmanager
async def lengthened(url: str) -> AsyncIterator[str]:
    """`http://127.0.0.1:PORT/v1` of a wire to the engine on which every answer is as long as it may be.

    The tiny model is done after a dozen tokens, before anybody could stop it or come back to it. So vLLM's `min_tokens`
    is added to what is asked; all else passes as it is, and who hangs up here hangs up on the engine.
    """
    import aiohttp
    from aiohttp import web

    async def forward(request: "web.Request") -> "web.StreamResponse":
        body = await request.json() if request.method == "POST" else None
        if body is not None:
            body["min_tokens"] = body["max_tokens"]
        async with session.request(request.method, url.removesuffix("/v1") + request.path, json=body) as answer:
            response = web.StreamResponse(
                status=answer.status, headers={"Content-Type": answer.headers["Content-Type"]}
            )
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
            return response

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", forward)
    # Without handler_cancellation a caller's leaving would only be noticed at the next write.
    runner = web.AppRunner(application, handler_cancellation=True)
    async with aiohttp.ClientSession() as session:
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        finally:
            await runner.cleanup()
