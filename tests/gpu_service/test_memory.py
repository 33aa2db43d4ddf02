"""The arithmetic against what others measured: it must not flatter, and not scare."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_service import memory
from gpu_service.hardware import HARDWARE
from gpu_service.memory import GIB
from gpu_service.models import A4B, E2B, E4B, G12B, G31B, MODELS, Shape, shape_of

L4 = HARDWARE["nvidia-l4"]


def per_token(shape: Shape, kv_dtype: str) -> tuple[int, int]:
    """Cache bytes of one token in all layers that see everything, and in all sliding ones."""
    full, sliding = memory.per_layer(shape, kv_dtype)
    return full * shape.full_layers, sliding * shape.sliding_layers


@pytest.mark.parametrize(("context", "measured"), [(32_768, 6.96), (65_536, 5.29), (131_072, 3.57), (262_144, 2.16)])
def test_cache_of_the_12b_is_what_vllm_reported(context: int, measured: float) -> None:
    """vLLM on a 24 GB card, 12B, 11.0 GiB of cache, one batch of 2,496 tokens in flight: its "maximum concurrency"."""
    card = replace(L4, batch_tokens=2496 // 2)  # ours has two batches in flight
    assert 11.0 * GIB / memory.one_sequence(G12B, context, "auto", card) == pytest.approx(measured, rel=0.005)


def test_weights_of_the_12b_are_at_least_what_vllm_loaded() -> None:
    """8.28 GiB were reported for google/gemma-4-12B-it-qat-w4a16-ct."""
    assert 8.28 <= memory.weights(MODELS["gemma-4-12b-w4a16"]) / GIB <= 8.28 * 1.05


@pytest.mark.parametrize(
    ("shape", "published"),
    # Model cards and safetensors headers; the 26B's and 31B's without the tower for pictures (0.55 billion), the small
    # ones' without both towers (0.5).
    [(E2B, 4.6e9), (E4B, 7.5e9), (G12B, 11.96e9), (A4B, 25.2e9), (G31B, 30.7e9)],
    ids=["E2B", "E4B", "12B", "26B-A4B", "31B"],
)
def test_parameters_are_the_published_ones(shape: Shape, published: float) -> None:
    assert shape.linear_parameters + shape.embedding_parameters == pytest.approx(published, rel=0.012)


@pytest.mark.parametrize(
    ("shape", "full", "sliding"),
    # KiB a token: read from allocation logs of three engines for E2B (18 in all) and E4B (56).
    [(E2B, 6, 12), (E4B, 16, 40), (G12B, 16, 320), (A4B, 20, 200), (G31B, 80, 800)],
    ids=["E2B", "E4B", "12B", "26B-A4B", "31B"],
)
def test_cache_of_a_token(shape: Shape, full: int, sliding: int) -> None:
    assert per_token(shape, "auto") == (full * 1024, sliding * 1024)
    assert per_token(shape, "fp8") == (full * 512, sliding * 512)


def test_layers_that_share_keys_and_values_cost_nothing() -> None:
    assert (E2B.full_layers, E2B.sliding_layers) == (3, 12)
    assert (E4B.full_layers, E4B.sliding_layers) == (4, 20)


@given(
    shape=st.sampled_from([E2B, E4B, G12B, A4B, G31B]),
    context=st.integers(256, 100_000),
    sequences=st.integers(1, 64),
    more=st.integers(1, 10_000),
    kv_dtype=st.sampled_from(["auto", "fp8"]),
)
def test_more_never_costs_less(shape: Shape, context: int, sequences: int, more: int, kv_dtype: str) -> None:
    def cost(sequences: int, context: int) -> int:
        return memory.all_sequences(shape, sequences, context, kv_dtype, L4)

    base = cost(sequences, context)
    assert base >= memory.one_sequence(shape, context, kv_dtype, L4)
    assert cost(sequences + more, context) >= base
    assert cost(sequences, context + more) >= base
    # Beyond the window only the few layers that see everything grow.
    full, sliding = per_token(shape, kv_dtype)
    assert base >= sequences * full * context
    assert base <= sequences * full * (context + 1024) + (sequences * 2 * shape.window + 8 * 2048) * sliding


def test_a_shape_is_read_from_either_spelling_of_the_configuration() -> None:
    types = (["sliding_attention"] * 5 + ["full_attention"]) * 8
    config = {
        "num_hidden_layers": 48, "layer_types": types, "num_kv_shared_layers": 0, "hidden_size": 3840,
        "intermediate_size": 15_360, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 256,
        "sliding_window": 1024, "vocab_size": 262_144, "attention_k_eq_v": True,
    }  # fmt: skip
    assert shape_of({**config, "num_global_key_value_heads": 1, "global_head_dim": 512}) == G12B
    assert shape_of({**config, "per_layer_config": {"5": {"head_dim": 512, "num_key_value_heads": 1}}}) == G12B
