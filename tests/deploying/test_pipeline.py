"""scripts/deploy over the real Terraform: plan, apply as it was planned, and the way back when what was deployed is not well."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploying.conftest import Cloud
from tests.processes import ROOT
from tests.terraform.installation import SECRETS, Installation, installation

BEFORE = {"lyo-mentor": "lyo-mentor-00001", "lyo-ops": "lyo-ops-00001", "lyo-jobs": "lyo-jobs-00001"}
AFTER = {name: revision.replace("1", "2") for name, revision in BEFORE.items()}


class Laptop:
    """Somebody who deploys."""

    def __init__(self, site: Installation, cloud: Cloud, kept: Path) -> None:
        self._site = site
        self._cloud = cloud
        self.kept = kept

    def deploy(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scripts.deploying", "dev", "--local-state", "--wait", "0"]
        command += ["--terraform", shlex.join(self._site.command), "--gcloud", self._cloud.command]
        command += ["--terraform-folder", str(self._site.terraform), "--kept", str(self.kept), *arguments]
        return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)


@pytest.fixture
def laptop(cloud: Cloud, tmp_path: Path) -> Laptop:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    site = installation(checkout)
    for words in (
        ("init", "--quiet"),
        ("add", "."),
    ):
        subprocess.run(["git", "-C", site.folder, *words], check=True, capture_output=True)
    return Laptop(site, cloud, tmp_path / "kept")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_deployment_that_is_not_well_goes_back(laptop: Laptop, cloud: Cloud) -> None:
    planned = laptop.deploy("--from", "images", "--until", "plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert [image for image in cloud.read()["images"] if "/realtime:" in image], "what is no function is an image"
    assert "Plan: " in planned.stdout
    assert not any(value in planned.stdout for value in SECRETS.values())

    applied = laptop.deploy("--from", "apply", "--until", "apply")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    again = laptop.deploy("--from", "apply", "--until", "apply")
    assert (again.returncode, "run the step `plan` first" in again.stderr) == (1, True), "a plan is applied once"

    first = laptop.deploy("--from", "smoke")
    assert (first.returncode, "nothing served before" in first.stdout) == (1, True)
    (laptop.kept / "dev.serving").unlink()  # as a smoke test that passes leaves it

    cloud.change(services=BEFORE)
    assert laptop.deploy("--from", "plan", "--until", "apply").returncode == 0
    cloud.change(services=AFTER)
    wrong = laptop.deploy("--from", "smoke")
    assert wrong.returncode == 1
    assert "WRONG ops is well" in wrong.stdout
    assert "back on lyo-mentor-00001 (from lyo-mentor-00002)" in wrong.stdout
    assert "scripts/deploy dev --from smoke" in wrong.stderr
    assert cloud.read()["services"] == BEFORE

    cloud.change(services=BEFORE)
    assert laptop.deploy("--from", "plan", "--until", "plan").returncode == 0
    (laptop.kept / "dev.tfplan").write_text("no plan at all")
    broken = laptop.deploy("--from", "apply")
    assert broken.returncode == 1
    assert "serves lyo-ops-00001 as before" in broken.stdout


def test_an_environment_that_nobody_described() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.deploying", "nowhere"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "scripts/deploy: there is no nowhere.tfvars; there are: dev, prod\n")
