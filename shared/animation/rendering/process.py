"""One try at a video: a process of its own, an empty environment, its own folder, and an end."""

import asyncio
import contextlib
import os
import signal
import tempfile
from pathlib import Path

from shared.animation.rendering import LARGEST, Effort

_CHILD = Path(__file__).with_name("child.py")
_UNCONFINED = 3
_TOLD = 4_000  # bytes of what a failed process said that are kept


class RenderFailed(Exception):
    """There is no video. `reason`: time, size, unconfined (it was not run at all) or error; `told` is for the log."""

    def __init__(self, reason: str, told: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.told = told


async def render(python: Path, source: str, effort: Effort, *, largest: int = LARGEST) -> bytes:
    """The video (MP4) of a source. Raises RenderFailed. Cancelling it ends the process too."""
    with tempfile.TemporaryDirectory(prefix="lyo-render-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "scene.py").write_text(source, encoding="utf-8")
        status = await _run(python, folder, effort)
        if status == _UNCONFINED:
            raise RenderFailed("unconfined", _said(folder))
        video = folder / "video.mp4"
        if status != 0 or not video.is_file():
            raise RenderFailed("error", _said(folder))
        if (size := video.stat().st_size) > largest:
            raise RenderFailed("size", f"{size} bytes")
        return video.read_bytes()


async def _run(python: Path, folder: Path, effort: Effort) -> int:
    """The exit status. Raises RenderFailed when time is up, or when there is no such interpreter."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": str(folder)}
    # Threads reserve memory each: on a machine with many processors that alone would reach the limit.
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
    with (folder / "said").open("wb") as said:
        try:
            process = await asyncio.create_subprocess_exec(
                *_command(python, folder, effort),
                cwd=folder,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            raise RenderFailed("error", str(error)) from None
    try:
        return await asyncio.wait_for(process.wait(), effort.seconds)
    except TimeoutError:
        raise RenderFailed("time", f"{effort.seconds:g} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _command(python: Path, folder: Path, effort: Effort) -> list[str]:
    # The interpreter's full path, because the process starts in a folder of its own; not its real one, or it loses its packages.
    return [str(python.absolute()), "-I", "-B", str(_CHILD), str(folder), str(effort.height), str(effort.rate)]


def _said(folder: Path) -> str:
    with (folder / "said").open("rb") as said:
        said.seek(0, os.SEEK_END)
        said.seek(max(0, said.tell() - _TOLD))
        return said.read().decode("utf-8", "replace")
