"""`python -m scripts.lib.coldstart`: process start to first answer of a function, beside the framework's own hello.

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
from pathlib import Path

from shared.deployables import load

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


def first_answer(port: int, path: str, process: "subprocess.Popen[bytes]", until: float) -> int:
    """The status of the first answer; tries again every 2 ms while nobody listens. Raises RuntimeError when none comes."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
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
    raise RuntimeError(f"no answer on {path}")


def once(target: str, source: Path, path: str, data: Path) -> tuple[float, int]:
    """Seconds from the start of one server process to its first answer, and that answer's status."""
    port = free_port()
    environment = {
        **os.environ,  # noqa: TID251 - handed on whole
        "AUTH_MODE": "local",
        "DATA_DIR": str(data),
        "PORT": str(port),
        "HOST": "127.0.0.1",
    }
    command = [str(Path(sys.executable).parent / "functions-framework"), "--target", target, "--source", str(source)]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=source.parent, env=environment, stdout=subprocess.DEVNULL)
    try:
        status = first_answer(port, path, process, started + PATIENCE)
        return time.monotonic() - started, status
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
        for number in range(runs + 1):
            for name, source, path in (("hello", hello, "/"), (target, ROOT / "main.py", entry.paths[0])):
                seconds, status = once(name, source, path, Path(folder) / "data")
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
