"""Somebody in a crisis is shown help, in their language, whatever models there are; what only sounds like it stays a lesson."""

import json
from pathlib import Path

import pytest

from shared.language.names import LANGUAGES
from shared.safety.support import help_text
from tests.product import Product, call, streamed

CASES = json.loads((Path(__file__).parents[1] / "safety" / "crisis_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_t68_the_help_card_is_shown_and_benign_traps_stay_normal(product: Product, language: str) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-err500"})
    for message in CASES["support"][language]:
        result = await streamed(runtime, call(message, language=language))
        assert result.answer is not None
        assert result.text == result.answer.text == help_text(language), message
        assert result.answer.verdict.action == "support"
        assert result.answer.attempts == (), "nobody waits for a model to be told where help is"
    benign = [await runtime.gateway.complete(call(message, language=language)) for message in CASES["allow"][language]]
    assert [answer.verdict.action for answer in benign] == ["allow"] * len(benign)
