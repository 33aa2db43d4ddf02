"""Starts the engine: `python -m gpu_service.serve` plans, says the arithmetic and becomes `vllm serve`.

    GPU_HARDWARE=nvidia-l4 GPU_MODEL=gemma-4-e4b-w4a16 MODEL_SOURCE=gs://bucket/folder python -m gpu_service.serve
    python -m gpu_service.serve --show      # what would be started, with the arithmetic; starts nothing

The process is replaced, so the engine gets the platform's signals itself. All settings: gpu_service/settings.py.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from gpu_service import arguments, settings
from gpu_service.hardware import HARDWARE
from gpu_service.log import line
from gpu_service.models import MODELS, of_folder
from gpu_service.plan import Plan, plan

ENGINE = ("-m", "vllm.entrypoints.cli.main", "serve")


def prepare(environment: Mapping[str, str]) -> tuple[Plan, list[str], dict[str, str]]:
    """The plan for this environment, the engine's command and its environment.

    Raises BadSetting or Refused (both ValueError), whose text is the one line to show.
    """
    read = settings.load(environment)
    model = MODELS[read.gpu_model] if read.gpu_model in MODELS else of_folder(Path(read.gpu_model).resolve())
    made = plan(HARDWARE[read.gpu_hardware], model, read.wish)
    return made, arguments.command(made, read), arguments.environment(made, read, environment)


def main(argv: list[str]) -> None:
    """Become the engine, or exit with 2 and one line that says why not."""
    parser = argparse.ArgumentParser(prog="python -m gpu_service.serve", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true", help="print plan and command, start nothing")
    show = parser.parse_args(argv).show
    try:
        made, command, environment = prepare(os.environ)  # noqa: TID251 - an image of its own: shared/ is not in it
    except ValueError as error:
        sys.exit(_refuse(str(error), show=show))
    if show:
        print(f"{made.model.name} on {made.hardware.name}: {made.arithmetic}")  # noqa: T201 - a command's output
        print(shlex.join(["vllm", "serve", *command]))  # noqa: T201
        return
    print(line("INFO", "gpu_service.starting", model=made.model.name, plan=made.arithmetic), flush=True)  # noqa: T201
    os.execve(sys.executable, [sys.executable, *ENGINE, *command], environment)  # noqa: S606 - no shell is wanted


def _refuse(reason: str, *, show: bool) -> int:
    print(reason if show else line("CRITICAL", reason), file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    main(sys.argv[1:])
