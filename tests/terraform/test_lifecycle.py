"""An installation comes, stays the same, survives an interruption and goes, with the real Terraform."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.terraform.installation import PLAIN_ARCHIVE, SECRETS, Installation, resources

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

STAYS = {
    "dev": set(),
    "prod": {
        "google_firestore_backup_schedule.daily[0]",
        "google_firestore_backup_schedule.weekly[0]",
        "google_firestore_database.main[]",
        "google_storage_bucket.bucket[adapters]",
        "google_storage_bucket.bucket[datasets]",
        "google_storage_bucket_object.archive[0]",
    },
}
"""What a destroy leaves. (An archive goes with its bucket, which takes what it holds along, as a secret takes its versions.)"""


def test_the_files_are_formatted(site: Installation) -> None:
    site.run("fmt", "-check", "-recursive")


def test_the_configuration_is_valid(site: Installation) -> None:
    site.run("validate")


def test_terraforms_own_tests_pass(site: Installation) -> None:
    printed = site.run("test")
    assert ", 0 failed" in printed, printed[-2000:]


@pytest.mark.parametrize("profile", ["dev", "prod"])
def test_an_installation_comes_stays_the_same_and_goes(site: Installation, tmp_path: Path, profile: str) -> None:
    state = tmp_path / "terraform.tfstate"
    archive = PLAIN_ARCHIVE if profile == "dev" else ()
    made = site.apply(state, profile, *archive)
    kept = resources(state)
    assert made == len(kept)
    site.changes_nothing(state, profile, *archive)

    text = state.read_text()
    assert not [name for name, value in SECRETS.items() if value in text]

    abandoned = {one["address"] for one in kept if one["attributes"].get("deletion_policy") == "ABANDON"}
    abandoned -= {address for address in abandoned if address.startswith("google_secret_manager_secret_version.")}
    assert abandoned == STAYS[profile]
    site.destroy(state, profile, *archive)
    assert resources(state) == []


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_apply_that_was_stopped_in_the_middle_is_finished_by_the_next(
    site: Installation, tmp_path: Path, way: signal.Signals
) -> None:
    state = tmp_path / "terraform.tfstate"
    arguments = ("-auto-approve", "-input=false", f"-state={state}", "-var-file=envs/dev.tfvars", *PLAIN_ARCHIVE)
    with site.start("apply", *arguments) as process:
        _stop_in_the_middle(process, way)
    assert process.returncode != 0
    done = len(resources(state)) if way is signal.SIGINT else 0  # a kill may come while the file is being written

    made = site.apply(state, "dev", *PLAIN_ARCHIVE)
    everything = len(resources(state))
    if way is signal.SIGINT:
        assert 0 < done < everything, "it was stopped before it began, or after it had ended"
        assert made == everything - done, "what was there was made again"
    site.changes_nothing(state, "dev", *PLAIN_ARCHIVE)


def _stop_in_the_middle(process: "subprocess.Popen[str]", way: signal.Signals) -> None:
    """Stop Terraform once twenty resources are there, and wait until it has gone."""
    assert process.stdout is not None
    seen = 0
    for line in process.stdout:
        seen += "Creation complete" in line
        if seen == 20:
            # To the whole group, as a terminal does it, and as the machine's end would.
            os.killpg(process.pid, way)
            break
    process.stdout.read()
    process.wait(timeout=300)
