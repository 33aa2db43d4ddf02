"""Typed reader of `functions/catalog.yaml`, the one list of what is deployed."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.errors import ConfigurationError

CATALOG = Path(__file__).resolve().parents[1] / "functions" / "catalog.yaml"

PathPrefix = Annotated[str, Field(pattern=r"^(/[a-z0-9_-]+)+$")]
Role = Literal["store", "coordination", "secrets", "tasks", "gpu", "tuning", "storage"]


class Schedule(BaseModel):
    """A regular POST by Cloud Scheduler with the service identity; `cron` is in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    cron: str = Field(pattern=r"^\S+( \S+){4}$")
    path: PathPrefix


class Deployable(BaseModel):
    """One deployed function or container. `memory` as Kubernetes writes it, `timeout` in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9]*$")
    module: str
    description: str
    service: Literal["function", "container"]
    dockerfile: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_./-]+$")
    """Of a container: the file its image is built from, beside the whole repository."""
    paths: tuple[PathPrefix, ...] = Field(min_length=1)
    memory: str = Field(pattern=r"^[1-9][0-9]*(Mi|Gi)$")
    cpu: float = Field(gt=0, le=8)
    concurrency: int = Field(ge=1, le=1000)
    timeout: int = Field(ge=1, le=3600)
    min_instances: int = Field(ge=0)
    max_instances: int = Field(ge=1)
    public: bool
    front: str | None = None
    """The public entry that answers people under these paths: Google's identity check lets no learner's token through."""
    roles: tuple[Role, ...]
    schedules: tuple[Schedule, ...]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.module != f"functions.{self.name}":
            raise ValueError(f"module must be functions.{self.name}: main.py finds a target by its name")
        if self.min_instances > self.max_instances:
            raise ValueError("min_instances is over max_instances")
        for schedule in self.schedules:
            if not self.serves(schedule.path):
                raise ValueError(f"schedule path {schedule.path} is not among its paths")
        if (self.service == "container") != (self.dockerfile is not None):
            raise ValueError("a container, and nothing else, has a dockerfile")
        if self.public and self.front is not None:
            raise ValueError("a public entry needs no front")
        return self

    def serves(self, path: str) -> bool:
        """Whether a prefix of this entry covers `path` (whole segments)."""
        return any(path == prefix or path.startswith(prefix + "/") for prefix in self.paths)


class Catalog(BaseModel):
    """Every deployable, in the order of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    functions: tuple[Deployable, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _nothing_twice(self) -> Self:
        for what, values in (
            ("name", [entry.name for entry in self.functions]),
            ("path", [path for entry in self.functions for path in entry.paths]),
            ("schedule", [f"{entry.name}-{item.name}" for entry in self.functions for item in entry.schedules]),
        ):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"{what} listed twice: {', '.join(twice)}")
        public = {entry.name for entry in self.functions if entry.public}
        for entry in self.functions:
            if entry.front is not None and entry.front not in public:
                raise ValueError(f"{entry.name}: front {entry.front} is no public entry")
        return self


def load(path: Path = CATALOG) -> tuple[Deployable, ...]:
    """Read the catalogue. Raises ConfigurationError with one line that names the entry and field."""
    import yaml

    try:
        return Catalog.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).functions
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{path.name}: {where}: {first['msg']}") from None
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path.name}: {error}".splitlines()[0]) from None
