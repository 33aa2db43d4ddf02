"""A cold start is a number that learners feel: the third-party packages that each function imports are fixed here.

An SDK that creeps into a function's imports costs 0.3 to 2.7 seconds of every cold start, and no other test would notice.
"""

import json
import subprocess
import sys

import pytest

from shared.deployables import load
from tests.architecture.sources import ROOT

# What each function imports beyond the framework that serves it.
WEB = {"annotated_types", "orjson", "pydantic", "pydantic_core", "typing_inspection"}
EXPECTED: dict[str, set[str]] = {
    "analytics": WEB,
    "animation": WEB,
    "curation": WEB,
    "curriculum": WEB,
    "experiments": WEB,
    "feed": WEB,
    "feedback": WEB,
    "jobs": WEB,
    "mentor": WEB,
    "ops": WEB,
    "realtime": WEB,
    "sentiment": WEB,
}

_LOADED = """
import json, sys, sysconfig
import {module}
homes = tuple({{sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}})
def origin(module):
    return getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), "")
loaded = {{name for name, module in list(sys.modules.items()) if str(origin(module)).startswith(homes)}}
print(json.dumps({{
    "packages": sorted({{name.split(".")[0] for name in loaded}}),
    "functions": sorted(name for name in sys.modules if name.startswith("functions.")),
}}))
"""


def loaded(module: str, target: str = "") -> dict[str, set[str]]:
    """Third-party packages and functions in `sys.modules` after `import module` in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED.format(module=module)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "FUNCTION_TARGET": target},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {key: set(value) for key, value in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def framework() -> set[str]:
    return loaded("functions_framework.aio")["packages"]


@pytest.mark.parametrize("name", [entry.name for entry in load()])
def test_a_function_imports_exactly_what_it_may(name: str, framework: set[str]) -> None:
    extra = loaded(f"functions.{name}")["packages"] - framework
    more, less = sorted(extra - EXPECTED[name]), sorted(EXPECTED[name] - extra)
    assert not more, f"functions/{name}.py now also imports {more}: import them inside the adapter that uses them"
    assert not less, f"functions/{name}.py no longer imports {less}: take them out of EXPECTED"


@pytest.mark.parametrize("name", [entry.name for entry in load() if entry.service == "function"])
def test_a_deployed_function_imports_no_other_function(name: str) -> None:
    assert loaded("main", target=name)["functions"] == {f"functions.{name}"}
