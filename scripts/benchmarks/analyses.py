"""What an analysis costs by the number of events behind it. See scripts/outcomes.

Shards hold so many events, made by the same code that counts: event by event up to a hundred thousand, beyond a learner's events at
once, as the sums that they come to.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from scripts.benchmarks.progress import Progress
from shared.activity.events import Exposed, Outcome
from shared.experiments import slices, stored
from shared.experiments.analysis import analyse
from shared.experiments.exact import SCALE
from shared.experiments.rules import Rules, rules_of
from shared.experiments.shards import Shard, shard_id, shard_of
from shared.experiments.sketch import bucket, merge
from shared.experiments.unit import Unit, day_of, part, take
from shared.store import Put, Store
from shared.stored.experiments import (
    SHARDS,
    Experiment,
    ExperimentMetric,
    ExperimentShard,
    ExperimentVariant,
    RunningExperiment,
    RunningVariant,
    Slice,
)

START = 1_790_000_000.0
_EACH = 100
"""Events of a learner."""
_BY_EVENT = 100_000
_TIMES = 15


@dataclass(frozen=True)
class Cost:
    """An analysis after so many events; milliseconds (median)."""

    events: int
    units: int
    load_ms: float
    analyse_ms: float
    kilobytes: float


def experiment() -> Experiment:
    """One that runs, with a mean, a ratio and a quantile of the same values."""
    arms = [RunningVariant(name=name, weight=0.5) for name in ("control", "other")]
    running = RunningExperiment(
        id="hot", salt="salt", slices=[Slice(ranges=[(0, 1)], weights=[0.5, 0.5])], variants=arms
    )
    return Experiment(
        id="hot", name="Hot", kind="feature", state="running",
        variants=[ExperimentVariant(name=arm.name, weight=0.5, is_control=arm.name == "control") for arm in arms],
        metrics=[
            ExperimentMetric(name="score", kind="mean"),
            ExperimentMetric(name="share", kind="ratio"),
            ExperimentMetric(name="size", kind="quantile", quantile=0.95),
        ],
        target_participants=1000, min_participants=100, traffic_allocation=1, duration_days=14,
        running=running, created_at=START, created_by="benchmark", started_at=START,
    )  # fmt: skip


def arm(unit: str) -> str:
    """The variant that a learner is in."""
    running = experiment().running
    return "control" if running is None else slices.arm_of(running, unit) or "control"


def shards_of(events: int) -> tuple[list[Shard], int]:
    """Shards that hold so many events, and of how many learners."""
    rules, chance = rules_of(experiment()), random.Random(2)
    assert rules is not None
    shards = [Shard() for _ in range(SHARDS)]
    units = max(20, events // _EACH)
    bar = Progress(f"{events:,} events", 20)
    for number in range(units):
        name = f"learner-{number}"
        unit = (_lived if events <= _BY_EVENT else _filled)(name, rules, chance, events // units)
        shard = shards[shard_of(name)]
        shard.change(None, part(unit, rules))
        shard.note(0, unit.met.values())
        if number % max(1, units // 20) == 0:
            bar.step("")
    bar.end()
    return shards, units


def _lived(name: str, rules: Rules, chance: random.Random, events: int) -> Unit:
    unit, first = Unit(), START + chance.random() * 7 * 86_400
    take(unit, name, first, Exposed(name, "x", "hot", arm(name)), rules)
    for number in range(events):
        metric = ("score", "share", "size")[number % 3]
        event = Outcome(name, f"o{number}", "hot", metric, chance.expovariate(0.2))
        take(unit, name, first + chance.random() * 7 * 86_400, event, rules)
    return unit


def _filled(name: str, rules: Rules, chance: random.Random, events: int) -> Unit:
    """The same state out of sums instead of single events."""
    unit, first, third = Unit(), START + chance.random() * 7 * 86_400, events // 3
    take(unit, name, first, Exposed(name, "x", "hot", arm(name)), rules)
    total = int(chance.gammavariate(third, 5) * SCALE)
    unit.sums = {"score": (total, third * SCALE), "share": (total, third * SCALE)}
    unit.early = {day_of(first): (total // 3, third * SCALE // 3)}
    for _ in range(8):
        merge(unit.spread.setdefault("size", {}), {bucket(chance.expovariate(0.2)): max(1, third // 8)})
    unit.converted = third
    return unit


async def cost(store: Store, events: int) -> Cost:
    """What loading and analysing take after so many events."""
    shards, units = shards_of(events)
    bodies = [shard.encoded() for shard in shards]
    await store.commit(*(Put(ExperimentShard(id=shard_id("hot", n), body=body)) for n, body in enumerate(bodies)))
    load, analysed = [], []
    for _ in range(_TIMES):
        began = time.perf_counter()
        totals = await stored.load(store, "hot")
        load.append(time.perf_counter() - began)
        began = time.perf_counter()
        analyse(experiment(), totals, START + 10 * 86_400)
        analysed.append(time.perf_counter() - began)
    median: Callable[[list[float]], float] = lambda times: sorted(times)[len(times) // 2] * 1000  # noqa: E731
    return Cost(events, units, median(load), median(analysed), sum(map(len, bodies)) / 1000)
