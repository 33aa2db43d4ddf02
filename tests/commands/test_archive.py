"""The source archive: the same bytes for the same source, nothing that git does not track, and it runs by itself."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts.lib import archive
from scripts.lib.archive import ArchiveError
from shared.deployables import Deployable, load
from tests.processes import ROOT, fetch, function


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a copy of what is deployed, tracked, and with files around it that are not."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in archive.SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    (root / "README.md").write_text("not deployed\n")
    (root / ".gitignore").write_text("*.pyc\n__pycache__/\n.env\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    (root / ".env").write_text("OPENAI_API_KEY=canary\n")
    (root / "functions" / "left.pyc").write_text("ignored\n")
    return root


def test_the_same_source_gives_the_same_bytes(checkout: Path, tmp_path: Path) -> None:
    first = archive.write(checkout, tmp_path / "one")
    for path in checkout.rglob("*.py"):
        os.utime(path, (0, 2_000_000_000))
        path.chmod(0o600)
    second = archive.write(checkout, tmp_path / "two")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    (checkout / "main.py").write_text("changed\n")
    assert archive.write(checkout, tmp_path / "two").name != first.name


def test_only_tracked_source_is_packed(checkout: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive.write(checkout, tmp_path / "out")) as packed:
        names = packed.namelist()
    assert names == sorted(names)
    assert {name.split("/")[0] for name in names} == set(archive.SOURCES)
    assert {"main.py", "requirements.txt", "functions/catalog.yaml", "shared/errors.py"} <= set(names)
    assert not [name for name in names if name.endswith(".pyc")]


def test_a_file_that_git_does_not_know_is_named_and_refused(checkout: Path, tmp_path: Path) -> None:
    (checkout / "functions" / "key.json").write_text("{}")
    with pytest.raises(ArchiveError, match=r"functions/key\.json"):
        archive.write(checkout, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_the_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="git"):
        archive.sources(tmp_path)
    git(tmp_path, "init", "--quiet")
    with pytest.raises(ArchiveError, match=r"tracks no main\.py, functions, shared, requirements\.txt"):
        archive.sources(tmp_path)


@pytest.mark.parametrize("entry", [one for one in load() if one.service == "function"], ids=lambda entry: entry.name)
def test_a_function_runs_from_the_unpacked_archive(checkout: Path, tmp_path: Path, entry: Deployable) -> None:
    place = tmp_path / "unpacked"
    with zipfile.ZipFile(archive.write(checkout, tmp_path / "out")) as packed:
        packed.extractall(place)
    shutil.rmtree(checkout)
    with function(entry.name, place, DATA_DIR=str(tmp_path / "data")) as server:
        answer = fetch(server.url + entry.paths[0] + "/chat", method="POST")
    assert answer.status in (401, 404, 405), server.printed()
    assert answer.headers["content-type"] == "application/problem+json"
