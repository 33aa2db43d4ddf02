"""Complexity and the plan made from it."""

from datetime import date

import pytest

from shared.llm import catalog
from shared.llm.complexity import measure
from shared.llm.routing import Plan, plan
from shared.settings import Settings
from tests.llm.test_prices import EVERYTHING

TODAY = date(2026, 11, 21)
CATALOG = catalog.load(EVERYTHING, TODAY)


def planned(text: str, **changes: object) -> Plan:
    options: dict[str, object] = {"threshold": 0.7, "prompt_tokens": 100, "today": TODAY} | changes
    return plan(measure(text), CATALOG, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["circle", "What is the capital of France?", "¿Qué es un número primo?", "什么是质数？"]
)
def test_simple_prompts_go_to_the_own_model_first(text: str) -> None:
    found = planned(text)
    assert (found.tier, found.models[0].name) == ("simple", "gemma_4_on_device")
    assert "simple" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Compare mergesort and quicksort step by step, prove their complexity and implement both in Python.",
        "Demuestra paso a paso que la raíz de 2 es irracional y compara con otra demostración geométrica.",
        "请逐步证明根号二是无理数，并比较两种不同的证明方法，然后设计一个练习题来检验理解。",
    ],
)
def test_complex_prompts_go_to_a_paid_model_first_and_end_at_the_own(text: str) -> None:
    found = planned(text)
    assert (found.tier, found.models[0].name, found.models[-1].name) == ("complex", "gemini_flash", "gemma_4_on_device")


@pytest.mark.parametrize("text", ["", "a", "x" * 100_000, "∑" * 5000, "🙂", "\x00"])
def test_the_score_is_a_fraction_whatever_the_text(text: str) -> None:
    assert 0 <= measure(text).score <= 1


def test_longer_is_never_simpler() -> None:
    scores = [measure("Tell me about trees. " * count).score for count in (1, 4, 16, 64)]
    assert scores == sorted(scores)


def test_the_threshold_moves_the_border() -> None:
    assert planned("circle", threshold=0.0).tier == "complex"
    assert planned("Compare and prove and derive and analyse", threshold=1.0).tier == "simple"


def test_a_preferred_model_leads_and_a_disabled_one_is_left_out() -> None:
    assert planned("circle", prefer="claude").models[0].name == "claude"
    assert "gpt_4" not in [model.name for model in planned("circle", disabled=("gpt_4",)).models]


def test_a_prompt_too_long_for_a_window_passes_that_model_over() -> None:
    assert "gemma_4_on_device" not in [model.name for model in planned("circle", prompt_tokens=40_000).models]


def test_without_local_fallback_a_complex_prompt_does_not_end_at_the_own_model() -> None:
    assert "gemma_4_on_device" not in [m.name for m in planned("x", threshold=0.0, local_fallback=False).models]
    assert planned("x", local_fallback=False).models[0].name == "gemma_4_on_device"


def test_t31_a_model_that_sleeps_goes_to_the_end_and_the_reason_says_so() -> None:
    awake, found = planned("circle"), planned("circle", asleep=("gemma_4_on_device",))
    assert [model.name for model in found.models] == [
        *(model.name for model in awake.models if model.name != "gemma_4_on_device"),
        "gemma_4_on_device",
    ]
    assert found.reason.endswith("gpt_4_mini first, gemma_4_on_device is warming up")
    assert "warming" not in awake.reason
    chosen = planned("circle", asleep=("gemma_4_on_device",), prefer="gemma_4_on_device")
    assert chosen.models[-1].name == "gemma_4_on_device"
    assert "experiment" not in chosen.reason


@pytest.mark.parametrize(("wanted", "has"), [(True, True), (False, False)])
def test_without_gpu_acceleration_the_own_server_is_left_out(wanted: bool, has: bool) -> None:
    settings = Settings(
        auth_mode="local", local_infer_url="http://127.0.0.1:1/v1", openai_api_key="k", enable_gpu_acceleration=wanted
    )
    found = catalog.load(settings, TODAY).models
    assert ("gemma_4_on_device" in found) is has
    assert "gpt_4_mini" in found
