"""`python -m scripts.benchmarks.growth`: whether a message costs the same however much is stored. See scripts/growth.

The stores are filled step by step (`filling.py`); at each size so many messages go through the mentor's edge in this process,
every second one to the conversation that never ends. A clock that stands keeps what is read or sent every few seconds out
of the counts, and no profile is remembered, so that a message costs the same whoever sends it.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from functions import mentor
from scripts.benchmarks import processes
from scripts.benchmarks.filling import LONG, SESSION, Filling, conversation, learner
from scripts.benchmarks.inprocess import ask
from scripts.benchmarks.progress import Progress
from scripts.benchmarks.quantiles import quantile
from scripts.benchmarks.standing import Standing, compose, settings_for
from shared import sqlite_file
from shared.documents import Conversation, LiveConfig, RunningExperiment, RunningVariant
from shared.identity.local import mint, read_or_create_secret
from shared.llm import budget, reconcile
from shared.llm.opening import VIEW_SECONDS
from shared.runtime import override
from shared.settings import Settings
from shared.store import Put
from shared.stored.experiments import Slice

SIZES = (100, 10_000, 1_000_000)
EXPERIMENTS = (10, 100)
BAR = 1.25
"""What the median may grow by from the smallest size to the largest."""
_WARM = 100
_PAGES = 20


@dataclass(frozen=True)
class Row:
    """What messages cost at one size. Times in ms; documents and round trips per message."""

    turns: int
    learners: int
    experiments: int
    p50: float
    p95: float
    p50_long: float
    cpu: float
    reads: float
    writes: float
    redis: float | None
    page: float
    """The last 50 exchanges of the conversation that never ends."""
    day_total: float
    """Adding up the account's day from the ledger: once a day, and after a loss of Redis."""


class Measured:
    """Messages to one runtime, and what they cost."""

    def __init__(self, runtime: Standing, filling: Filling, messages: int) -> None:
        self._runtime = runtime
        self._filling = filling
        self._messages = messages
        self._secret = read_or_create_secret(runtime.settings.data_dir)
        self._chance = random.Random(1)
        self._number = 0

    async def row(self, experiments: int = 0) -> Row:
        """Measure at the present size."""
        self._runtime.put_right()
        for number in range(_WARM):
            await self._message(number % 2 == 0)
        before, cpu = self._counts(), time.process_time()
        times = [await self._message(number % 2 == 0) for number in range(self._messages)]
        cpu, after = time.process_time() - cpu, self._counts()
        per = [None if a is None or b is None else (a - b) / self._messages for a, b in zip(after, before, strict=True)]
        ordered, long = sorted(times), sorted(times[::2])
        store = self._runtime.store
        head = await store.get(Conversation, LONG)
        count = head.count if head is not None else 0
        page = f"/mentor/conversation/{LONG}?after={max(0, count - 50)}&limit=50"
        today = budget.account_key(self._runtime.clock(), self._runtime.settings.ai_time_zone)
        return Row(
            turns=self._filling.turns,
            learners=self._filling.learners,
            experiments=experiments,
            p50=quantile(ordered, 0.5),
            p95=quantile(ordered, 0.95),
            p50_long=quantile(long, 0.5),
            cpu=cpu / self._messages * 1000,
            reads=per[0] or 0.0,
            writes=per[1] or 0.0,
            redis=per[2],
            page=await _median(lambda: self._ask(page, learner(0))),
            day_total=await _median(lambda: reconcile.committed(store, today)),
        )

    async def run_experiments(self, count: int) -> None:
        """Have so many experiments running, every learner in all of them."""
        arms = [RunningVariant(name=name, weight=0.5) for name in ("a", "b")]
        everybody = Slice(ranges=[(0.0, 1.0)], weights=[0.5, 0.5])
        running = [RunningExperiment(id=f"e{n}", salt=f"s{n}", slices=[everybody], variants=arms) for n in range(count)]
        await self._runtime.store.commit(Put(LiveConfig(id="live", version=count, experiments=running)))
        self._runtime.recent._live = None

    async def _message(self, long: bool) -> float:
        """Milliseconds until a message was answered and kept. It comes when no earlier one's view of the breakers will do."""
        await asyncio.sleep(VIEW_SECONDS * 1.2)
        self._number += 1
        session = 0
        while not long and session % SESSION == 0:
            session = self._chance.randrange(self._filling.sessions)
        body = {"message": f"And what about question {self._number}?", "conversation_id": conversation(session)}
        began = time.perf_counter()
        await self._ask("/mentor/chat", learner(session), body)
        return (time.perf_counter() - began) * 1000

    async def _ask(self, path: str, who: str, body: Any = None) -> None:
        token = mint(self._secret, who, "learner", 600)
        with override(self._runtime):
            answer = await ask(mentor.edge.app, path, token, body)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {answer.body[:300]!r}")

    def _counts(self) -> tuple[int, int, int | None]:
        store: Any = self._runtime.store
        counted = getattr(store, "operations", store)
        return counted.reads, counted.writes, getattr(self._runtime.coordination, "requests", None)


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(_PAGES):
        began = time.perf_counter()
        await work()
        times.append((time.perf_counter() - began) * 1000)
    return quantile(sorted(times), 0.5)


async def measure(settings: Settings, sizes: Sequence[int], experiments: Sequence[int], messages: int) -> list[Row]:
    """A row for each size, and for each number of experiments at the middle one."""
    rows = []
    runtime = compose(settings)
    try:
        filling = Filling(runtime.store)
        measured = Measured(runtime, filling, messages)
        for size in sizes:
            bar = Progress(f"filling to {size:,}", (size - filling.turns) // (SESSION * SESSION))
            await filling.to(size, bar.step)
            bar.end()
            if not settings.uses_firestore:
                await runtime.store.close()  # it opens again
                sqlite_file.checkpoint(runtime.database.path)  # what filling has left to do is no message's doing
            rows.append(await measured.row())
            if size == sizes[len(sizes) // 2]:
                for count in experiments:
                    await measured.run_experiments(count)
                    rows.append(await measured.row(count))
                await measured.run_experiments(0)
    finally:
        await runtime.close()
    return rows


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = [
        "| exchanges | learners | experiments | p50 ms | p95 ms | p50 of the long one | CPU ms | reads | writes | Redis "
        "| its last page ms | day's total ms |",
        "|" + " --- |" * 12,
    ]
    for row in rows:
        redis = "–" if row.redis is None else f"{row.redis:.2f}"
        lines.append(
            f"| {row.turns:,} | {row.learners:,} | {row.experiments} | {row.p50:.2f} | {row.p95:.2f} | {row.p50_long:.2f} "
            f"| {row.cpu:.2f} | {row.reads:.2f} | {row.writes:.2f} | {redis} | {row.page:.2f} | {row.day_total:.2f} |"
        )
    return "\n".join(lines)


def missed(rows: Sequence[Row]) -> list[str]:
    """What grew that must not. Rows with experiments are told, not judged."""
    plain = [row for row in rows if not row.experiments]
    first, last = plain[0], plain[-1]
    found = []
    if last.p50 > first.p50 * BAR:
        found.append(f"the median grew from {first.p50:.2f} to {last.p50:.2f} ms")
    counts = {(row.reads, row.writes, row.redis) for row in plain}
    if len(counts) > 1:
        found.append(f"reads, writes and round trips of a message differ: {sorted(counts, key=str)}")
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/growth", description="Does a message cost the same as data grows?")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="exchanges stored, ascending")
    parser.add_argument("--experiments", type=int, nargs="*", default=EXPERIMENTS, metavar="N", help="running at once")
    parser.add_argument("--messages", type=int, default=300, help="at each size (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the rows, for machines")
    given = parser.parse_args()
    if list(given.sizes) != sorted(set(given.sizes)) or any(size < 100 or size % 100 for size in given.sizes):
        parser.error("--sizes ascend in hundreds")
    if given.messages < 20:
        parser.error("--messages is 20 or more")
    return given


def main() -> None:
    """Measure and print. Exit 1 when something grew that must not."""
    given = arguments()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    with (
        tempfile.TemporaryDirectory(prefix="growth-") as folder,
        processes.module("scripts.benchmarks.upstream", None) as upstream,
    ):
        settings = settings_for(folder, upstream.url)
        rows = asyncio.run(measure(settings, given.sizes, given.experiments, given.messages))
    where = "Firestore's emulator" if settings.uses_firestore else "embedded"
    where += ", Redis over REST" if settings.upstash_redis_rest_url else ""
    print(f"stores: {where}; {given.messages} messages a row; load before: {load}\n{table(rows)}")
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    grown = missed(rows)
    for line in grown:
        print(f"missed: {line}", file=sys.stderr)
    sys.exit(bool(grown))


if __name__ == "__main__":
    main()
