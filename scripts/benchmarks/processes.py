"""Servers for measurements: started pinned on a free port of 127.0.0.1, waited for, and always ended."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.machine import pinned
from scripts.lib.coldstart import free_port
from shared.identity import local

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_SECONDS = 60.0
STOP_SECONDS = 20.0
TOKEN_SECONDS = 24 * 3600.0
_KEPT = ("HOME", "LANG", "PATH", "TMPDIR")


class StartError(Exception):
    """A server did not start; the text holds the end of what it printed."""


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is the root of its process tree."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Mentor(Server):
    """The mentor as deployed: the framework's own server, one worker. `data_dir` holds its stores and its secret."""

    data_dir: Path

    def token(self, learner: str) -> str:
        """A bearer token for a learner of this server."""
        return local.mint(local.read_or_create_secret(self.data_dir), learner, "learner", TOKEN_SECONDS)


def environment(**more: str) -> dict[str, str]:
    """A clean environment: nothing of the person's own settings or keys reaches what is measured."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}  # noqa: TID251 - handed on, not read
    return {**kept, **more}


@contextmanager
def serving(
    command: list[str], *, port: int, cpu: int | None, env: Mapping[str, str], cwd: Path = ROOT
) -> Iterator[Server]:
    """Run a server in its own process group until the block ends. Raises StartError when it does not listen in time."""
    with tempfile.NamedTemporaryFile(prefix="benchmark-", suffix=".log") as log:
        with pinned(cpu):
            process = subprocess.Popen(
                command, cwd=cwd, env=dict(env), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _wait(process, port, Path(log.name))
            yield Server(port, process.pid)
        finally:
            _stop(process)


@contextmanager
def mentor(cpu: int | None, **env: str) -> Iterator[Mentor]:
    """The mentor over empty embedded stores, with `env` on top of a local set-up."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        values = environment(AUTH_MODE="local", ENVIRONMENT="development", DATA_DIR=folder, **env)
        with serving(function("mentor", port), port=port, cpu=cpu, env=values) as server:
            yield Mentor(server.port, server.pid, Path(folder))


def function(target: str, port: int, source: Path = ROOT / "main.py") -> list[str]:
    """The command that serves a function as the cloud does."""
    command = [str(BIN / "functions-framework"), "--target", target, "--source", str(source)]
    return [*command, "--host", "127.0.0.1", "--port", str(port)]


@contextmanager
def module(name: str, cpu: int | None, *arguments: str) -> Iterator[Server]:
    """A server of this repository that takes `--port`: `python -m NAME --port N …`."""
    port = free_port()
    command = [sys.executable, "-m", name, "--port", str(port), *arguments]
    with serving(command, port=port, cpu=cpu, env=environment()) as server:
        yield server


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            threading.Event().wait(0.02)
        else:
            return
    printed = log.read_text(errors="replace")[-2000:]
    raise StartError(f"{process.args!r} does not listen (exit status {process.poll()}):\n{printed}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    try:
        os.killpg(process.pid, signal.SIGKILL)  # whatever is left of its group
    except ProcessLookupError:
        pass
    process.wait()
