"""Other gateways in the same run: a folder that holds their installed bench (bench.py, tool/bin/python) is given by hand.

Nothing here needs such a folder; without one the suite compares with its own floors alone. Our row is added to the
bench's own rows, started by it, and measured by its tools against its upstream.
"""

import json
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.processes import BIN, ROOT, TOKEN_SECONDS, environment
from scripts.lib.coldstart import free_port
from shared.identity import local

UPSTREAM = "http://127.0.0.1:21001/v1"
"""Where the bench's own upstream listens."""
NAME = "lyo"
QUICK = ("direct", "floor-aiohttp", "ff-asgi-hello", "tensorzero")
_RAW = "raw: "
_HOUR = 3600.0


class PeersError(Exception):
    """The folder holds no bench, or the bench failed."""


@dataclass(frozen=True)
class Peers:
    """The bench's own table, and its raw results."""

    table: str
    raw: dict[str, Any]


def run(folder: Path, *, quick: bool) -> Peers:
    """Run the bench in `folder` with our row; its progress goes to standard error. Raises PeersError."""
    python, script = folder / "tool" / "bin" / "python", folder / "bench.py"
    if not (python.exists() and script.exists()):
        raise PeersError(f"--peers {folder}: there is no bench.py with tool/bin/python beside it")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        command = [str(python), str(script), *(_short() if quick else _long()), *_ours(Path(data))]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True, timeout=_HOUR, check=False
            )
        except subprocess.TimeoutExpired:
            raise PeersError("the peers' bench does not end") from None
    if done.returncode != 0:
        raise PeersError(f"the peers' bench ended with {done.returncode}")
    table, _, raw = done.stdout.rpartition(_RAW)
    path = Path(raw.strip())
    return Peers(table.strip() or done.stdout, json.loads(path.read_text()) if table and path.is_file() else {})


def _short() -> list[str]:
    return ["--reps", "1", "--seconds", "1.5", "--only", ",".join(QUICK)]


def _long() -> list[str]:
    return ["--reps", "3", "--seconds", "2.5"]


def _ours(data: Path) -> list[str]:
    """The options that add our row: the mentor as deployed, its model the bench's upstream."""
    port = free_port()
    token = local.mint(local.read_or_create_secret(data), "bench", "learner", TOKEN_SECONDS)
    body = '{"message":"What is the capital of France? {model} #{n}","stream":{stream}}'
    server = [str(BIN / "functions-framework"), "--target", "mentor", "--source", str(ROOT / "main.py")]
    server += ["--host", "127.0.0.1", "--port", str(port)]
    settings = {"AUTH_MODE": "local", "ENVIRONMENT": "development", "DATA_DIR": str(data), "LOCAL_INFER_URL": UPSTREAM}
    options = {
        "--target": [f"http://127.0.0.1:{port}/api/v1/ai/mentor/chat"],
        "--header": [f"Authorization: Bearer {token}"],
        "--body": [body],
        "--cmd": [shlex.join(server)],
        "--cwd": [str(ROOT)],
        "--env": [f"{name}={value}" for name, value in settings.items()],
    }
    given = [part for option, values in options.items() for value in values for part in (option, f"{NAME}={value}")]
    return [*given, "--cache", NAME]
