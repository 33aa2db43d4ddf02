"""`python -m gpu_service.plans`: writes plans.json, what Terraform knows of each accelerator and model that fit together.

An entry has the engine's limits, the instance that Cloud Run has to give, and the name the model is served under (what the
gateway asks for). A pair that is not in it does not fit; `python -m gpu_service.serve --show` says why.
"""

import json
import sys
from pathlib import Path
from typing import Final

from gpu_service.hardware import HARDWARE, CloudRun
from gpu_service.memory import GIB
from gpu_service.plan import Plan, every_fitting

FILE: Final = Path(__file__).with_name("plans.json")
SMALL_WEIGHTS_GIB: Final = 12
"""Up to here the smaller instance will do: the streamer's buffer (4 GiB) and the engine's processes are what it holds."""


def text() -> str:
    """The file's content."""
    plans = {
        f"{hardware.name}/{made.model.name}": _entry(made, hardware.cloud_run)
        for hardware in HARDWARE.values()
        if hardware.cloud_run is not None
        for made in every_fitting(hardware)
    }
    return json.dumps({"plans": plans}, indent=2) + "\n"


def _entry(made: Plan, limits: CloudRun) -> dict[str, object]:
    weights = made.need.weights / GIB
    cpu, memory = limits.small if weights <= SMALL_WEIGHTS_GIB else limits.large
    return {
        "max_num_seqs": made.sequences,
        "max_model_len": made.context,
        "cpu": str(cpu),
        "memory": memory,
        "weights_gib": round(weights, 1),
        "served_model_name": made.model.family,
        "source": made.model.source,
        "base_image": made.hardware.base_image,
    }


if __name__ == "__main__":
    FILE.write_text(text())
    sys.stdout.write(f"{FILE}: {text().count('max_num_seqs')} plans\n")
