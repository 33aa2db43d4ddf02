"""Server processes for tests: started on a free port of 127.0.0.1, waited for, and always ended."""

import http.client
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
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 30,
) -> Answer:
    """One request on its own connection; redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """A clean environment: nothing of the person's own settings or keys reaches what is tested."""
    kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "PATH", "TMPDIR")}  # noqa: TID251
    return {**kept, "AUTH_MODE": "local", "ENVIRONMENT": "test", **more}


@dataclass(frozen=True)
class Server:
    """A process that answers on `url`; `output` is the file with what it has printed."""

    url: str
    process: "subprocess.Popen[bytes]"
    output: Path

    def printed(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")


@contextmanager
def serving(command: list[str], *, port: int, cwd: Path, env: Mapping[str, str]) -> Iterator[Server]:
    """Run a server in its own process group until the block ends; AssertionError with its output when it does not start."""
    with tempfile.NamedTemporaryFile(prefix="server-", suffix=".log") as log:
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        server = Server(f"http://127.0.0.1:{port}", process, Path(log.name))
        try:
            wait(server, port)
            yield server
        finally:
            stop(process)


@contextmanager
def function(target: str, cwd: Path = ROOT, /, **env: str) -> Iterator[Server]:
    """Run a deployed function as the cloud does: `functions-framework --target` in the source folder `cwd`."""
    port = free_port()
    command = [str(BIN / "functions-framework"), "--target", target, "--host", "127.0.0.1", "--port", str(port)]
    with serving(command, port=port, cwd=cwd, env=environment(**env)) as server:
        yield server


@contextmanager
def development_server(**env: str) -> Iterator[Server]:
    """Run every function in one process, as scripts/dev does."""
    port = free_port()
    command = [sys.executable, "-m", "scripts.devserver", "--port", str(port)]
    with serving(command, port=port, cwd=ROOT, env=environment(**env)) as server:
        yield server


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGTERM) -> int:
    """End a process, by force after STOP_SECONDS, and whatever is left of its group; returns its exit status."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return process.wait()


def wait(server: Server, port: int) -> None:
    """Return when it listens on `port`; AssertionError with its output when it does not."""
    until = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            threading.Event().wait(0.02)
        else:
            return
    raise AssertionError(f"the server does not answer (exit status {server.process.poll()}):\n{server.printed()}")
