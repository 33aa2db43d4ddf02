"""Going back: traffic returns to what served before, service by service, and nothing else is touched."""

from pathlib import Path

import pytest

from scripts.deploying.commands import DeployError, Program
from scripts.deploying.traffic import Place, Serving, back, serving
from tests.deploying.conftest import Cloud

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


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(DeployError, match="nothing-of-this-name is not installed: see the web"):
        Program("nothing-of-this-name --flag", hint="see the web")
