"""What is installed is what is locked: every package pinned and hashed, and nothing says where to get it (T52)."""

import re
import tomllib

import pytest

from tests.architecture.sources import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)( ; [^\\]+)?( \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock: str) -> dict[str, str]:
    """Version by package name."""
    found = (PIN.match(line) for line in (ROOT / lock).read_text().splitlines())
    return {match["name"]: match["version"] for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_t52_every_line_is_a_pin_or_its_hash(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    strange = [line for line in lines if not PIN.match(line) and not HASH.match(line)]
    assert not strange, f"{lock}: no index, no address, no option may stand in a lock: {strange[:3]}"
    bare = [
        line for line, after in zip(lines, [*lines[1:], ""], strict=True) if PIN.match(line) and not HASH.match(after)
    ]
    assert not bare, f"{lock}: without a hash: {bare}"


def test_the_tests_run_on_what_is_deployed() -> None:
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert run.items() <= dev.items(), sorted(run.items() - dev.items())


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [(line, "requirements.txt") for line in project["project"]["dependencies"]]
    wanted += [(line, "requirements-dev.txt") for line in project["dependency-groups"]["dev"]]
    missing = [
        f"{line} in {lock}"
        for line, lock in wanted
        if re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]).lower() not in pins(lock)
    ]
    assert not missing, f"run scripts/lock: {missing}"
