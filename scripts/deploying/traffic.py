"""Which revisions serve, and putting traffic back on the ones that served before.

Cloud Run keeps earlier revisions, built and ready: going back to them takes seconds and no build, and brings their
settings back too. After the next apply `forward` takes such a pin away: Terraform does not know of it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.deploying.commands import DeployError, Program


@dataclass(frozen=True)
class Serving:
    """The revision of one service that got all or most of its traffic. `revision` None: the service was not there."""

    service: str
    revision: str | None


@dataclass(frozen=True)
class Place:
    """Where the services are; all of their names begin with `prefix`."""

    project: str
    region: str
    prefix: str

    @property
    def flags(self) -> tuple[str, ...]:
        """For gcloud."""
        return (f"--project={self.project}", f"--region={self.region}")


def serving(gcloud: Program, place: Place, cwd: Path) -> list[Serving]:
    """What serves now, of every service of ours."""
    found = gcloud.json("run", "services", "list", *place.flags, "--format=json", cwd=cwd)
    services = [item for item in found if item["metadata"]["name"].startswith(place.prefix)]
    return [Serving(item["metadata"]["name"], _revision(item)) for item in services]


def forward(gcloud: Program, place: Place, cwd: Path) -> None:
    """Let the latest revision of every service of ours serve, also where an earlier deployment went back."""
    for item in serving(gcloud, place, cwd):
        gcloud.run(
            *("run", "services", "update-traffic", item.service, "--to-latest", "--quiet", *place.flags),
            cwd=cwd,
            show=False,
        )


def _revision(service: dict[str, Any]) -> str | None:
    traffic = service.get("status", {}).get("traffic", [])
    most = max(traffic, key=lambda item: item.get("percent", 0), default=None)
    name = None if most is None else most.get("revisionName")
    return str(name) if name else None


def back(gcloud: Program, place: Place, before: list[Serving], cwd: Path) -> list[tuple[str, str]]:
    """Put traffic on what served `before` wherever something else serves now; returns what was done, a line each.

    Goes on when one service refuses and raises DeployError at the end: as much as can be is brought back.
    """
    known = {item.service: item.revision for item in before}
    done: list[tuple[str, str]] = []
    failed: list[str] = []
    for now in serving(gcloud, place, cwd):
        wanted = known.get(now.service)
        if now.service not in known:
            done.append((now.service, "is new: left as it is"))
        elif wanted is None or wanted == now.revision:
            done.append((now.service, f"serves {now.revision} as before"))
        else:
            command = ("run", "services", "update-traffic", now.service, f"--to-revisions={wanted}=100")
            try:
                gcloud.run(*command, "--quiet", *place.flags, cwd=cwd, show=False)
                done.append((now.service, f"back on {wanted} (from {now.revision})"))
            except DeployError as error:
                failed.append(f"{now.service}: {error}")
    if failed:
        raise DeployError("not everything could be brought back:\n" + "\n".join(failed))
    return done
