"""Source file of every deployed function: `functions-framework --target NAME` in this folder serves functions/NAME.py.

The framework puts the target's name in FUNCTION_TARGET before it executes this file, also when `--target` gave it.
Only that one function is imported, so that none pays for another's imports at its cold start.
"""

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def _targets() -> str:
    return ", ".join(sorted(path.stem for path in (HERE / "functions").glob("[a-z]*.py")))


def _serve(target: str) -> None:
    """Bind the target function under its name here. Ends the start with one line when it cannot be served."""
    # The framework *appends* this folder to sys.path, so an installed package called `shared` would win over ours.
    sys.path.insert(0, str(HERE))
    if not (target.isidentifier() and (HERE / "functions" / f"{target}.py").is_file()):
        sys.exit(f"unknown function {target!r}: FUNCTION_TARGET or --target must be one of {_targets()}")
    module = importlib.import_module(f"functions.{target}")
    for name in ("functions", "shared"):
        origin = getattr(sys.modules.get(name), "__file__", None)
        if origin is not None and Path(origin).resolve().parent != HERE / name:
            sys.exit(f"`{name}` was imported from {origin}, not from beside main.py")
    settings = sys.modules.get("shared.settings")
    if settings is not None:
        try:
            loaded = settings.Settings.load()  # a bad variable ends the start here, not every request later
            importlib.import_module("shared.backends").preload(loaded)
        except sys.modules["shared.errors"].ConfigurationError as error:
            sys.exit(str(error))
    if not hasattr(module, target):
        sys.exit(f"{target!r} is no function: it is served by its own container (functions/catalog.yaml)")
    globals()[target] = getattr(module, target)


_serve(os.environ.get("FUNCTION_TARGET", ""))  # noqa: TID251 - the framework's own variable, read before any setting
