"""scripts/lib: the environment's stamp, what `.env` may hold, what commands say when they cannot."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lib import environment
from scripts.lib.environment import LOCKS, ensure, fingerprint
from tests.processes import ROOT
from tests.processes import environment as clean


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with locks and an interpreter, so that only the stamps decide."""
    for lock in (*LOCKS.values(), environment.UV_LOCK):
        (tmp_path / lock).write_text(f"# {lock}\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/usr/bin/false")  # whatever would be installed fails at once, without a network
    return tmp_path


def stamp(root: Path, tier: str) -> None:
    (root / ".venv" / f".installed-{tier}").write_text(fingerprint(root, tier))


@pytest.mark.parametrize(("stamped", "wanted"), [("run", "run"), ("dev", "dev"), ("dev", "run")])
def test_a_stamped_environment_is_left_alone(root: Path, stamped: str, wanted: str) -> None:
    stamp(root, stamped)
    assert ensure(wanted, root) is False


@pytest.mark.parametrize(("stamped", "wanted"), [("run", "dev"), (None, "run")])
def test_an_environment_without_the_stamp_is_installed(root: Path, stamped: str | None, wanted: str) -> None:
    if stamped:
        stamp(root, stamped)
    with pytest.raises(environment.InstallError, match=LOCKS[wanted]):
        ensure(wanted, root)
    assert not (root / ".venv" / f".installed-{wanted}").exists()


def test_a_changed_lock_is_installed_again(root: Path) -> None:
    stamp(root, "run")
    (root / LOCKS["run"]).write_text("changed\n")
    with pytest.raises(environment.InstallError):
        ensure("run", root)


def dotenv(folder: Path, text: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """The environment after load_dotenv, of a copy of the prelude in `folder`."""
    (folder / "scripts" / "lib").mkdir(parents=True)
    (folder / "scripts" / "lib" / "prelude.sh").write_text((ROOT / "scripts" / "lib" / "prelude.sh").read_text())
    (folder / ".env").write_text(text)
    script = "source scripts/lib/prelude.sh; load_dotenv; env -0"
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=clean(**env), capture_output=True, text=True, check=False
    )


def test_dotenv_is_read_as_text_and_what_is_set_wins(tmp_path: Path) -> None:
    text = (
        "# comment\n\nPLAIN=one\nexport EXPORTED=two\nQUOTED=\"three words here\"\nSINGLE='four'\n"
        "CODE=$(touch ran)`touch ran`\nEQUALS=a=b=c\nEMPTY=\nSET=from the file\nCRLF=five\r\nLAST=six"
    )
    done = dotenv(tmp_path, text, SET="from outside")
    assert done.returncode == 0, done.stderr
    found = dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)
    assert {name: found[name] for name in ("PLAIN", "EXPORTED", "QUOTED", "SINGLE", "CODE", "EQUALS", "EMPTY")} == {
        "PLAIN": "one",
        "EXPORTED": "two",
        "QUOTED": "three words here",
        "SINGLE": "four",
        "CODE": "$(touch ran)`touch ran`",
        "EQUALS": "a=b=c",
        "EMPTY": "",
    }
    assert (found["SET"], found["CRLF"], found["LAST"]) == ("from outside", "five", "six")
    assert not (tmp_path / "ran").exists()


def test_a_bad_dotenv_line_is_named_without_its_value(tmp_path: Path) -> None:
    done = dotenv(tmp_path, "OPENAI API KEY=sk-secret\n")
    assert done.returncode == 1
    assert "OPENAI API KEY" in done.stderr
    assert "sk-secret" not in done.stderr


def test_an_old_python_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text(f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.exit(1)"\n')
    old.chmod(0o755)
    names = ("python", "python3.11", "python3.12", "python3.13", "python3.14")
    for name in names:
        (tmp_path / name).symlink_to(old)
    done = subprocess.run(
        [ROOT / "scripts" / "token", "--sub", "u1"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "scripts/token: Python 3.11 or newer is needed (PYTHON=/path/to/python names one)\n",
    )
