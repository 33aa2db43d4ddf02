"""Node for tests: the packages of a lock, installed once a machine, and what a run of Node's test runner said."""

import hashlib
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

from scripts.lib.environment import alone
from tests.processes import ROOT
from tests.tools import require_tool, unavailable

PACKAGE = ROOT / "scripts" / "mobile" / "typescript"
OLDEST = 20


def node() -> str:
    """The path of Node; skips where it is missing or too old."""
    found = require_tool("node", hint="Node 20 or newer, with npm")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.removeprefix("v").split(".")[0]) < OLDEST:
        unavailable(f"Node {OLDEST} or newer is needed, {said.strip()} is installed")
    return found


def modules() -> Path:
    """A node_modules with what the client's lock names, hash by hash; kept under .data for the next run."""
    lock = PACKAGE / "package-lock.json"
    kept = ROOT / ".data" / "npm" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    kept.mkdir(parents=True, exist_ok=True)
    with alone(kept / ".lock"):
        if not (kept / "whole").exists():
            for name in ("package.json", "package-lock.json"):
                (kept / name).write_bytes((PACKAGE / name).read_bytes())
            npm = require_tool("npm", hint="it comes with Node")
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=kept, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                unavailable(f"npm cannot install the client's packages: {done.stderr.strip()[-500:]}")
            (kept / "whole").touch()
    return kept / "node_modules"


def compiled(folder: Path) -> None:
    """Compile a TypeScript project; AssertionError with what the compiler said when it does not fit."""
    done = subprocess.run(
        [modules() / ".bin" / "tsc", "-p", folder], capture_output=True, text=True, check=False, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr


def outcomes(report: Path) -> dict[str, str]:
    """What a JUnit report says: each test by its name, with what was wrong (empty when nothing was)."""
    found: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        wrong = [*case.findall("failure"), *case.findall("error"), *case.findall("skipped")]
        found[case.attrib["name"]] = "\n".join((item.text or item.tag) for item in wrong)
    return found
