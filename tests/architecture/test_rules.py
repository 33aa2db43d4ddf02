"""The house's rules that a machine can check."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, sources

PRODUCT = ("main.py", "functions", "shared")
EVERYTHING = (*PRODUCT, "scripts", "tests", "gpu_service")

FILE_LINES = 300
FUNCTION_LINES = 60
"""Forty is the aim; beyond sixty it is split."""

ENVIRONMENT = ("environ", "environb", "getenv", "getenvb", "putenv")
READS_ENVIRONMENT = ("shared.settings", "main")
"""main.py reads the framework's own FUNCTION_TARGET, before any setting matters."""

# Package: modules (and what is inside them) that may import it, at all.
ADAPTERS = {
    "openai": ("shared.llm.providers",),
    "anthropic": ("shared.llm.providers",),
    "google": ("shared.llm.providers", "shared.store", "shared.jobs", "shared.telemetry.trace_export"),
    "opentelemetry": ("shared.telemetry.trace_wire",),
    "aiohttp": (
        "shared.llm.providers",
        "shared.identity.keys",
        "shared.identity.outbound",
        "shared.coordination",
        "shared.jobs",
        "shared.telemetry.trace_export",
        "shared.telemetry.gpu",
        "shared.telemetry.webhook",
    ),
    "upstash_redis": ("shared.coordination",),
    "jwt": ("shared.identity",),
    "sqlite3": ("shared.sqlite", "shared.sqlite_file", "shared.store", "shared.coordination", "shared.jobs"),
    "functions_framework": ("functions",),
    "fastapi": ("shared.web",),
    "torch": (),
    "vllm": (),
    "httpx": (),
    "requests": (),
}
VAGUE = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)($|_)|^base_|_v\d+$")


def test_files_are_short() -> None:
    long = [f"{source.where} has {source.lines} lines" for source in sources(*EVERYTHING) if source.lines > FILE_LINES]
    assert not long, "split by noun: " + ", ".join(long)


def test_files_are_named_by_what_they_hold() -> None:
    vague = [source.where for source in sources(*EVERYTHING) if VAGUE.search(source.path.stem)]
    assert not vague, f"a name that says what is inside: {vague}"


def test_functions_are_short() -> None:
    long = [
        f"{source.where}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for source in sources(*PRODUCT, "scripts", "gpu_service")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def reads_environment(node: ast.AST) -> bool:
    """`os.environ…`, `os.getenv`, or an import of either."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id == "os" and node.attr in ENVIRONMENT
    return isinstance(node, ast.ImportFrom) and node.module == "os" and any(a.name in ENVIRONMENT for a in node.names)


def test_only_settings_read_the_environment() -> None:
    found = [
        f"{source.where}:{node.lineno}"
        for source in sources(*PRODUCT)
        if source.name not in READS_ENVIRONMENT
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.ImportFrom) and reads_environment(node)
    ]
    assert not found, f"only shared/settings.py reads the environment: {found}"


def test_sdks_stay_in_their_adapters() -> None:
    wrong = [
        f"{source.where}:{line} imports {name}"
        for source in sources(*PRODUCT)
        for name, line, _ in source.imports
        if (allowed := ADAPTERS.get(name.split(".")[0])) is not None
        and not any(source.name == prefix or source.name.startswith(prefix + ".") for prefix in allowed)
    ]
    assert not wrong, "\n".join(wrong)


def commands() -> list[Path]:
    """The files in scripts/ and .ci/ that people and machines call."""
    found = [*(ROOT / "scripts").iterdir(), *(ROOT / ".ci").iterdir()]
    return sorted(path for path in found if path.is_file() and not path.suffix)


@pytest.mark.parametrize("path", commands(), ids=lambda path: path.name)
def test_commands_are_executable_and_parse(path: Path) -> None:
    assert os.access(path, os.X_OK), f"chmod +x {path.relative_to(ROOT)}"
    first = path.read_text().splitlines()[0]
    assert first.startswith("#!/usr/bin/env "), first
    if first.endswith("bash"):
        subprocess.run(["bash", "-n", path], check=True)


def test_ci_runs_the_three_tiers_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    machine = [line for line in lines if "TERRAFORM" in line]  # what Terraform's tests find here, and no more
    assert [line for line in lines if line not in machine] == [
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "scripts/test",
        "scripts/test --vllm",
        "scripts/test --replicas",
    ]
