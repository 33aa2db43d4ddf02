"""What NVIDIA's driver says about the cards, as Prometheus lines; nothing where there is no driver."""

import logging
from collections.abc import Callable
from typing import Any

_LOG = logging.getLogger("gpu_service")


METRICS = (
    ("ai_gpu_utilization_percent", "Share of the last sampling period in which a kernel ran on the card"),
    ("ai_gpu_memory_used_bytes", "Memory of the card in use"),
    ("ai_gpu_memory_total_bytes", "Memory of the card"),
)


def _pynvml() -> Any:
    """NVIDIA's own binding. Raises ImportError where it is not installed."""
    import pynvml  # type: ignore[import-not-found]  # in the image (requirements.txt); laptops have no card to ask about

    return pynvml


class Cards:
    """The cards of this machine. The library is loaded by the first reading."""

    def __init__(self, library: Callable[[], Any] = _pynvml) -> None:
        self._library = library
        self._handles: list[tuple[Any, Any]] | None = None

    def lines(self) -> list[str]:
        """One gauge a card and metric, with its help; empty where there is no card, or where the driver does not say."""
        try:
            readings = [_read(nvml, handle) for nvml, handle in self._open()]
        except Exception as error:  # noqa: BLE001 - the binding's errors are its own classes; metrics must not fail over them
            _LOG.warning("the card does not answer: %s", type(error).__name__)
            return []
        if not readings:
            return []
        found = []
        for position, (name, text) in enumerate(METRICS):
            found += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
            found += [f'{name}{{gpu="{index}"}} {reading[position]}' for index, reading in enumerate(readings)]
        return found

    def _open(self) -> list[tuple[Any, Any]]:
        if self._handles is None:
            try:
                nvml = self._library()
                nvml.nvmlInit()
                self._handles = [(nvml, nvml.nvmlDeviceGetHandleByIndex(i)) for i in range(nvml.nvmlDeviceGetCount())]
            except Exception as error:  # noqa: BLE001 - as above; and asked once only, a machine does not grow a card
                _LOG.info("no card to read from: %s", type(error).__name__)
                self._handles = []
        return self._handles


def _read(nvml: Any, handle: Any) -> tuple[int, int, int]:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu), int(memory.used), int(memory.total)
