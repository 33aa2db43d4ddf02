"""`scripts/evaluate`: see there."""

import argparse
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from scripts.evaluating import Report, Request, Unfit

_SHARED = frozenset(("__init__", "__main__", "scores", "reading", "student_scripts", "human_teachers"))
"""Modules beside the areas that are none."""


def areas() -> list[str]:
    """The areas there are, as they are typed."""
    here = Path(__file__).parent
    return sorted(path.stem.replace("_", "-") for path in here.glob("*.py") if path.stem not in _SHARED)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/evaluate", description="Measure one capability on labelled data.")
    parser.add_argument("area", choices=areas())
    parser.add_argument("--data", type=Path, required=True, help="folder of the data to measure on")
    parser.add_argument("--train", type=Path, help="folder to fit to; default: what ships with the product")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def main() -> None:
    """Measure, show, and end with the figures as one JSON line. One line on standard error where that cannot be."""
    options = arguments()
    for folder in (options.data, options.train):
        if folder is not None and not folder.is_dir():
            sys.exit(f"scripts/evaluate: {folder} is not a folder")
    module = import_module(f"scripts.evaluating.{options.area.replace('-', '_')}")
    try:
        report: Report = module.evaluate(Request(options.data, options.train))
    except Unfit as error:
        sys.exit(f"scripts/evaluate: {error}")
    if not report.fields:
        sys.exit(f"scripts/evaluate: {options.data} has no file that {options.area} is measured on")
    print("\n".join(lines(report)))
    text = json.dumps({"area": options.area, **report.fields}, ensure_ascii=False)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    print(text)


def lines(report: Report) -> Iterator[str]:
    """The report as a table of equal columns, then its notes."""
    table = [[_shown(cell) for cell in row] for row in (report.columns, *report.rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(report.columns))]
    for number, row in enumerate(table):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)
    yield from report.notes


def _shown(cell: Any) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else "" if cell is None else str(cell)


if __name__ == "__main__":
    main()
