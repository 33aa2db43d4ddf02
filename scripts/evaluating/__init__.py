"""What `scripts/evaluate` measures: one module for each area, with `evaluate(request) -> Report`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Unfit(Exception):
    """What was asked cannot be measured; the text is the one line to show."""


@dataclass(frozen=True)
class Request:
    """One call of the command. `data` holds what is measured on; `train`, where given, is all that may be fitted to."""

    data: Path
    train: Path | None = None

    def files(self, name: str) -> Iterator[Path]:
        """The files of that name in `data`, folders inside it included but those of training data, in a stable order."""
        found = (path for path in self.data.rglob(name) if "train" not in path.relative_to(self.data).parts[:-1])
        return iter(sorted(found))

    def training(self, name: str) -> Iterator[Path]:
        """The same in `train`. Raises Unfit where there is none: a model fitted to nothing would be measured as one."""
        found = [] if self.train is None else sorted(self.train.rglob(name))
        if not found:
            raise Unfit(f"--train has no {name}")
        return iter(found)


@dataclass
class Report:
    """What was measured: `fields` for programs (contract section 10), `rows` for people under `columns`."""

    columns: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, fields: Mapping[str, Any], *row: Any) -> None:
        """Some fields, and the row that shows them. Raises Unfit where a field has another figure already."""
        for name in fields.keys() & self.fields.keys():
            raise Unfit(f"two files of the folder give {name}: measure them one after the other")
        self.fields.update(fields)
        if row:
            self.rows.append(row)
