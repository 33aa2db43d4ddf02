"""scripts/dev and scripts/token as a person uses them."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.devserver.app import Composed
from shared.deployables import load
from tests.processes import ROOT, Server, environment, fetch, free_port, serving, stop
from tests.tools import require_tool


def dev(port: int, *arguments: str) -> list[str]:
    """The command line of the development server."""
    return [str(ROOT / "scripts" / "dev"), "--port", str(port), *arguments]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module", params=["1", "2"], ids=["one worker", "two workers"])
def server(request: pytest.FixtureRequest, data: Path) -> Iterator[Server]:
    port = free_port()
    env = environment(
        DATA_DIR=str(data), OPENAI_API_KEY="sk-canary-000000000000000000000000", ENVIRONMENT="development"
    )
    del env["AUTH_MODE"]  # scripts/dev chooses it
    with serving(dev(port, "--workers", request.param), port=port, cwd=ROOT, env=env) as running:
        until = time.monotonic() + 30
        while "Ctrl-C stops it." not in running.printed() and time.monotonic() < until:
            time.sleep(0.05)  # noqa: TID251 - a test thread, no event loop
        yield running


def line(server: Server, name: str) -> str:
    found = re.search(rf"^  {name} +(\S+)$", server.printed(), re.MULTILINE)
    assert found is not None, server.printed()
    return found[1]


def test_it_says_how_to_use_it(server: Server) -> None:
    said = server.printed()
    assert f"Lyo AI answers on {server.url} " in said
    assert line(server, "documentation") == server.url + "/docs"
    assert "gpt_4_mini (openai, " in said
    assert "sk-canary" not in said
    assert "Traceback" not in said


def test_health_is_open_and_the_rest_is_not(server: Server) -> None:
    assert fetch(server.url + "/health").status == 200
    assert fetch(server.url + "/api/v1/ai/health").status == 200
    assert fetch(server.url + "/metrics").status == 401
    assert fetch(server.url + "/api/v1/ai/mentor/chat", method="POST", body=b"{}").status == 401


def test_the_printed_tokens_open_what_their_roles_open(server: Server) -> None:
    learner = {"Authorization": f"Bearer {line(server, 'learner token')}"}
    admin = {"Authorization": f"Bearer {line(server, 'admin token')}"}
    assert fetch(server.url + "/metrics", headers=admin).status == 200
    assert fetch(server.url + "/metrics", headers=learner).status == 403
    missing = fetch(server.url + "/api/v1/ai/mentor/conversation/none", headers=learner)
    assert (missing.status, json.loads(missing.body)["code"]) == (404, "not_found")


def test_a_token_of_scripts_token_is_accepted(server: Server, data: Path) -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "token", "--sub", "u1", "--role", "admin"],
        env=environment(DATA_DIR=str(data)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout)
    assert done.stderr == ""
    answer = fetch(server.url + "/metrics", headers={"Authorization": f"Bearer {done.stdout.strip()}"})
    assert answer.status == 200


def test_the_documents_describe_every_function(server: Server) -> None:
    answer = fetch(server.url + "/openapi.json")
    paths = json.loads(answer.body)["paths"]
    assert {"/api/v1/ai/mentor/chat", "/api/v1/ai/health", "/metrics"} <= set(paths)
    assert fetch(server.url + "/docs").status == 200


def test_ctrl_c_ends_it_in_order(data: Path) -> None:
    port = free_port()
    with serving(dev(port), port=port, cwd=ROOT, env=environment(DATA_DIR=str(data))) as running:
        assert fetch(running.url + "/health").status == 200
        assert stop(running.process, signal.SIGINT) == 0, running.printed()
        assert "Traceback" not in running.printed()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=1)


def refused(port: int, **env: str) -> tuple[int, str]:
    done = subprocess.run(
        dev(port),
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(port) == (
            1,
            f"port {port} is taken: stop what listens there, or choose another: scripts/dev --port {port + 1}\n",
        )


def test_a_wrong_setting_is_said_in_one_line() -> None:
    status, said = refused(0, AI_DAILY_COST_LIMIT="plenty")
    assert status == 1
    assert said.startswith("AI_DAILY_COST_LIMIT: ")
    assert said.count("\n") == 1


def test_every_documented_path_reaches_its_function() -> None:
    composed = Composed(load())
    for entry in load():
        module = __import__(entry.module, fromlist=["edge"])
        for path in module.edge.openapi()["paths"]:
            plain = re.sub(r"\{\w+\}", "x", path)
            assert entry.serves(plain), f"{entry.name} documents {path}, which its catalogue entry does not cover"
            assert composed.find(plain) is composed.find(entry.paths[0]), f"{path} goes to another function"


def test_the_printed_curl_works_as_pasted(server: Server) -> None:
    require_tool("curl")
    (command,) = re.findall(r"^Try:\n(.*?)\n\n", server.printed(), re.MULTILINE | re.DOTALL)
    assert shlex.split(command)[0] == "curl"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=dict(os.environ), check=True)  # noqa: TID251
    answer = json.loads(done.stdout)
    assert answer["text"], answer
    assert answer["conversation_id"]
