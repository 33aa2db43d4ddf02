"""The TypeScript client, generated and compiled, against `scripts/dev`: a real server, real HTTP, a real Node.

The scenarios themselves are in typescript/scenarios.test.ts; each is a test of its own here.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.mobile.clients import generate
from shared.identity import local
from tests.clients import nodes
from tests.processes import ROOT, environment, free_port, serving
from tests.tools import require_tool

pytestmark = pytest.mark.timeout(300)  # the first test waits for the generator, the compiler and the server

SOURCES = Path(__file__).parent / "typescript"
SCENARIOS = re.findall(r'scenario\("(.+?)"', (SOURCES / "scenarios.test.ts").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as `scripts/clients` writes it, compiled as its own tsconfig says (strict)."""
    nodes.node()
    require_tool("java", hint="Java 11 or newer runs the generator")
    out = tmp_path_factory.mktemp("clients")
    generate(out, ["typescript"])
    found = out / "typescript"
    (found / "node_modules").symlink_to(nodes.modules())
    nodes.compiled(found)
    return found


@pytest.fixture(scope="module")
def models() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "scripts.fakes.models", "--port", str(port)]
    with serving(command, port=port, cwd=ROOT, env=environment()) as fake:
        yield fake.url


@pytest.fixture(scope="module")
def outcomes(package: Path, models: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What came of each scenario."""
    room, data, port = tmp_path_factory.mktemp("scenarios"), tmp_path_factory.mktemp("data"), free_port()
    built = _built(room, package)
    token = local.mint(local.read_or_create_secret(data), "u1", "learner", 3600)
    env = environment(DATA_DIR=str(data), LOCAL_INFER_URL=models + "/v1")
    command = [str(ROOT / "scripts" / "dev"), "--port", str(port)]
    with serving(command, port=port, cwd=ROOT, env=env) as server:
        report = room / "report.xml"
        done = subprocess.run(
            [nodes.node(), "--test", "--test-reporter=junit", f"--test-reporter-destination={report}", built],
            env=environment(LYO_URL=server.url, LYO_MODEL_URL=models, LYO_TOKEN=token),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert report.exists(), done.stdout + done.stderr
        yield nodes.outcomes(report)


def _built(room: Path, package: Path) -> Path:
    """The scenarios, compiled beside a node_modules in which the client is what an app's would be."""
    for source in SOURCES.iterdir():
        shutil.copyfile(source, room / source.name)
    (room / "package.json").write_text('{"type": "module"}')
    for name, target in {"@lyo/ai-client": package, "@types/node": nodes.modules() / "@types" / "node"}.items():
        place = room / "node_modules" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    nodes.compiled(room)
    return room / "built" / "scenarios.test.js"


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name] == ""


def test_every_scenario_was_run(outcomes: dict[str, str]) -> None:
    assert sorted(outcomes) == sorted(SCENARIOS)
    assert len(set(SCENARIOS)) == len(SCENARIOS)


def test_the_package_asks_for_nothing_at_run_time_and_its_lock_names_no_place() -> None:
    assert '"dependencies"' not in (nodes.PACKAGE / "package.json").read_text()
    lock = (nodes.PACKAGE / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
