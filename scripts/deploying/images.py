"""The container images of a release: Terraform names them by what is in them, Cloud Build makes those that are not there yet.

No docker is needed here. After its build an image is looked at from inside (`scripts/lib/audit.py`): something that would
run at every start of Python and that nobody has read fails the build before anything is pushed (T52).
"""

import json
from dataclasses import dataclass
from pathlib import Path

from scripts.deploying.commands import DeployError, Program
from shared import deployables

AUDIT = "scripts/lib/audit.py"
GPU = "gpu"
TIMEOUT = "3600s"
DOCKER = "gcr.io/cloud-builders/docker"


@dataclass(frozen=True)
class Image:
    """One image: its name in the registry, what it is built from and on, and the whole reference with a content tag."""

    name: str
    dockerfile: str
    reference: str
    base: str | None = None
    """The GPU service's: vLLM for the accelerator's driver."""


def wanted(references: dict[str, str], gpu_base: str | None = None) -> list[Image]:
    """The images that Terraform names (its outputs `images` and `gpu_base_image`), with what each is built from.

    Raises DeployError for one that nothing here builds.
    """
    files = {entry.name: str(entry.dockerfile) for entry in deployables.load() if entry.service == "container"}
    files[GPU] = "gpu_service/Dockerfile"
    if strange := sorted(references.keys() - files.keys()):
        raise DeployError(f"Terraform wants images that nothing here builds: {', '.join(strange)}")
    return [
        Image(name, files[name], reference, gpu_base if name == GPU else None)
        for name, reference in sorted(references.items())
    ]


@dataclass(frozen=True)
class Builder:
    """Where images are built, by which account, and the bucket that its source is staged in."""

    project: str
    region: str
    account: str
    staging: str


def build(gcloud: Program, image: Image, builder: Builder, folder: Path, root: Path) -> bool:
    """Have Cloud Build make and push an image; False when it was there already. Raises DeployError."""
    at = (f"--project={builder.project}",)
    if gcloud.succeeds("artifacts", "docker", "images", "describe", image.reference, *at, cwd=root):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / f"build-{image.name}.json"
    config.write_text(json.dumps(recipe(image, builder), indent=2) + "\n", encoding="utf-8")
    staging = f"--gcs-source-staging-dir=gs://{builder.staging}/builds"
    gcloud.run("builds", "submit", ".", f"--config={config}", f"--region={builder.region}", staging, *at, cwd=root)
    return True


def recipe(image: Image, builder: Builder) -> dict[str, object]:
    """What Cloud Build does: build, look inside, and push only after that (`images` are pushed when all steps are done)."""
    making = ["build", "-f", image.dockerfile, "-t", image.reference]
    making += [f"--build-arg=VLLM_IMAGE={image.base}"] if image.base else []
    inside = [
        "run",
        "--rm",
        "--network=none",
        "--user=65534",
        "--entrypoint=python3",
        f"--volume=/workspace/{AUDIT}:/audit.py:ro",
    ]
    return {
        "steps": [
            {"id": "build", "name": DOCKER, "args": [*making, "."]},
            {
                "id": "look inside",
                "name": DOCKER,
                "args": [*inside, image.reference, "-I", "/audit.py", "--unasked", "/usr"],
            },
        ],
        "images": [image.reference],
        "timeout": TIMEOUT,
        "serviceAccount": f"projects/{builder.project}/serviceAccounts/{builder.account}",
        "options": {"logging": "CLOUD_LOGGING_ONLY", "machineType": "E2_HIGHCPU_8", "diskSizeGb": 200},
    }
