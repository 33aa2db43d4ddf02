"""What is told to those who count: once for each thing that happened, in its own commit, and exactly what came of it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from functions import curriculum, feed, feedback
from shared.activity.events import Answered, Consumed, Exposed, Graded, Rated
from shared.documents import LedgerEntry, LiveConfig
from shared.errors import StoreError, Superseded
from shared.llm.call import Answer
from shared.store import Create, Put, Store, Version, Where, Write
from shared.stored.activity import Happening
from shared.stored.experiments import Targeting
from tests.experiments.happened import events, experiment, run_it, unit_in
from tests.functions.inside import Inside
from tests.functions.test_curriculum import LESSON, says
from tests.product import Product, call, streamed


async def test_an_answer_is_told_once_with_what_it_took(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-err500", "gemma_4_cloud": "fake-ok"}, ai_attempts_per_model=1)
    question = call(cacheable=False)
    answer = await runtime.gateway.complete(question)
    (told,) = await events(runtime)
    assert told == Answered(
        unit="u1", id=question.message_id, agent="mentor", delivered="gemma_4_cloud", outcome="ok", language="en",
        cost=answer.cost_nano_usd, dearest=answer.cost_nano_usd, latency_ms=answer.latency_ms, failed_attempts=1,
        input_tokens=answer.usage.input_tokens, output_tokens=answer.usage.output_tokens,
    )  # fmt: skip


async def test_what_the_own_model_answered_is_held_against_the_dearest_that_may_be_asked(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own", "claude": "fake-paid"})
    answer = await runtime.gateway.complete(call(cacheable=False))
    (told,) = [one for one in await events(runtime) if isinstance(one, Answered)]
    paid = runtime.catalog.models["claude"].price
    assert paid is not None
    assert (told.cost, told.dearest) == (0, paid.cost(answer.usage))
    assert told.dearest > 0
    await run_it(runtime, disabled_models=["claude"])
    await runtime.gateway.complete(call(cacheable=False))
    assert [one.dearest for one in await events(runtime) if isinstance(one, Answered)] == [told.dearest, 0]


@pytest.mark.parametrize("second", ["fake-ok", "fake-err500"])
async def test_what_was_paid_for_nothing_is_held_against_the_dearest_too(product: Product, second: str) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-empty", "claude": second}, ai_attempts_per_model=1)
    answer = await runtime.gateway.complete(call(cacheable=False))
    assert answer.degraded == (second == "fake-err500")
    (told,) = [one for one in await events(runtime) if isinstance(one, Answered)]
    assert told.failed_attempts >= 1
    assert 0 < told.cost <= told.dearest


async def test_a_streams_first_text_is_counted_from_when_it_was_asked_for(product: Product) -> None:
    runtime = product.runtime(
        {"gemma_4_on_device": "fake-ttft200ms-err500", "gpt_4_mini": "fake-ok"}, ai_attempts_per_model=1
    )
    found = await streamed(runtime, call(cacheable=False))
    assert found.answer is not None
    (told,) = [one for one in await events(runtime) if isinstance(one, Answered)]
    assert told.first_ms is not None
    assert found.answer.attempts[0].latency_ms < told.first_ms <= told.latency_ms, (
        "whoever failed before was waited for too"
    )
    stopped = await streamed(runtime, call(cacheable=False), leave_after=1, reason="stopped")
    assert stopped.answer is not None
    last = (await events(runtime))[-1]
    assert isinstance(last, Answered)
    assert last.outcome == stopped.answer.outcome


async def test_an_answer_that_is_not_kept_is_not_told(product: Product) -> None:
    runtime = product.runtime()
    taken = LiveConfig(id="sealed by another")
    await runtime.store.commit(Create(taken))
    with pytest.raises(Superseded):
        await runtime.gateway.complete(call(cacheable=False), seal=lambda _: [Create(taken)])
    assert await events(runtime) == []


async def test_a_race_that_is_run_again_is_told_once(product: Product) -> None:
    runtime = product.runtime()
    await runtime.store.commit(Create(LiveConfig(id="raced")))

    async def again(_: Answer) -> Sequence[Write]:
        return [Put(LiveConfig(id="raced"))]

    await runtime.gateway.complete(call(cacheable=False), lambda _: [Create(LiveConfig(id="raced"))], again=again)
    assert len(await events(runtime)) == 1


async def test_the_same_request_under_one_key_is_told_once(product: Product) -> None:
    runtime = product.runtime()
    inside = Inside(runtime, feed.edge)
    items = {"items": [{"id": "i1", "title": "One", "difficulty": 0.5, "language": "en"}]}
    for _ in range(3):
        await inside.ask("/feed/rank", items, idempotency_key="k1")
    (told,) = await events(runtime)
    assert isinstance(told, Answered)
    assert (told.agent, told.delivered, told.outcome, told.cost) == ("feed", "none", "ok", 0)


class Lost:
    """A store that writes what it is given and says nothing of it, once; or is away for a while."""

    def __init__(self, store: Store, *, written: bool) -> None:
        self._store = store
        self._written = written
        self.lost = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, *writes: Write) -> list[Version]:
        if any(isinstance(one, Create) and isinstance(one.document, Happening) for one in writes) and self.lost < 2:
            self.lost += 1
            if self._written and self.lost == 1:
                await self._store.commit(*writes)
            raise StoreError("it does not answer")
        return await self._store.commit(*writes)


@pytest.mark.parametrize("written", [True, False])
async def test_what_the_store_would_not_take_is_told_once_and_with_its_row(product: Product, written: bool) -> None:
    runtime = product.runtime()
    inside = Inside(runtime, feed.edge)
    await runtime.recent.live()
    lost = Lost(runtime.store, written=written)
    runtime.settlements._store = lost
    reply = await inside.good("/feed/rank", {"items": [{"id": "i1", "title": "One"}]})
    async with asyncio.timeout(10):
        while lost.lost < 2 or runtime.settlements._rows:
            await asyncio.sleep(0.05)
    rows = await runtime.store.query(LedgerEntry, Where("request_id", "==", reply["request_id"]), order="attempt")
    assert (len(rows), len(await events(runtime))) == (1, 1)


async def test_ratings_are_told_by_what_they_change(product: Product) -> None:
    runtime, running = product.runtime(), experiment(agents=("feed",))
    inside = Inside(runtime, feed.edge, feedback.edge)
    await run_it(runtime, running)
    unit = unit_in(running, "changed")
    asked = await inside.good("/feed/rank", {"items": [{"id": "i1", "title": "One"}]}, as_=unit)
    for said in ({"rating": 4}, {"rating": 4}, {"comment": "Good."}, {"rating": 1}, {"rating": 5}):
        await inside.good("/feedback", {"request_id": asked["request_id"], **said}, as_=unit)
    assert (await inside.ask("/feedback/mine", as_=unit, method="DELETE")).status == 200
    told = [one for one in await events(runtime) if isinstance(one, Rated)]
    assert [(one.count, one.total) for one in told] == [(1, 4), (0, -3), (0, 4), (-1, -5)]
    assert {(one.unit, one.agent, one.model, one.language) for one in told} == {
        (unit, "feed", asked["model"], asked["language"])
    }
    assert all(one.arms == {"e": "changed"} for one in told)
    assert len({one.id for one in told}) == len(told)


async def test_check_questions_are_told_once_for_each_answer_that_counts(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-lesson"})
    inside = Inside(runtime, curriculum.edge)
    product.fake.script("fake-lesson", [says(LESSON)] * 2)
    running = [
        experiment("c", ("curriculum",)),
        experiment("m", ("mentor",)),
        experiment("all"),
        experiment("f", ("feed",)),
    ]
    await run_it(runtime, *running)
    made = await inside.good(
        "/curriculum/lesson-content", {"topic": "Linear equations", "questions": 3, "language": "en"}
    )
    asked = {"lesson_id": made["lesson_id"], "question_id": "q1"}
    for given in ("9", "9", "8", "4.5", "4.5", "7"):
        await inside.good("/curriculum/check", asked | {"answer": given})
    told = [one for one in await events(runtime) if isinstance(one, Graded)]
    assert [one.correct for one in told] == [False, False, True]
    assert len({one.id for one in told}) == 3
    assert {(one.unit, one.item) for one in told} == {("u1", f"{made['lesson_id']}:q1")}
    assert all(set(one.arms) == {"c", "m", "all"} for one in told)


async def test_answers_to_a_question_at_once_are_told_each_once(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-lesson"})
    inside = Inside(runtime, curriculum.edge)
    product.fake.script("fake-lesson", [says(LESSON)] * 2)
    made = await inside.good(
        "/curriculum/lesson-content", {"topic": "Linear equations", "questions": 3, "language": "en"}
    )
    asked = {"lesson_id": made["lesson_id"], "question_id": "q1", "answer": "4.5"}
    await asyncio.gather(*(inside.good("/curriculum/check", asked) for _ in range(6)))
    assert [one.correct for one in await events(runtime) if isinstance(one, Graded)] == [True]


async def test_what_is_done_with_items_is_told_once(product: Product) -> None:
    runtime, running = product.runtime(), experiment(agents=("feed",), algorithm="explore")
    inside = Inside(runtime, feed.edge)
    await run_it(runtime, running)
    marks = [{"item_id": "i1", "event": "opened"}, {"item_id": "i1", "event": "completed"}]
    for seen in (marks, marks, [*marks, {"item_id": "i2", "event": "dismissed"}]):
        await inside.good("/feed/seen", {"events": seen})
    told = [one for one in await events(runtime) if isinstance(one, Consumed)]
    distinct = {one.id: (one.item, one.how, tuple(one.arms)) for one in told}
    assert sorted(distinct.values()) == [
        ("i1", "completed", ("e",)), ("i1", "opened", ("e",)), ("i2", "dismissed", ("e",))
    ]  # fmt: skip


async def test_a_feed_exposes_its_learner_once_and_nobody_who_only_looks_at_it(product: Product) -> None:
    runtime, running = product.runtime(), experiment(agents=("feed",), algorithm="explore")
    inside = Inside(runtime, feed.edge)
    await run_it(runtime, running)
    await inside.good("/feed/u1", as_="admin")
    assert await events(runtime) == []
    for _ in range(3):
        await inside.good("/feed/u1")
    (told,) = await events(runtime)
    assert isinstance(told, Exposed)
    assert (told.unit, told.experiment) == ("u1", "e")


async def test_whoever_left_what_an_experiment_is_targeted_at_is_still_told_of(product: Product) -> None:
    """Answers, ratings, checks and items on another platform bear the arm beside, and expose nobody."""
    runtime = product.runtime({"gpt_4_mini": "fake-lesson"})
    running = experiment().model_copy(update={"targeting": Targeting(platforms=["ios"])})
    inside = Inside(runtime, curriculum.edge, feed.edge, feedback.edge)
    product.fake.script("fake-lesson", [says(LESSON)] * 2)
    await run_it(runtime, running)
    unit = unit_in(running, "changed")
    asked = await inside.good("/feed/rank", {"items": [{"id": "i1", "title": "One"}]}, as_=unit)
    await inside.good("/feedback", {"request_id": asked["request_id"], "rating": 4}, as_=unit)
    await inside.good("/feed/seen", {"events": [{"item_id": "i1", "event": "opened"}]}, as_=unit)
    made = await inside.good(
        "/curriculum/lesson-content", {"topic": "Linear equations", "questions": 3, "language": "en"}, as_=unit
    )
    await inside.good(
        "/curriculum/check", {"lesson_id": made["lesson_id"], "question_id": "q1", "answer": "9"}, as_=unit
    )
    told = await events(runtime)
    assert {type(one) for one in told} == {Answered, Rated, Consumed, Graded}
    for one in told:
        assert isinstance(one, Answered | Rated | Consumed | Graded)
        assert (one.arms, one.beside) == ({}, {"e": "changed"})
