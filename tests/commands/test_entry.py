"""main.py: one function by its name, from this folder, or a start that ends with one line."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import BIN, ROOT, environment, fetch, free_port, function

SAMPLE = """
import functions_framework.aio
import shared
from starlette.responses import PlainTextResponse

@functions_framework.aio.http
async def sample(request):
    return PlainTextResponse(shared.__file__)
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source folder with main.py, two functions and an empty `shared`."""
    for package in ("functions", "shared"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    shutil.copy(ROOT / "main.py", tmp_path)
    (tmp_path / "functions" / "sample.py").write_text(SAMPLE)
    (tmp_path / "functions" / "broken.py").write_text("raise RuntimeError('imported although it is not the target')")
    return tmp_path


def refused(source: Path, target: str, **env: str) -> str:
    """What functions-framework says on standard error when it does not start."""
    done = subprocess.run(
        [BIN / "functions-framework", "--target", target, "--port", str(free_port())],
        cwd=source,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_only_the_target_is_imported_and_it_answers(source: Path) -> None:
    with function("sample", source) as server:
        answer = fetch(server.url + "/any/path")
    assert (answer.status, answer.body.decode()) == (200, str(source / "shared" / "__init__.py"))


@pytest.mark.parametrize("target", ["nothing", "../sample", "os", "functions.sample"])
def test_an_unknown_target_ends_the_start_with_one_line(source: Path, target: str) -> None:
    said = refused(source, target)
    assert said == f"unknown function {target!r}: FUNCTION_TARGET or --target must be one of broken, sample\n"


def test_a_package_of_the_same_name_elsewhere_does_not_win(
    source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "shared").mkdir()
    (elsewhere / "shared" / "__init__.py").touch()
    with function("sample", source, PYTHONPATH=str(elsewhere)) as server:
        assert fetch(server.url).body.decode() == str(source / "shared" / "__init__.py")


def test_a_package_of_the_same_name_imported_before_ends_the_start(
    source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "shared").mkdir()
    (elsewhere / "shared" / "__init__.py").touch()
    (elsewhere / "sitecustomize.py").write_text("import shared")
    said = refused(source, "sample", PYTHONPATH=str(elsewhere))
    assert said == f"`shared` was imported from {elsewhere}/shared/__init__.py, not from beside main.py\n"
