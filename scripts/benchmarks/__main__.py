"""`python -m scripts.benchmarks`: the command line. See scripts/benchmark."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from scripts.benchmarks import figures, kpi, measure, memory, peers, report, trials
from scripts.benchmarks.client import LoadError
from scripts.benchmarks.figures import HELLO, MENTOR, Figure
from scripts.benchmarks.page import html
from scripts.benchmarks.peers import PeersError
from scripts.benchmarks.processes import ROOT, StartError
from scripts.benchmarks.progress import Progress
from scripts.benchmarks.report import Report
from scripts.lib import coldstart
from shared.deployables import load

T = TypeVar("T")

OUT = ROOT / ".data" / "benchmarks"
_UNITS = {"Mi": 1, "Gi": 1024}
_BROKEN = (StartError, LoadError, PeersError, RuntimeError, OSError, subprocess.SubprocessError)


@dataclass(frozen=True)
class Size:
    """How thorough a run is."""

    plan: measure.Plan
    rounds: int
    cold_starts: int
    pace: trials.Pace


QUICK = Size(
    measure.Plan(seconds=0.8, warm=0.25, all_floors=False),
    rounds=1,
    cold_starts=1,
    pace=trials.Pace(messages=120, lanes=12, storm=60, together=16, model="150ms-n40-pace4ms"),
)
FULL = Size(
    measure.Plan(seconds=3.0, warm=0.8, all_floors=True),
    rounds=3,
    cold_starts=7,
    pace=trials.Pace(messages=600, lanes=20, storm=300, together=64, model="300ms-n60-pace8ms"),
)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description="Measures the product against its targets.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="everything but the soak, in a minute")
    size.add_argument("--full", action="store_true", help="the same with three rounds and more traffic, in ten minutes")
    parser.add_argument("--memory", action="store_true", help="the soak, alone or after --quick or --full")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the soak (default: %(default)g)")
    parser.add_argument(
        "--concurrent", type=int, metavar="N", help="so many conversations at once, alone or in the above"
    )
    parser.add_argument(
        "--peers", type=Path, metavar="DIR", help="an installed bench of other gateways, run with our row"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: .data/benchmarks/<time>.json")
    parser.add_argument("--html", type=Path, metavar="FILE", help="default: .data/benchmarks/<time>.html")
    given = parser.parse_args()
    if given.minutes <= 0 or (given.concurrent is not None and not 1 <= given.concurrent <= 2000):
        parser.error("--minutes is more than 0, --concurrent is 1 to 2000")
    if not (given.quick or given.full or given.memory or given.concurrent or given.peers):
        parser.error("say what to measure: --quick, --full, --memory, --concurrent N or --peers DIR")
    return given


def run(given: argparse.Namespace) -> Report:
    """Measure what was asked for; a part that breaks is reported, and the others go on."""
    made = Report(at=datetime.now(UTC).isoformat(timespec="seconds"), mode=_mode(given), machine=_machine())
    size = FULL if given.full else QUICK
    pace = replace(size.pace, together=given.concurrent) if given.concurrent else size.pace
    runs: trials.Runs | None = None
    if given.quick or given.full:
        made.figures = _part(made, "engineering figures", lambda: _engineering(size)) or []
        made.figures += _part(made, "cold starts", lambda: _cold_start(size.cold_starts)) or []
        runs = _part(made, "key figures", lambda: _trials(pace, trials.run_all, trials.messages(pace)))
    elif given.concurrent:
        runs = _part(made, "conversations", lambda: _trials(pace, trials.only_together, 3 * pace.together))
    if given.memory:
        made.soak = _part(made, "soak", lambda: _soak(given.minutes))
    if given.peers:
        made.peers = _part(made, "peers", lambda: peers.run(given.peers.resolve(), quick=not given.full))
    peaks = [figures.value(made.figures, measure.PEAK), runs and runs.peak_mb, made.soak and made.soak.peak_mb]
    peak = max((found for found in peaks if found), default=None)
    if runs is not None or made.soak is not None:
        made.kpis = kpi.table(runs, made.soak, peak_mb=peak, memory_mb=_limit_mb())
    made.trouble += _broken(made.figures)
    if made.soak is not None and made.soak.failed:
        made.trouble.append(f"{made.soak.failed} of {made.soak.sent} answers of the soak failed")
    return made


def _part(made: Report, name: str, work: Callable[[], T]) -> T | None:
    try:
        return work()
    except _BROKEN as error:
        made.trouble.append(f"{name}: {error}")
        return None


def _engineering(size: Size) -> list[Figure]:
    rounds = []
    for number in range(1, size.rounds + 1):
        bar = Progress(f"engineering, round {number} of {size.rounds}", size.plan.loads)
        rounds.append(list(measure.one_round(size.plan, bar.step)))
        bar.end()
    return figures.merge(rounds)


def _cold_start(runs: int) -> list[Figure]:
    # Without compiled bytecode on disk, which this variable forbids, every start would compile everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # noqa: TID251 - for the servers started from here
    bar = Progress("cold starts", 1)
    medians = coldstart.measure("mentor", runs)["median_s"]
    bar.end()
    assert isinstance(medians, dict)
    names = (("hello", HELLO), ("mentor", MENTOR))
    return [Figure("cold start to the first answer", subject, "s", medians[name]) for name, subject in names]


def _trials(
    pace: trials.Pace, work: Callable[[trials.Pace, Callable[[str], None]], trials.Runs], steps: int
) -> trials.Runs:
    bar = Progress("key figures", steps)
    found = work(pace, bar.step)
    bar.end()
    return found


def _soak(minutes: float) -> memory.Soak:
    bar = Progress(f"soak of {minutes:g} minutes", int(minutes * 60 / memory.SAMPLE_SECONDS) + 1)
    found = memory.run(minutes, bar.step)
    bar.end()
    return found


def _broken(found: list[Figure]) -> list[str]:
    """Answers that were not whole are no missed target but a fault, whatever the figure; each is told once."""
    lines = [f"{figure.subject}: {figure.note}" for figure in found if figure.failed]
    whole = figures.value(found, measure.STREAMS)
    if whole is not None and whole < measure.OPEN_STREAMS:
        lines.append(f"only {whole:.0f} of {measure.OPEN_STREAMS} open streams ended whole")
    return list(dict.fromkeys(lines))


def _limit_mb() -> float:
    """The memory of one mentor instance as deployed."""
    memory_size = next(entry.memory for entry in load() if entry.name == "mentor")
    return int(memory_size[:-2]) * _UNITS[memory_size[-2:]]


def _mode(given: argparse.Namespace) -> str:
    asked = [name for name in ("quick", "full", "memory") if getattr(given, name)]
    if given.concurrent:
        asked.append(f"{given.concurrent} conversations at once")
    return ", ".join(asked + (["peers"] if given.peers else []))


def _machine() -> dict[str, str]:
    about = {"Python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    about["CPUs"] = str(os.cpu_count())
    if hasattr(os, "getloadavg"):
        about["load before"] = f"{os.getloadavg()[0]:.1f}"
    return about


def main() -> None:
    """Measure, print, write. Exit 1 when a target was missed or something broke."""
    given = arguments()
    made = run(given)
    stamp = made.at.replace(":", "").replace("+0000", "Z")
    print(report.as_text(made))
    for path, text in (
        (given.json or OUT / f"{stamp}.json", json.dumps(report.as_json(made), indent=1) + "\n"),
        (given.html or OUT / f"{stamp}.html", html(made)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}", file=sys.stderr)
    sys.exit(made.failed)


if __name__ == "__main__":
    main()
