"""What a plan of the shipped environments says, whole: every function starts with its settings, nothing else is open."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.lib import archive
from shared.deployables import load
from shared.settings import UNSET, Settings
from tests.terraform.installation import SECRETS, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROFILES = ("dev", "prod")


@pytest.fixture(scope="module")
def plans(site: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The plan of each profile."""
    folder = tmp_path_factory.mktemp("plans")
    return {profile: site.planned(profile, folder / f"{profile}.tfplan") for profile in PROFILES}


def _resources(plan: dict[str, Any], kind: str | None = None) -> list[dict[str, Any]]:
    modules = [plan["planned_values"]["root_module"]]
    modules += modules[0].get("child_modules", [])
    found = [one for module in modules for one in module.get("resources", []) if one["mode"] == "managed"]
    return [one for one in found if kind is None or one["type"] == kind]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_deployed_function_starts_with_the_settings_it_is_given(
    plans: dict[str, dict[str, Any]], profile: str
) -> None:
    functions = _resources(plans[profile], "google_cloudfunctions2_function")
    assert {one["index"] for one in functions} == {entry.name for entry in load() if entry.service == "function"}
    for function in functions:
        (service,) = function["values"]["service_config"]
        given = service["environment_variables"]
        for other in (UNSET, "https://hooks.example.com/x"):
            secrets = {one["key"]: other for one in service["secret_environment_variables"]}
            secrets["UPSTASH_REDIS_REST_TOKEN"] = "token"
            environ = {
                **given,
                **secrets,
                "K_SERVICE": function["values"]["name"],
                "FUNCTION_TARGET": function["index"],
            }
            settings = Settings.load(environ)
            assert settings.deployed
            assert settings.auth_mode == "firebase"
            assert (
                settings.service_audience
                == f"https://{function['values']['name']}-{settings.gcp_project_number}.europe-west4.run.app"
            )
        assert settings.tasks_audience == settings.tasks_target_url
        assert settings.alert_webhook_url in {None, "https://hooks.example.com/x"}
        assert set(given) <= {name.upper() for name in Settings.model_fields}, "a variable that nothing reads"


@pytest.mark.parametrize("profile", PROFILES)
def test_tokens_of_cloud_tasks_are_for_the_function_they_are_sent_to(
    plans: dict[str, dict[str, Any]], profile: str
) -> None:
    settings = {
        one["index"]: one["values"]["service_config"][0]["environment_variables"]
        for one in _resources(plans[profile], "google_cloudfunctions2_function")
    }
    for given in settings.values():
        assert given["TASKS_AUDIENCE"] == settings["jobs"]["SERVICE_AUDIENCE"]
        assert given["TASKS_SERVICE_ACCOUNT"] in settings["jobs"]["SERVICE_ACCOUNTS"].split(",")
    assert len({given["SERVICE_AUDIENCE"] for given in settings.values()}) == len(settings)


@pytest.mark.parametrize("profile", PROFILES)
def test_t47_nobody_without_an_identity_reaches_anything_else(plans: dict[str, dict[str, Any]], profile: str) -> None:
    public = {entry.name for entry in load() if entry.public}
    everyone = [
        one for one in _resources(plans[profile])
        if '"allUsers"' in json.dumps(one["values"]) or '"allAuthenticatedUsers"' in json.dumps(one["values"])
    ]  # fmt: skip
    assert {one["address"] for one in everyone} == {
        f'google_cloud_run_v2_service_iam_member.public["{name}"]' for name in public
    }
    assert {one["values"]["name"] for one in everyone} == {f"lyo-{name}" for name in public}
    for one in _resources(plans[profile], "google_cloud_run_v2_service"):
        assert not one["values"].get("invoker_iam_disabled"), one["address"]
    # A policy or binding of a whole service would say who may call in a place that this test does not read.
    kinds = {one["type"] for one in _resources(plans[profile])}
    assert not [kind for kind in kinds if kind.endswith(("_iam_policy", "_iam_binding"))]


def test_t47_a_public_private_function_would_be_seen(plans: dict[str, dict[str, Any]]) -> None:
    callers = [
        one["values"] for one in _resources(plans["prod"], "google_cloud_run_v2_service_iam_member")
        if one["values"]["name"] in {"lyo-jobs", "lyo-gpu"}
    ]  # fmt: skip
    assert callers
    assert all(one["role"] == "roles/run.invoker" and one["member"].startswith("serviceAccount:") for one in callers)


def test_secret_values_are_in_no_plan(plans: dict[str, dict[str, Any]]) -> None:
    for plan in plans.values():
        written = json.dumps(plan)
        assert not [name for name, value in SECRETS.items() if value in written]


def test_terraform_and_scripts_archive_give_the_same_source_the_same_name(
    site: Installation, plans: dict[str, dict[str, Any]]
) -> None:
    names = sorted(
        str(path.relative_to(site.folder)) for top in archive.SOURCES
        for path in ([site.folder / top] if (site.folder / top).is_file() else (site.folder / top).rglob("*"))
        if path.is_file()
    )  # fmt: skip
    expected = archive.digest((name, (site.folder / name).read_bytes()) for name in names)
    (packed,) = _resources(plans["dev"], "google_storage_bucket_object")
    assert packed["values"]["name"] == f"lyo-{expected}.zip"


@pytest.mark.parametrize("profile", PROFILES)
def test_everything_that_takes_labels_has_them(plans: dict[str, dict[str, Any]], profile: str) -> None:
    environment = {"dev": "development", "prod": "production"}[profile]
    for one in _resources(plans[profile]):
        labels = one["values"].get("effective_labels")
        if isinstance(labels, dict):
            assert labels.get("environment") == environment, one["address"]
            assert labels.get("application") == "lyo", one["address"]


def test_environments_hold_values_alone() -> None:
    from tests.processes import ROOT

    for path in sorted((ROOT / "terraform" / "envs").glob("*.tfvars")):
        text = Path(path).read_text(encoding="utf-8")
        assert "resource " not in text
        assert "variable " not in text
