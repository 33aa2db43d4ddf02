"""What is installed is what is locked: every package pinned and hashed, and nothing says where to get it (T52)."""

import re
import tomllib

from scripts.lib import audit
from tests.architecture.sources import ROOT

PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)( ; [^\\]+)?( \\)?$")


def pins(lock: str) -> dict[str, str]:
    """Version by package name."""
    found = (PIN.match(line) for line in (ROOT / lock).read_text().splitlines())
    return {match["name"]: match["version"] for match in found if match}


def test_t52_every_line_is_a_pin_or_its_hash() -> None:
    assert list(audit.pins(ROOT)) == [], "no index, no address, no option may stand in a lock"


def test_the_tests_run_on_what_is_deployed() -> None:
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert run.items() <= dev.items(), sorted(run.items() - dev.items())


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [(line, "requirements.txt") for line in project["project"]["dependencies"]]
    wanted += [(line, "requirements-dev.txt") for line in project["dependency-groups"]["dev"]]
    for name in ("render", "gbstats"):
        wanted += [(line, f"requirements-{name}.txt") for line in project["dependency-groups"][name]]
    missing = [
        f"{line} in {lock}"
        for line, lock in wanted
        if re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]).lower() not in pins(lock)
    ]
    assert not missing, f"run scripts/lock: {missing}"
