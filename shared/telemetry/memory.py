"""How much memory this process holds, and how much its container may."""

import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

_STATM = Path("/proc/self/statm")
_CGROUP = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 50
"""What version 1 says instead of "max" is near 2**63; no container has a petabyte."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in use, and the container's limit (None: there is none, or nobody says)."""

    used: int
    limit: int | None = None

    @property
    def share(self) -> float | None:
        """In use, of the limit."""
        return None if self.limit is None else self.used / self.limit


def resident_bytes() -> int:
    """Resident memory in bytes. Where there is no /proc (macOS) it is the largest it has been so far."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def memory(cgroup: Path = _CGROUP) -> Memory:
    """What counts against the container's limit: all its processes and files in memory, less cache that can go at any time.

    Cgroup version 2 first, then 1. Without a limit, this process's resident memory.
    """
    for folder, limit_name, used_name, cache_name in (
        (cgroup, "memory.max", "memory.current", "inactive_file"),
        (cgroup / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        limit = _number(folder / limit_name)
        if limit is None or not 0 < limit < _NO_LIMIT:
            continue
        used = _number(folder / used_name)
        # A sandbox may tell the limit and not the use (gVisor): then this process is what is known of it.
        whole = resident_bytes() if not used else max(0, used - _cache(folder / "memory.stat", cache_name))
        return Memory(whole, limit)
    return Memory(resident_bytes())


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # not there, or "max"
        return None


def _cache(path: Path, name: str) -> int:
    try:
        fields = dict(line.split(maxsplit=1) for line in path.read_text().splitlines())
        return int(fields.get(name, "0"))
    except (OSError, ValueError):
        return 0
