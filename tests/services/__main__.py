"""The cloud's stores on this machine, for a development server: `scripts/services [--jobs-url URL] [--memory MIB]`.

Starts Firestore's emulator, Redis behind its REST API and Cloud Tasks on free ports of 127.0.0.1 and prints the product's
settings for them as `export NAME=value` lines, all at once when everything listens; then it waits for Ctrl-C. What is stored
ends with it. In another terminal paste the lines and start `scripts/dev`. When one of them dies, the others are ended too:
it says which and exits 1.

`--jobs-url` is where the `jobs` function listens, without `/jobs/…` (default: the development server's).
"""

import argparse
import contextlib
import shlex
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.services import firestore
from tests.services.tasks_process import tasks_process
from tests.services.upstash import upstash

JOBS_URL = "http://127.0.0.1:8080/api/v1/ai"
ACCOUNT = "tasks@lyo.example"
AUDIENCE = "https://jobs.lyo.example"
LOOK_SECONDS = 1.0
HOW_TO = (
    "Paste the lines where scripts/dev starts. For `scripts/dev --port N` start this with "
    "--jobs-url http://127.0.0.1:N/api/v1/ai. Ctrl-C ends it and loses what is stored."
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/services", description="The cloud's stores on this machine.")
    parser.add_argument(
        "--jobs-url",
        default=JOBS_URL,
        help="where tasks are delivered; names the port of scripts/dev (default: %(default)s)",
    )
    parser.add_argument("--project", default="lyo-local", help="GCP_PROJECT_ID (default: %(default)s)")
    parser.add_argument(
        "--memory", type=int, default=firestore.MEMORY_MIB, metavar="MIB", help="of the emulator (default: %(default)s)"
    )
    return parser.parse_args()


def gone(ports: Mapping[str, int]) -> str | None:
    """The first of them that nobody listens for any more."""
    for name, port in ports.items():
        with contextlib.suppress(TimeoutError):  # a busy one is not a dead one
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except ConnectionError:
                return name
    return None


def run(given: argparse.Namespace, stop: threading.Event) -> str | None:
    """Start everything, print the settings, and end everything when `stop` is set, or one has died: its name."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lyo-services-")))
        documents = stack.enter_context(firestore.own_emulator(given.memory))
        redis = stack.enter_context(upstash(folder))
        tasks = stack.enter_context(tasks_process(folder))
        settings = {
            "GCP_PROJECT_ID": given.project,
            "FIRESTORE_EMULATOR_HOST": documents.host,
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
            "TASKS_QUEUE": "jobs",
            "TASKS_EMULATOR_HOST": tasks.host,
            "TASKS_TARGET_URL": given.jobs_url,
            "TASKS_SERVICE_ACCOUNT": ACCOUNT,
            "TASKS_AUDIENCE": AUDIENCE,
            "SERVICE_AUDIENCE": AUDIENCE,
            "SERVICE_ACCOUNTS": ACCOUNT,
            "GOOGLE_JWKS_URL": f"{tasks.url}/jwks",
        }
        print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in settings.items()), flush=True)
        print(HOW_TO, file=sys.stderr, flush=True)
        ports = {
            "the Firestore emulator": documents.port,
            "Redis": redis.redis.port,
            "the REST API in front of Redis": urlsplit(redis.url).port or 0,
            "Cloud Tasks": urlsplit(tasks.url).port or 0,
        }
        while not stop.wait(LOOK_SECONDS):
            if (name := gone(ports)) is not None:
                return name
    return None


def main() -> None:
    """Serve until Ctrl-C or SIGTERM; one line and exit 1 where a tool is missing or a service has died."""
    stop = threading.Event()
    for how in (signal.SIGINT, signal.SIGTERM):
        signal.signal(how, lambda *_: stop.set())
    try:
        dead = run(arguments(), stop)
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:  # how tests say that the machine lacks a tool
        sys.exit(str(missing))
    if dead is not None:
        sys.exit(f"{dead} has died: start scripts/services again")


if __name__ == "__main__":
    main()
