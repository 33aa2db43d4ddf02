"""The KPI runs: the same mixed traffic with everything on, with routing off and with the cache off; then with models that
fail; then many conversations at once. The models are the fake model server's, at the pace of real ones.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

from scripts.benchmarks import machine, processes, workload
from scripts.benchmarks.processes import Mentor, Server
from scripts.benchmarks.traffic import Outcome, send
from scripts.benchmarks.workload import Conversation, Turn

FAULTS = ("err500", "err503", "err429", "cut0", "html", "empty")
"""What a failing model call does; all before the first word, so that another model can still answer."""
FAULTY = 0.1
_STEPS = 10_000  # as many as the fake model server keeps
_UNLIMITED = "1000000"


@dataclass(frozen=True)
class Pace:
    """How much traffic, how many conversations at a time, and the fake models' habits (words of their grammar)."""

    messages: int
    lanes: int
    storm: int
    """Messages of the run with failing models."""
    together: int
    """Simultaneous conversations."""
    model: str


@dataclass
class Runs:
    """What came of each run."""

    on: list[Outcome] = field(default_factory=list)
    unrouted: list[Outcome] = field(default_factory=list)
    uncached: list[Outcome] = field(default_factory=list)
    storm: list[Outcome] = field(default_factory=list)
    together: list[Outcome] = field(default_factory=list)
    on_seconds: float = 0.0
    peak_mb: float | None = None
    """The most memory the server held in any run, all its processes."""
    noise: float | None = None
    """CPUs' worth of other work during the worst run."""


def run_all(pace: Pace, done: Callable[[str], None]) -> Runs:
    """Every KPI run. `done` hears of each answer."""
    traffic = workload.mixed(pace.messages)
    with _trials(pace, done) as trials:
        runs = trials.runs
        runs.on, runs.on_seconds = trials.run("all on", traffic, pace.lanes)
        unrouted = {"GEMINI_CONFIDENCE_THRESHOLD": "0"}
        runs.unrouted, _ = trials.run("routing off", traffic, pace.lanes, env=unrouted)
        runs.uncached, _ = trials.run("cache off", traffic, pace.lanes, env={"CACHE_TTL_SECONDS": "0"})
        storm = workload.mixed(pace.storm, seed=3)
        runs.storm, _ = trials.run("models failing", storm, pace.lanes, faulty=FAULTY)
        runs.together, _ = trials.run("conversations at once", workload.simultaneous(pace.together), pace.together)
    return runs


def only_together(pace: Pace, done: Callable[[str], None]) -> Runs:
    """The simultaneous conversations alone."""
    with _trials(pace, done) as trials:
        traffic = workload.simultaneous(pace.together)
        trials.runs.together, _ = trials.run("conversations at once", traffic, pace.together)
    return trials.runs


def messages(pace: Pace) -> int:
    """Answers that `run_all` waits for: for the progress bar."""
    return 3 * pace.messages + pace.storm + 3 * pace.together


@contextmanager
def _trials(pace: Pace, done: Callable[[str], None]) -> Iterator["_Trials"]:
    from scripts.fakes.models.faults import parse_words

    parse_words(pace.model)  # a typing mistake would silently be a model without any latency
    under_test, beside = machine.cpus()
    with processes.module("scripts.fakes.models", beside) as models, machine.pinned(beside):
        yield _Trials(pace, done, models, under_test)


class _Trials:
    """Runs over one fake model server, each with a mentor of its own."""

    def __init__(self, pace: Pace, done: Callable[[str], None], models: Server, under_test: int | None) -> None:
        self.runs = Runs()
        self._pace = pace
        self._done = done
        self._models = models
        self._under_test = under_test

    def run(
        self,
        name: str,
        traffic: list[Conversation],
        lanes: int,
        *,
        env: dict[str, str] | None = None,
        faulty: float = 0.0,
    ) -> tuple[list[Outcome], float]:
        """The outcomes and the seconds they took."""
        with self._mentor(env or {}) as mentor:
            _script(self._models, steps(self._pace.model, faulty))
            watch, began = machine.Watch((mentor.pid, self._models.pid)), time.perf_counter()
            outcomes = asyncio.run(send(mentor, traffic, lanes, lambda: self._done(name)))
            seconds = time.perf_counter() - began
            self.runs.noise = _most(self.runs.noise, watch.read(seconds)[1])
            self.runs.peak_mb = _most(self.runs.peak_mb, machine.tree_mb(mentor.pid, "VmHWM"))
        return outcomes, seconds

    @contextmanager
    def _mentor(self, env: dict[str, str]) -> Iterator[Mentor]:
        """The mentor with an own model and a paid one, both played by the fake server, and no limit on money."""
        values = {
            "LOCAL_INFER_URL": self._models.url + "/v1",
            "GOOGLE_AI_API_KEY": "benchmark",
            "GOOGLE_GEMINI_BASE_URL": self._models.url,
            "AI_DAILY_COST_LIMIT": _UNLIMITED,
            "AI_USER_DAILY_COST_LIMIT": _UNLIMITED,
        }
        with processes.mentor(self._under_test, **(values | env)) as mentor:
            # The first answers build clients and import the paid model's SDK: the cold start's figure, not these'.
            texts = ("Warm?", workload.HARDEST)
            first = [Conversation(0, (Turn("fresh", text, stream=False),)) for text in texts]
            asyncio.run(send(mentor, first, 1, lambda: None))
            yield mentor


def _most(known: float | None, more: float | None) -> float | None:
    return max((value for value in (known, more) if value is not None), default=None)


def steps(model: str, faulty: float, seed: int = 4) -> list[str]:
    """How the next model calls are answered, in turn: `model`, or with the chance `faulty` one of FAULTS. Pure."""
    chance = random.Random(seed)
    return [chance.choice(FAULTS) if chance.random() < faulty else model for _ in range(_STEPS)]


def _script(models: Server, answers: list[str]) -> None:
    _post(models.url + "/__reset", {})
    _post(models.url + "/__script", {"model": "*", "faults": answers})


def _post(url: str, body: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own server's address
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        answer.read()
