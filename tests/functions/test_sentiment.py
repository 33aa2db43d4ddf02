"""Sentiment over its edge: what is read, what is offered, the learner's view and switch."""

from typing import Any

import pytest

from functions import feedback
from functions.sentiment import edge
from shared.affect import watch
from shared.affect.offers import offer
from shared.agents.sentiment import MODEL, AnalyzeReply, FoundReply, InterventionReply
from shared.documents import LedgerEntry, LiveConfig
from shared.errors import StoreError, Unavailable
from shared.language.names import CODES
from shared.language.texts import language_off
from shared.safety.support import help_text
from shared.store import Put, Where
from shared.stored.affect import Affect, Raised
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


CALM = {"text": "hello", "remember": True}


@pytest.mark.parametrize(
    ("event", "headers"),
    [({"event_id": "e1"}, {}), ({}, {"idempotency_key": "k1"}), ({}, {"x_request_id": "r1"})],
    ids=["an event's name", "an Idempotency-Key", "an X-Request-Id"],
)
async def test_help_is_given_whatever_was_noted_under_the_same_name(
    inside: Inside, event: dict[str, str], headers: dict[str, str]
) -> None:
    await inside.good("/sentiment/analyze", CALM | event, **headers)
    signals = {"signals": [{"text": CRISIS} | event], "language": "fr"}
    found = InterventionReply.model_validate(await inside.good("/sentiment/intervention", signals, **headers))
    assert found.safety.verdict == "support"
    assert found.intervention is not None
    assert (found.intervention.trigger, found.intervention.action) == ("crisis", "show_help")
    assert found.text == help_text("fr")


async def test_help_comes_before_every_other_offer(inside: Inside, product: Product) -> None:
    await inside.good("/sentiment/analyze", CALM | {"event_id": "e1"})
    signals = [*twice(), {"text": CRISIS, "event_id": "e1"}]
    found = await inside.good("/sentiment/intervention", {"signals": signals})
    assert (found["intervention"]["trigger"], found["text"]) == ("crisis", help_text("en"))
    assert product.fake.calls == []


@pytest.mark.parametrize("error", [StoreError("down"), Unavailable("busy")])
async def test_help_does_not_wait_for_a_store_that_takes_no_note(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def refuse(*_: object) -> list[Raised]:
        raise error

    monkeypatch.setattr(watch, "record", refuse)
    read = await inside.good("/sentiment/analyze", {"text": CRISIS})
    assert (read["text"], read["remembered"]) == (help_text("en"), False)
    due = await inside.good("/sentiment/intervention", {"signals": [{"text": CRISIS}]})
    assert (due["text"], due["intervention"]["trigger"]) == (help_text("en"), "crisis")
    assert (await inside.ask("/sentiment/intervention", {"signals": twice()})).status >= 500


async def test_two_paths_name_their_events_apart_and_each_path_its_own_alike(inside: Inside) -> None:
    await inside.good("/sentiment/analyze", CALM, x_request_id="r1")
    for _ in range(2):
        await inside.good("/sentiment/intervention", {"signals": [{"text": CRISIS}]}, x_request_id="r1")
    seen = await inside.good("/sentiment/u1")
    assert (len(seen["events"]), [one["trigger"] for one in seen["offers"]]) == (2, ["crisis"])


async def test_what_no_model_server_was_asked_for_can_be_rated(product: Product) -> None:
    inside = Inside(product.runtime(), edge, feedback.edge)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("analyze", {"text": GIVE_UP}),
        ("analyze", {"text": CRISIS}),
        ("intervention", {"signals": [{"text": GIVE_UP}]}),
        ("intervention", {"signals": [{"text": CRISIS}]}),
    ]
    for path, body in asked:
        said = await inside.good(f"/sentiment/{path}", body)
        rated = await inside.good("/feedback", {"request_id": said["request_id"], "rating": 4})
        assert (rated["agent"], rated["model"]) == ("sentiment", MODEL)
        (row,) = await inside.runtime.store.query(
            LedgerEntry, Where("request_id", "==", said["request_id"]), order="attempt"
        )
        assert row.outcome == ("support" if CRISIS in str(body) else "own")


async def test_who_is_answered_in_another_language_is_told_and_helped_in_theirs(product: Product) -> None:
    inside = Inside(product.runtime(), edge)
    await inside.runtime.store.commit(Put(LiveConfig(id="live", languages={"de": False})))
    for path, body in (("analyze", {"text": CRISIS}), ("intervention", {"signals": [{"text": CRISIS}]})):
        found = await inside.good(f"/sentiment/{path}", {**body, "language": "de"})
        assert (found["language"], found["notice"]) == ("en", language_off("de", "en"))
        assert found["text"] == help_text("de")


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


async def test_off_leaves_no_mark_of_a_crisis_and_help_stays(inside: Inside) -> None:
    await inside.ask("/sentiment/u1/settings", {"enabled": False}, method="PUT")
    read = await inside.good("/sentiment/analyze", {"text": CRISIS, "remember": True})
    assert (read["text"], read["remembered"]) == (help_text("en"), False)
    due = await inside.good("/sentiment/intervention", {"signals": [{"text": CRISIS}]})
    assert (due["text"], due["intervention"]["trigger"], due["active"]) == (help_text("en"), "crisis", [])
    seen = await inside.good("/sentiment/u1")
    assert (seen["events"], seen["offers"], seen["active"]) == ([], [], [])
    assert await inside.runtime.store.get(Affect, "u1") is None


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
