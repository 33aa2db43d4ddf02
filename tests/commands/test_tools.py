"""A missing tool is a skip with its reason, and a failure where CI=true promises that nothing is missing."""

import pytest

from tests.tools import require_tool


def test_a_tool_that_is_there_is_found() -> None:
    assert require_tool("sh").endswith("/sh")


@pytest.mark.parametrize("ci", ["", "false"])
def test_a_missing_tool_skips_with_the_reason(monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not installed: apt install it"):
        require_tool("no-such-tool", hint="apt install it")


def test_in_ci_a_missing_tool_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not installed"):
        require_tool("no-such-tool")
