"""The end of the server, the last test of the session (conftest): SIGTERM while a learner is being answered."""

import asyncio
import json
import signal

import pytest

from tests.vllm.conftest import Started
from tests.vllm.server import MODEL, Server

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(480)]

TOKENS = 150
SECONDS = 150.0


async def test_a_stream_in_flight_is_whole_then_the_engine_stops_in_order(server: Server, started: Started) -> None:
    body = {
        "model": MODEL, "messages": [{"role": "user", "content": "What is gravity?"}], "stream": True,
        "max_tokens": TOKENS, "ignore_eos": True, "stream_options": {"include_usage": True},
    }  # fmt: skip
    async with asyncio.timeout(SECONDS), server.session.post(server.url + "/chat/completions", json=body) as response:
        first = await response.content.readline()
        started.process.send_signal(signal.SIGTERM)
        await until_draining(server)
        newcomer = {"model": MODEL, "messages": body["messages"], "max_tokens": 1}
        async with server.session.post(server.url + "/chat/completions", json=newcomer) as refused:
            assert (refused.status, refused.headers["Connection"]) == (503, "close")
            assert int(refused.headers["Retry-After"]) >= 1
        rest = await response.content.read()
    events = [line for line in (first + rest).split(b"\n\n") if line]
    assert events[-1] == b"data: [DONE]"
    usage = json.loads(events[-2].removeprefix(b"data: "))["usage"]
    assert usage["completion_tokens"] == TOKENS
    assert json.loads(events[-3].removeprefix(b"data: "))["choices"][0]["finish_reason"] == "length"
    code = await asyncio.to_thread(started.process.wait, SECONDS)
    assert code == 128 + signal.SIGTERM  # the script's own way to say that it was asked to
    log = started.log.read_text(errors="replace")
    assert "gpu_service.draining" in log
    assert "gpu_service.cut" not in log
    assert "Application shutdown complete" in log


async def until_draining(server: Server) -> None:
    """The signal goes through the script, which takes a moment."""
    while True:
        async with server.session.get(server.url.removesuffix("/v1") + "/health") as response:
            if response.status == 503 and (await response.json())["reason"] == "draining":
                return
        await asyncio.sleep(0.02)
