"""What `scripts/train-models` makes: one module for each model file, with `train(data) -> Trained`."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.textmodel.linear import Header, pack


class Unfit(Exception):
    """A model cannot be made of what was given; the text is the one line to show."""


@dataclass(frozen=True)
class Trained:
    """A model, ready to be written."""

    header: Header
    weights: bytes
    """int8, label after label."""

    def bytes(self) -> bytes:
        """The file's content."""
        return pack(self.header, self.weights)


def files(data: Path, name: str) -> list[Path]:
    """The files of that name in `data`, folders inside it included, in a stable order. Raises Unfit where there is none."""
    found = sorted(data.rglob(name))
    if not found:
        raise Unfit(f"{data} has no {name}")
    return found


def source(name: str, licence: str, paths: Iterable[Path], rows: int) -> dict[str, Any]:
    """What a header says of one data set: its name, its licence, how many rows were used, the SHA-256 of what was read."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    return {"name": name, "licence": licence, "rows": rows, "sha256": digest}
