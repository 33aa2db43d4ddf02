"""Sentiment over its edge: what is read, what is offered, the learner's view and switch."""

from typing import Any

import pytest

from functions.sentiment import edge
from shared.affect.offers import offer
from shared.agents.sentiment import AnalyzeReply, FoundReply, InterventionReply
from shared.language.names import CODES
from shared.stored.affect import Affect
from tests.affect.test_cues import FRUSTRATED
from tests.functions.inside import Inside
from tests.product import Product

GIVE_UP = "This is so frustrating, I give up."
CRISIS = "I want to kill myself."


def twice(text: str = GIVE_UP) -> list[dict[str, Any]]:
    return [{"text": text, "seconds_ago": 60, "event_id": "a"}, {"text": text, "event_id": "b"}]


@pytest.fixture
def inside(product: Product) -> Inside:
    return Inside(product.runtime(), edge)


async def test_a_text_is_read_and_says_what_reads_it(inside: Inside) -> None:
    found = AnalyzeReply.model_validate(
        await inside.good("/sentiment/analyze", {"text": "I don't understand, this makes no sense and I hate it!"})
    )
    assert found.sentiment is not None
    assert found.sentiment.label == "negative"
    assert sum(found.sentiment.probabilities.values()) == pytest.approx(1, abs=0.01)
    assert {one.name: one.source for one in found.emotions} == dict.fromkeys(
        ("anger", "joy", "optimism", "sadness"), "model"
    )
    assert "confusion" in found.states
    assert found.urgency is not None
    assert (found.language, found.language_known, found.enabled, found.remembered) == ("en", True, True, False)
    assert inside.runtime is not None


async def test_praise_is_positive(inside: Inside) -> None:
    found = await inside.good("/sentiment/analyze", {"text": "This is wonderful, I love it, thank you so much!"})
    assert found["sentiment"]["label"] == "positive"
    assert found["sentiment"]["score"] > 0.3
    assert found["urgency"]["rating"] < 3


async def test_reading_asks_no_model_server_and_keeps_nothing(inside: Inside, product: Product) -> None:
    await inside.good("/sentiment/analyze", {"text": GIVE_UP})
    assert product.fake.calls == []
    assert await inside.runtime.store.get(Affect, "u1") is None


async def test_a_crisis_is_answered_with_help_and_remembered(inside: Inside) -> None:
    found = await inside.good("/sentiment/analyze", {"text": CRISIS, "language": "en"})
    assert found["safety"]["verdict"] == "support"
    assert "findahelpline.com" in found["text"]
    assert found["urgency"]["rating"] == 7
    seen = FoundReply.model_validate(await inside.good("/sentiment/u1"))
    assert [one.trigger for one in seen.offers] == ["crisis"]


async def test_one_bad_word_is_offered_nothing(inside: Inside, product: Product) -> None:
    found = InterventionReply.model_validate(
        await inside.good("/sentiment/intervention", {"signals": [{"text": GIVE_UP}]})
    )
    assert (found.intervention, found.text, found.active) == (None, "", [])
    assert product.fake.calls == []


async def test_a_second_one_is_worded_by_a_model_that_fits_the_schema(inside: Inside, product: Product) -> None:
    found = InterventionReply.model_validate(await inside.good("/sentiment/intervention", {"signals": twice()}))
    assert found.intervention is not None
    assert (found.intervention.trigger, found.intervention.action) == ("frustration", "smaller_step")
    assert found.active == ["frustration"]
    assert found.intervention.events == 2
    assert found.text == found.intervention.text
    assert found.route.attempts
    sent = product.fake.calls[-1].body["messages"]
    assert GIVE_UP in sent[-1]["content"]


@pytest.mark.parametrize("language", CODES)
async def test_without_any_model_the_offer_is_in_the_learners_language(product: Product, language: str) -> None:
    inside = Inside(product.runtime({}), edge)
    body = {"signals": twice(FRUSTRATED[language]), "language": language}
    found = InterventionReply.model_validate(await inside.good("/sentiment/intervention", body))
    assert found.intervention is not None
    assert (found.intervention.text, found.intervention.next_step) == offer(found.intervention.trigger, language)
    assert (found.provider, found.degraded, found.language) == ("template", True, language)


async def test_a_crisis_gets_the_help_text_and_never_a_models(inside: Inside, product: Product) -> None:
    found = InterventionReply.model_validate(
        await inside.good("/sentiment/intervention", {"signals": [{"text": CRISIS}]})
    )
    assert found.intervention is not None
    assert found.intervention.trigger == "crisis"
    assert "findahelpline.com" in found.text
    assert (found.safety.verdict, found.degraded) == ("support", False)
    assert product.fake.calls == []


async def test_the_same_events_have_one_effect(inside: Inside) -> None:
    first = await inside.good("/sentiment/intervention", {"signals": twice()})
    again = await inside.good("/sentiment/intervention", {"signals": twice()})
    assert again["intervention"]["trigger"] == first["intervention"]["trigger"]
    seen = await inside.good("/sentiment/u1")
    assert (len(seen["events"]), len(seen["offers"])) == (2, 1)


async def test_the_same_key_is_answered_with_the_same_bytes(inside: Inside, product: Product) -> None:
    body = {"signals": [{"text": GIVE_UP}, {"text": GIVE_UP}]}
    first = await inside.ask("/sentiment/intervention", body, idempotency_key="k1")
    calls = len(product.fake.calls)
    again = await inside.ask("/sentiment/intervention", body, idempotency_key="k1")
    assert (first.status, again.body) == (200, first.body)
    assert len(product.fake.calls) == calls


async def test_behaviour_counts_without_any_words(inside: Inside) -> None:
    signal = {"idle_seconds": 900}
    found = await inside.good("/sentiment/intervention", {"signals": [signal | {"seconds_ago": 30}, signal]})
    assert found["intervention"]["trigger"] == "disengagement"


async def test_off_is_off_at_once_and_help_stays(inside: Inside) -> None:
    await inside.good("/sentiment/intervention", {"signals": twice()})
    switched = await inside.ask("/sentiment/u1/settings", {"enabled": False}, method="PUT")
    assert (switched.status, switched.json) == (200, {"user_id": "u1", "enabled": False})
    seen = FoundReply.model_validate(await inside.good("/sentiment/u1"))
    assert (seen.enabled, seen.events, seen.offers, seen.active) == (False, [], [], [])
    read = AnalyzeReply.model_validate(await inside.good("/sentiment/analyze", {"text": GIVE_UP, "remember": True}))
    assert (read.enabled, read.sentiment, read.emotions, read.urgency, read.remembered) == (
        False,
        None,
        [],
        None,
        False,
    )
    due = await inside.good("/sentiment/intervention", {"signals": [{"text": GIVE_UP}, {"text": GIVE_UP}]})
    assert (due["enabled"], due["intervention"]) == (False, None)
    assert await inside.runtime.store.get(Affect, "u1") is None
    crisis = await inside.good("/sentiment/analyze", {"text": CRISIS})
    assert "findahelpline.com" in crisis["text"]


async def test_a_learner_sees_and_switches_only_their_own(inside: Inside) -> None:
    assert (await inside.ask("/sentiment/u2")).status == 403
    assert (await inside.ask("/sentiment/u2/settings", {"enabled": False}, method="PUT")).status == 403
    assert (await inside.ask("/sentiment/u2", as_="admin")).status == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("analyze", {"text": ""}, "text"),
        ("analyze", {"text": "x", "base_url": "http://evil"}, "base_url"),
        ("analyze", {"text": "x", "language": "xx"}, "language"),
        ("intervention", {"signals": []}, "signals"),
        ("intervention", {"signals": [{"idle_seconds": -1}]}, "idle_seconds"),
        ("intervention", {"signals": [{}]}, "signals"),
        ("intervention", {"signals": [{"heart_rate": 120}]}, "heart_rate"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    inside: Inside, path: str, body: dict[str, Any], field: str
) -> None:
    heard = await inside.ask(f"/sentiment/{path}", body)
    assert 400 <= heard.status < 500
    assert field in str(heard.json)
