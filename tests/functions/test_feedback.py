"""The feedback function: who may say what of which answer, what is kept, what it comes to, and who may see it."""

import asyncio
from typing import Any

import pytest

from functions import feed, feedback, mentor
from shared.agents.feedback import FeedbackShown, ReportReply, SummaryReply
from shared.agents.mentor import VERSION
from shared.documents import Conversation, LedgerEntry, Profile, Turn
from shared.learning.sums import day_of
from shared.store import Delete, Put, Where
from shared.stored.feedback import Feedback, FeedbackDay
from tests.functions.inside import Inside
from tests.product import Product


@pytest.fixture
def inside(product: Product) -> Inside:
    return Inside(product.runtime(), mentor.edge, feed.edge, feedback.edge)


async def say(inside: Inside, message: str = "What is light?", as_: str = "u1") -> dict[str, Any]:
    return await inside.good("/mentor/chat", {"message": message}, as_)


async def give(inside: Inside, request_id: str, as_: str = "u1", **said: Any) -> FeedbackShown:
    return FeedbackShown.model_validate(await inside.good("/feedback", {"request_id": request_id, **said}, as_))


async def summary(inside: Inside, query: str = "") -> SummaryReply:
    return SummaryReply.model_validate(await inside.good(f"/feedback/summary{query}", as_="admin"))


async def test_a_word_is_kept_with_what_the_answer_took(product: Product) -> None:
    inside = Inside(
        product.runtime({"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-ok"}), mentor.edge, feedback.edge
    )
    said = await say(inside)
    shown = await give(
        inside,
        said["request_id"],
        rating=2,
        comment="Too long",
        correction="Light is a wave.",
        flags=["wrong", "wrong"],
    )
    assert (shown.agent, shown.model, shown.language) == ("mentor", "fake-ok", "en")
    assert (shown.rating, shown.comment, shown.correction, shown.flags) == (
        2,
        "Too long",
        "Light is a wave.",
        ["wrong"],
    )
    kept = await inside.runtime.store.get(Feedback, said["message_id"])
    assert kept is not None
    assert (kept.attempts, kept.failed_attempts) == (len(said["route"]["attempts"]), len(said["route"]["attempts"]) - 1)
    assert kept.cost_nano_usd == round(said["cost_usd"] * 1e9) > 0
    assert kept.expires_at is not None
    row = await inside.runtime.store.get(LedgerEntry, f"{said['message_id']}:1")
    assert row is not None
    assert (row.language, row.version) == ("en", VERSION)


async def test_a_later_word_of_a_kind_replaces_and_the_others_stay(inside: Inside) -> None:
    name = (await say(inside))["request_id"]
    await give(inside, name, rating=1, comment="Hm")
    await give(inside, name, rating=4)
    shown = await give(inside, name, flags=["unhelpful"])
    assert (shown.rating, shown.comment, shown.flags) == (4, "Hm", ["unhelpful"])
    shown = await give(inside, name, comment="", flags=[])
    assert (shown.rating, shown.comment, shown.flags) == (4, None, [])
    total = (await summary(inside)).total
    assert (total.answers, total.ratings, total.rating.value, total.comments) == (1, 1, 4.0, 0)
    assert total.flags["unhelpful"] == 0


async def test_the_same_key_is_one_word(inside: Inside) -> None:
    body = {"request_id": (await say(inside))["request_id"], "rating": 5}
    first = await inside.ask("/feedback", body, idempotency_key="k")
    again = await inside.ask("/feedback", body, idempotency_key="k")
    assert first.body == again.body
    assert (await summary(inside)).total.ratings == 1


async def test_somebody_elses_request_is_not_there(inside: Inside) -> None:
    name = (await say(inside))["request_id"]
    assert (await inside.ask("/feedback", {"request_id": name, "rating": 1}, as_="u2")).status == 404
    assert (await inside.ask("/feedback", {"request_id": "r_none", "rating": 1})).status == 404
    assert (await summary(inside)).total.answers == 0


async def test_two_learners_who_name_their_requests_alike_are_told_apart(inside: Inside) -> None:
    for user in ("u1", "u2"):
        await inside.good("/mentor/chat", {"message": f"Hello from {user}"}, user, x_request_id="mine")
    await give(inside, "mine", as_="u1", rating=1)
    await give(inside, "mine", as_="u2", rating=5)
    await give(inside, "mine", as_="admin", user_id="u1", quality={"clarity": 0.25})
    found = await inside.good("/feedback/mine")
    assert [(entry["rating"], entry["quality"]) for entry in found["feedback"]] == [(1, {"clarity": 0.25})]
    assert (await inside.ask("/feedback", {"request_id": "mine", "rating": 1, "user_id": "u2"})).status == 403
    assert (await summary(inside)).total.rating.value == 3.0


async def test_quality_is_for_assessors_and_opinions_are_for_the_learner(inside: Inside) -> None:
    name = (await say(inside))["request_id"]
    assert (await inside.ask("/feedback", {"request_id": name, "quality": {"accuracy": 1}})).status == 403
    assert (await inside.ask("/feedback", {"request_id": name, "rating": 1}, as_="admin")).status == 403
    shown = await give(inside, name, as_="admin", quality={"accuracy": 0.5, "clarity": 1.0})
    assert shown.quality == {"accuracy": 0.5, "clarity": 1.0}
    await give(inside, name, rating=3)
    kept = (await inside.good("/feedback/mine"))["feedback"]
    assert [(entry["rating"], entry["quality"]["accuracy"]) for entry in kept] == [(3, 0.5)]
    total = (await summary(inside)).total
    assert (total.assessed, total.quality, total.ratings) == (1, 0.75, 1)


async def test_quality_is_refused_where_it_is_switched_off(product: Product) -> None:
    inside = Inside(product.runtime(quality_assessment_enabled=False), mentor.edge, feedback.edge)
    name = (await say(inside))["request_id"]
    heard = await inside.ask("/feedback", {"request_id": name, "quality": {"accuracy": 1}}, as_="admin")
    assert heard.status == 422
    assert "QUALITY_ASSESSMENT_ENABLED" in heard.body.decode()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": "5"}, "rating"),
        ({"flags": ["rude"]}, "flags.0"),
        ({"comment": "x" * 2_001}, "comment"),
        ({"quality": {"charm": 1}}, "quality.charm"),
        ({"model": "gpt"}, "model"),
        ({"rating": 1, "request_id": "a b"}, "request_id"),
    ],
)
async def test_what_does_not_fit_is_named(inside: Inside, said: dict[str, Any], field: str) -> None:
    name = (await say(inside))["request_id"]
    heard = await inside.ask("/feedback", {"request_id": name, **said})
    assert heard.status == 422
    assert field in heard.body.decode()


async def test_answers_of_every_agent_can_be_rated(inside: Inside) -> None:
    ranked = await inside.good("/feed/rank", {"items": [{"id": "a", "title": "A"}]})
    shown = await give(inside, ranked["request_id"], rating=4)
    assert (shown.agent, shown.model) == ("feed", ranked["model"])


async def test_the_mentors_own_rating_is_the_same_record(inside: Inside) -> None:
    said = await say(inside)
    body = {"message_id": said["message_id"], "rating": 2, "comment": "Meh"}
    assert await inside.good("/mentor/rate", body) == body
    (kept,) = (await inside.good("/feedback/mine"))["feedback"]
    assert (kept["request_id"], kept["rating"], kept["comment"]) == (said["request_id"], 2, "Meh")
    await give(inside, said["request_id"], rating=5)
    page = await inside.good(f"/mentor/conversation/{said['conversation_id']}")
    assert page["messages"][1]["rating"] == 5, "what is said here is shown in the conversation"
    turn = await inside.runtime.store.get(Turn, said["message_id"])
    assert turn is not None
    assert (turn.rating, turn.comment) == (5, "Meh")
    assert (await summary(inside)).total.ratings == 1


async def test_a_message_that_fell_back_is_rated_by_the_model_that_answered(product: Product) -> None:
    inside = Inside(
        product.runtime({"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-ok"}), mentor.edge, feedback.edge
    )
    said = await say(inside)
    await inside.good("/mentor/rate", {"message_id": said["message_id"], "rating": 5})
    assert [(found.model, found.ratings) for found in (await summary(inside)).cells] == [("fake-ok", 1)]


async def test_a_message_that_is_older_than_the_ledger_can_be_rated(inside: Inside) -> None:
    said = await say(inside)
    await inside.runtime.store.commit(Delete(LedgerEntry, f"{said['message_id']}:1"))
    body = {"message_id": said["message_id"], "rating": 3}
    assert (await inside.ask("/mentor/rate", body, as_="u2")).status == 404
    await inside.good("/mentor/rate", body)
    page = await inside.good(f"/mentor/conversation/{said['conversation_id']}")
    assert page["messages"][1]["rating"] == 3
    assert [(found.model, found.ratings) for found in (await summary(inside)).cells] == [("fake-ok", 1)]


async def test_only_ones_own_messages_can_be_rated(inside: Inside) -> None:
    said = await say(inside)
    body = {"message_id": said["message_id"], "rating": 1}
    assert (await inside.ask("/mentor/rate", body, as_="u2")).status == 404
    assert (await inside.ask("/mentor/rate", {**body, "message_id": "m_none"})).status == 404
    ranked = await inside.good("/feed/rank", {"items": [{"id": "a", "title": "A"}]})
    rows = await inside.runtime.store.query(
        LedgerEntry, Where("request_id", "==", ranked["request_id"]), order="attempt"
    )
    assert (await inside.ask("/mentor/rate", {**body, "message_id": rows[0].message_id})).status == 404


async def test_fifty_at_once_are_all_counted(inside: Inside) -> None:
    said = await asyncio.gather(*(say(inside, f"What is {number}?", f"u{number}") for number in range(50)))
    await asyncio.gather(
        *(give(inside, one["request_id"], f"u{number}", rating=number % 5 + 1) for number, one in enumerate(said))
    )
    total = (await summary(inside)).total
    assert (total.answers, total.ratings, total.rating.value) == (50, 50, 3.0)


async def test_whether_words_may_train_a_model_is_kept_as_it_was_then(inside: Inside) -> None:
    said = await say(inside)
    await give(inside, said["request_id"], rating=4)
    kept = await inside.runtime.store.get(Feedback, said["message_id"])
    assert kept is not None and not kept.training_consent  # noqa: PT018 - one claim
    await inside.runtime.store.commit(Put(Profile(id="u2", consent={"training": True})))
    other = await say(inside, "What is sound?", "u2")
    await give(inside, other["request_id"], "u2", rating=4)
    await give(inside, other["request_id"], "admin", quality={"safety": 1})
    kept = await inside.runtime.store.get(Feedback, other["message_id"])
    assert kept is not None
    assert (kept.training_consent, kept.assessed_by) == (True, "admin"), "an assessor changes nothing of it"


async def test_ones_own_feedback_is_listed_in_pages_and_deleted(inside: Inside) -> None:
    names = [(await say(inside, f"What is {number}?"))["request_id"] for number in range(5)]
    for name in names:
        await give(inside, name, rating=3)
    first = await inside.good("/feedback/mine?limit=3")
    second = await inside.good(f"/feedback/mine?limit=3&before={first['next']!r}")
    assert [entry["request_id"] for entry in first["feedback"] + second["feedback"]] == names[::-1]
    assert second["next"] is None
    assert (await inside.ask("/feedback/mine?user_id=u1", as_="u2")).status == 403
    assert len((await inside.good("/feedback/mine?user_id=u1", as_="admin"))["feedback"]) == 5
    assert (await inside.ask("/feedback/mine?user_id=u1", as_="u2", method="DELETE")).status == 403
    gone = await inside.ask("/feedback/mine", method="DELETE")
    assert gone.json == {"deleted": 5, "more": False}
    assert (await inside.good("/feedback/mine"))["feedback"] == []
    assert await inside.runtime.store.get(Conversation, "u1") is None


async def test_summaries_and_reports_are_not_for_learners(inside: Inside) -> None:
    for path in ("/feedback/summary", "/feedback/report"):
        assert (await inside.ask(path)).status == 403
    assert (await inside.ask("/feedback/snapshot", {})).status == 403
    assert (await inside.ask("/feedback/report?days=91", as_="admin")).status == 422


async def test_a_summary_is_by_agent_and_model_and_by_language_where_wished(inside: Inside) -> None:
    for language in ("en", "ar"):
        said = await inside.good("/mentor/chat", {"message": f"Hello {language}", "language": language})
        await give(inside, said["request_id"], rating=5 if language == "en" else 1)
    assert [(found.agent, found.rating.value) for found in (await summary(inside)).cells] == [("mentor", 3.0)]
    apart = await summary(inside, "?by_language=true&days=1")
    assert [(found.language, found.rating.value) for found in apart.cells] == [("ar", 1.0), ("en", 5.0)]
    assert (await summary(inside, "?agent=feed")).cells == []


async def older(inside: Inside, days: float) -> None:
    """Make all feedback, and its sums, so many days older."""
    store, shift = inside.runtime.store, days * 86_400
    for number in range(8):
        day = day_of(inside.runtime.clock())
        found = await store.get(FeedbackDay, f"{day}:{number}")
        if found is not None:
            then = day_of(inside.runtime.clock() - shift)
            await store.commit(Put(found.model_copy(update={"id": f"{then}:{number}", "day": then})))
            await store.commit(Put(found.model_copy(update={"cells": "{}"})))


async def test_the_report_compares_two_periods_and_shows_masked_comments(inside: Inside) -> None:
    for number in range(12):
        said = await say(inside, f"What is {number}?", f"a{number}")
        await give(inside, said["request_id"], f"a{number}", rating=1 + number % 2)
    await older(inside, 35)
    for number in range(12):
        said = await say(inside, f"Why is {number}?", f"b{number}")
        comment = {"comment": "Write to me: anna@example.org"} if number == 0 else {}
        await give(inside, said["request_id"], f"b{number}", rating=1 if number == 0 else 5, **comment)
    reply = ReportReply.model_validate(await inside.good("/feedback/report?days=30", as_="admin"))
    rating, flagged = reply.changes
    assert (rating.metric, rating.before, rating.verdict, rating.n_before, rating.n_after) == (
        "rating", 1.5, "better", 12, 12
    )  # fmt: skip
    assert flagged.verdict == "no measurable change"
    assert "mentor by fake-ok is better" in reply.verdict
    assert [found.comment for found in reply.comments] == ["Write to me: [email]"]
    (mine,) = (await inside.good("/feedback/mine", as_="b0"))["feedback"]
    assert mine["comment"] == "Write to me: anna@example.org", "what is theirs stays as they wrote it"


async def test_totals_of_the_fleet_are_kept_once_a_day_and_told(inside: Inside) -> None:
    assert (await summary(inside)).fleet is None
    await inside.runtime.metrics.flush()
    first = await inside.good("/feedback/snapshot", {}, as_="admin")
    assert first["kept"]
    assert not (await inside.good("/feedback/snapshot", {}, as_="admin"))["kept"]
    await say(inside)
    await inside.runtime.metrics.flush()
    fleet = (await summary(inside)).fleet
    assert fleet is not None
    assert [(found.agent, found.model, found.outcomes) for found in fleet.traffic] == [("mentor", "fake-ok", {"ok": 1})]
