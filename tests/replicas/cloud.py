"""The cloud on one machine: functions as processes over the Firestore emulator, Redis behind its REST API, and Cloud Tasks.

Everything can be killed and started again at the same address, and keeps what it had acknowledged.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.identity import local
from shared.identity.caller import Role
from shared.runtime import Runtime
from shared.settings import Settings
from tests.processes import BIN, ROOT, Server, environment, fetch, free_port, stop, wait
from tests.services import firestore, journal, upstash

ACCOUNT = "tasks@lyo.example"
AUDIENCE = "https://jobs.lyo.example"


class Instance:
    """One process at a fixed address, with its output in a file."""

    def __init__(self, command: list[str], port: int, env: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._command = command
        self._env = env
        self._log = tempfile.NamedTemporaryFile(prefix="instance-", suffix=".log")  # noqa: SIM115 - lives as long as we
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def function(cls, target: str, env: dict[str, str], port: int | None = None) -> "Instance":
        """A deployed function under the framework's own server."""
        at = port or free_port()
        command = [str(BIN / "functions-framework"), "--target", target, "--host", "127.0.0.1", "--port", str(at)]
        return cls(command, at, env)

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._env, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )
        wait(Server(self.url, self._process, Path(self._log.name)), self._port)

    def kill(self) -> None:
        """kill -9, the server's master and its workers at once."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            stop(self._process)

    def printed(self) -> str:
        """What it has printed so far."""
        return Path(self._log.name).read_text(errors="replace")


class Documents:
    """Firestore: the emulator, and in front of it the journal that keeps what was acknowledged over its death."""

    def __init__(self, folder: Path) -> None:
        self._emulator = firestore.Emulator()
        self._journal = folder / "commits"
        port = free_port()
        self.host = f"127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.services.journal", "--port", str(port)]
        command += ["--emulator", self._emulator.host, "--journal", str(self._journal)]
        self._proxy = Instance(command, port, environment())

    def start(self) -> None:
        """Start both."""
        self._emulator.start()
        self._proxy.start()

    def kill(self) -> None:
        """kill -9 of both: connections are cut in the middle of commits."""
        self._proxy.kill()
        self._emulator.kill()

    async def restart(self) -> int:
        """Start both again with everything that was acknowledged; returns how many commits that was."""
        self._emulator.start()
        count = await journal.replay(self._emulator.host, self._journal)
        self._proxy.start()
        return count

    def stop(self) -> None:
        """End both."""
        self._proxy.stop()
        self._emulator.kill()


class Tasks(Instance):
    """Cloud Tasks as a process; what it accepted outlives it."""

    def __init__(self, folder: Path) -> None:
        port, http_port = free_port(), free_port()
        self.host = f"127.0.0.1:{port}"
        self.http = f"http://127.0.0.1:{http_port}"
        command = [sys.executable, "-m", "tests.services.tasks", "--port", str(port), "--http-port", str(http_port)]
        super().__init__([*command, "--state", str(folder / "tasks.db")], http_port, environment())

    def manners(self, **changes: object) -> None:
        """How it behaves from now on (see `tests.services.tasks.Manners`)."""
        answer = fetch(f"{self.http}/manners", method="POST", body=json.dumps(changes).encode())
        assert answer.status == 200, answer.body

    def listed(self) -> list[dict[str, Any]]:
        """Every task it ever accepted, with its deliveries and what was last answered."""
        found: list[dict[str, Any]] = json.loads(fetch(f"{self.http}/tasks").body)
        return found


@dataclass
class Cloud:
    """Two mentors, the jobs function and ops, over the stores they share."""

    data: Path
    documents: Documents
    redis: upstash.Upstash
    tasks: Tasks
    project: str
    env: dict[str, str]
    mentors: list[Instance] = field(default_factory=list)
    jobs: Instance = field(init=False)
    ops: Instance = field(init=False)

    def token(self, sub: str, role: Role = "learner") -> str:
        """A token that every instance accepts."""
        return local.mint(local.read_or_create_secret(self.data), sub, role, 3600)

    def headers(self, sub: str, role: Role = "learner", **more: str) -> dict[str, str]:
        """Request headers of one caller."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token(sub, role)}", **named}

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Runtime]:
        """The stores the instances share, opened by the test."""
        runtime = Runtime(Settings.load({name: value for name, value in self.env.items() if name.isupper()}))
        try:
            yield runtime
        finally:
            await runtime.close()


@contextmanager
def cloud(folder: Path, **more: str) -> Iterator[Cloud]:
    """A cloud of its own, with `more` in every function's environment; ended with the block."""
    data = folder / "data"
    data.mkdir()
    redis_folder = folder / "redis"
    redis_folder.mkdir()
    with contextlib.ExitStack() as stack:
        documents = Documents(folder)
        stack.callback(documents.stop)
        documents.start()
        redis = stack.enter_context(upstash.upstash(redis_folder))
        queue = Tasks(folder)
        stack.callback(queue.stop)
        queue.start()
        project, jobs_port = firestore.project(), free_port()
        env = environment(
            DATA_DIR=str(data),
            GCP_PROJECT_ID=project,
            FIRESTORE_EMULATOR_HOST=documents.host,
            UPSTASH_REDIS_REST_URL=redis.url,
            UPSTASH_REDIS_REST_TOKEN=redis.token,
            TASKS_QUEUE="jobs",
            TASKS_EMULATOR_HOST=queue.host,
            TASKS_TARGET_URL=f"http://127.0.0.1:{jobs_port}",
            TASKS_SERVICE_ACCOUNT=ACCOUNT,
            SERVICE_AUDIENCE=AUDIENCE,
            SERVICE_ACCOUNTS=ACCOUNT,
            GOOGLE_JWKS_URL=f"{queue.http}/jwks",
            **more,
        )
        site = Cloud(data, documents, redis, queue, project, env)
        site.mentors = [Instance.function("mentor", env) for _ in range(2)]
        site.jobs = Instance.function("jobs", env, jobs_port)
        site.ops = Instance.function("ops", env)
        for instance in (*site.mentors, site.jobs, site.ops):
            stack.callback(instance.stop)
            instance.start()
        yield site
