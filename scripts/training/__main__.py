"""`scripts/train-models`: see there."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from scripts.training import Trained, Unfit
from shared.textmodel.linear import FILES


def names() -> list[str]:
    """The models there are: the modules here that train one."""
    here = Path(__file__).parent
    return sorted(path.stem for path in here.glob("*.py") if "\ndef train(" in path.read_text(encoding="utf-8"))


def main() -> None:
    """Make what was asked for and say what it is; one line on standard error where that cannot be."""
    parser = argparse.ArgumentParser(prog="scripts/train-models", description="Make the small text models.")
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"one of: {', '.join(names())}; default: all")
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled data")
    parser.add_argument("--out", type=Path, default=FILES, help="folder to write to")
    options = parser.parse_args()
    if unknown := sorted(set(options.name) - set(names())):
        parser.error(f"no model {', '.join(unknown)}; there are: {', '.join(names())}")
    if not options.data.is_dir():
        sys.exit(f"scripts/train-models: {options.data} is not a folder")
    for name in options.name or names():
        try:
            made: Trained = import_module(f"scripts.training.{name}").train(options.data)
        except Unfit as error:
            sys.exit(f"scripts/train-models: {name}: {error}")
        options.out.mkdir(parents=True, exist_ok=True)
        path, content = options.out / f"{name}.bin", made.bytes()
        path.write_bytes(content)
        print(f"{name}: {len(content) / 1024:.0f} KiB, {_shown(made.header.measured)}")


def _shown(measured: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in measured.items()) or "not measured"


if __name__ == "__main__":
    main()
