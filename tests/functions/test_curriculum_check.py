"""Answers to check questions over real HTTP that are odd in themselves, and outlines that go round in a circle."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from functions.curriculum import edge
from shared.agents.curriculum import OutlineReply
from tests.functions.course_site import Site, open_site
from tests.functions.test_curriculum import ASK, LESSON, lesson, made, outline, says
from tests.product import Product

Open = Callable[..., Any]


@pytest.fixture
async def opened(product: Product) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def make(models: dict[str, str] | None = None, **settings: Any) -> Site:
            return await stack.enter_async_context(open_site(edge, product.runtime(models, **settings)))

        yield make


@pytest.mark.parametrize("given", ["9" * 400 + "/1", "1e999", "9" * 500, "1/" + "0" * 400, "-" * 500])
async def test_a_number_beyond_all_numbers_is_a_wrong_answer(opened: Open, product: Product, given: str) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    name = await made(site, product)
    reply = await site.post("/curriculum/check", {"lesson_id": name, "question_id": "q1", "answer": given})
    assert (reply.status, reply.body["correct"]) == (200, False), reply.body


async def test_a_lesson_whose_number_is_beyond_all_numbers_is_mended(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    numbers = [question | {"answer": "1e999"} for question in LESSON["questions"] if question["kind"] == "number"]
    product.fake.script("fake-lesson", [says(LESSON | {"questions": numbers}), says(LESSON)])
    reply = await site.post(
        "/curriculum/lesson-content", {"topic": "Linear equations", "questions": 4, "language": "en"}
    )
    assert "no number" in product.fake.calls[-1].body["messages"][-1]["content"]
    assert reply.body["degraded"] is False, "that a question is missing is said and costs no lesson"
    asked = {"lesson_id": reply.body["lesson_id"], "question_id": "q1", "answer": "4.5"}
    assert (await site.post("/curriculum/check", asked)).body["correct"] is True


async def test_what_is_none_of_the_options_is_refused_by_its_name_and_is_no_try(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    asked = {"lesson_id": await made(site, product), "question_id": "q2"}
    for given in ("Nothing", "c"):
        reply = await site.post("/curriculum/check", asked | {"answer": given})
        assert (reply.status, [one["field"] for one in reply.body["errors"]]) == (422, ["answer"]), reply.body
    assert (await site.post("/curriculum/check", asked | {"answer": "b"})).body["tries_left"] == 2


async def test_after_the_right_answer_a_wrong_one_is_not_called_a_step_on_the_way(
    opened: Open, product: Product
) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    asked = {"lesson_id": await made(site, product), "question_id": "q1"}
    assert (await site.post("/curriculum/check", asked | {"answer": "4,5"})).body["correct"] is True
    wrong = (await site.post("/curriculum/check", asked | {"answer": "9"})).body
    assert (wrong["correct"], wrong["tries_left"], wrong["solved"]) == (False, 3, 1)
    assert "solved this question before" in wrong["feedback"]
    assert "canary-explanation" in wrong["explanation"]


async def test_an_outline_that_went_round_in_a_circle_is_taken_for_a_path(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-outline"})
    circle = outline(
        lesson("l1", "Negative numbers", "Calculate with negative numbers", "l3"),
        lesson("l2", "Linear equations", "Solve linear equations step by step", "l1"),
        lesson("l3", "Functions in a coordinate system", "Plot functions in a coordinate system", "l2"),
    )
    product.fake.script("fake-outline", [says(circle), says(circle)])
    reply = await site.post("/curriculum/course-outline", ASK)
    found = OutlineReply.model_validate(reply.body)
    (order,) = [check for check in found.checks if check.name == "order"]
    assert (order.passed, order.measured) == (False, 1)
    assert "'Negative numbers' and 'Functions in a coordinate system'" in order.detail
    body = {"outline": reply.body["outline"], "language": "en"}
    path = await site.post("/curriculum/learning-path", body)
    assert path.status == 200, path.body
    assert [step["skill"] for step in path.body["steps"] if step["kind"] == "learn"] == ["m1l1", "m1l2", "m1l3"]
