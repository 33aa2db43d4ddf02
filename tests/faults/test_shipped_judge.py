"""The judge that ships, through the gateway and a real adapter: what must not be said is not shown, streamed or whole."""

import json
from pathlib import Path

import pytest

from shared.language.names import CODES
from shared.language.texts import text as words
from shared.llm.cache import Entry, encode
from shared.llm.types import Usage
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


async def test_t39_what_another_instance_filed_is_judged_here_each_time(product: Product) -> None:
    """Filed by a release whose rules were milder: not the first request here shows it, and not the second."""
    good = {"fault": "ok", "text": "All is well here."}
    product.fake.script("fake-talker", [good, "err500", "err500", good])
    earlier, now = (product.runtime({"gpt_4_mini": "fake-talker"}) for _ in range(2))
    question = call()
    await earlier.gateway.complete(question)
    (key,) = earlier.answers._near
    await earlier.answers.settled()
    unsafe = Entry("You should kill yourself.", "fake-talker", "openai", Usage(1, 0, 1), 1)
    await earlier.coordination.put(key, encode(unsafe), 60)
    assert (await now.gateway.complete(call())).provider == "template", "the model fails, and the old answer is none"
    assert (await now.gateway.complete(call())).text == "All is well here."
