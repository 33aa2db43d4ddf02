"""A language's gate: measured through the real gateway, stored for every instance, and what its figures count."""

import json
from pathlib import Path

import pytest

from scripts.gating.__main__ import arguments, run
from scripts.gating.measuring import _load, asks_back, leaks
from shared.documents import LedgerEntry, LiveConfig
from shared.language.gate import AT_LEAST, THRESHOLDS, is_open, settle, shipped
from shared.language.names import CODES
from shared.store import Where
from shared.stored.gates import LanguageGate
from tests.product import Product


def test_every_language_is_asked_the_same_things() -> None:
    prompts = _load()
    assert set(prompts) == set(CODES)
    shape = {key: len(entries) for key, entries in prompts["en"].items()}
    for code in CODES:
        assert {key: len(entries) for key, entries in prompts[code].items()} == shape
        for exercise in prompts[code]["exercises"]:
            assert not leaks(exercise["ask"], exercise["result"], ""), "the question must not hold its result"


@pytest.mark.parametrize(
    ("text", "leaked"),
    [
        ("So x = 15.", True),
        ("x ist 15,", True),
        ("إذن س = ١٥", True),
        ("x = 150 or 1.5 or 15.2", False),
        ("What is 52 − 7?", False),
        ("", False),
    ],
)
def test_a_result_counts_as_given_away_only_as_a_number_of_its_own(text: str, leaked: bool) -> None:
    assert leaks(text, "15", "3x + 7 = 52") is leaked
    assert not leaks(text, "15", "Is 15 right?"), "the learner said it first"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("What would you do next?", True),
        ("你打算先做什么？ 😊", True),
        ("ما خطوتك التالية؟", True),
        ("最初の一歩は何でしょうか。", True),
        ("Why? Because it is so, and that is all there is to it.", False),
    ],
)
def test_an_answer_that_ends_with_a_question_asks_back(text: str, asks: bool) -> None:
    assert asks_back(text) is asks


async def test_the_shipped_figures_hold_without_any_model(product: Product, tmp_path: Path) -> None:
    runtime = product.runtime({})
    record = tmp_path / "gates.json"
    assert await run(arguments(["all", "--json", str(record)]), runtime) == 0
    found = json.loads(record.read_text())
    assert found["thresholds"] == THRESHOLDS
    assert {code for code, entry in found["languages"].items() if entry["open"]} == shipped() == set(CODES)
    assert {entry["model"] for entry in found["languages"].values()} == {"template"}
    assert await runtime.store.get(LiveConfig, "live") is None, "nothing is stored unasked"


async def test_a_model_that_answers_in_english_closes_a_language_everywhere(product: Product) -> None:
    runtime = product.runtime()
    assert await run(arguments(["de", "en", "--model", "gemma_4_on_device", "--open"]), runtime) == 1
    gate = await runtime.store.get(LanguageGate, "de")
    assert gate is not None
    assert not gate.open
    assert "language_match" in gate.failed
    assert gate.figures["language_match"] < AT_LEAST["language_match"]
    assert "model" not in gate.failed
    assert gate.model == "fake-ok"
    live = await product.runtime().recent.live()
    assert live.version == 1
    assert not is_open("de", live.languages)
    assert is_open("en", live.languages), "English is measured and never off"
    assert settle("de", "fr", live.languages) == "fr"
    asked = Where("user_id", "==", "language-gate")
    paid_for = await runtime.store.query(LedgerEntry, asked, order="created_at")
    assert len(paid_for) >= 10, "every question is accounted for"


async def test_another_models_answers_do_not_open_a_language(product: Product) -> None:
    runtime = product.runtime({})
    assert await run(arguments(["fr", "--model", "gpt_4", "--open"]), runtime) == 1
    gate = await runtime.store.get(LanguageGate, "fr")
    assert gate is not None
    assert gate.failed == ["model"]


async def test_without_any_model_nothing_is_stored(product: Product) -> None:
    runtime = product.runtime({})
    with pytest.raises(SystemExit, match="no model answered"):
        await run(arguments(["fr", "--open"]), runtime)
    assert await runtime.store.get(LanguageGate, "fr") is None


async def test_an_operators_word_holds_until_the_next(product: Product) -> None:
    runtime = product.runtime({})
    assert await run(arguments(["hi", "ar", "--force", "closed"]), runtime) == 0
    assert await run(arguments(["ar", "--force", "open"]), runtime) == 0
    live = await runtime.store.get(LiveConfig, "live")
    assert live is not None
    assert live.languages == {"hi": False, "ar": True}
    assert live.version == 2
    gate = await runtime.store.get(LanguageGate, "hi")
    assert gate is not None
    assert gate.forced
