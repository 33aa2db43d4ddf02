"""The cloud on one machine: functions as processes over the Firestore emulator, Redis behind its REST API, and Cloud Tasks.

Everything can be killed and started again at the same address, and keeps what it had acknowledged.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.processes import environment, fetch, free_port
from tests.replicas.fleet import MENTORS, Fleet, Instance, running
from tests.services import firestore, journal, tasks, upstash

ACCOUNT = "tasks@lyo.example"
AUDIENCE = "https://jobs.lyo.example"
_EARLIER = """
for _, holds in ipairs(KEYS) do
  for _, id in ipairs(redis.call('ZRANGE', holds, 0, -1)) do
    redis.call('ZINCRBY', holds, -ARGV[1], id)
    redis.call('HINCRBYFLOAT', ARGV[2] .. id, 'u', -ARGV[1])
  end
end
return 1
"""
ALL = (*MENTORS, "jobs", "ops")


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
        self._emulator.close()

    def stored(self, project: str, collection: str) -> list[dict[str, Any]]:
        """Every document of a collection as Firestore's REST API tells it."""
        root = f"http://{self._emulator.host}/v1/projects/{project}/databases/(default)/documents/{collection}"
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            answer = fetch(f"{root}?pageSize=300&pageToken={token}", headers={"Authorization": "Bearer owner"})
            assert answer.status == 200, answer.body
            page = json.loads(answer.body)
            found += page.get("documents", [])
            token = page.get("nextPageToken", "")
            if not token:
                return found


class Tasks(Instance):
    """Cloud Tasks as a process; what it accepted outlives it."""

    def __init__(self, folder: Path) -> None:
        port, http_port = free_port(), free_port()
        self.host = f"127.0.0.1:{port}"
        self.http = f"http://127.0.0.1:{http_port}"
        self._state = folder / "tasks.db"
        command = [sys.executable, "-m", "tests.services.tasks", "--port", str(port), "--http-port", str(http_port)]
        super().__init__([*command, "--state", str(self._state)], http_port, environment())

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """What it signs tokens with."""
        return tasks.private_key(self._state.with_suffix(".pem"))

    def manners(self, **changes: object) -> None:
        """How it behaves from now on (see `tests.services.tasks.Manners`)."""
        answer = fetch(f"{self.http}/manners", method="POST", body=json.dumps(changes).encode())
        assert answer.status == 200, answer.body

    def listed(self) -> list[dict[str, Any]]:
        """Every task it ever accepted, with its deliveries and what was last answered."""
        found: list[dict[str, Any]] = json.loads(fetch(f"{self.http}/tasks").body)
        return found


@dataclass
class Cloud(Fleet):
    """Functions over the cloud's stores; the mentors, the jobs function and ops, where nothing else was asked for."""

    documents: Documents = None  # type: ignore[assignment]  # always given
    redis: upstash.Upstash = None  # type: ignore[assignment]  # always given
    tasks: Tasks = None  # type: ignore[assignment]  # always given

    @property
    def project(self) -> str:
        """The Firestore project, a database of its own."""
        return self.env["GCP_PROJECT_ID"]

    @property
    def namespace(self) -> str:
        """The first part of its keys in Redis."""
        return self.env["UPSTASH_NAMESPACE"]

    @property
    def mentors(self) -> list[Instance]:
        """Both mentors."""
        return self.of("mentor")

    @property
    def jobs(self) -> Instance:
        """Where Cloud Tasks delivers."""
        return self.of("jobs")[0]

    def age_holds(self, seconds: float) -> None:
        """Let the end of every hold come, or have come, so much earlier."""
        keys = [f"{self.namespace}:holds:{part}" for part in ("live", "overdue")]
        assert self.redis.redis.ask("EVAL", _EARLIER, "2", *keys, str(seconds), f"{self.namespace}:hold:") == ":1"

    async def cleanup(self) -> dict[str, Any]:
        """What the regular cleanup has done."""
        url, headers = self.ops.url + "/api/v1/ai/maintenance/cleanup", self.headers("operator", "admin")
        answer = await asyncio.to_thread(fetch, url, method="POST", headers=headers)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = json.loads(answer.body)
        return found


class Backdrop:
    """The cloud's stores, without functions: one set for many fleets, each with a database and a namespace of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        (folder / "redis").mkdir()
        self.documents = Documents(folder)
        stack.callback(self.documents.stop)
        self.documents.start()
        self.redis = stack.enter_context(upstash.upstash(folder / "redis"))
        self.tasks = Tasks(folder)
        stack.callback(self.tasks.stop)
        self.tasks.start()

    @contextmanager
    def fleet(self, folder: Path, *functions: str, **more: str) -> Iterator[Cloud]:
        """Functions (two mentors where none are named), with `more` in their environment."""
        data = folder / "data"
        data.mkdir(exist_ok=True)
        project, jobs_port = firestore.project(), free_port()
        env = environment(
            **{
                "DATA_DIR": str(data),
                "GCP_PROJECT_ID": project,
                "FIRESTORE_EMULATOR_HOST": self.documents.host,
                "UPSTASH_REDIS_REST_URL": self.redis.url,
                "UPSTASH_REDIS_REST_TOKEN": self.redis.token,
                "UPSTASH_NAMESPACE": project,
                "TASKS_QUEUE": "jobs",
                "TASKS_EMULATOR_HOST": self.tasks.host,
                "TASKS_TARGET_URL": f"http://127.0.0.1:{jobs_port}",
                "TASKS_SERVICE_ACCOUNT": ACCOUNT,
                "SERVICE_AUDIENCE": AUDIENCE,
                "TASKS_AUDIENCE": AUDIENCE,
                "SERVICE_ACCOUNTS": ACCOUNT,
                "GOOGLE_JWKS_URL": f"{self.tasks.http}/jwks",
                **more,
            }
        )
        ports = [jobs_port] if "jobs" in functions else []  # where there are several, Cloud Tasks knows the first
        made = [(name, Instance.function(name, env, ports.pop() if name == "jobs" and ports else None))
                for name in functions or MENTORS]  # fmt: skip
        site = Cloud(data, env, made, self.documents, self.redis, self.tasks)
        with running(site):
            yield site


@contextmanager
def backdrop(folder: Path) -> Iterator[Backdrop]:
    """The cloud's stores in processes of their own, ended with the block."""
    with ExitStack() as stack:
        yield Backdrop(folder, stack)


@contextmanager
def cloud(folder: Path, **more: str) -> Iterator[Cloud]:
    """A cloud of its own: two mentors, jobs and ops, with `more` in every function's environment."""
    with backdrop(folder) as behind, behind.fleet(folder, *ALL, **more) as site:
        yield site
