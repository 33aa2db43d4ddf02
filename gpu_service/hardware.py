"""The accelerators that the service runs on: data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CloudRun:
    """Cloud Run's limits for an instance with this accelerator: `small` is the least it accepts, `large` for big weights."""

    small: tuple[int, str]
    large: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Hardware:
    """One accelerator.

    `usable_gib` is what CUDA reports as total, less than the data sheet says; 0 for the CPU, whose cache has a size of its
    own. `block_tokens` is vLLM's cache block. `base_image` is the engine's image for the driver that comes with it.
    """

    name: str
    sold_as: str
    usable_gib: float
    fp8: bool
    nvfp4: bool
    block_tokens: int
    batch_tokens: int
    base_image: str
    cloud_run: CloudRun | None = None

    @property
    def cpu(self) -> bool:
        """Whether there is no accelerator at all: for laptops and tests."""
        return self.usable_gib == 0


ENGINE: Final = "0.32.0"
"""The release of vLLM that arguments, arithmetic and tests are made for."""

# Cloud Run's driver for the L4 is 535 (CUDA 12.2): a CUDA 13 image does not start on it without a compatibility package,
# while every CUDA 12 build runs on any driver from 525 on (NVIDIA: minor version compatibility). The RTX PRO 6000 comes
# with driver 580 and needs kernels that only the CUDA 13 build has. To be proven on real cards: neither was at hand.
_CUDA12, _CUDA13 = f"vllm/vllm-openai:v{ENGINE}-cu129", f"vllm/vllm-openai:v{ENGINE}"

HARDWARE: Final[Mapping[str, Hardware]] = {
    found.name: found
    for found in (
        # nvidia-smi says 23,034 MiB, CUDA 22.03 GiB: error correction and the driver take the rest.
        Hardware(
            "nvidia-l4", "24 GB", 22.0, fp8=True, nvfp4=False, block_tokens=16, batch_tokens=2048, base_image=_CUDA12,
            cloud_run=CloudRun(small=(4, "16Gi"), large=(8, "32Gi")),
        ),
        # nvidia-smi says 97,887 MiB.
        Hardware(
            "nvidia-rtx-pro-6000", "96 GB", 94.9, fp8=True, nvfp4=True, block_tokens=16, batch_tokens=4096,
            base_image=_CUDA13, cloud_run=CloudRun(small=(20, "80Gi"), large=(20, "80Gi")),
        ),
        # vLLM's own memory reports say 79.18 GiB. Not lent by Cloud Run: for a virtual machine or Kubernetes.
        Hardware(
            "nvidia-h100-80gb", "80 GB", 79.1, fp8=True, nvfp4=False, block_tokens=16, batch_tokens=4096,
            base_image=_CUDA13,
        ),
        Hardware("cpu", "no accelerator", 0.0, fp8=False, nvfp4=False, block_tokens=128, batch_tokens=2048, base_image=""),
    )
}  # fmt: skip
