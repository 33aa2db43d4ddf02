"""A copy of what Terraform reads, in which the real `terraform` works on state files of its own."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT

READS = ("main.py", "requirements.txt", "functions", "shared", "gpu_service", "terraform")
SECRETS = {"UPSTASH_REDIS_REST_TOKEN": "canary-redis-91f3", "OPENAI_API_KEY": "canary-openai-55c1"}
"""Values that are given and must be found nowhere."""
PLAIN_ARCHIVE = ("-var", "archive_object=lyo-0123456789abcdef.zip")
"""Deploys an archive that is there already, so that state is small and steps are quick."""

_ADDED = re.compile(r"Apply complete! Resources: (\d+) added")


@dataclass(frozen=True)
class Installation:
    """`folder` holds the copy of the repository; `command` is how Terraform is called."""

    folder: Path
    command: tuple[str, ...]

    @property
    def terraform(self) -> Path:
        """The folder of the root module."""
        return self.folder / "terraform"

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Terraform with `arguments`, in a process group of its own."""
        return subprocess.Popen(
            [*self.command, *arguments], cwd=self.terraform, env=_environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True, **options,
        )  # fmt: skip

    def run(self, *arguments: str, expect: Sequence[int] = (0,)) -> str:
        """What Terraform printed. Fails the test with the end of it when it ends with another status than `expect`."""
        with self.start(*arguments) as process:
            printed, _ = process.communicate()
        tail = "\n".join(printed.splitlines()[-60:])
        assert process.returncode in expect, f"terraform {' '.join(arguments)}: {process.returncode}\n{tail}"
        return printed

    def apply(self, state: Path, profile: str, *more: str) -> int:
        """Apply envs/`profile`.tfvars; the number of resources that were made."""
        printed = self.run("apply", "-auto-approve", *_given(state, profile), *more)
        found = _ADDED.search(printed)
        assert found is not None, printed[-2000:]
        return int(found[1])

    def changes_nothing(self, state: Path, profile: str, *more: str) -> None:
        """Fails when a plan over `state` would change anything."""
        self.run("plan", "-detailed-exitcode", *_given(state, profile), *more)

    def destroy(self, state: Path, profile: str, *more: str) -> None:
        """Destroy everything in `state`."""
        self.run("destroy", "-auto-approve", *_given(state, profile), *more)

    def planned(self, profile: str, out: Path) -> dict[str, Any]:
        """The plan of envs/`profile`.tfvars for an empty project, as `terraform show -json` tells it."""
        self.run("plan", *_given(out.with_suffix(".tfstate"), profile), f"-out={out}")
        printed = self.run("show", "-json", str(out))
        found: dict[str, Any] = json.loads(printed[printed.index("{") :].splitlines()[0])
        return found


def resources(state: Path) -> list[dict[str, Any]]:
    """Every managed resource in a state file, with its address and attributes."""
    if not state.exists():
        return []
    return [
        {"address": f"{one['type']}.{one['name']}[{instance.get('index_key', '')}]", **instance}
        for one in json.loads(state.read_text())["resources"]
        if one["mode"] == "managed"
        for instance in one["instances"]
    ]


def installation(folder: Path) -> Installation:
    """A copy of the working tree in `folder`, ready to plan. Skips the test where Terraform or its providers are not to be had."""
    for name in READS:
        ignore = shutil.ignore_patterns("__pycache__", ".terraform", ".build", "*.tfstate*", "backend_override.tf")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, folder / name)
    made = Installation(folder, _command())
    reason = _missing(str(folder), made.command)
    if reason is not None:
        # Not `unavailable`: with CI=true too, what cannot be downloaded is no failure of ours.
        pytest.skip(reason)
    return made


def _command() -> tuple[str, ...]:
    named = os.environ.get("TERRAFORM")  # noqa: TID251 - about the machine, not about the product
    return tuple(shlex.split(named)) if named else ("terraform",)


@cache
def _missing(folder: str, command: tuple[str, ...]) -> str | None:
    """Why Terraform cannot work here, or None. Asked once for each copy: it is what `init` says."""
    if shutil.which(command[0]) is None:
        return f"{command[0]} is not installed"
    try:
        done = subprocess.run(
            [*command, "init", "-input=false", "-backend=false", "-no-color"], cwd=Path(folder) / "terraform",
            env=_environment(), capture_output=True, text=True, timeout=90, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "terraform init did not end in 90 s: its providers cannot be downloaded here (TERRAFORM names a command that can)"
    if done.returncode == 0:
        return None
    first = next((line for line in done.stderr.splitlines() if "Error" in line), "failed")
    return f"terraform init: {first.strip(' │')} (TERRAFORM names a command that can)"


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TF_VAR_")}  # noqa: TID251 - Terraform's own
    return inherited | {
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_VAR_secret_values": json.dumps(SECRETS),
    }


def _given(state: Path, profile: str) -> tuple[str, ...]:
    return ("-input=false", f"-state={state}", f"-var-file=envs/{profile}.tfvars")
