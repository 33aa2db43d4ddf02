"""Prices and the catalogue's choice of models."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import ConfigurationError
from shared.llm import catalog, prices
from shared.llm.types import Usage
from shared.settings import Settings

EVERYTHING = Settings(
    auth_mode="local",
    local_infer_url="http://127.0.0.1:1/v1",
    gemma_4_cloud_endpoint="http://127.0.0.1:1/v1",
    openai_api_key="k",
    anthropic_api_key="k",
    google_ai_api_key="k",
)


def test_one_usd_per_million_tokens_is_a_thousand_nano_usd_a_token() -> None:
    price = prices.load()["gpt-4.1"]  # 2 USD in, 0.50 cached, 8 USD out
    assert price.cost(Usage(1_000_000, 0, 0)) == 2 * prices.NANO
    assert price.cost(Usage(1_000_000, 1_000_000, 1_000_000)) == round(8.5 * prices.NANO)


def test_a_step_prices_the_whole_call_at_the_dearer_rate() -> None:
    price = prices.load()["claude-haiku-5-5"]  # five times dearer above 100k
    assert price.cost(Usage(99_999, 0, 0)) == 99_999 * 100
    assert price.cost(Usage(100_000, 0, 10)) == 100_000 * 500 + 10 * 2_500


@given(
    name=st.sampled_from(sorted(prices.load())),
    bound=st.integers(0, 600_000),
    share=st.floats(0, 1),
    cached=st.floats(0, 1),
    output=st.integers(0, 50_000),
)
def test_no_usage_within_the_bounds_costs_more_than_the_ceiling(
    name: str, bound: int, share: float, cached: float, output: int
) -> None:
    price = prices.load()[name]
    used = Usage(int(bound * share), int(bound * share * cached), output)
    assert price.cost(used) <= price.ceiling(bound, output)


def test_every_default_model_is_priced_and_not_about_to_be_retired() -> None:
    reviewed = date(2026, 11, 21)
    found = catalog.load(EVERYTHING, reviewed)
    assert set(found.models) == set(catalog.MODELS)
    for model in found.models.values():
        assert model.price is not None, model
        assert not model.price.retired(reviewed + timedelta(days=60)), f"{model.model_id} needs a successor"


def test_a_retired_model_is_left_out() -> None:
    settings = EVERYTHING.model_copy(update={"openai_model_default": "gpt-4.1-nano"})
    assert "gpt_4_mini" not in catalog.load(settings, date(2026, 11, 21)).models
    assert "gpt_4_mini" in catalog.load(settings, date(2026, 10, 22)).models


def test_a_price_file_adds_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    line = {"input": 3, "cached_input": 1, "output": 5, "context": 1000, "max_output": 100}
    file.write_text(json.dumps({"as_of": "2026-12-01", "models": {"house-model": line, "gpt-4.1": line}}))
    table = prices.load(file)
    assert table["house-model"].cost(Usage(1, 0, 1)) == 8_000
    assert table["gpt-4.1"].as_of == "2026-12-01"
    assert table["claude-opus-5"].as_of != "2026-12-01"


@pytest.mark.parametrize("text", ["", "[]", '{"as_of": "yesterday", "models": {}}', '{"as_of": "2026-01-01"}'])
def test_a_bad_price_file_names_the_variable(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="PRICE_TABLE_FILE"):
        prices.load(file)
