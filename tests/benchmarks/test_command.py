"""The command line: what it refuses, and what our row looks like to a bench of other gateways."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.benchmarks import peers
from tests.architecture.sources import ROOT


def call(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "scripts.benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "say what to measure"),
        (("--quick", "--full"), "not allowed with"),
        (("--concurrent", "0"), "--concurrent is 1 to 2000"),
        (("--memory", "--minutes", "0"), "--minutes is more than 0"),
    ],
)
def test_nonsense_is_refused_in_a_line(arguments: tuple[str, ...], says: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert says in done.stderr.splitlines()[-1]


def test_a_folder_without_a_bench_is_refused(tmp_path: Path) -> None:
    with pytest.raises(peers.PeersError, match=r"there is no bench\.py"):
        peers.run(tmp_path, quick=True)


FAKE = """
import json, pathlib, sys
pathlib.Path("raw.json").write_text(json.dumps({"given": sys.argv[1:]}))
print("| a | table |")
print()
print("raw:", pathlib.Path("raw.json").resolve())
"""


def bench(folder: Path, text: str) -> Path:
    (folder / "bench.py").write_text(text)
    (folder / "tool" / "bin").mkdir(parents=True)
    (folder / "tool" / "bin" / "python").symlink_to(sys.executable)
    return folder


def test_the_bench_gets_our_row_and_gives_its_table(tmp_path: Path) -> None:
    found = peers.run(bench(tmp_path, FAKE), quick=True)
    assert found.table == "| a | table |"
    given = dict(zip(found.raw["given"][::2], found.raw["given"][1::2], strict=False))
    assert given["--only"].startswith("direct,")
    assert given["--target"].startswith("lyo=http://127.0.0.1:")
    assert "{n}" in given["--body"]
    assert "--target mentor" in given["--cmd"]
    assert given["--cache"] == "lyo"
    assert "lyo=LOCAL_INFER_URL=http://127.0.0.1:21001/v1" in found.raw["given"]


def test_a_bench_that_fails_is_said(tmp_path: Path) -> None:
    with pytest.raises(peers.PeersError, match="ended with 3"):
        peers.run(bench(tmp_path, "import sys; sys.exit(3)"), quick=False)
