"""Labelled files as rows."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts.evaluating import Unfit

LONGEST_CELL = 1 << 24
"""Characters of one cell: prompts of a hundred thousand stand in some sets, and csv's own limit is 131,072."""


def table(path: Path, *needed: str) -> list[dict[str, str]]:
    """A CSV file with a header line. Raises Unfit, naming the file, where a needed column is missing."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise Unfit(f"{path.name} has no column {', '.join(missing)}")
        return list(reader)


def columns(path: Path) -> frozenset[str]:
    """The names in a CSV file's header line."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(next(csv.reader(file), ()))


def lines(path: Path) -> list[dict[str, Any]]:
    """A JSON Lines file of objects; empty lines are left out. Raises Unfit with the line's number."""
    return list(_lines(path, path.read_text(encoding="utf-8").split("\n")))


def _lines(path: Path, raw: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(raw, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise Unfit(f"{path.name}, line {number}: {error}") from error
        if not isinstance(row, dict):
            raise Unfit(f"{path.name}, line {number}: not an object")
        yield row
