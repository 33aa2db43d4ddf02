"""Gemma 4's sizes and the forms they are published in: data, and what can be read from a checkpoint's own config.json.

Shapes: E2B, E4B, 26B-A4B and 31B from google-deepmind/gemma (gemma/gm/nn/gemma4/_gemma4.py); the 12B from its published
config.json ("gemma4_unified"), the only one that is not in that file. How the engine treats them (layers that share keys
and values have none of their own, a shared K=V projection is held twice) from vLLM 0.32's gemma4.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides memory. Every `period`-th layer attends to everything, the others to a sliding window."""

    layers: int
    period: int
    shared: int
    hidden: int
    inner: int
    heads: int
    kv_heads: int
    global_kv_heads: int
    window: int
    head: int = 256
    global_head: int = 512
    vocabulary: int = 262_144
    per_layer: int = 0
    wide_shared: bool = False
    experts: int = 0
    expert_inner: int = 0

    def full(self, layer: int) -> bool:
        """Whether that layer (from 0) attends to the whole context."""
        return layer % self.period == self.period - 1

    @property
    def full_layers(self) -> int:
        """Layers with a cache of their own over the whole context."""
        return sum(self.full(layer) for layer in range(self.layers - self.shared))

    @property
    def sliding_layers(self) -> int:
        """Layers with a cache of their own over the window."""
        return self.layers - self.shared - self.full_layers

    def linear(self) -> list[tuple[int, int, int]]:
        """The matrices that quantised forms shrink, as (how many, in, out)."""
        found = []
        for layer in range(self.layers):
            full, shared = self.full(layer), layer >= self.layers - self.shared
            queries = self.heads * (self.global_head if full else self.head)
            keys = self.global_kv_heads * self.global_head if full else self.kv_heads * self.head
            inner = self.inner * (2 if shared and self.wide_shared else 1)
            found += [(1, self.hidden, queries), (1, queries, self.hidden)]
            found += [] if shared else [(2, self.hidden, keys)]
            found += [(2, self.hidden, inner), (1, inner, self.hidden)]
            if self.per_layer:
                found += [(1, self.hidden, self.per_layer), (1, self.per_layer, self.hidden)]
            if self.experts:
                found += [(2 * self.experts, self.hidden, self.expert_inner)]
                found += [(self.experts, self.expert_inner, self.hidden), (1, self.hidden, self.experts)]
        return found

    @property
    def linear_parameters(self) -> int:
        """Weights in those matrices."""
        return sum(count * width * height for count, width, height in self.linear())

    @property
    def embedding_parameters(self) -> int:
        """Weights in the token tables, which every published form keeps in 16 bits; the output layer is the same table."""
        return self.vocabulary * (self.hidden + self.layers * self.per_layer)

    @property
    def adapter_width(self) -> int:
        """Parameters of a LoRA adapter for each unit of its rank, over all matrices but the experts'."""
        return sum(
            count * (width + height)
            for count, width, height in self.linear()
            if not self.experts or count < self.experts
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A form of a model. `source` is a Hugging Face id or a folder; `family` is the name it is served under.

    `bits` are those of a linear weight with its scales: 4-bit forms hold one 16-bit scale for 32 weights (Google's QAT)
    or one 8-bit scale for 16 (NVFP4), 4.5 bits either way. `weight_bytes` is known for a folder only.
    """

    name: str
    family: str
    source: str
    shape: Shape
    bits: float = 16
    form: str = "bf16"
    text_only: bool = True
    weight_bytes: int = 0


E2B: Final = Shape(35, 5, 20, 1536, 6144, 8, 1, 1, 512, per_layer=256, wide_shared=True)
E4B: Final = Shape(42, 6, 18, 2560, 10_240, 8, 2, 2, 512, per_layer=256)
G12B: Final = Shape(48, 6, 0, 3840, 15_360, 16, 8, 1, 1024)
A4B: Final = Shape(30, 6, 0, 2816, 2112, 16, 8, 2, 1024, experts=128, expert_inner=704)
G31B: Final = Shape(60, 6, 0, 5376, 21_504, 32, 16, 4, 1024)

_QAT = "google/gemma-4-{}-it-qat-w4a16-ct"

MODELS: Final[Mapping[str, Checkpoint]] = {
    found.name: found
    for found in (
        Checkpoint("gemma-4-e2b", "gemma-4-e2b", "google/gemma-4-E2B-it", E2B),
        Checkpoint("gemma-4-e2b-w4a16", "gemma-4-e2b", _QAT.format("E2B"), E2B, 4.5, "w4a16"),
        Checkpoint("gemma-4-e4b", "gemma-4-e4b", "google/gemma-4-E4B-it", E4B),
        Checkpoint("gemma-4-e4b-w4a16", "gemma-4-e4b", _QAT.format("E4B"), E4B, 4.5, "w4a16"),
        Checkpoint("gemma-4-12b", "gemma-4-12b", "google/gemma-4-12B-it", G12B),
        Checkpoint("gemma-4-12b-w4a16", "gemma-4-12b", _QAT.format("12B"), G12B, 4.5, "w4a16"),
        # Google publishes no compressed-tensors form of the mixture of experts.
        Checkpoint("gemma-4-26b-a4b", "gemma-4-26b-a4b", "google/gemma-4-26B-A4B-it", A4B),
        Checkpoint("gemma-4-26b-a4b-fp8", "gemma-4-26b-a4b", "RedHatAI/gemma-4-26B-A4B-it-FP8-dynamic", A4B, 8, "fp8"),
        Checkpoint("gemma-4-26b-a4b-nvfp4", "gemma-4-26b-a4b", "nvidia/Gemma-4-26B-A4B-NVFP4", A4B, 4.5, "nvfp4"),
        Checkpoint("gemma-4-31b", "gemma-4-31b", "google/gemma-4-31B-it", G31B),
        Checkpoint("gemma-4-31b-fp8", "gemma-4-31b", "RedHatAI/gemma-4-31B-it-FP8-dynamic", G31B, 8, "fp8"),
        Checkpoint("gemma-4-31b-w4a16", "gemma-4-31b", _QAT.format("31B"), G31B, 4.5, "w4a16"),
    )
}


def of_folder(folder: Path) -> Checkpoint:
    """The checkpoint in a folder: its shape from config.json, its weight from its safetensors files.

    Raises ValueError (one line) when the folder holds no Gemma 4.
    """
    try:
        config = json.loads((folder / "config.json").read_text())
        shape = shape_of(config.get("text_config", config))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{folder} holds no Gemma 4 checkpoint ({type(error).__name__}: {error})") from None
    return Checkpoint(
        name=folder.name,
        family=folder.name,
        source=str(folder),
        shape=shape,
        form=str(config.get("quantization_config", {}).get("quant_method", config.get("dtype", "bf16"))),
        # Its towers for pictures and sound take memory that lessons in words never use.
        text_only=bool(config.get("vision_config") or config.get("audio_config")),
        weight_bytes=sum(file.stat().st_size for file in folder.glob("*.safetensors")),
    )


def shape_of(config: Mapping[str, Any]) -> Shape:
    """The shape in a Gemma 4 text configuration, in the older spelling (global_head_dim) and the newer (per_layer_config)."""
    types = config["layer_types"]
    period = types.index("full_attention") + 1
    full: Mapping[str, Any] = next(iter((config.get("per_layer_config") or {}).values()), {})
    return Shape(
        layers=config["num_hidden_layers"],
        period=period,
        shared=config.get("num_kv_shared_layers") or 0,
        hidden=config["hidden_size"],
        inner=config["intermediate_size"],
        heads=config["num_attention_heads"],
        kv_heads=config["num_key_value_heads"],
        global_kv_heads=full.get("num_key_value_heads")
        or config.get("num_global_key_value_heads")
        or config["num_key_value_heads"],
        window=config["sliding_window"],
        head=config["head_dim"],
        global_head=full.get("head_dim") or config.get("global_head_dim") or 512,
        vocabulary=config["vocab_size"],
        per_layer=config.get("hidden_size_per_layer_input") or 0,
        wide_shared=bool(config.get("use_double_wide_mlp")),
        experts=(config.get("num_experts") or 0) if config.get("enable_moe_block") else 0,
        expert_inner=config.get("moe_intermediate_size") or 0,
    )
