"""The engineering figures of one round: the mentor under load, and in the same minute what the machine can do at best.

Every server has CPU 0 to itself; the upstream and the load generator share CPU 1.
"""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from scripts.benchmarks import client, machine, processes
from scripts.benchmarks.client import Load, Result
from scripts.benchmarks.figures import HELLO, MENTOR, PASSTHROUGH, UPSTREAM, Figure
from scripts.benchmarks.processes import ROOT, Mentor, Server
from scripts.lib.coldstart import free_port

CHAT = "/v1/chat/completions"
MENTOR_CHAT = "/api/v1/ai/mentor/chat"
OPEN_STREAMS = 256
OPEN_SECONDS = 60.0
PEAK = "peak memory"
STREAMS = f"{OPEN_STREAMS} open streams, ended whole"
_NUMBERS = itertools.count(1)
_APART = 1_000_000  # no two measurements of a run send the same text, or the cache would answer


@dataclass(frozen=True)
class Plan:
    """How long and how much: seconds and warm-up of each measurement, and whether the floors get all their rows."""

    seconds: float
    warm: float
    all_floors: bool

    @property
    def loads(self) -> int:
        """How many measurements a round takes: for the progress bar."""
        return 16 if self.all_floors else 13


class Bench:
    """Sends loads to one server and turns results into figures."""

    def __init__(self, server: Server, subject: str, plan: Plan, upstream: Server, done: Callable[[str], None]) -> None:
        self.server = server
        self._subject = subject
        self._plan = plan
        self._watch = (server.pid,) if server.pid == upstream.pid else (server.pid, upstream.pid)
        self._done = done
        self._cpu = machine.cpus()[1]

    def load(
        self,
        path: str,
        body: str,
        concurrency: int,
        *,
        token: str = "",
        whole: str = "",
        warm: float = 1.0,
        once: bool = False,
    ) -> Result:
        """One measurement; `warm` multiplies the plan's warm-up."""
        load = Load(
            port=self.server.port,
            path=path,
            body=body,
            concurrency=concurrency,
            seconds=OPEN_SECONDS if once else self._plan.seconds,
            warm=self._plan.warm * warm,
            token=token,
            whole=whole,
            once=once,
            first=next(_NUMBERS) * _APART,
            watch=self._watch,
        )
        result = client.run(load, self._cpu)
        if not once:
            self._done(f"{self._subject}, {concurrency} in flight")
        return result

    def figure(self, name: str, unit: str, value: float | None, result: Result | None = None, note: str = "") -> Figure:
        """A figure of this server."""
        if result is not None and result.failed:
            note = f"{result.failed} not whole: {result.statuses}" + (f"; {note}" if note else "")
        noise, failed = (result.noise, result.failed) if result is not None else (None, 0)
        return Figure(name, self._subject, unit, value, noise, note, failed)

    def paced(self, result: Result, what: str, *, cpu: bool = False) -> list[Figure]:
        """Rate and latencies of one result, and the CPU time a request takes when asked for."""
        made = [
            self.figure(f"requests/s, {what}", "/s", result.rps, result),
            self.figure(f"p50, {what}", "ms", result.p50, result),
            self.figure(f"p99, {what}", "ms", result.p99, result),
        ]
        if cpu:
            made.append(self.figure(f"CPU a request, {what}", "ms", result.cpu_ms, result))
        return made

    def memory(self, name: str, field_name: str = "Rss") -> Figure:
        """Memory of the whole server now."""
        pss = machine.tree_mb(self.server.pid, "Pss") if field_name == "Rss" else None
        note = "" if pss is None else f"{pss:.0f} MB with shared pages counted once"
        return self.figure(name, "MB", machine.tree_mb(self.server.pid, field_name), note=note)


def one_round(plan: Plan, done: Callable[[str], None]) -> Iterator[Figure]:
    """Every engineering figure but the cold start. `done` hears of each measurement when it is over."""
    under_test, beside = machine.cpus()
    with processes.module("scripts.benchmarks.upstream", beside) as upstream:
        with processes.mentor(under_test, LOCAL_INFER_URL=upstream.url + "/v1") as mentor:
            yield from _mentor(Bench(mentor, MENTOR, plan, upstream, done), mentor)
        with _hello(under_test) as hello:
            yield from _floor(Bench(hello, HELLO, plan, upstream, done), plan, "/", models=False)
        with _passthrough(under_test, upstream.url + CHAT) as server:
            yield from _floor(Bench(server, PASSTHROUGH, plan, upstream, done), plan, "/", models=True)
        bench = Bench(upstream, UPSTREAM, plan, upstream, done)
        for concurrency in (1, 64):
            result = bench.load(CHAT, _openai("0ms"), concurrency, whole="choices")
            yield from bench.paced(result, f"{concurrency} in flight")


def _mentor(bench: Bench, mentor: Mentor) -> Iterator[Figure]:
    token = mentor.token("bench")
    # The first answer builds clients and opens the database: it belongs to the cold start, not to the rates.
    bench.load(MENTOR_CHAT, _message("0ms"), 1, token=token, once=True)
    yield bench.memory("memory idle")
    for concurrency in (1, 8, 64):
        result = bench.load(MENTOR_CHAT, _message("0ms"), concurrency, token=token, whole='"degraded":false')
        yield from bench.paced(result, f"{concurrency} in flight", cpu=concurrency == 64)
    result = bench.load(MENTOR_CHAT, _message("50ms"), 256, token=token, whole='"degraded":false', warm=2)
    yield from bench.paced(result, "256 in flight, 50-ms upstream")
    result = bench.load(MENTOR_CHAT, _message("0ms", stream=True), 8, token=token, whole="event: done")
    yield bench.figure("first byte of a stream, p50, 8 in flight", "ms", result.first_p50, result)
    yield bench.figure("first byte of a stream, p99, 8 in flight", "ms", result.first_p99, result)
    same = '{"message":"What is a prime number?"}'
    bench.load(MENTOR_CHAT, same, 1, token=token, once=True)
    result = bench.load(MENTOR_CHAT, same, 64, token=token, whole='"cache":"exact"')
    yield bench.figure("cache hits/s, 64 in flight", "/s", result.rps, result)
    yield bench.figure("p50 of a cache hit, 64 in flight", "ms", result.p50, result)
    body = _message("500ms-pace200ms", stream=True)
    result = bench.load(MENTOR_CHAT, body, OPEN_STREAMS, token=token, whole="event: done", once=True)
    yield bench.figure(STREAMS, "streams", result.requests, result, f"{result.open_most} open at one time")
    yield bench.memory("memory loaded")
    yield bench.memory(PEAK, "VmHWM")


def _floor(bench: Bench, plan: Plan, path: str, *, models: bool) -> Iterator[Figure]:
    for concurrency in (1, 8, 64) if plan.all_floors else (1, 64):
        result = bench.load(path, _openai("0ms"), concurrency)
        yield from bench.paced(result, f"{concurrency} in flight", cpu=concurrency == 64)
    if models:
        result = bench.load(path, _openai("50ms"), 256, warm=2)
        yield from bench.paced(result, "256 in flight, 50-ms upstream")
        if plan.all_floors:
            result = bench.load(path, _openai("0ms", stream=True), 8, whole="[DONE]")
            yield bench.figure("first byte of a stream, p50, 8 in flight", "ms", result.first_p50, result)
            yield bench.figure("first byte of a stream, p99, 8 in flight", "ms", result.first_p99, result)
    yield bench.memory("memory loaded")


def _hello(cpu: int | None) -> AbstractContextManager[Server]:
    port = free_port()
    command = processes.function("hello", port, ROOT / "scripts" / "benchmarks" / "floors" / "hello.py")
    return processes.serving(command, port=port, cpu=cpu, env=processes.environment())


def _passthrough(cpu: int | None, url: str) -> AbstractContextManager[Server]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "scripts.benchmarks.floors.passthrough:app", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--log-level", "error", "--no-access-log"]
    return processes.serving(command, port=port, cpu=cpu, env=processes.environment(UPSTREAM=url))


def _message(fake: str, *, stream: bool = False) -> str:
    flag = ',"stream":true' if stream else ""
    return f'{{"message":"What is the capital of France? fake-{fake} #{client.NUMBER}"{flag}}}'


def _openai(fake: str, *, stream: bool = False) -> str:
    flag = ',"stream":true' if stream else ""
    text = f"What is the capital of France? fake-{fake} #{client.NUMBER}"
    system = "You are a concise assistant."
    messages = f'[{{"role":"system","content":"{system}"}},{{"role":"user","content":"{text}"}}]'
    return f'{{"model":"bench","messages":{messages},"max_tokens":64{flag}}}'
