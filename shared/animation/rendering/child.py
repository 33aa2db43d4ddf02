"""Renders FOLDER/scene.py to FOLDER/video.mp4 within limits. Run by path, by an interpreter that has Manim:

    PYTHON -I -B child.py FOLDER HEIGHT RATE

Exit status 3: this system cannot shut a process in, so nothing was run. Standard library and Manim only.
"""

import ctypes
import os
import platform
import random
import resource
import struct
import sys
from pathlib import Path

MEMORY = 3 * 1024**3
PROCESSOR_SECONDS = 180
FILE_BYTES = 64 * 1024**2
OPEN_FILES = 256
PROCESSORS = 2
UNCONFINED = 3

# Numbers of system calls: socket, socketpair, connect, bind, sendto, execve, execveat, ptrace, mount, unshare, setns, kill, bpf,
# setpgid and setsid (or it could leave the group that is ended with it); then io_uring's three, by which others could be reached.
_CALLS = {
    "x86_64": (0xC000003E, (41, 53, 42, 49, 44, 59, 322, 101, 165, 272, 308, 62, 321, 109, 112, 425, 426, 427)),
    "aarch64": (0xC00000B7, (198, 199, 203, 200, 206, 221, 281, 117, 40, 97, 268, 129, 280, 154, 157, 425, 426, 427)),
}
_OTHER_NUMBERS = 0x40000000  # from here on x86-64 has the same calls under other numbers
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def limit() -> None:
    """Bound memory, processor time, what is written, open files, and the processors that are used."""
    if sys.platform == "linux":
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, random.sample(mine, min(PROCESSORS, len(mine))))
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def confine() -> None:
    """Have the kernel refuse sockets and other programs from now on, to this process and all it starts.

    Raises OSError where it cannot.
    """
    known = _CALLS.get(platform.machine())
    if known is None or sys.platform != "linux":
        raise OSError("no filter for this system")
    architecture, calls = known
    last = len(calls)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    steps.append((_AT_LEAST, last + 1, 0, _OTHER_NUMBERS))
    steps += [(_EQUAL, last - place, 0, number) for place, number in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.cast(packed, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.c_ulong(0)
    if libc.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), nothing, nothing, nothing) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), nothing, nothing) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def render(folder: Path, height: int, rate: int) -> None:
    """Draw the scene with Manim's Cairo renderer."""
    from manim import tempconfig  # type: ignore[import-not-found]  # in the renderer's own environment

    source = (folder / "scene.py").read_text(encoding="utf-8")
    module: dict[str, object] = {"__name__": "scene"}
    chosen = {
        "pixel_height": height,
        "pixel_width": height * 16 // 9 // 2 * 2,
        "frame_rate": rate,
        "media_dir": str(folder / "media"),
        "disable_caching": True,
        "progress_bar": "none",
        "verbosity": "ERROR",
        "renderer": "cairo",
        "write_to_movie": True,
    }
    with tempconfig(chosen):
        exec(compile(source, "scene.py", "exec"), module)  # noqa: S102 - our compiler's source, shut in
        module["Animation"]().render()  # type: ignore[operator]  # the class that the compiler always writes
    made = [path for path in (folder / "media").rglob("*.mp4") if "partial_movie_files" not in path.parts]
    os.replace(made[0], folder / "video.mp4")


def main(folder: str, height: str, rate: str) -> int:
    """Shut this process in, then render."""
    limit()
    try:
        confine()
    except OSError as error:
        print(f"cannot be shut in: {error}", file=sys.stderr)  # noqa: T201 - its parent reads it
        return UNCONFINED
    render(Path(folder), int(height), int(rate))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
