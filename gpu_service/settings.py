"""The environment of the GPU service, read once, typed. A bad value stops the start with one line that names the variable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gpu_service.hardware import HARDWARE
from gpu_service.memory import KV_BYTES
from gpu_service.models import MODELS
from gpu_service.plan import CONTEXT, MEMORY_SHARE, RANK, Wish

T = TypeVar("T")


class BadSetting(ValueError):
    """A variable's value cannot be used; the text is `NAME: what is expected`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field for each variable of that name in capitals.

    `model_source` says where the weights are: gs://bucket/folder (streamed into the card), a folder (baked into the image),
    or a Hugging Face id; empty: the id in the table. `max_queue` is how many calls may wait beyond those that run.
    `drain_seconds` has to end well before the platform's patience, for the engine then takes a second or two to stop: Cloud Run
    kills 10 s after SIGTERM.
    """

    gpu_hardware: str
    gpu_model: str
    model_source: str
    served_model_name: str
    max_model_len: int
    max_num_seqs: int | None
    gpu_memory_utilization: float
    kv_cache_dtype: str
    lora_slots: int | None
    lora_rank: int
    cpu_kv_gib: float
    max_queue: int | None
    drain_seconds: float
    health_seconds: float
    health_fresh_seconds: float
    host: str
    port: int
    gcp_project_id: str

    @property
    def wish(self) -> Wish:
        """What the planner is asked for."""
        return Wish(
            context=self.max_model_len,
            sequences=self.max_num_seqs,
            memory_share=self.gpu_memory_utilization,
            kv_dtype=self.kv_cache_dtype,
            adapters=self.lora_slots,
            rank=self.lora_rank,
            cpu_cache_gib=self.cpu_kv_gib,
        )


def load(environment: Mapping[str, str]) -> Settings:
    """Read all of it. Raises BadSetting for the first variable that cannot be used."""
    read = _Reader(environment)
    return Settings(
        gpu_hardware=read.choice("GPU_HARDWARE", tuple(HARDWARE)),
        gpu_model=read.value("GPU_MODEL", _model, f"one of {', '.join(MODELS)}, or a folder with a checkpoint"),
        model_source=read.text("MODEL_SOURCE"),
        served_model_name=read.text("SERVED_MODEL_NAME"),
        max_model_len=read.whole("MAX_MODEL_LEN", 256, 262_144, CONTEXT),
        max_num_seqs=read.whole_or_none("MAX_NUM_SEQS", 1, 1024),
        gpu_memory_utilization=read.number("GPU_MEMORY_UTILIZATION", 0.1, 0.98, MEMORY_SHARE),
        kv_cache_dtype=read.choice("KV_CACHE_DTYPE", tuple(KV_BYTES), "auto"),
        lora_slots=read.whole_or_none("LORA_SLOTS", 0, 32),
        # The ranks that vLLM has kernels for.
        lora_rank=int(read.choice("LORA_RANK", ("1", "8", "16", "32", "64", "128", "256"), str(RANK))),
        cpu_kv_gib=read.number("CPU_KV_GIB", 0.1, 512, 1.0),
        max_queue=read.whole_or_none("MAX_QUEUE", 0, 10_000),
        drain_seconds=read.number("DRAIN_SECONDS", 0, 3600, 7),
        health_seconds=read.number("HEALTH_SECONDS", 0.1, 240, 10),
        health_fresh_seconds=read.number("HEALTH_FRESH_SECONDS", 0, 60, 2),
        host=read.text("HOST", "0.0.0.0"),  # noqa: S104 - a container's only interface is its own
        port=read.whole("PORT", 1, 65_535, 8080),
        gcp_project_id=read.text("GCP_PROJECT_ID"),
    )


def _model(text: str) -> str:
    if text not in MODELS and not (text and Path(text).is_dir()):
        raise ValueError(text)
    return text


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def value(self, name: str, convert: Callable[[str], T], expected: str, default: T | None = None) -> T:
        text = self.text(name)
        if not text and default is not None:
            return default
        try:
            return convert(text)
        except ValueError:
            said = f"not {text!r}" if text else "it is not set"
            raise BadSetting(f"{name}: expected {expected}; {said}") from None

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        return self.value(name, lambda text: allowed[allowed.index(text)], f"one of {', '.join(allowed)}", default)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        def convert(text: str) -> int:
            number = int(text)
            if not low <= number <= high:
                raise ValueError(text)
            return number

        return self.value(name, convert, f"a whole number from {low} to {high}", default)

    def whole_or_none(self, name: str, low: int, high: int) -> int | None:
        return self.whole(name, low, high) if self.text(name) else None

    def number(self, name: str, low: float, high: float, default: float) -> float:
        def convert(text: str) -> float:
            number = float(text)
            if not low <= number <= high:  # also refuses nan
                raise ValueError(text)
            return number

        return self.value(name, convert, f"a number from {low:g} to {high:g}", default)
