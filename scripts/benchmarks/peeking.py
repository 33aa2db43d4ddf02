"""The operating characteristics of the experiments' statistics, on simulated learners (`scripts/peeking`)."""

import argparse
import json
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from scripts.benchmarks import peeking_bandit as bandits
from scripts.benchmarks import peeking_data as data
from scripts.benchmarks.peeking_metrics import Coverage, Reduction, coverage, reduction
from scripts.benchmarks.peeking_trials import Setting, Stopped, Stops, pieces, trial
from scripts.benchmarks.progress import Progress
from shared.learning.intervals import share

ALPHA = 0.05
UNITS = 10_000
NULLS = (
    data.NORMAL,
    data.BERNOULLI,
    data.HEAVY,
    data.RATIO,
    data.RARE,
    data.UNEVEN,
    data.HEAVY_UNEVEN,
    data.TENTH,
    data.HEAVY_TENTH,
)
Effects = tuple[tuple[data.Population, int, tuple[float, ...]], ...]
"""Populations, planned units, true effects."""
EFFECTS: Effects = (
    (data.NORMAL, UNITS, (0.04, 0.05, 0.08, 0.15)),
    (data.BERNOULLI, UNITS, (0.01, 0.02, 0.04)),
    (data.NORMAL, 2_000, (0.15,)),
    (data.NORMAL, 20_000, (0.045,)),
)
QUICK_EFFECTS: Effects = ((data.NORMAL, UNITS, (0.06, 0.15)), (data.BERNOULLI, UNITS, (0.02,)))
CORRELATIONS = (0.0, 0.3, 0.5, 0.7, 0.9)
SIZES = (500, 2_000)


@dataclass(frozen=True, slots=True)
class Runs:
    """How often each part is repeated."""

    null: int = 2_000
    effect: int = 1_000
    cuped: int = 2_000
    coverage: int = 4_000
    bandit: int = 200

    @classmethod
    def quick(cls) -> "Runs":
        """For half a minute: a look at whether everything works, too few for a judgement."""
        return cls(null=100, effect=40, cuped=500, coverage=1_000, bandit=20)


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    asked = _arguments()
    runs = Runs.quick() if asked.quick else Runs()
    if asked.runs:
        runs = replace(runs, null=asked.runs, effect=asked.runs)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = {
            "alpha": ALPHA,
            "every": data.EVERY,
            "units": UNITS,
            "quick": asked.quick,
            "nulls": _nulls(pool, runs.null, asked.seed),
            "effects": _effects(pool, QUICK_EFFECTS if asked.quick else EFFECTS, runs.effect, asked),
            "cuped": _cuped(pool, runs.cuped, asked.seed),
            "ratios": _ratios(pool, runs.coverage, asked.seed),
            "bandits": _bandits(pool, runs.bandit, asked.seed),
        }
    missed = [
        f"{part}: {row['name']}"
        for part in ("nulls", "effects", "cuped", "ratios", "bandits")
        for row in found[part]
        if not row["met"]
    ]
    found["missed"] = missed
    print("\nall targets met" if not missed else "\nmissed: " + "; ".join(missed))
    line = json.dumps(found)
    if asked.json:
        Path(asked.json).write_text(line + "\n", encoding="utf-8")
    print(line)
    sys.exit(1 if missed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/peeking", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions: half a minute")
    parser.add_argument("--runs", type=int, help="experiments of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", help="also write the last line to this file")
    parser.add_argument("--gbstats", default="", help="the Python that has gbstats; empty: ours alone")
    return parser.parse_args()


def _nulls(pool: Executor, runs: int, seed: int) -> list[dict[str, Any]]:
    """A/A: how many experiments were ever called different. The target is at most alpha, of both bands."""
    print(
        f"A/A, {runs} experiments each, a look after every {data.EVERY} of {UNITS} units: ever called different, % [95 %]"
    )
    print(f"  {'':32}{'always valid':>24}{'relative':>10}{'t test, peeked':>16}{'t test, at the end':>20}")
    rows = []
    for population in NULLS:
        found = _tried(Setting(population, UNITS, runs, ALPHA, seed), pool, f"A/A {population.name}")
        rate, lift = _rate(found.absolute), _rate(found.relative)
        low, high = share(rate * runs, runs)
        row = {
            "name": population.name, "runs": runs, "always_valid": rate, "low": low, "high": high, "always_valid_relative": lift,
            "peeked": _rate(found.peeked), "at_the_end": _rate(found.final), "met": _allowed(rate, runs) and _allowed(lift, runs),
        }  # fmt: skip
        rows.append(row)
        print(
            f"  {population.name:32}{100 * rate:8.2f} [{100 * low:5.2f}, {100 * high:5.2f}]{100 * lift:10.2f}"
            f"{100 * _rate(found.peeked):16.2f}{100 * _rate(found.final):20.2f}"
        )
    return rows


def _effects(pool: Executor, effects: Effects, runs: int, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """A/B: power and stopping time beside gbstats' sequential test with its default tuning. The target is no worse in either."""
    print(
        f"\nA/B, {runs} experiments each: power %, median units until it stops ('-': fewer than half do), mean of those used"
    )
    print(f"  {'':32}{'ours':>24}{'gbstats':>24}{'t test, planned':>18}")
    rows = []
    for population, units, sizes in effects:
        for effect in sizes:
            name = f"{population.name} +{effect:g} of {units}"
            setting = Setting(population, units, runs, ALPHA, asked.seed + 1, effect, asked.gbstats)
            found = _tried(setting, pool, f"A/B {name}")
            ours, theirs = _course(found.absolute, units), _course(found.gbstats, units)
            met = not found.gbstats or ours.no_worse(theirs)
            rows.append({
                "name": name, "runs": runs, "ours": asdict(ours), "gbstats": asdict(theirs) if found.gbstats else None,
                "fixed_power": _rate(found.final), "met": met,
            })  # fmt: skip
            print(
                f"  {name:32}{_told(ours):>24}{_told(theirs) if found.gbstats else '':>24}{100 * _rate(found.final):18.1f}"
            )
    return rows


def _cuped(pool: Executor, runs: int, seed: int) -> list[dict[str, Any]]:
    print(
        "\nCUPED: share of the variance that is left, by the standard errors and as estimates scatter, beside 1 - rho^2"
    )
    rows = []
    bar = Progress("CUPED", len(CORRELATIONS))
    for rho in CORRELATIONS:
        found: Reduction = reduction(pool, rho, runs, seed)
        bar.step(f"rho {rho}")
        rows.append({"name": f"rho {rho}", **asdict(found), "expected": found.expected, "met": found.met})
        print(f"  rho {rho:<28}{found.said:8.4f} +- {found.error:.4f}{found.scattered:10.4f}{found.expected:10.4f}")
    bar.end()
    return rows


def _ratios(pool: Executor, runs: int, seed: int) -> list[dict[str, Any]]:
    """The target is 95 +- 1 % (as far as the repetitions can tell), and that the test per event is outside."""
    print(
        "\nRatios, several events a unit: 95 % intervals that hold the truth, %: absolute, relative, events as if independent"
    )
    rows = []
    bar = Progress("ratios", len(SIZES))
    for units in SIZES:
        found: Coverage = coverage(pool, units, runs, seed)
        bar.step(f"{units} units")
        slack = 0.01 if runs >= Runs().coverage else 0.03
        met = max(abs(found.absolute - 0.95), abs(found.relative - 0.95)) <= slack and abs(found.naive - 0.95) > slack
        rows.append({"name": f"{units} units", **asdict(found), "met": met})
        print(f"  {units:<32}{100 * found.absolute:8.2f}{100 * found.relative:10.2f}{100 * found.naive:10.2f}")
    bar.end()
    return rows


def _bandits(pool: Executor, runs: int, seed: int) -> list[dict[str, Any]]:
    """Bandits of equal arms, and one with an effect beside them. The target is at most alpha where there is none, as far as so few can tell."""
    print(
        f"\nBandits of {bandits.DAYS} days, {runs} experiments each, looked at every day: ever called different, % [95 %]"
    )
    rows = []
    for course in bandits.COURSES:
        bar = Progress(f"bandit {course.name}", bandits.steps(runs))
        rate = bandits.called(pool, course, runs, seed, partial(bar.step, ""))
        bar.end()
        low, high = share(rate * runs, runs)
        met = low <= ALPHA if course.effect == 0 else True
        rows.append({"name": course.name, "runs": runs, "called": rate, "low": low, "high": high, "met": met})
        print(f"  {course.name:32}{100 * rate:8.2f} [{100 * low:5.2f}, {100 * high:5.2f}]")
    return rows


def _tried(setting: Setting, pool: Executor, title: str) -> Stopped:
    bar = Progress(title, pieces(setting.runs))
    found = trial(setting, pool, lambda: bar.step(""))
    bar.end()
    return found


def _rate(stops: Stops) -> float:
    return sum(stop is not None for stop in stops) / len(stops) if stops else 0.0


def _allowed(rate: float, runs: int) -> bool:
    """At most alpha; where repetitions are few, as far as they can tell."""
    return rate <= ALPHA if runs >= Runs().null else share(rate * runs, runs)[0] <= ALPHA


@dataclass(frozen=True, slots=True)
class Course:
    """Of experiments with an effect: how many were stopped, and the units it took (`median` None: fewer than half were)."""

    power: float
    median: float | None
    mean: float

    def no_worse(self, other: "Course") -> bool:
        """In power and in the median alike."""
        return self.power >= other.power and (inf if self.median is None else self.median) <= (
            inf if other.median is None else other.median
        )


def _course(stops: Stops, units: int) -> Course:
    middle = median(inf if stop is None else stop for stop in stops) if stops else inf
    used = sum(units if stop is None else stop for stop in stops) / len(stops) if stops else units
    return Course(_rate(stops), middle if middle < inf else None, used)


def _told(course: Course) -> str:
    middle = "-" if course.median is None else f"{course.median:.0f}"
    return f"{100 * course.power:.1f} {middle:>7} {course.mean:>7.0f}"


if __name__ == "__main__":
    main()
