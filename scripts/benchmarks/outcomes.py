"""`python -m scripts.benchmarks.outcomes`: what counting takes, and what an analysis costs by then. See scripts/outcomes.

Outcomes come in arrays of a hundred, of random learners, one in fifty a second time, while a fold in the same process counts what
waits; the two share its one core with the store's client (and, on SQLite, the store). At the end each learner's sum is worked out
from what was sent and compared with what was counted. The analysis is timed on shards that hold so many events, made by
the same code that counts: event by event up to a hundred thousand, a learner's events at once beyond.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.benchmarks.analyses import START, Cost, arm, cost, experiment
from scripts.benchmarks.progress import Progress
from shared.activity.events import Event, Exposed, Outcome, happenings
from shared.activity.fold import Fold
from shared.analytics.counting import Activity
from shared.experiments import stored
from shared.experiments.counting import Counting
from shared.experiments.exact import SCALE
from shared.sqlite import Database
from shared.store import Create, Store
from shared.store.sqlite import SQLiteStore

ARRAY = 100
BAR = 1000
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
_AT_ONCE = 8
"""Arrays under way."""


@dataclass(frozen=True)
class Flow:
    """Outcomes a second through one store."""

    store: str
    outcomes: int
    units: int
    taken_per_s: float
    counted_per_s: float
    cpu_us: float
    """Of this process (the sender, the fold and the store's client) for each outcome."""
    batches: int
    exact: bool


# --- the flow


@contextlib.asynccontextmanager
async def opened(name: str, folder: Path) -> AsyncIterator[Store]:
    """A store with nothing in it."""
    if name == "sqlite":
        store = SQLiteStore(Database(folder / "outcomes.db"))
        yield store
        await store.close()
        return
    from shared.store.firestore import FirestoreStore

    with contextlib.ExitStack() as stack:
        host = os.environ.get("FIRESTORE_EMULATOR_HOST")  # noqa: TID251 - about the machine, not about the product
        if not host:
            from tests.services.firestore import own_emulator

            host = stack.enter_context(own_emulator(1024)).host
        firestore = FirestoreStore(f"outcomes-{os.getpid()}", emulator_host=host)
        yield firestore
        await firestore.close()


def sent(outcomes: int, units: int) -> list[list[Event]]:
    """The arrays, in the order they are sent."""
    chance, number = random.Random(1), 0
    arrays: list[list[Event]] = []
    while number < outcomes:
        array: list[Event] = []
        while len(array) < ARRAY:
            if number and chance.random() < 0.02:
                again = chance.choice(arrays or [array])
                array.append(chance.choice(again))
                continue
            unit = f"learner-{chance.randrange(units)}"
            value = round(chance.expovariate(0.2), 2)
            array.append(Outcome(unit, f"o{number}", "hot", "score", value, at=START + 100 + number / 100))
            number += 1
        arrays.append(array)
    return arrays


async def flow(name: str, store: Store, outcomes: int, units: int) -> Flow:
    """Everybody is exposed, then outcomes are sent and counted at the same time."""
    await store.commit(Create(experiment()))
    names = [f"learner-{number}" for number in range(units)]
    told: list[Event] = [Exposed(unit, f"x-{unit}", "hot", arm(unit)) for unit in names]
    fold = Fold(store, [Counting(), Activity(90)], time.time)
    for first in range(0, units, 500):
        await store.commit(*(Create(one) for one in happenings(told[first : first + 500], START + 1)))
    while (await fold.drain()).more:
        pass
    arrays, pouring = sent(outcomes, units), True
    left, bar = iter(arrays), Progress(f"{name}: {outcomes:,} outcomes", len(arrays))
    batches, began, cpu, taken = 0, time.perf_counter(), time.process_time(), 0.0

    async def pour() -> None:
        for array in left:
            await store.commit(*(Create(one) for one in happenings(array, START + time.perf_counter() - began)))
            bar.step("")

    async def count() -> None:
        nonlocal batches
        while True:
            last = not pouring
            done = await fold.run()
            batches += done.batches
            if last and not done.more:
                return

    counting = asyncio.create_task(count())
    await asyncio.gather(*(pour() for _ in range(_AT_ONCE)))
    taken, pouring = time.perf_counter() - began, False
    await counting
    counted, cpu = time.perf_counter() - began, time.process_time() - cpu
    bar.end()
    number = len(arrays) * ARRAY
    exact = await _recounted(store, arrays, names)
    return Flow(name, number, units, number / taken, number / counted, cpu / number * 1e6, batches, exact)


async def _recounted(store: Store, arrays: Sequence[Sequence[Event]], names: Sequence[str]) -> bool:
    once = {event.id: event for array in arrays for event in array if isinstance(event, Outcome)}
    totals = await stored.load(store, "hot")
    sums, squares, counts = {}, {}, {}
    by_unit: dict[str, int] = {}
    for event in once.values():
        by_unit[event.unit] = by_unit.get(event.unit, 0) + round(event.value * SCALE)
    for variant in ("control", "other"):
        members = [unit for unit in names if arm(unit) == variant]
        counts[variant] = len(members)
        sums[variant] = sum(by_unit.get(unit, 0) for unit in members) / SCALE
        squares[variant] = sum(by_unit.get(unit, 0) ** 2 for unit in members) / SCALE**2
    cells = {name[0]: cell for name, cell in totals.cells.items()}
    return all(
        (cells[variant].units, cells[variant].metrics["score"].sums[0], cells[variant].metrics["score"].products[0])
        == (counts[variant], sums[variant], squares[variant])
        for variant in counts
    )


# --- the command


def tables(flows: Sequence[Flow], costs: Sequence[Cost]) -> str:
    """Markdown."""
    lines = [
        "| store | outcomes | learners | taken in a second | counted a second | CPU us each | exact |",
        "|" + " --- |" * 7,
    ]
    lines += [
        f"| {one.store} | {one.outcomes:,} | {one.units:,} | {one.taken_per_s:,.0f} | {one.counted_per_s:,.0f} | {one.cpu_us:.0f} "
        f"| {'yes' if one.exact else 'NO'} |"
        for one in flows
    ]
    lines += ["", "| events | learners | load ms | analyse ms | shards kB |", "|" + " --- |" * 5]
    lines += [
        f"| {row.events:,} | {row.units:,} | {row.load_ms:.1f} | {row.analyse_ms:.1f} | {row.kilobytes:.0f} |"
        for row in costs
    ]
    return "\n".join(lines)


async def measure(asked: argparse.Namespace) -> tuple[list[Flow], list[Cost]]:
    """All that was asked for."""
    flows, costs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.stores:
            async with opened(name, Path(folder)) as store:
                flows.append(await flow(name, store, asked.outcomes, asked.units))
        if asked.sizes:
            store = SQLiteStore(Database(Path(folder) / "shards.db"))
            costs = [await cost(store, size) for size in asked.sizes]
            await store.close()
    return flows, costs


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/outcomes", description=__doc__)
    parser.add_argument("--outcomes", type=int, default=20_000)
    parser.add_argument("--units", type=int, default=4000)
    parser.add_argument("--stores", nargs="*", choices=("sqlite", "firestore"), default=["sqlite", "firestore"])
    parser.add_argument("--sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    flows, costs = asyncio.run(measure(asked))
    result = {"flows": [asdict(one) for one in flows], "costs": [asdict(one) for one in costs]}
    print(tables(flows, costs))
    print(json.dumps(result))
    if asked.json is not None:
        asked.json.write_text(json.dumps(result, indent=2))
    slow = [one.store for one in flows if one.store == "firestore" and one.counted_per_s < BAR]
    return 1 if slow or not all(one.exact for one in flows) else 0


if __name__ == "__main__":
    sys.exit(main())
