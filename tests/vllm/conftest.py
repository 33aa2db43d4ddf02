"""The real vLLM on CPU with a tiny Gemma 4: started once for the session, stopped with everything it started.

Collected only when the mark is asked for (`scripts/test --vllm`, or `pytest tests/vllm -m vllm`), in one process: under
xdist each worker would start a server of its own.
"""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tools import unavailable
from tests.vllm.server import Server

if TYPE_CHECKING:
    from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless the mark expression speaks of vllm."""
    return None if "vllm" in config.getoption("markexpr") else True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: "subprocess.Popen[str]") -> None:
    """End the whole process group: the script, vLLM's API server and its engine."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


@pytest.fixture(scope="session")
def vllm_url() -> Iterator[str]:
    """`http://127.0.0.1:PORT/v1` of a server that answers."""
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
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            _stop(process)


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
