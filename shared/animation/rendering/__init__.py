"""A scene's source as a video, where an interpreter with Manim is named (MANIM_PYTHON); everywhere else pictures and text stand in.

The source is our compiler's, and still it runs as if it were a stranger's: in a process of its own with an empty environment
and a folder of its own, that the kernel refuses sockets and other programs (a seccomp filter, without which nothing is run),
with limits on memory, processor time, open files and what it writes, and that is ended after so many seconds.

It runs under the same user as its caller, so it could read the same files. What it can be made to do is bounded by what the
compiler writes: drawing, and nothing else.

    process.py  one try: the process and its limits     child.py   what runs in it; the standard library and Manim alone
    job.py      the tries, as background work
"""

from dataclasses import dataclass

LARGEST = 680_000
"""Bytes of a video: as base64 it fits into one document of every store (1 MiB)."""


@dataclass(frozen=True, slots=True)
class Effort:
    """One way of rendering: lines of the picture, pictures a second, and seconds until it is given up."""

    height: int
    rate: int
    seconds: float


EFFORTS = (Effort(480, 15, 120.0), Effort(240, 10, 90.0))
"""Tried in this order; after the last there is no video."""
MOST_STARTS = 3
"""How often rendering one animation is begun in all, also when the process that did it died."""
