"""Safety on the way out, through the gateway and real adapters; answers in another form or language than was asked for."""

import json
from collections.abc import Sequence

import orjson
import pytest

from shared.errors import NoAnswer
from shared.language.texts import text as words
from shared.llm.types import Schema
from shared.safety.verdict import ALLOW, Verdict
from tests.fakes.waiting import eventually
from tests.product import WIRES, Product, call, rows, streamed

SAID = "Plants live on light and on water. Then comes the secret recipe for it all. And a last word after it."
BLOCK = Verdict("block", ("violence",))
SCHEMA = Schema(
    "fact",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "year": {"type": "integer"}},
        "required": ["name", "year"],
        "additionalProperties": False,
    },
)


def guard(sentence: str, before: str) -> Verdict:
    return BLOCK if "secret recipe" in before[-40:] + sentence else ALLOW


@pytest.mark.parametrize("name", [name for name in WIRES if name != "gpt_4"])
async def test_t48_streamed_and_whole_get_one_verdict_and_one_text(product: Product, name: str) -> None:
    product.fake.script("fake-talker", [{"fault": "chars3", "text": SAID}] * 2)
    runtime = product.runtime({name: "fake-talker"})
    question = call(guard=guard, cacheable=False)
    stream = await streamed(runtime, question)
    whole = await runtime.gateway.complete(call(guard=guard, cacheable=False))
    assert stream.answer is not None
    assert stream.text == stream.answer.text == whole.text
    assert whole.text == f"Plants live on light and on water. \n\n{words('withheld', 'en')}"
    assert stream.answer.verdict == whole.verdict == BLOCK
    assert stream.answer.finish == whole.finish == "refusal"
    (row,) = await rows(runtime, question)
    assert row.final
    assert row.outcome == "withheld"
    assert row.output_tokens > 0, "what the model said is billed"
    assert [report.outcome for report in whole.attempts] == ["refused"]


async def test_t48_the_model_stops_where_its_answer_does(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-n200-pace30ms"})
    question = call(guard=lambda sentence, before: BLOCK if "t5" in sentence else ALLOW)
    stream = await streamed(runtime, question)
    assert "t4" in stream.text
    assert "t5" not in stream.text
    await eventually(lambda: product.fake.closed_early == 1)
    assert product.fake.tokens_sent < 100


async def test_what_was_found_is_counted_by_language(product: Product) -> None:
    product.fake.script("fake-talker", [{"fault": "ok", "text": SAID}])
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    await runtime.gateway.complete(call(guard=guard, language="en"))
    await runtime.gateway.complete(call("Ich will nicht mehr leben", language="de"))
    told = await runtime.metrics.render()
    assert 'ai_safety_verdicts_total{category="violence",language="en"} 1' in told
    assert 'ai_safety_verdicts_total{category="self_harm",language="de"} 1' in told


async def test_t37_what_was_withheld_is_not_cached(product: Product) -> None:
    product.fake.script("fake-talker", [{"fault": "ok", "text": SAID}] * 2)
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    for _ in range(2):
        answer = await runtime.gateway.complete(call(guard=guard))
        assert answer.cache == "none"
    assert product.fake.count() == 2


async def test_t39_what_is_unsafe_today_is_not_served_from_yesterdays_cache(product: Product) -> None:
    product.fake.script("fake-talker", [{"fault": "ok", "text": SAID}, {"fault": "ok", "text": "All is well here."}])
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    assert (await runtime.gateway.complete(call())).text == SAID
    assert (await runtime.gateway.complete(call())).cache == "exact"
    today = await runtime.gateway.complete(call(guard=guard))
    assert today.cache == "none"
    assert today.text == "All is well here."
    other = product.runtime({"gpt_4_mini": "fake-talker"})  # another instance, the shared layer
    product.fake.script("fake-talker", [{"fault": "ok", "text": "Still well."}])
    assert (
        await other.gateway.complete(call(guard=lambda s, b: BLOCK if "All is" in s else ALLOW))
    ).text == "Still well."


async def test_a_failure_before_anything_was_shown_is_left_behind(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-n60-cut2", "claude": "fake-rescue"})
    product.fake.script("fake-n60-cut2", [{"fault": "cut2", "text": "Never shown to anybody at all."}])
    stream = await streamed(runtime, call(prefer_model="gpt_4_mini"))
    assert stream.answer is not None
    assert stream.text == stream.answer.text
    assert "Never" not in stream.text


def right_year(text: str) -> Sequence[str]:
    return () if orjson.loads(text)["year"] == 1969 else ("year: it was 1969",)


def fact(year: int) -> dict[str, str]:
    return {"fault": "ok", "text": json.dumps({"name": "Moon", "year": year})}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_may_mend_its_answer_once(product: Product, stream: bool) -> None:
    product.fake.script("fake-clerk", [fact(1970), fact(1969)])
    runtime = product.runtime({"gpt_4_mini": "fake-clerk"})
    question = call(schema=SCHEMA, check=right_year)
    answer = (await streamed(runtime, question)).answer if stream else await runtime.gateway.complete(question)
    assert answer is not None
    assert orjson.loads(answer.text) == {"name": "Moon", "year": 1969}
    assert [report.outcome for report in answer.attempts] == ["error", "ok"]
    first, second = await rows(runtime, question)
    assert (first.final, second.final) == (False, True)
    assert answer.cost_nano_usd == first.cost_nano_usd + second.cost_nano_usd > 0
    asked = product.fake.calls[-1].body["messages"]
    assert "year: it was 1969" in asked[-1]["content"]
    assert "1970" in asked[-2]["content"]


@pytest.mark.parametrize("stream", [False, True])
async def test_t48_an_answer_of_a_form_is_judged_by_its_texts(product: Product, stream: bool) -> None:
    said = json.dumps({"name": "The secret recipe: take it.", "year": 1969})
    product.fake.script("fake-clerk", [{"fault": "ok", "text": said}] * 3)
    product.fake.script("fake-other", [fact(1969)])
    runtime = product.runtime({"gpt_4_mini": "fake-clerk", "claude": "fake-other"})
    question = call(schema=SCHEMA, guard=guard, prefer_model="gpt_4_mini", cacheable=False)
    answer = (await streamed(runtime, question)).answer if stream else await runtime.gateway.complete(question)
    assert answer is not None
    assert orjson.loads(answer.text)["name"] == "Moon"
    alone = product.runtime({"gpt_4_mini": "fake-clerk"})
    with pytest.raises(NoAnswer):
        await alone.gateway.complete(call(schema=SCHEMA, guard=guard, cacheable=False))
    floor = '{"name": "Moon", "year": 0}'
    answer = await alone.gateway.complete(call(schema=SCHEMA, guard=guard, cacheable=False, floor=lambda: floor))
    assert (answer.text, answer.provider) == (floor, "template")


async def test_an_answer_without_end_is_not_sent_back_to_be_mended(product: Product) -> None:
    product.fake.script("fake-clerk", [{"fault": "ok", "text": json.dumps({"name": "M" * 50_000, "year": 1970})}])
    product.fake.script("fake-other", [fact(1969)])
    runtime = product.runtime({"gpt_4_mini": "fake-clerk", "claude": "fake-other"})
    answer = await runtime.gateway.complete(call(schema=SCHEMA, check=right_year, prefer_model="gpt_4_mini"))
    assert [report.model for report in answer.attempts] == ["fake-clerk", "fake-other"]


async def test_what_is_not_mended_goes_to_the_next_model_and_then_to_the_floor(product: Product) -> None:
    product.fake.script("fake-clerk", [fact(1970)] * 2)
    product.fake.script("fake-other", [fact(1971)])
    models = {"gpt_4_mini": "fake-clerk", "claude": "fake-other"}
    runtime = product.runtime(models)
    asked = call(schema=SCHEMA, check=right_year, floor=lambda: '{"name": "", "year": 1969}', prefer_model="gpt_4_mini")
    answer = await runtime.gateway.complete(asked)
    assert (answer.provider, answer.degraded) == ("template", True)
    assert orjson.loads(answer.text) == {"name": "", "year": 1969}
    assert [report.model for report in answer.attempts] == ["fake-clerk", "fake-clerk", "fake-other"]
    product.fake.script("fake-clerk", [fact(1970)] * 2)
    product.fake.script("fake-other", [fact(1971)])
    with pytest.raises(NoAnswer):
        await runtime.gateway.complete(call(schema=SCHEMA, check=right_year, prefer_model="gpt_4_mini"))


async def test_an_answer_in_another_language_is_asked_for_again(product: Product) -> None:
    english = "The quick answer is that plants need light and water to grow, and that is all there is to it."
    german = "Die kurze Antwort ist, dass Pflanzen Licht und Wasser zum Wachsen brauchen, und das ist schon alles."
    product.fake.script("fake-talker", [{"fault": "ok", "text": english}, {"fault": "ok", "text": german}])
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    answer = await runtime.gateway.complete(call(language="de", cacheable=False))
    assert answer.text == german
    assert len(answer.attempts) == 2
    product.fake.script("fake-talker", [{"fault": "ok", "text": english}] * 2)
    question = call(language="de", cacheable=False)
    stubborn = await runtime.gateway.complete(question)
    assert stubborn.text == english, "an answer in the wrong language is better than none"
    assert "other_language" in (await rows(runtime, question))[-1].flags


ENGLISH = "The quick answer is that plants need light and water to grow, and that is all there is to it."


async def test_an_answer_in_another_language_is_not_filed_for_others(product: Product) -> None:
    product.fake.script("fake-talker", [{"fault": "ok", "text": ENGLISH}] * 4)
    runtime = product.runtime({"gpt_4_mini": "fake-talker"})
    for learner in ("u1", "u2"):
        answer = await runtime.gateway.complete(call("Was brauchen Pflanzen?", user_id=learner, language="de"))
        assert (answer.text, answer.cache) == (ENGLISH, "none")
    assert product.fake.count() == 4


async def test_an_answer_of_a_form_is_asked_for_again_in_the_right_language(product: Product) -> None:
    german = "Die kurze Antwort ist, dass Pflanzen Licht und Wasser zum Wachsen brauchen, und das ist schon alles."
    product.fake.script(
        "fake-clerk",
        [{"fault": "ok", "text": json.dumps({"name": text, "year": 1969})} for text in (ENGLISH, german)],
    )
    runtime = product.runtime({"gpt_4_mini": "fake-clerk"})
    answer = await runtime.gateway.complete(call(schema=SCHEMA, check=right_year, language="de", cacheable=False))
    assert orjson.loads(answer.text)["name"] == german
    assert "German" in product.fake.calls[-1].body["messages"][-1]["content"]


async def test_an_empty_answer_says_nothing_of_the_model(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-own", "claude": "fake-rescue"})
    product.fake.script("fake-own", ["empty"] * 6)
    for _ in range(6):
        assert (
            await runtime.gateway.complete(call(prefer_model="gpt_4_mini", cacheable=False))
        ).provider == "anthropic"
    after = await runtime.gateway.complete(call(prefer_model="gpt_4_mini", cacheable=False))
    assert after.provider == "openai", "one learner's strange message must not take a model from everybody"
