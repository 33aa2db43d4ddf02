"""What tests need of the machine: a missing tool skips with the reason, and fails where CI=true promises that it is there."""

import os
import shutil
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """End the test: skipped with `reason` on a person's machine, failed with it where CI=true."""
    if os.environ.get("CI", "").lower() == "true":  # noqa: TID251 - about the machine, not about the product
        pytest.fail(f"{reason} (CI=true: nothing may be skipped)", pytrace=False)
    pytest.skip(reason)


def require_tool(name: str, *, hint: str = "") -> str:
    """The path of a command that the test needs; `hint` says how to get it."""
    found = shutil.which(name)
    if found is None:
        unavailable(f"{name} is not installed" + (f": {hint}" if hint else ""))
    return found
