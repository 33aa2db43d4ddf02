"""Programs that a deployment runs: found first, watched while they run, and a failure is one error with its last lines."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TAIL = 25
"""Lines of a failed program's output that are shown again."""


class DeployError(Exception):
    """The deployment cannot go on; the text says why and what to do."""


class Program:
    """A command with its first arguments (`terraform`, `tool -- terraform`). Raises DeployError when it is not installed."""

    def __init__(self, command: str, *, hint: str) -> None:
        self._command = shlex.split(command)
        if shutil.which(self._command[0]) is None:
            raise DeployError(f"{self._command[0]} is not installed: {hint}")

    def run(self, *arguments: str, cwd: Path, show: bool = True) -> str:
        """Run it to its end and return its standard output; with `show` the output is seen as it comes.

        Raises DeployError when it fails.
        """
        command = [*self._command, *arguments]
        if not show:
            done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
            return self._checked(command, done.returncode, done.stdout, done.stderr or done.stdout)
        lines: list[str] = []
        with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            interrupted = _follow(process, lines)
        if interrupted:
            raise DeployError(f"{shlex.join(command[:4])} … was interrupted, and has ended in order")
        return self._checked(command, process.returncode, "".join(lines), "".join(lines[-TAIL:]))

    @staticmethod
    def _checked(command: list[str], status: int, output: str, said: str) -> str:
        if status:
            raise DeployError(f"{shlex.join(command[:4])} … failed ({status})\n{said.strip()}")
        return output

    def json(self, *arguments: str, cwd: Path) -> Any:
        """Its standard output as JSON."""
        text = self.run(*arguments, cwd=cwd, show=False)
        try:
            return json.loads(text)
        except ValueError:
            raise DeployError(
                f"{shlex.join([*self._command, *arguments][:4])} … printed no JSON: {text[:200]}"
            ) from None

    def succeeds(self, *arguments: str, cwd: Path) -> bool:
        """Whether it ends well; what it says is not shown."""
        try:
            self.run(*arguments, cwd=cwd, show=False)
        except DeployError:
            return False
        return True


def _follow(process: "subprocess.Popen[str]", lines: list[str]) -> bool:
    """Show what it prints until it has ended; whether somebody pressed Ctrl-C meanwhile.

    The program got that signal too, and has things to put in order (Terraform: its state and its lock): leaving it alone with
    nobody who reads would kill it in the middle of that.
    """
    assert process.stdout is not None
    interrupted = False
    while True:
        try:
            for line in process.stdout:
                lines.append(line)
                print("    " + line.rstrip(), flush=True)
            process.wait()
        except KeyboardInterrupt:
            interrupted = True
        else:
            return interrupted


def describe(rows: Sequence[tuple[str, str]]) -> str:
    """Rows as two columns."""
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"  {name:{width}}  {value}" for name, value in rows)
