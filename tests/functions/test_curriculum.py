"""The curriculum agent over real HTTP: every wire, broken answers, lessons whose answers stay here."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from functions.curriculum import edge
from shared.agents.curriculum import OutlineReply
from shared.agents.curriculum_lesson import LessonReply
from shared.agents.envelope import Envelope
from shared.courses.checks import failed
from shared.stored.lessons import Lesson
from tests.functions.course_site import Site, open_site
from tests.product import WIRES, Product

Open = Callable[..., Any]
GOALS = ["solve linear equations", "plot functions in a coordinate system"]
ASK = {"subject": "Algebra", "goals": GOALS, "hours": 4, "language": "en"}


@pytest.fixture
async def opened(product: Product) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def make(models: dict[str, str] | None = None, **settings: Any) -> Site:
            return await stack.enter_async_context(open_site(edge, product.runtime(models, **settings)))

        yield make


def lesson(name: str, title: str, objective: str, *needs: str, minutes: int = 80) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "objectives": [objective],
        "prerequisites": list(needs),
        "skills": [title.lower()],
        "minutes": minutes,
    }


def outline(*lessons: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": "Algebra",
        "summary": "From numbers to graphs.",
        "modules": [{"title": "One", "lessons": list(lessons)}],
    }


GOOD = outline(
    lesson("l1", "Negative numbers", "Calculate with negative numbers"),
    lesson("l2", "Linear equations", "Solve linear equations step by step", "l1"),
    lesson("l3", "Functions in a coordinate system", "Plot functions in a coordinate system", "l2"),
)
LESSON: dict[str, Any] = {
    "title": "Linear equations",
    "objectives": ["Solve linear equations", "Explain what an equation says"],
    "sections": [
        {"heading": "What an equation says", "text": "An equation says that two sides weigh the same. " * 20},
        {"heading": "How to solve linear equations", "text": "Do the same on both sides until x stands alone. " * 20},
    ],
    "worked_example": {"problem": "x + 2 = 5", "steps": ["Take 2 away on both sides."], "result": "x = 3"},
    "questions": [
        {"kind": "number", "prompt": "Solve 2x = 9.", "options": [], "answer": "4.5", "accepted": [], "tolerance": 0.01,
         "hint": "Halve both sides.", "explanation": "Nine halves are canary-explanation."},
        {"kind": "choice", "prompt": "What may you do to both sides?", "options": ["The same", "Anything"],
         "answer": "The same", "accepted": [], "tolerance": 0, "hint": "Think of scales.", "explanation": "Scales."},
        {"kind": "short", "prompt": "What is the letter in an equation called?", "options": [], "answer": "variable",
         "accepted": ["unknown"], "tolerance": 0, "hint": "It may vary.", "explanation": "It varies."},
    ],
    "summary": "Both sides stay equal.",
}  # fmt: skip


def says(value: Any) -> dict[str, Any]:
    """A step of the fake server's script."""
    return {"fault": "ok", "text": value if isinstance(value, str) else json.dumps(value)}


@pytest.mark.parametrize("name", list(WIRES))
async def test_an_outline_comes_from_every_wire(opened: Open, product: Product, name: str) -> None:
    site = await opened({name: "fake-outline"})
    product.fake.script("fake-outline", [says(GOOD)])
    reply = await site.post("/curriculum/course-outline", ASK)
    assert reply.status == 200, reply.body
    found = OutlineReply.model_validate(reply.body)
    assert (found.provider, found.degraded) == (WIRES[name][0], False)
    assert found.outline is not None
    assert [one.id for one in found.outline.modules[0].lessons] == ["m1l1", "m1l2", "m1l3"]
    assert found.outline.modules[0].lessons[2].prerequisites == ["m1l2"]
    assert failed(found.checks) == []
    assert {check.name for check in found.checks} == {"order", "coverage", "level", "length", "duplicates", "language"}


@pytest.mark.parametrize("path", ["course-outline", "lesson-content"])
@pytest.mark.parametrize("name", list(WIRES))
async def test_whatever_fits_the_schema_is_taken_and_what_is_wrong_with_it_is_said(
    opened: Open, name: str, path: str
) -> None:
    site = await opened({name: "fake-ok"})
    body = ASK if path == "course-outline" else {"topic": "Linear equations", "language": "en"}
    reply = await site.post(f"/curriculum/{path}", body)
    assert reply.status == 200, reply.body
    assert (reply.body["provider"], reply.body["degraded"]) == (WIRES[name][0], False)
    assert any(check["passed"] is False for check in reply.body["checks"])


async def test_a_wish_is_told_once_and_the_better_answer_is_taken(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-outline"})
    late = outline(
        GOOD["modules"][0]["lessons"][1], *GOOD["modules"][0]["lessons"][:1], GOOD["modules"][0]["lessons"][2]
    )
    product.fake.script("fake-outline", [says(late), says(GOOD)])
    reply = await site.post("/curriculum/course-outline", ASK)
    assert failed(OutlineReply.model_validate(reply.body).checks) == []
    told = product.fake.calls[-1].body["messages"][-1]["content"]
    assert "l2 comes before l1, which it needs" in told
    assert len(reply.body["route"]["attempts"]) == 2


async def test_what_remains_wrong_is_reported_and_the_order_mended(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-outline"})
    short = outline(
        lesson("b", "Linear equations", "Solve linear equations", "a", "nowhere", minutes=5),
        lesson("a", "Numbers", "Calculate with numbers", minutes=5),
    )
    product.fake.script("fake-outline", [says(short), says(short)])
    reply = OutlineReply.model_validate((await site.post("/curriculum/course-outline", ASK)).body)
    assert reply.outline is not None
    assert [one.title for one in reply.outline.modules[0].lessons] == ["Numbers", "Linear equations"]
    assert reply.outline.modules[0].lessons[1].prerequisites == ["m1l1"]
    wrong = {check.name for check in reply.checks if check.passed is False}
    assert wrong == {"coverage", "length"}


async def test_broken_json_is_mended_once_and_then_the_floor_plans(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-outline"})
    product.fake.script("fake-outline", [says({"title": ""}), says(GOOD)])
    assert (await site.post("/curriculum/course-outline", ASK)).body["degraded"] is False
    product.fake.script("fake-outline", [says({"title": ""})] * 4)
    reply = await site.post("/curriculum/course-outline", ASK | {"subject": "More algebra"})
    found = OutlineReply.model_validate(reply.body)
    assert (found.provider, found.degraded) == ("template", True)
    assert found.outline is not None


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"])
async def test_without_any_model_a_plan_of_the_goals_passes_its_own_checks(opened: Open, language: str) -> None:
    site = await opened({})
    goals = {"zh": ["光合作用", "细胞呼吸"], "ja": ["光合成", "細胞呼吸"], "ko": ["광합성", "세포 호흡"]}.get(
        language, ["photosynthesis", "mitosis"]
    )
    body = {"subject": "Biology", "goals": goals, "weeks": 2, "hours_per_week": 3, "language": language}
    reply = OutlineReply.model_validate((await site.post("/curriculum/course-outline", body)).body)
    assert (reply.provider, reply.degraded, reply.language) == ("template", True, language)
    assert failed(reply.checks) == []
    assert reply.outline is not None
    assert len(reply.outline.modules) == 3


async def test_without_goals_the_documents_say_what_the_course_is_about(opened: Open) -> None:
    site = await opened({})
    text = (
        "Photosynthesis turns light into sugar. Photosynthesis happens in chloroplasts. Chloroplasts hold chlorophyll."
    )
    body = {"subject": "Biology", "documents": [{"title": "Leaf", "text": text}], "language": "en"}
    reply = OutlineReply.model_validate((await site.post("/curriculum/course-outline", body)).body)
    assert reply.outline is not None
    assert any("photosynthesis" in module.title.lower() for module in reply.outline.modules)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("course-outline", {}, "subject"),
        ("course-outline", {"subject": "a", "api_base": "http://x"}, "api_base"),
        ("course-outline", {"subject": "a", "documents": [{"text": "x" * 30_000}, {"text": "x" * 30_000}]}, "documents"),
        ("lesson-content", {"topic": "a", "questions": 99}, "questions"),
        ("learning-path", {"goals": ["a"]}, "goals.0"),
        ("learning-path", {"skills": [{"id": "a", "prerequisites": ["b"]}]}, "skills.0.prerequisites"),
        ("learning-path", {"skills": [{"id": "a", "prerequisites": ["a"]}]}, "skills"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_by_its_name(
    opened: Open, path: str, body: dict[str, Any], field: str
) -> None:
    site = await opened({})
    reply = await site.post(f"/curriculum/{path}", body)
    assert reply.status == 422
    assert field in json.dumps(reply.body)


@pytest.mark.parametrize("name", list(WIRES))
async def test_a_lesson_comes_from_every_wire_and_keeps_its_answers(opened: Open, product: Product, name: str) -> None:
    site = await opened({name: "fake-lesson"})
    product.fake.script("fake-lesson", [says(LESSON)] * 2)
    reply = await site.post(
        "/curriculum/lesson-content", {"topic": "Linear equations", "questions": 3, "language": "en"}
    )
    found = LessonReply.model_validate(reply.body)
    assert (found.provider, found.degraded) == (WIRES[name][0], False)
    assert found.worked_example is not None
    assert [set(question) for question in reply.body["questions"]] == [{"id", "kind", "prompt", "options"}] * 3
    for secret in ("4.5", "canary-explanation", "variable", "Think of scales"):
        assert secret not in json.dumps(
            {name: reply.body[name] for name in reply.body.keys() - Envelope.model_fields.keys()}
        )
    kept = await site.runtime.store.get(Lesson, found.lesson_id or "")
    assert kept is not None
    assert (kept.user_id, [one.kind for one in kept.questions]) == ("u1", ["number", "choice", "short"])
    assert kept.expires_at is not None


async def made(site: Site, product: Product) -> str:
    product.fake.script("fake-lesson", [says(LESSON)] * 2)
    reply = await site.post(
        "/curriculum/lesson-content", {"topic": "Linear equations", "questions": 3, "language": "en"}
    )
    return str(reply.body["lesson_id"])


async def test_answers_are_graded_and_explained_after_three_tries(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    name = await made(site, product)

    async def answer(question: str, given: Any) -> dict[str, Any]:
        body = {"lesson_id": name, "question_id": question, "answer": given}
        reply = await site.post("/curriculum/check", body)
        assert reply.status == 200, reply.body
        found: dict[str, Any] = reply.body
        return found

    first = await answer("q1", "9")
    assert (first["correct"], first["explanation"], first["tries_left"]) == (False, None, 2)
    assert "Halve both sides." in first["feedback"]
    assert (await answer("q1", " 9 "))["tries_left"] == 2, "the same wrong answer counts once"
    await answer("q1", 2)
    last = await answer("q1", "three")
    assert (last["tries_left"], "canary-explanation" in last["explanation"]) == (0, True)
    right = await answer("q1", "9/2")
    assert (right["correct"], right["solved"], right["questions"]) == (True, 1, 3)
    assert (await answer("q2", "a"))["correct"]
    assert (await answer("q3", "The Variabel"))["correct"], "a slip of the pen"
    assert (await answer("q3", "constant"))["correct"] is False


async def test_a_lesson_is_its_learners_alone(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    name = await made(site, product)
    body = {"lesson_id": name, "question_id": "q1", "answer": "9"}
    assert (await site.post("/curriculum/check", body, user="u2")).status == 404
    assert (await site.post("/curriculum/check", body | {"question_id": "q9"})).status == 404
    assert (await site.post("/curriculum/check", body | {"lesson_id": "l_none"})).status == 404


async def test_the_same_key_is_one_lesson(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-lesson"})
    product.fake.script("fake-lesson", [says(LESSON)] * 2)
    body = {"topic": "Linear equations", "questions": 3, "language": "en"}
    first, second = [await site.post("/curriculum/lesson-content", body, key="k1") for _ in range(2)]
    assert first.body == second.body
    assert await site.runtime.store.get(Lesson, first.body["lesson_id"]) is not None


@pytest.mark.parametrize("language", ["en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"])
async def test_without_any_model_a_lesson_is_a_study_plan_that_can_be_graded(opened: Open, language: str) -> None:
    site = await opened({})
    body = {"topic": "Photosynthesis {x}", "language": language, "questions": 2}
    reply = LessonReply.model_validate((await site.post("/curriculum/lesson-content", body)).body)
    assert (reply.degraded, reply.language, len(reply.questions)) == (True, language, 2)
    assert "Photosynthesis {x}" in reply.sections[1].text
    assert reply.worked_example is not None
    assert "{" not in (reply.sections[0].text + reply.questions[0].prompt).replace("{x}", "")
    check = {"lesson_id": reply.lesson_id, "question_id": "q1", "answer": "b"}
    assert (await site.post("/curriculum/check", check)).body["correct"]


async def test_a_cry_for_help_is_answered_with_help_and_nothing_is_made(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4_mini": "fake-ok"})
    body = {"topic": "I want to kill myself", "language": "en"}
    reply = LessonReply.model_validate((await site.post("/curriculum/lesson-content", body)).body)
    assert (reply.safety.verdict, reply.lesson_id, reply.questions) == ("support", None, [])
    assert reply.text
    assert product.fake.count() == 0
    course = {"subject": "I want to kill myself", "language": "en"}
    outline = OutlineReply.model_validate((await site.post("/curriculum/course-outline", course)).body)
    assert (outline.outline, outline.checks, bool(outline.text)) == (None, [], True)
