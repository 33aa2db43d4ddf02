"""What the kernel says about processes and the machine (Linux's /proc; elsewhere the answer is None), and pinning."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(pid: int) -> list[int]:
    """A process and everything below it that lives now."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in (PROC / str(one) / "task").iterdir():
                waiting.extend(int(child) for child in (task / "children").read_text().split())
        except OSError:
            continue  # it ended while we looked
    return found


def cpu_seconds(pid: int) -> float | None:
    """CPU time that a process and its living descendants have used, to a hundredth of a second."""
    total, seen = 0.0, False
    for one in tree(pid):
        try:
            # The name in brackets may hold spaces; what is behind it is fixed. Fields 14 and 15 are user and system time.
            fields = (PROC / str(one) / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / _TICKS
        seen = True
    return total if seen else None


def busy_seconds() -> float | None:
    """CPU time that the whole machine has been at work (or its host has taken from it) since it started, over all CPUs."""
    try:
        fields = [int(field) for field in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    except OSError:
        return None
    return (sum(fields) - fields[3] - fields[4]) / _TICKS  # less idle and waiting for disks


def resident_mb(pid: int) -> float | None:
    """Resident memory of one process, in MiB."""
    try:
        return int((PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE / 2**20
    except OSError:
        return None


def tree_mb(pid: int, field: str) -> float | None:
    """`Rss`, `Pss` (shared pages counted once in all) or `VmHWM` (the most ever resident), summed over the tree, in MiB."""
    source = "status" if field.startswith("Vm") else "smaps_rollup"
    total, seen = 0, False
    for one in tree(pid):
        try:
            lines = (PROC / str(one) / source).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(field + ":"):
                total += int(line.split()[1])
                seen = True
    return total / 1024 if seen else None


def workers(pid: int) -> list[int]:
    """The processes below `pid` that have no children: a server's workers, or the server itself when it has none."""
    everyone = tree(pid)
    return [one for one in everyone if len(tree(one)) == 1] or [pid]


def cpus() -> tuple[int | None, int | None]:
    """The CPU for the server under test and the one for upstream and load; None twice where nothing can be pinned."""
    if not hasattr(os, "sched_getaffinity"):
        return (None, None)
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) > 1 else (None, None)


@contextmanager
def pinned(cpu: int | None) -> Iterator[None]:
    """Processes started in the block run on `cpu` alone: they inherit it from this one, before their first instruction."""
    if cpu is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Watch:
    """CPU time of the watched trees and of the machine, from its making to `read`."""

    def __init__(self, pids: tuple[int, ...]) -> None:
        self._pids = pids
        self._before = self._now()

    def read(self, seconds: float) -> tuple[float | None, float | None]:
        """CPU seconds of the first tree, and the CPUs' worth of work that was none of the trees' and not ours.

        None twice where the kernel does not say.
        """
        busy, own, trees = (after - before for after, before in zip(self._now()[:3], self._before[:3], strict=True))
        server = self._now()[3] - self._before[3]
        if busy_seconds() is None or not self._pids:
            return None, None
        return server, max(0.0, (busy - own - trees) / seconds)

    def _now(self) -> tuple[float, float, float, float]:
        times = os.times()
        trees = [cpu_seconds(pid) or 0.0 for pid in self._pids]
        return busy_seconds() or 0.0, times.user + times.system, sum(trees), trees[0] if trees else 0.0
