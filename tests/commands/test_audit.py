"""What a build installs is looked at: pins, what runs unasked, what no package brought (T52)."""

import base64
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lib import audit
from tests.processes import ROOT

SITE = "lib/python3.11/site-packages"


def record(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An environment with one package, as an installer leaves it."""
    site = tmp_path / "venv" / SITE
    files = {"tidy/__init__.py": b"value = 1\n", "tidy.pth": b"# a comment\nsomewhere\n"}
    (site / "tidy").mkdir(parents=True)
    (site / "tidy-1.0.dist-info").mkdir()
    for name, content in files.items():
        (site / name).write_bytes(content)
    lines = [f"{name},{record(content)},{len(content)}" for name, content in files.items()]
    (site / "tidy-1.0.dist-info" / "RECORD").write_text("\n".join([*lines, "tidy-1.0.dist-info/RECORD,,", ""]))
    return tmp_path / "venv"


def recorded(tree: Path, name: str, content: bytes) -> None:
    """A file that the package itself brings."""
    (tree / SITE / name).write_bytes(content)
    with (tree / SITE / "tidy-1.0.dist-info" / "RECORD").open("a") as lines:
        lines.write(f"{name},{record(content)},{len(content)}\n")


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "-I", str(ROOT / "scripts/lib/audit.py")]
    return subprocess.run([*script, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_a_tidy_environment_has_nothing(tree: Path) -> None:
    done = command("--installed", tree)
    assert (done.returncode, done.stdout) == (0, "nothing found\n")


def test_what_we_deploy_has_nothing() -> None:
    assert list(audit.installed(ROOT / ".venv")) == []


def test_t52_a_planted_pth_fails_the_build(tree: Path) -> None:
    (tree / SITE / "helpful.pth").write_text("import os; os.environ\n")
    done = command("--installed", tree)
    assert done.returncode == 1
    assert "helpful.pth: runs at every start" in done.stdout
    assert "helpful.pth: belongs to no package" in done.stdout


def test_t52_so_does_one_that_a_package_brings(tree: Path) -> None:
    recorded(tree, "tidy_init.pth", b"import tidy\n")
    assert [line.split(",")[0] for line in audit.installed(tree)] == [f"{SITE}/tidy_init.pth: runs at every start"]


def test_t52_a_known_name_with_other_content_is_not_known(tree: Path) -> None:
    recorded(tree, "distutils-precedence.pth", b"import os; os.system('true')\n")
    assert any("distutils-precedence.pth: runs" in line for line in audit.installed(tree))


@pytest.mark.parametrize("name", audit.RUNS_AT_START)
def test_t52_modules_that_python_imports_at_every_start(tree: Path, name: str) -> None:
    recorded(tree, name, b"value = 2\n")
    assert any(name in line and "imported at every start" in line for line in audit.installed(tree))


def test_t52_a_file_that_was_changed_after_the_installation(tree: Path) -> None:
    (tree / SITE / "tidy/__init__.py").write_text("value = 3\n")
    assert list(audit.installed(tree)) == ["tidy/__init__.py: is not what its package brought"]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    done = command("--installed", tmp_path / "nothing")
    assert (done.returncode, "is no folder" in done.stderr) == (1, True)


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    for name in audit.LOCKS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("requests==2.0.0", "no hash"),
        ("requests>=2.0.0", "neither a pin"),
        ("--extra-index-url https://packages.example.test/simple", "neither a pin"),
        ("requests @ https://packages.example.test/requests.whl", "neither a pin"),
        ("-e .", "neither a pin"),
    ],
)
def test_t52_a_line_that_pins_nothing(locks: Path, line: str, says: str) -> None:
    assert list(audit.pins(locks)) == []
    with (locks / "requirements.txt").open("a") as lock:
        lock.write(line + "\n")
    (found,) = audit.pins(locks)
    assert found.startswith("requirements.txt: ")
    assert says in found


def test_a_lock_that_is_missing(locks: Path) -> None:
    (locks / "requirements.txt").unlink()
    assert list(audit.pins(locks)) == ["requirements.txt: is missing"]
