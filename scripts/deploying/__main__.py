"""`scripts/deploy ENV`: from a checkout to working URLs. The same steps as cloudbuild.yaml, each of which runs by itself too.

    check       scripts/check
    test        scripts/test
    archive     scripts/archive .data/deploy
    audit       scripts/audit
    images      Cloud Build makes the images that the registry does not have yet (nothing to do without a GPU)
    plan        terraform plan, kept
    apply       the kept plan; outside development somebody has to say yes (or --approve)
    smoke       scripts/smoke at the deployed URLs; when that fails traffic goes back to the revisions that served before

A step that fails ends the deployment; `--from STEP` goes on from there.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from scripts.deploying import images, smoke, traffic
from scripts.deploying.commands import DeployError, Program, describe
from scripts.deploying.infrastructure import Environment, Infrastructure
from scripts.lib import archive

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".data" / "deploy"
SPREAD_SECONDS = 180.0
"""Addresses, certificates and roles spread slowly."""


class Deployment:
    """One run of the steps for one environment."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._terraform_folder: Path = arguments.terraform_folder.resolve()
        self._kept: Path = arguments.kept.resolve()
        self._source = self._terraform_folder.parent  # what is deployed is the checkout that these files are in
        self._environment = Environment.read(self._terraform_folder, arguments.environment)

    @cached_property
    def _gcloud(self) -> Program:
        return Program(self._arguments.gcloud, hint="https://cloud.google.com/sdk/docs/install")

    @cached_property
    def _infrastructure(self) -> Infrastructure:
        terraform = Program(self._arguments.terraform, hint="https://developer.hashicorp.com/terraform/install")
        made = Infrastructure(
            terraform,
            self._gcloud,
            self._environment,
            self._terraform_folder,
            self._kept,
            in_bucket=not self._arguments.local_state,
        )
        made.open()
        return made

    def close(self) -> None:
        """Leave nothing behind that a plain `terraform` would stumble over."""
        if "_infrastructure" in self.__dict__:
            self._infrastructure.close()

    @property
    def steps(self) -> Mapping[str, Callable[[], None]]:
        """What there is to do, in order."""
        return {
            "check": lambda: self._command("scripts/check"),
            "test": lambda: self._command("scripts/test"),
            "archive": lambda: print(f"  {self._archive()}"),
            "audit": lambda: self._command("scripts/audit"),
            "images": self._images,
            "plan": self._plan,
            "apply": self._apply,
            "smoke": self._smoke,
        }

    def _command(self, script: str) -> None:
        if subprocess.run([ROOT / script], cwd=ROOT, check=False).returncode:
            raise DeployError(f"{script} failed")

    def _archive(self) -> Path:
        """What git tracks of the source, packed: the same source gives the same file."""
        try:
            return archive.write(self._source, self._kept)
        except archive.ArchiveError as error:
            raise DeployError(str(error)) from None

    def _images(self) -> None:
        self._infrastructure.plan(self._archive())
        planned = self._infrastructure.planned()
        wanted = images.wanted(planned.get("images") or {}, planned.get("gpu_base_image"))
        if not self._may_apply():  # the ground that images are built on is changed here already
            raise DeployError("nobody said yes: nothing was changed")
        self._infrastructure.lay_foundation()
        name, project = planned["name"], self._environment.project
        account, staging = f"{name}-build@{project}.iam.gserviceaccount.com", f"{project}-{name}-source"
        builder = images.Builder(project, self._environment.region, account, staging)
        if planned.get("gpu_weights"):
            self._require_weights(planned["gpu_weights"])
        for image in wanted:
            new = images.build(self._gcloud, image, builder, self._kept, self._source)
            print(f"  {image.name}: {'built' if new else 'is there'} ({image.reference})")

    def _require_weights(self, where: str) -> None:
        """The GPU service cannot start without them, and Terraform waits for it."""
        if not self._gcloud.succeeds("storage", "ls", f"{where}/config.json", cwd=ROOT):
            raise DeployError(
                f"there is no model in {where}: copy its files there (terraform/README.md, the own Gemma)"
            )

    def _plan(self) -> None:
        print("  " + self._infrastructure.plan(self._archive()))

    def _apply(self) -> None:
        if not self._may_apply():
            raise DeployError("nobody said yes: nothing was changed")
        place = self._place()
        before = [] if place is None else traffic.serving(self._gcloud, place, ROOT)
        self._remember(before)
        try:
            self._infrastructure.apply()
        except DeployError as error:
            # A revision that does not start gets no traffic, but others of this release may have some already.
            self._back(str(error))
            raise
        if place is not None:
            traffic.forward(self._gcloud, place, ROOT)

    def _may_apply(self) -> bool:
        if self._arguments.approve or self._environment.name == "dev":
            return True
        print(f"  Apply this to {self._environment.project}? Type the environment's name to go on:", flush=True)
        return sys.stdin.readline().strip() == self._environment.name

    def _smoke(self) -> None:
        outputs = self._infrastructure.outputs()
        try:
            target = smoke.Target.of(outputs, token=self._arguments.token)
        except smoke.Wrong as error:
            raise DeployError(str(error)) from None
        if not asyncio.run(smoke.run(target, self._arguments.wait)):
            self._back("the smoke test failed")
            raise DeployError("what was deployed is not well: see the lines above")
        self._memory.unlink(missing_ok=True)
        print(describe([*sorted(target.urls.items()), *sorted(target.private.items())]))

    # --- what served before

    @property
    def _memory(self) -> Path:
        return self._kept / f"{self._environment.name}.serving"

    def _place(self) -> traffic.Place | None:
        """Where the services of the applied state are; None before the first apply."""
        name = self._infrastructure.outputs().get("name", {}).get("value")
        return traffic.Place(self._environment.project, self._environment.region, f"{name}-") if name else None

    def _remember(self, before: list[traffic.Serving]) -> None:
        """Kept until a smoke test has passed: an apply that is repeated must not take its own half for what was well."""
        if self._memory.is_file():
            return
        self._kept.mkdir(parents=True, exist_ok=True)
        self._memory.write_text(
            "".join(f"{item.service} {item.revision or '-'}\n" for item in before), encoding="utf-8"
        )

    def _remembered(self) -> list[traffic.Serving]:
        lines = self._memory.read_text(encoding="utf-8").split() if self._memory.is_file() else []
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return [traffic.Serving(service, None if revision == "-" else revision) for service, revision in pairs]

    def _back(self, why: str) -> None:
        before, place = self._remembered(), self._place()
        if not before or place is None:
            print(f"  {why.splitlines()[0]}; nothing served before, so there is nothing to go back to")
            return
        print(f"  {why.splitlines()[0]}: going back")
        print(describe(traffic.back(self._gcloud, place, before, ROOT)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ("check", "test", "archive", "audit", "images", "plan", "apply", "smoke")
    parser.add_argument("environment", help="dev, prod: a file in terraform/envs")
    parser.add_argument("--from", dest="first", choices=names, default=names[0], help="the first step to run")
    parser.add_argument("--until", dest="last", choices=names, default=names[-1], help="the last step to run")
    parser.add_argument("--approve", action="store_true", help="apply without asking")
    parser.add_argument("--token", help="a learner's Firebase ID token: the smoke test asks the mentor with it")
    parser.add_argument("--terraform", default="terraform", help="the command, with its first arguments")
    parser.add_argument("--gcloud", default="gcloud", help="the command, with its first arguments")
    parser.add_argument("--terraform-folder", type=Path, default=ROOT / "terraform", help="where Terraform's files are")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where archives and plans lie between two steps")
    parser.add_argument(
        "--local-state", action="store_true", help="keep Terraform's state in its folder, not in a bucket"
    )
    parser.add_argument("--wait", type=float, default=SPREAD_SECONDS, help="seconds the smoke test goes on trying")
    return parser.parse_args()


def main() -> None:
    """Run the steps; exits 1 with what failed and how to go on."""
    arguments = _arguments()
    deployment: Deployment | None = None
    try:
        deployment = Deployment(arguments)
        names = list(deployment.steps)
        chosen = names[names.index(arguments.first) : names.index(arguments.last) + 1]
        for number, name in enumerate(chosen, 1):
            print(f"[{number}/{len(chosen)}] {name}", flush=True)
            began = time.monotonic()
            try:
                deployment.steps[name]()
            except DeployError as error:
                again = f"scripts/deploy {arguments.environment} --from {name}"
                sys.exit(f"scripts/deploy: {name}: {error}\nWhen that is mended: {again}")
            print(f"  {name}: done in {time.monotonic() - began:.0f} s", flush=True)
    except DeployError as error:
        sys.exit(f"scripts/deploy: {error}")
    finally:
        if deployment is not None:
            deployment.close()


if __name__ == "__main__":
    main()
