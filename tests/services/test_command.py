"""`python -m tests.services`: what it prints are the product's settings, what it starts answers, and ends with it."""

import signal
import subprocess
import sys

from shared.settings import Settings
from tests.processes import ROOT, environment, fetch
from tests.services import firestore
from tests.tools import require_tool


def test_what_it_prints_are_settings_of_stores_that_answer() -> None:
    firestore.jar()
    require_tool("redis-server", hint="apt-get install redis-server")
    command = [sys.executable, "-m", "tests.services", "--jobs-url", "http://127.0.0.1:1/api/v1/ai"]
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
