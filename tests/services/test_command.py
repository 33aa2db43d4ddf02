"""`scripts/services`: what it prints are the product's settings, what it starts answers, and ends with it."""

import os
import signal
import subprocess
from typing import Any

from shared.settings import Settings
from tests.processes import ROOT, environment, fetch
from tests.services import firestore
from tests.tools import require_tool

COMMAND = str(ROOT / "scripts" / "services")


def test_what_it_prints_are_settings_of_stores_that_answer() -> None:
    firestore.jar()
    require_tool("redis-server", hint="apt-get install redis-server")
    command = [COMMAND, "--jobs-url", "http://127.0.0.1:1/api/v1/ai"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(12)]
        assert all(line.startswith("export ") for line in lines), lines
        named = dict(line.removeprefix("export ").rstrip().split("=", 1) for line in lines)
        settings = Settings.load(named)
        assert settings.uses_firestore
        assert settings.tasks_target_url == "http://127.0.0.1:1/api/v1/ai"
        assert fetch(f"http://{settings.firestore_emulator_host}/").body.strip() == b"Ok"
        headers = {"Authorization": f"Bearer {settings.upstash_redis_rest_token}"}
        url = str(settings.upstash_redis_rest_url)
        assert b"PONG" in fetch(url, method="POST", headers=headers, body=b'["PING"]').body
        assert b"keys" in fetch(settings.google_jwks_url).body
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    for address in (f"http://{settings.firestore_emulator_host}/", settings.google_jwks_url):
        try:
            fetch(address, timeout=2)
        except OSError:
            continue
        raise AssertionError(f"{address} still answers")


def test_when_one_of_them_dies_it_says_which_and_ends() -> None:
    firestore.jar()
    require_tool("redis-server", hint="apt-get install redis-server")
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([COMMAND], cwd=ROOT, env=environment(), **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        named = dict(process.stdout.readline().removeprefix("export ").rstrip().split("=", 1) for _ in range(12))
        try:
            assert "--jobs-url http://127.0.0.1:N/api/v1/ai" in process.stderr.readline()
            os.kill(listener(named["TASKS_EMULATOR_HOST"]), signal.SIGKILL)
            assert process.wait(30) == 1
        finally:
            process.terminate()
        assert process.stderr.read() == "Cloud Tasks has died: start scripts/services again\n"


def listener(host: str) -> int:
    """The process of ours that was told to listen there."""
    port = host.rpartition(":")[2]
    shown = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    (found,) = (line for line in shown.splitlines() if f"tests.services.tasks --port {port} " in line)
    return int(found.split()[0])
