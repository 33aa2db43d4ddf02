"""Functions as processes that can be killed and started again, and a fleet of them over the stores they share."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from shared.identity import local
from shared.identity.caller import Role
from shared.runtime import Runtime
from shared.settings import Settings
from tests.processes import BIN, ROOT, Server, environment, free_port, stop, wait

MENTORS = ("mentor", "mentor")


class Instance:
    """One process at a fixed address, with its output in a file."""

    def __init__(self, command: list[str], port: int, env: dict[str, str]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._command = command
        self._env = env
        handle, name = tempfile.mkstemp(prefix="instance-", suffix=".log")
        os.close(handle)
        self._log = Path(name)
        weakref.finalize(self, self._log.unlink, missing_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def function(cls, target: str, env: dict[str, str], port: int | None = None) -> "Instance":
        """A deployed function under the framework's own server."""
        at = port or free_port()
        command = [str(BIN / "functions-framework"), "--target", target, "--host", "127.0.0.1", "--port", str(at)]
        return cls(command, at, env)

    def launch(self) -> None:
        """Start it; `ready` waits."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def ready(self) -> None:
        """Wait until it listens."""
        assert self._process is not None
        wait(Server(self.url, self._process, self._log), self._port)

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.launch()
        self.ready()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server's master and its workers."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """kill -9, the server's master and its workers at once."""
        assert self._process is not None
        self.signal(signal.SIGKILL)
        self._process.wait()
        # A worker may outlive its master by a moment, and with it the socket: whoever starts next must not take it for theirs.
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                return
            threading.Event().wait(0.01)

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            stop(self._process)

    def printed(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")


@dataclass
class Fleet:
    """Functions over the stores they share; `env` is what each of them was started with."""

    data: Path
    env: dict[str, str]
    functions: list[tuple[str, Instance]] = field(default_factory=list)

    def of(self, target: str) -> list[Instance]:
        """The instances of one function."""
        return [instance for name, instance in self.functions if name == target]

    @property
    def a(self) -> Instance:
        """One mentor."""
        return self.of("mentor")[0]

    @property
    def b(self) -> Instance:
        """The other mentor."""
        return self.of("mentor")[1]

    @property
    def ops(self) -> Instance:
        """Operations."""
        return self.of("ops")[0]

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

    def printed(self) -> str:
        """What all of them have printed so far."""
        return "\n".join(instance.printed() for _, instance in self.functions)


@contextmanager
def running(fleet: Fleet) -> Iterator[None]:
    """Start a fleet's functions, all at once, and end them with the block."""
    with ExitStack() as stack:
        for _, instance in fleet.functions:
            stack.callback(instance.stop)
            instance.launch()
        for _, instance in fleet.functions:
            instance.ready()
        yield


class Embedded:
    """The embedded stores: a folder that every process opens."""

    @contextmanager
    def fleet(self, folder: Path, *functions: str, **more: str) -> Iterator[Fleet]:
        """Functions (two mentors where none are named) over one folder, with `more` in their environment."""
        data = folder / "data"
        data.mkdir(exist_ok=True)
        env = environment(DATA_DIR=str(data), **more)
        fleet = Fleet(data, env, [(name, Instance.function(name, env)) for name in functions or MENTORS])
        with running(fleet):
            yield fleet
