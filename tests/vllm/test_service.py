"""The GPU service as it is started in its image, on the real engine: its health, its bound, its figures, its sums."""

import asyncio
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gpu_service import memory
from gpu_service.hardware import HARDWARE
from gpu_service.models import MODELS, of_folder
from gpu_service.plan import Refused
from gpu_service.serve import prepare
from tests.vllm.conftest import HEALTH_SECONDS, ROOT, Started
from tests.vllm.server import MODEL, Server

# The first test waits for the server: checkpoint and start take up to six minutes on a busy machine.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(480)]

ROOM = 8 + 4
"""Eight run at once, and four may wait: the least there is (a quarter of the places would be two)."""
SECONDS = 90.0


async def health(server: Server) -> tuple[int, dict[str, str]]:
    """The service's own word."""
    async with server.session.get(server.url.removesuffix("/v1") + "/health") as response:
        return response.status, await response.json()


async def test_t28_a_stopped_engine_turns_health_red_while_the_server_lives(server: Server, started: Started) -> None:
    before = await server.generated()
    async with asyncio.timeout(SECONDS):
        while await server.generated() == before:  # the text of the test before proves enough for two seconds
            assert await health(server) == (200, {"status": "healthy"})
            await asyncio.sleep(0.2)
    engine = started.engine()
    os.kill(engine, signal.SIGSTOP)
    try:
        async with asyncio.timeout(SECONDS):
            while (said := await health(server))[0] == 200:  # the last good word stands for two seconds
                await asyncio.sleep(0.2)
        assert said == (503, {"status": "unhealthy", "reason": f"no token within {HEALTH_SECONDS} s"})
        # vLLM's own check is green all along: it asks whether there is a process.
        async with server.session.get(server.url.removesuffix("/v1") + "/ping") as response:
            assert response.status == 200
    finally:
        os.kill(engine, signal.SIGCONT)
    async with asyncio.timeout(SECONDS):
        while (await health(server))[0] != 200:
            await asyncio.sleep(0.2)
    await server.until_running(0, SECONDS)  # the probes that were given up left nothing behind


async def test_more_than_may_wait_is_refused_and_the_rest_goes_on(server: Server) -> None:
    body = {
        "model": MODEL, "messages": [{"role": "user", "content": "What is gravity?"}],
        "max_tokens": 4000, "ignore_eos": True, "stream": True,
    }  # fmt: skip
    held = []
    try:
        held = [await server.session.post(server.url + "/chat/completions", json=body) for _ in range(ROOM)]
        assert {response.status for response in held} == {200}
        async with server.session.post(server.url + "/chat/completions", json=body) as refused:
            assert refused.status == 429
            assert int(refused.headers["Retry-After"]) >= 1
        assert await server.metric("ai_gpu_service_in_flight") == ROOM
        # No place is free for a probe, yet learners get their text: that is a healthy engine.
        assert (await health(server))[0] == 200
    finally:
        for response in held:
            response.close()
    await server.until_running(0, SECONDS)
    answer = await server.chat(messages=body["messages"], max_tokens=2)
    assert answer["usage"]["completion_tokens"] == 2


async def test_metrics_are_one_document(server: Server) -> None:
    url = server.url.removesuffix("/v1") + "/metrics"
    async with server.session.get(url, headers={"Accept-Encoding": "gzip"}) as response:
        names = {family.name for family in text_string_to_metric_families(await response.text())}
    assert {"vllm:generation_tokens", "vllm:num_requests_waiting", "ai_gpu_service_refused"} <= names
    assert not {name for name in names if name.startswith("ai_gpu_util")}  # there is no card here


async def test_t46_the_log_is_lines_with_the_trace_and_without_words(server: Server, started: Started) -> None:
    word, trace = "wombat-in-the-wardrobe", "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Request-Id": "req-log-1", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    body = {"model": MODEL, "messages": [{"role": "user", "content": word}], "max_tokens": 4}
    async with server.session.post(server.url + "/chat/completions", json=body, headers=headers) as response:
        assert response.status == 200
    async with asyncio.timeout(SECONDS):
        while "req-log-1" not in (text := started.log.read_text(errors="replace")):
            await asyncio.sleep(0.1)
    assert word not in text
    (line,) = [json.loads(line) for line in text.splitlines() if "req-log-1" in line]
    assert (line["severity"], line["status"], line["logging.googleapis.com/trace"]) == ("INFO", 200, trace)


async def test_the_planner_counts_as_the_engine_does(server: Server, started: Started) -> None:
    """vLLM says how many sequences of full length its cache holds: our sum for one of them must be the same."""
    text = started.log.read_text(errors="replace")
    said = re.search(r"Maximum concurrency for 8,192 tokens per request: ([\d.]+)x", text)
    assert said is not None
    folder = next(path for path in (ROOT / ".data" / "vllm").glob("tiny-gemma4-*") if path.name in text)
    one = memory.one_sequence(of_folder(folder).shape, 8192, "auto", HARDWARE["cpu"])
    assert memory.GIB / one == pytest.approx(float(said[1]), abs=0.01)


def test_the_engine_knows_every_flag_that_any_plan_gives_it(tmp_path: Path) -> None:
    """The accelerators' command lines too, by vLLM's own parser: nothing here could start them."""
    commands = []
    for hardware in HARDWARE:
        for model in MODELS:
            for source in ("", "gs://weights/folder"):
                try:
                    commands.append(prepare(said(hardware, model, source))[1])
                except Refused:
                    continue
    assert len(commands) > 40
    file = tmp_path / "commands.json"
    file.write_text(json.dumps(commands))
    code = (
        "import json, sys\n"
        "from vllm.entrypoints.launchers.cli_args import make_arg_parser\n"
        "from vllm.utils.argparse_utils import FlexibleArgumentParser\n"
        "parser = make_arg_parser(FlexibleArgumentParser())\n"
        "print(sum(bool(parser.parse_args(c).middleware) for c in json.load(open(sys.argv[1]))))\n"
    )
    python = str(ROOT / ".venv-vllm" / "bin" / "python")
    done = subprocess.run([python, "-c", code, str(file)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) == len(commands)


def said(hardware: str, model: str, source: str) -> dict[str, str]:
    """The environment for a pair; the CPU's cache would hold any of them."""
    return {"GPU_HARDWARE": hardware, "GPU_MODEL": model, "MODEL_SOURCE": source, "CPU_KV_GIB": "500"}
