"""Videos out of source: with the real Manim, shut in, within limits (T50, T51)."""

import sys
from pathlib import Path

import pytest

from shared.animation import scene
from shared.animation.compiler import compile_scene
from shared.animation.rendering import EFFORTS, LARGEST, Effort
from shared.animation.rendering.process import RenderFailed, render
from tests.animation.scenes import HOSTILE, everything, manim, with_text
from tests.fakes.waiting import eventually

QUICK = Effort(120, 5, 100.0)
_OUT = "class Animation:\n    def render(self):\n        "
"""What a stranger would write in the place of the compiler's class."""


async def failed(source: str, python: Path, effort: Effort = QUICK) -> RenderFailed:
    with pytest.raises(RenderFailed) as raised:
        await render(python, source, effort)
    return raised.value


async def test_everything_becomes_a_small_video() -> None:
    python = manim()
    video = await render(python, compile_scene(scene.read(everything())), EFFORTS[0])
    assert video[4:8] == b"ftyp"
    assert 5_000 < len(video) < LARGEST


@pytest.mark.parametrize("text", ['{x} "); exit() #', HOSTILE[9], HOSTILE[11]])
async def test_t50_hostile_texts_are_drawn(text: str) -> None:
    python = manim()
    assert (await render(python, compile_scene(scene.read(with_text(text))), QUICK))[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import socket; socket.socket()", "PermissionError"),
        ("import socket; socket.socketpair()", "PermissionError"),
        ("import urllib.request; urllib.request.urlopen('http://169.254.169.254/')", "Operation not permitted"),
        ("import subprocess; subprocess.run(['/bin/true'])", "PermissionError"),
        ("import os; os.system('true') and exit('no shell')", "no shell"),
        ("import os; os.kill(os.getppid(), 0)", "PermissionError"),
        ("import os; os.setsid()", "PermissionError"),
        ("bytearray(4 * 1024**3)", "MemoryError"),
        ("open('x', 'wb').write(bytes(65 * 1024**2))", "File too large"),
        ("kept = [open('/dev/null') for _ in range(300)]", "Too many open files"),
    ],
)
async def test_t50_the_renderer_has_no_network_no_programs_and_limits(body: str, says: str) -> None:
    python = manim()
    ended = await failed(_OUT + body, python)
    assert ended.reason == "error"
    assert says in ended.told


async def test_t50_the_renderer_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    python = manim()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-in-the-environment")
    ended = await failed(_OUT + "import os, sys; sys.exit(repr((dict(os.environ), os.getcwd(), sys.path)))", python)
    assert "canary" not in ended.told
    assert "lyo-render-" in ended.told
    assert str(Path(__file__).resolve().parents[2] / "shared") not in ended.told


def runs(process: int) -> bool:
    """Whether it still does anything: a dead process may wait for somebody to ask for its status."""
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in ("Z", "X")


async def test_t51_a_loop_is_ended_with_all_it_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = manim()
    pids, folders = tmp_path / "pids", tmp_path / "folders"
    pids.mkdir()
    folders.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folders))
    body = f"import os; os.fork(); open('{pids}/' + str(os.getpid()), 'w').close()\n        while True: pass"
    ended = await failed(_OUT + body, python, Effort(120, 5, 15.0))
    assert ended.reason == "time"
    assert list(folders.iterdir()) == [], "its folder is gone"
    assert len(list(pids.iterdir())) == 2
    await eventually(lambda: not any(runs(int(path.name)) for path in pids.iterdir()))


async def test_a_video_that_is_too_large_to_keep_is_none() -> None:
    python = manim()
    with pytest.raises(RenderFailed, match="size"):
        await render(python, compile_scene(scene.read(with_text("words"))), QUICK, largest=100)


async def test_an_interpreter_that_is_not_there_or_has_no_manim() -> None:
    assert (await failed("", Path("/nowhere/python"))).reason == "error"
    without = await failed("", Path(sys.executable))
    assert (without.reason, "manim" in without.told) == ("error", True)
