"""Going back: traffic returns to what served before, service by service, and nothing else is touched."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.deploying.commands import DeployError, Program
from scripts.deploying.traffic import Place, Serving, back, forward, serving
from tests.deploying.conftest import Cloud
from tests.processes import ROOT

PLACE = Place("lyo-test", "europe-west4", "lyo-")
BEFORE = {"lyo-mentor": "lyo-mentor-00001", "lyo-ops": "lyo-ops-00004", "other-app": "other-app-00009"}


def test_what_serves_is_ours_only(cloud: Cloud, tmp_path: Path) -> None:
    cloud.change(services=BEFORE)
    found = serving(cloud.program, PLACE, tmp_path)
    assert found == [Serving("lyo-mentor", "lyo-mentor-00001"), Serving("lyo-ops", "lyo-ops-00004")]
    assert cloud.read()["asked"] == ["run services list --project=lyo-test --region=europe-west4 --format=json"]


def test_only_what_changed_goes_back(cloud: Cloud, tmp_path: Path) -> None:
    cloud.change(services=BEFORE)
    before = serving(cloud.program, PLACE, tmp_path)
    cloud.change(services={**BEFORE, "lyo-mentor": "lyo-mentor-00002", "lyo-feed": "lyo-feed-00001"})
    done = dict(back(cloud.program, PLACE, before, tmp_path))
    assert done == {
        "lyo-mentor": "back on lyo-mentor-00001 (from lyo-mentor-00002)",
        "lyo-ops": "serves lyo-ops-00004 as before",
        "lyo-feed": "is new: left as it is",
    }
    assert cloud.read()["services"] == {**BEFORE, "lyo-feed": "lyo-feed-00001"}


def test_one_that_refuses_does_not_keep_the_others(cloud: Cloud, tmp_path: Path) -> None:
    cloud.change(services=BEFORE)
    before = serving(cloud.program, PLACE, tmp_path)
    cloud.change(
        services={**BEFORE, "lyo-mentor": "lyo-mentor-00002", "lyo-ops": "lyo-ops-00005"}, stuck=["lyo-mentor"]
    )
    with pytest.raises(DeployError, match=r"lyo-mentor: .*(?s:.)*busy"):
        back(cloud.program, PLACE, before, tmp_path)
    assert cloud.read()["services"]["lyo-ops"] == "lyo-ops-00004"


def test_the_next_release_serves_also_where_one_was_taken_back(cloud: Cloud, tmp_path: Path) -> None:
    cloud.change(services=BEFORE, latest={"lyo-mentor": "lyo-mentor-00003", "other-app": "other-app-00010"})
    forward(cloud.program, PLACE, tmp_path)
    assert cloud.read()["services"] == {**BEFORE, "lyo-mentor": "lyo-mentor-00003"}


def test_ctrl_c_lets_the_program_put_its_things_in_order(tmp_path: Path) -> None:
    slow = "import signal, sys, time, pathlib\n"
    slow += "signal.signal(signal.SIGINT, lambda *_: (print('saving', flush=True), time.sleep(0.5), print('saved', flush=True), "
    slow += "pathlib.Path('state').write_text('whole'), sys.exit(1)))\n"
    slow += "print('working', flush=True)\ntime.sleep(60)\n"
    (tmp_path / "slow.py").write_text(slow)
    parent = (
        "import sys; from pathlib import Path; from scripts.deploying.commands import DeployError, Program\n"
        f"try: Program(sys.executable, hint='').run('slow.py', cwd=Path({str(tmp_path)!r}))\n"
        "except DeployError as error: print('ended:', error)\n"
    )
    command = [sys.executable, "-c", parent]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert "working" in process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: both get it
        printed = process.stdout.read()
    assert "saved" in printed
    assert "ended:" in printed
    assert (tmp_path / "state").read_text() == "whole"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(DeployError, match="nothing-of-this-name is not installed: see the web"):
        Program("nothing-of-this-name --flag", hint="see the web")
