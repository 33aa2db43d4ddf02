"""The judge that ships, through the gateway and a real adapter: what must not be said is not shown, streamed or whole."""

import json
from pathlib import Path

import pytest

from shared.language.names import CODES
from shared.language.texts import text as words
from shared.safety.verdict import ALLOW
from tests.product import Product, call, streamed

CASES: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).parents[1] / "safety" / "harm_cases.json").read_text(encoding="utf-8")
)
START = "Plants live on light and on water. "


@pytest.mark.parametrize("code", CODES)
async def test_t39_t48_what_must_not_be_said_is_never_shown(product: Product, code: str) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    for bad in CASES["held_back"][code]:
        product.fake.script("fake-talker", [{"fault": "chars3", "text": START + bad}] * 2)
        stream = await streamed(runtime, call(cacheable=False))
        whole = await runtime.gateway.complete(call(cacheable=False))
        assert stream.answer is not None
        assert stream.text == stream.answer.text == whole.text
        assert bad not in whole.text
        assert whole.verdict.action == stream.answer.verdict.action == "block", bad
        assert whole.text.endswith(words("withheld", "en"))


@pytest.mark.parametrize("code", CODES)
async def test_t39_a_lesson_is_shown_as_it_was_said(product: Product, code: str) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    said = " ".join(CASES["lessons"][code])
    product.fake.script("fake-talker", [{"fault": "chars3", "text": said}] * 2)
    stream = await streamed(runtime, call(language=code, cacheable=False, max_output_tokens=2_000))
    whole = await runtime.gateway.complete(call(language=code, cacheable=False, max_output_tokens=2_000))
    assert stream.answer is not None
    assert stream.answer.verdict == whole.verdict == ALLOW
    assert stream.text == stream.answer.text == whole.text
    for lesson in CASES["lessons"][code]:
        assert lesson in whole.text


@pytest.mark.parametrize("code", CODES)
async def test_t39_a_wish_for_harm_reaches_no_model(product: Product, code: str) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    for asked in (*CASES["refused_or_helped"][code], *CASES["helped"][code]):
        answer = await runtime.gateway.complete(call(asked, language=code, cacheable=False))
        assert answer.verdict.action != "allow"
        assert answer.provider == "template"
    assert product.fake.count() == 0
