"""How much of an accelerator's memory a model takes: weights, key-value cache, adapters, the engine itself. Pure."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from gpu_service.hardware import Hardware
from gpu_service.models import Checkpoint, Shape

GIB: Final = 1024**3
KV_BYTES: Final = {"auto": 2, "fp8": 1}
"""Bytes of a cached value; `auto` is the model's own 16 bits."""

_QUANTISED_EXTRA: Final = 1.10
"""What the engine holds beyond a quantised form's bytes: repacked scales, padding, tables that stay in 16 bits.

By arithmetic the 12B's w4a16 is 7.59 GiB; vLLM on a 24 GB card reported 8.28 (2026-06, v0.23 line).
"""
_PLAIN_EXTRA: Final = 1.04
_ENGINE_GIB: Final = 1.6
"""CUDA's context, the allocator's slack, and the captured graphs (0.7 to 0.8 GiB on that card)."""
_ADAPTER_BYTES: Final = 2
_LOGIT_BYTES: Final = 12
"""A logit in 32 bits, and the sampler's two copies of it."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes by what they are for."""

    weights: int
    cache: int
    adapters: int
    engine: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.adapters + self.engine


def weights(model: Checkpoint) -> int:
    """Bytes of the weights once loaded, without the towers for pictures and sound."""
    if model.weight_bytes:
        return model.weight_bytes
    plain = model.shape.linear_parameters * model.bits / 8 + model.shape.embedding_parameters * 2
    return ceil(plain * (_PLAIN_EXTRA if model.bits == 16 else _QUANTISED_EXTRA))


def one_sequence(shape: Shape, context: int, kv_dtype: str, hardware: Hardware) -> int:
    """What vLLM reserves for a single sequence of `context` tokens: its own bound, block by block.

    A sliding layer keeps the window and every token that is scheduled but not settled. vLLM makes all blocks equally large
    by giving the layers with smaller tokens more of them, so a sequence's last block may be far from full.
    """
    blocks = _blocks(shape, kv_dtype, hardware)
    window = min(shape.window - 1 + _in_flight(hardware), context)
    full = ceil(context / blocks.full) * shape.full_layers
    sliding = (ceil(window / blocks.sliding) + 1) * shape.sliding_layers
    return (full + sliding) * blocks.bytes


def all_sequences(shape: Shape, sequences: int, context: int, kv_dtype: str, hardware: Hardware) -> int:
    """The cache with `sequences` of `context` tokens each under way, and a batch of new tokens in flight for all of them.

    Never less than `one_sequence`, without which vLLM does not start.
    """
    blocks = _blocks(shape, kv_dtype, hardware)
    window = min(shape.window, context)
    full = ceil(context / blocks.full) * shape.full_layers
    sliding = (ceil(window / blocks.sliding) + 1) * shape.sliding_layers
    flying = ceil(_in_flight(hardware) / blocks.sliding) * shape.sliding_layers
    many = (sequences * (full + sliding) + flying) * blocks.bytes
    return max(many, one_sequence(shape, context, kv_dtype, hardware))


def need(
    hardware: Hardware, model: Checkpoint, *, context: int, sequences: int, kv_dtype: str, slots: int, rank: int
) -> Need:
    """The whole bill."""
    shape = model.shape
    # The widest moment of a forward pass: a batch's hidden states, both halves of the MLP, and a row of logits a sequence.
    activations = hardware.batch_tokens * (8 * shape.hidden + 4 * shape.inner) * 2
    logits = sequences * shape.vocabulary * _LOGIT_BYTES
    return Need(
        weights=weights(model),
        cache=all_sequences(shape, sequences, context, kv_dtype, hardware),
        adapters=slots * rank * shape.adapter_width * _ADAPTER_BYTES,
        engine=ceil(_ENGINE_GIB * GIB) + activations + logits,
    )


@dataclass(frozen=True, slots=True)
class _Blocks:
    full: int
    sliding: int
    bytes: int


def per_layer(shape: Shape, kv_dtype: str) -> tuple[int, int]:
    """Cache bytes of one token in one layer that sees everything, and in one sliding layer (keys and values)."""
    width = KV_BYTES[kv_dtype]
    return 2 * shape.global_kv_heads * shape.global_head * width, 2 * shape.kv_heads * shape.head * width


def _blocks(shape: Shape, kv_dtype: str, hardware: Hardware) -> _Blocks:
    """Tokens in a block of each kind, and the one size in bytes that all blocks have."""
    full, sliding = per_layer(shape, kv_dtype)
    size = max(full, sliding) * hardware.block_tokens
    return _Blocks(size // full, size // sliding, size)


def _in_flight(hardware: Hardware) -> int:
    """Tokens scheduled but not settled: a batch, two where the scheduler runs a step ahead (never on the CPU)."""
    return hardware.batch_tokens * (1 if hardware.cpu else 2)
