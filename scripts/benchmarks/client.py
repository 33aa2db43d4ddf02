"""One load on one server: what is sent, for how long, and what came of it. The work is done by load.py in its own process."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from scripts.benchmarks.machine import pinned
from scripts.benchmarks.processes import ROOT, environment

NUMBER = "{n}"
"""Where a body says this, every request carries another text."""


class LoadError(Exception):
    """The load generator failed; the text says why."""


@dataclass(frozen=True)
class Load:
    """A closed loop: each of `concurrency` connections sends its next request when it has its answer.

    Counted is what ends within `seconds` after the first `warm` seconds. With `once` every connection sends one request
    and everything is counted; `seconds` is then the longest it may take. `whole` is a text that a whole answer holds: a
    200 without it counts as broken. `watch` are roots of process trees whose CPU time is taken (the first is the server).
    """

    port: int
    path: str
    body: str
    concurrency: int
    seconds: float
    warm: float = 0.3
    token: str = ""
    whole: str = ""
    once: bool = False
    first: int = 0
    watch: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        given: dict[str, Any] = json.loads(text)
        return cls(**{**given, "watch": tuple(given["watch"])})

    def to_json(self) -> str:
        """For the command line of load.py."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Result:
    """Times in milliseconds. `first` is the time to an answer's first byte; `noise` the CPUs' worth of other work meanwhile."""

    requests: int
    seconds: float
    rps: float
    p50: float | None
    p99: float | None
    first_p50: float | None
    first_p99: float | None
    failed: int
    """Answers other than 200, or without the text that a whole one holds, or cut off."""
    statuses: dict[str, int]
    open_most: int
    """The most answers that had begun and not ended at one time."""
    cpu_ms: float | None
    """CPU time of the server for each request."""
    noise: float | None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What load.py printed."""
        given: dict[str, Any] = json.loads(text)
        return cls(**{field.name: given[field.name] for field in fields(cls)})


def run(load: Load, cpu: int | None) -> Result:
    """Do it, on `cpu`. Raises LoadError when the generator does not end as it should."""
    with pinned(cpu):
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.benchmarks.load", load.to_json()],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        out, err = process.communicate(timeout=load.warm + load.seconds + 60)
    except subprocess.TimeoutExpired:
        raise LoadError("the load generator does not end") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode != 0:
        raise LoadError(err.strip()[-500:] or f"exit status {process.returncode}")
    return Result.from_json(out)
