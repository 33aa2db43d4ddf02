"""A stand-in for gcloud with its state, for every test of a deployment."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.deploying.commands import Program
from tests.processes import ROOT

STANDIN = ROOT / "tests/deploying/gcloud.py"


@dataclass(frozen=True)
class Cloud:
    """What the stand-in knows."""

    file: Path

    @property
    def command(self) -> str:
        return shlex.join([sys.executable, str(STANDIN), str(self.file)])

    @property
    def program(self) -> Program:
        return Program(self.command, hint="")

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    def change(self, **state: Any) -> None:
        self.file.write_text(json.dumps(self.read() | state))


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    file = tmp_path / "gcloud.json"
    file.write_text(
        json.dumps({"services": {}, "latest": {}, "stuck": [], "buckets": [], "objects": [], "images": [], "asked": []})
    )
    return Cloud(file)
