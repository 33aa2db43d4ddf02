"""Cloud Tasks as a process of its own, which can be killed and started again over what it had."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.processes import ROOT, Server, environment, fetch, free_port, serving, stop
from tests.services.tasks import private_key


class TasksProcess:
    """Where it listens, and what can be done to it. `flags` are those of `tests.services.tasks`."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._state = folder / "tasks.db"
        self._stack = stack
        self._port, self._http_port = free_port(), free_port()
        self.host = f"127.0.0.1:{self._port}"
        self.url = f"http://127.0.0.1:{self._http_port}"
        self.server: Server

    def start(self, **flags: Any) -> None:
        """Start it, or start it again with the tasks and the key it had."""
        command = [sys.executable, "-m", "tests.services.tasks", "--port", str(self._port)]
        command += ["--http-port", str(self._http_port), "--state", str(self._state)]
        for name, value in flags.items():
            command += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
        server = serving(command, port=self._http_port, cwd=ROOT, env=environment())
        self.server = self._stack.enter_context(server)

    def kill(self) -> None:
        """kill -9."""
        stop(self.server.process, signal.SIGKILL)

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """What it signs tokens with."""
        return private_key(self._state.with_suffix(".pem"))

    def tasks(self) -> list[dict[str, Any]]:
        """Every task there ever was, in the order they were made: body, name, deliveries, last status, state."""
        found: list[dict[str, Any]] = json.loads(fetch(f"{self.url}/tasks").body)
        return found

    def behave(self, **manners: Any) -> None:
        """Change its manners."""
        assert fetch(f"{self.url}/manners", method="POST", body=json.dumps(manners).encode()).status == 200

    def deliver(self, name: str, times: int = 1) -> list[int]:
        """Deliver a task so many times at once, whatever became of it; the statuses."""
        body = json.dumps({"name": name, "times": times}).encode()
        statuses: list[int] = json.loads(fetch(f"{self.url}/deliver", method="POST", body=body).body)
        return statuses


@contextmanager
def tasks_process(folder: Path, **flags: Any) -> Iterator[TasksProcess]:
    """Cloud Tasks with its state in `folder`."""
    with ExitStack() as stack:
        tasks = TasksProcess(folder, stack)
        tasks.start(**flags)
        yield tasks
