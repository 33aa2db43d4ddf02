"""`python -m scripts.lib.coldstart`: process start to the first 200 of a function, beside the framework's own hello.

The mentor is asked a learner's message, which goes through to a model server; other functions their first path.

Both run as deployed: `functions-framework --target NAME`, one worker, warm bytecode. Runs alternate so that a change of
the machine's load hits both; the figures are medians. See scripts/coldstart.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from shared.deployables import load
from shared.identity import local

ROOT = Path(__file__).resolve().parents[2]
BAR = 2.0
"""A function may take at most this many times the hello's cold start."""
PATIENCE = 60.0

_HELLO = """
import functions_framework.aio

@functions_framework.aio.http
async def hello(request):
    return "hello"
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Ask:
    """What is sent first: the message a learner would send where there is one, else the function's first path."""

    path: str
    body: bytes = b""
    token: str = ""

    def encode(self) -> bytes:
        """The request as it goes over the wire."""
        head = f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        if self.token:
            head += f"Authorization: Bearer {self.token}\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


def ask_of(target: str, path: str, data: Path) -> Ask:
    """The first request of a function."""
    if target != "mentor":
        return Ask(path)
    token = local.mint(local.read_or_create_secret(data), "cold", "learner", 3600)
    return Ask("/mentor/chat", b'{"message": "What is the capital of France?"}', token)


def first_answer(port: int, ask: Ask, process: "subprocess.Popen[bytes]", until: float) -> int:
    """The status of the first answer; tries again every 2 ms while nobody listens. Raises RuntimeError when none comes."""
    request = ask.encode()
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                connection.sendall(request)
                line = connection.makefile("rb").readline()
                if line.startswith(b"HTTP/1.1 "):
                    return int(line.split()[1])
        except OSError:
            pass
        time.sleep(0.002)  # noqa: TID251 - no event loop here
    raise RuntimeError(f"no answer on {ask.path}")


def once(target: str, source: Path, ask: Ask, data: Path, upstream: str) -> tuple[float, int]:
    """Seconds from the start of one server process to its first answer, and that answer's status."""
    port = free_port()
    environment = {
        **os.environ,  # noqa: TID251 - handed on whole
        "AUTH_MODE": "local",
        "DATA_DIR": str(data),
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "LOCAL_INFER_URL": upstream,
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # deployed functions find their bytecode compiled
    command = [str(Path(sys.executable).parent / "functions-framework"), "--target", target, "--source", str(source)]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=source.parent, env=environment, stdout=subprocess.DEVNULL)
    try:
        status = first_answer(port, ask, process, started + PATIENCE)
        return time.monotonic() - started, status
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def upstream() -> Iterator[str]:
    """A model server that answers at once, in a process of its own; gives the URL to set LOCAL_INFER_URL to."""
    port = free_port()
    command = [sys.executable, "-m", "scripts.benchmarks.upstream", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.01)  # noqa: TID251 - no event loop here
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(10)


def measure(target: str, runs: int) -> dict[str, object]:
    """Medians in seconds and their ratio, over `runs` starts of each after one that is not counted."""
    entry = next((entry for entry in load() if entry.name == target), None)
    if entry is None:
        sys.exit(f"no function {target!r}: {', '.join(entry.name for entry in load())}")
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "main.py"
        hello.write_text(_HELLO)
        taken: dict[str, list[float]] = {"hello": [], target: []}
        statuses: set[int] = set()
        data = Path(folder) / "data"
        data.mkdir()
        asks = (("hello", hello, Ask("/")), (target, ROOT / "main.py", ask_of(target, entry.paths[0], data)))
        for number, (name, source, ask) in product(range(runs + 1), asks):
            with upstream() as url:
                seconds, status = once(name, source, ask, data, url)
            if name == target:
                statuses.add(status)
            if number:
                taken[name].append(seconds)
    medians = {name: round(statistics.median(values), 3) for name, values in taken.items()}
    ratio = round(medians[target] / medians["hello"], 2)
    return {"median_s": medians, "ratio": ratio, "bar": BAR, "runs": runs, "statuses": sorted(statuses)}


def imports(target: str, rows: int = 25) -> str:
    """The slowest imports of a function by their own time, in milliseconds, from Python's own import profile."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import functions.{target}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    table = []
    for line in done.stderr.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        total, _, name = rest.partition("|")
        if own.strip().isdigit():
            table.append((int(own) / 1000, int(total) / 1000, name.strip()))
    table.sort(reverse=True)
    return "\n".join(f"{own:9.1f} {total:9.1f}  {name}" for own, total, name in table[:rows])


def main() -> None:
    """Print the measurement as JSON; exit 1 when it is over the bar."""
    parser = argparse.ArgumentParser(prog="scripts/coldstart", description="A function's cold start.")
    parser.add_argument("target", nargs="?", default="mentor")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--imports", action="store_true", help="also print the slowest imports (own ms, total ms)")
    given = parser.parse_args()
    found = measure(given.target, given.runs)
    if given.imports:
        print(imports(given.target))
    print(json.dumps(found))
    sys.exit(isinstance(found["ratio"], float) and found["ratio"] > BAR)


if __name__ == "__main__":
    main()
