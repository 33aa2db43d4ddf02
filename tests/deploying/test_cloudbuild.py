"""cloudbuild.yaml and scripts/deploy are the same way: the same steps in the same order, each a command for people too."""

import argparse
from typing import Any

import yaml

from scripts.deploying.__main__ import Deployment
from tests.processes import ROOT

TOOLS = ("terraform", "gcloud")


def build() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
    return found


def test_the_steps_are_those_of_scripts_deploy() -> None:
    arguments = argparse.Namespace(environment="dev", terraform_folder=ROOT / "terraform", kept=ROOT / ".data/deploy")
    ours = [
        name for name in Deployment(arguments).steps if name != "smoke"
    ]  # `apply` does that one too: it may have to go back
    assert [step["id"] for step in build()["steps"] if step["id"] not in TOOLS] == ours


def test_every_step_calls_a_script_that_is_there() -> None:
    for step in build()["steps"]:
        if step["id"] in TOOLS:
            continue
        (called,) = [word for word in step["args"][-1].split() if word.startswith("scripts/")]
        assert (ROOT / called).is_file(), called


def test_what_is_applied_is_tested_in_the_same_step() -> None:
    apply = build()["steps"][-1]["args"][-1]
    assert "--from apply --until smoke" in apply
