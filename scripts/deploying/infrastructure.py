"""Terraform as a deployment uses it: state in a bucket of the project, a plan that is kept and then applied as it is."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.deploying.commands import DeployError, Program

FOUNDATION = (
    "google_project_service.api",
    "time_sleep.apis",
    "google_artifact_registry_repository.images",
    "google_storage_bucket.bucket",
    "google_artifact_registry_repository_iam_member.build",
    "google_project_iam_member.build_logs",
    "google_project_iam_member.build_source",
)
"""What must be there before an image can be built and pushed, and a model's weights laid down."""
ASKED_BY_PLAN = ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com")
"""What a plan asks before Terraform has enabled anything."""
_PROJECT = re.compile(r'^\s*project_id\s*=\s*"([^"]+)"', re.MULTILINE)
_REGION = re.compile(r'^\s*region\s*=\s*"([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Environment:
    """One installation: the values of `terraform/envs/NAME.tfvars`."""

    name: str
    values: Path
    project: str
    region: str

    @classmethod
    def read(cls, terraform: Path, name: str) -> "Environment":
        """Raises DeployError for a name without a file, or a file that does not say where."""
        values = terraform / "envs" / f"{name}.tfvars"
        if not values.is_file():
            known = ", ".join(sorted(path.stem for path in values.parent.glob("*.tfvars")))
            raise DeployError(f"there is no {values.name}; there are: {known}")
        text = values.read_text(encoding="utf-8")
        project, region = _PROJECT.search(text), _REGION.search(text)
        if project is None or region is None:
            raise DeployError(f"{values.name} does not give project_id and region")
        return cls(name, values, project[1], region[1])


class Infrastructure:
    """Terraform over one environment. `folder` is where it is; `kept` where plans lie between two steps; without `in_bucket`
    the state stays in `folder`, for one person who tries something.
    """

    def __init__(
        self,
        terraform: Program,
        gcloud: Program,
        environment: Environment,
        folder: Path,
        kept: Path,
        *,
        in_bucket: bool,
    ) -> None:
        self._in_bucket = in_bucket
        self._terraform = terraform
        self._gcloud = gcloud
        self._environment = environment
        self._folder = folder
        self._plan = kept / f"{environment.name}.tfplan"
        self._backend: tuple[str, ...] = ()

    @property
    def bucket(self) -> str:
        """Where the state is."""
        return f"{self._environment.project}-tfstate"

    def open(self) -> None:
        """Enable what a plan asks, make the state's bucket where it is missing, and start Terraform on it."""
        at = (f"--project={self._environment.project}",)
        self._gcloud.run("services", "enable", *ASKED_BY_PLAN, *at, cwd=self._folder, show=False)
        if self._in_bucket:
            self._keep_state_in_bucket(at)
        self._terraform.run(
            "init", "-input=false", "-no-color", "-reconfigure", *self._backend, cwd=self._folder, show=False
        )

    def _keep_state_in_bucket(self, at: tuple[str, ...]) -> None:
        if not self._gcloud.succeeds("storage", "buckets", "describe", f"gs://{self.bucket}", *at, cwd=self._folder):
            self._gcloud.run(
                *("storage", "buckets", "create", f"gs://{self.bucket}", *at, f"--location={self._environment.region}"),
                *("--uniform-bucket-level-access", "--public-access-prevention"),
                cwd=self._folder,
            )
            self._gcloud.run(
                "storage", "buckets", "update", f"gs://{self.bucket}", "--versioning", *at, cwd=self._folder
            )
        self._backend_file.write_text('terraform {\n  backend "gcs" {}\n}\n', encoding="utf-8")
        self._backend = (f"-backend-config=bucket={self.bucket}", f"-backend-config=prefix={self._environment.name}")

    def close(self) -> None:
        """Leave the folder as a plain `terraform` wants it: with local state."""
        self._backend_file.unlink(missing_ok=True)

    @property
    def _backend_file(self) -> Path:
        return self._folder / "backend_override.tf"

    def plan(self, archive: Path) -> str:
        """Plan everything with that source archive and keep the plan; returns Terraform's one line of what would change."""
        self._plan.parent.mkdir(parents=True, exist_ok=True)
        text = self._terraform.run(
            *("plan", "-input=false", "-no-color", f"-var-file={self._environment.values}"),
            *(f"-var=archive={archive}", f"-out={self._plan}"),
            cwd=self._folder,
        )
        self._refuse_lost_secrets()
        lines = [line for line in text.splitlines() if line.startswith(("Plan:", "No changes."))]
        return lines[-1] if lines else "outputs only"

    def _refuse_lost_secrets(self) -> None:
        """A new version of a secret without a value would be "unset", and the functions that need it would not start."""
        given = json.loads(os.environ.get("TF_VAR_secret_values") or "{}")  # noqa: TID251, SIM112 - Terraform's own variable
        shown = self._terraform.json("show", "-json", str(self._plan), cwd=self._folder)
        lost = [
            str(change["index"])
            for change in shown.get("resource_changes", [])
            if change["type"] == "google_secret_manager_secret_version"
            and {"create", "delete"} <= set(change["change"]["actions"])
            and change["index"] not in given
        ]
        if lost:
            self._plan.unlink()
            raise DeployError(
                f"a new version of {', '.join(lost)} is planned, and TF_VAR_secret_values has no value for it"
            )

    def planned(self) -> dict[str, Any]:
        """The outputs as the kept plan will leave them, as far as they are known before it is applied."""
        shown = self._terraform.json("show", "-json", str(self._kept()), cwd=self._folder)
        return {name: item.get("value") for name, item in shown["planned_values"].get("outputs", {}).items()}

    def apply(self) -> None:
        """Apply the kept plan, exactly as it is; it cannot be applied twice."""
        plan = self._kept()
        self._terraform.run("apply", "-input=false", "-no-color", str(plan), cwd=self._folder)
        plan.unlink()

    def lay_foundation(self) -> None:
        """Apply what an image needs to be pushed; nothing else is touched."""
        targets = [f"-target={target}" for target in FOUNDATION]
        self._terraform.run(
            *("apply", "-input=false", "-no-color", "-auto-approve", f"-var-file={self._environment.values}", *targets),
            cwd=self._folder,
        )

    def outputs(self) -> dict[str, Any]:
        """`terraform output -json`: by name, with the value under `value`; empty before the first apply."""
        found: dict[str, Any] = self._terraform.json("output", "-json", "-no-color", cwd=self._folder)
        return found

    def _kept(self) -> Path:
        if not self._plan.is_file():
            raise DeployError("there is no plan to apply: run the step `plan` first")
        return self._plan
