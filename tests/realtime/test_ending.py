"""The process that serves the socket: started as its image starts it, and ended as Cloud Run ends it."""

import asyncio
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scripts.fakes.models import FakeModels
from scripts.lib import archive
from shared.deployables import load
from shared.identity.local import mint, read_or_create_secret
from tests.fakes.waiting import LONG, eventually
from tests.processes import ROOT, Server, environment, fetch, free_port, serving
from tests.realtime.site import Talk, text_of

FOLDER = ROOT / "shared" / "realtime"
STEPS = [
    line.split(maxsplit=1)
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", (FOLDER / "Dockerfile").read_text())).splitlines()
    if line.strip()
]
SLOW = "What is light? fake-n20-pace100ms"


@contextmanager
def container(data: Path, cwd: Path = ROOT, **env: str) -> Iterator[Server]:
    """The image's own command."""
    entry = json.loads(dict(STEPS)["ENTRYPOINT"])
    assert entry[0] == "python3"
    port = free_port()
    settings = environment(DATA_DIR=str(data), PORT=str(port), PYTHONPATH=str(cwd), **env)
    with serving([sys.executable, *entry[1:]], port=port, cwd=cwd, env=settings) as server:
        yield server


async def connected(session: aiohttp.ClientSession, server: Server, data: Path, sub: str = "u1") -> Talk:
    token = mint(read_or_create_secret(data), sub, "learner", 600)
    talk = Talk(await session.ws_connect(f"{server.url}/ws/{sub}", headers={"Authorization": f"Bearer {token}"}))
    await talk.hear("ready")
    return talk


async def test_sigterm_lets_answers_end_and_then_says_goodbye(tmp_path: Path, fake: FakeModels) -> None:
    with container(tmp_path, LOCAL_INFER_URL=fake.openai_url, GEMMA_4_MODEL_PATH="fake-ok") as server:
        async with aiohttp.ClientSession() as session:
            talk = await connected(session, server, tmp_path)
            idle = await connected(session, server, tmp_path, "u2")
            await talk.say("chat", id="k", message=SLOW)
            await talk.hear("delta")
            server.process.send_signal(signal.SIGTERM)
            assert (await idle.hear("goaway"))["reason"] == "restart"
            (refused,) = await idle.chat("What is wind?")
            assert (refused["data"]["status"], refused["retry_after"]) == (503, 1.0)
            frames = await talk.answer("k")
            assert frames[-1]["type"] == "done"
            assert text_of(talk.heard) == frames[-1]["data"]["text"]
            assert (await talk.closed())[0] == 1001
            assert (await idle.closed())[0] == 1001
        assert await asyncio.to_thread(server.process.wait, LONG) in (0, -signal.SIGTERM)
        assert "Traceback" not in server.printed()


async def test_an_answer_that_takes_too_long_ends_with_what_it_has(tmp_path: Path, fake: FakeModels) -> None:
    with container(tmp_path, LOCAL_INFER_URL=fake.openai_url, GEMMA_4_MODEL_PATH="fake-ok") as server:
        async with aiohttp.ClientSession() as session:
            talk = await connected(session, server, tmp_path)
            await talk.say("chat", id="k", message="What is light? fake-n2000-pace50ms")
            await talk.hear("delta")
            server.process.send_signal(signal.SIGTERM)
            frames = await talk.answer("k")
            assert frames[-1]["type"] == "done"
            assert (await talk.closed())[0] == 1001
        assert await asyncio.to_thread(server.process.wait, LONG) in (0, -signal.SIGTERM)
        await eventually(lambda: fake.open == 0)


async def test_a_killed_process_leaves_its_answers_to_the_next(tmp_path: Path, fake: FakeModels) -> None:
    env: dict[str, Any] = {"LOCAL_INFER_URL": fake.openai_url, "GEMMA_4_MODEL_PATH": "fake-ok"}
    with container(tmp_path, **env) as server:
        async with aiohttp.ClientSession() as session:
            frames = await (await connected(session, server, tmp_path)).chat("What is light? fake-n5", "k")
            server.process.kill()
    with container(tmp_path, **env) as server:
        async with aiohttp.ClientSession() as session:
            talk = await connected(session, server, tmp_path)
            await talk.say("resume", id="k", after=frames[0]["id"])
            assert await talk.answer("k") == frames[1:]


def test_it_runs_from_the_archive(tmp_path: Path) -> None:
    """What the image copies is enough, and a wrong setting is said in one line."""
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "init", "--quiet", checkout], check=True)
    for name in ("main.py", "requirements.txt"):
        shutil.copy(ROOT / name, checkout)
    for name in ("functions", "shared"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "-C", checkout, "add", "."], check=True)
    place = tmp_path / "app"
    with zipfile.ZipFile(archive.write(checkout, tmp_path / "out")) as packed:
        packed.extractall(place)
    with container(tmp_path / "data", place) as server:
        answer = fetch(server.url + "/api/v1/ai/ws/x/nothing")
        assert (answer.status, json.loads(answer.body)["code"]) == (404, "not_found")
    wrong = environment(PORT="none", PYTHONPATH=str(place))
    ended = subprocess.run(
        [sys.executable, "-m", "functions.realtime"], cwd=place, env=wrong, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("PORT: ")
    assert ended.stderr.count("\n") == 1


def test_the_framework_says_that_it_is_no_function() -> None:
    ended = subprocess.run(
        [sys.executable, "main.py"],
        cwd=ROOT,
        env=environment(FUNCTION_TARGET="realtime"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "its own container" in ended.stderr


def test_t52_the_image_has_nothing_that_is_not_locked_and_is_nobodys_root() -> None:
    (entry,) = [one for one in load() if one.name == "realtime"]
    assert entry.dockerfile == str((FOLDER / "Dockerfile").relative_to(ROOT))
    installs = [text for step, text in STEPS if step == "RUN" and "install" in text]
    assert len(installs) == 1
    assert {"--require-hashes", "--no-deps"} <= set(shlex.split(installs[0]))
    assert not [step for step, _ in STEPS if step == "ADD"]
    steps = [step for step, _ in STEPS]
    assert int(dict(STEPS)["USER"].split(":")[0]) > 0
    assert steps.index("USER") < steps.index("ENTRYPOINT")
    (runtime,) = re.findall(r'"python(3)(\d+)"', (ROOT / "terraform" / "variables.tf").read_text())[:1]
    assert dict(STEPS)["FROM"] == f"python:{runtime[0]}.{runtime[1]}-slim", "the functions' Python"


def test_what_the_image_copies_is_there_and_is_sent_to_the_builder() -> None:
    sent = {line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {text.split()[0] for step, text in STEPS if step == "COPY"}
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("name", ["websockets", "uvicorn"])
def test_what_speaks_websocket_is_locked(name: str) -> None:
    assert re.search(rf"(?m)^{name}==", (ROOT / "requirements.txt").read_text())
