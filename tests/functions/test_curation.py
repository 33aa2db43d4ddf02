"""The curation agent over real HTTP: what is measured beside what is judged, vocabularies that are kept to, gaps with evidence."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from functions.curation import edge
from shared.agents.curation import EvaluateReply
from shared.agents.curation_gaps import GapsReply
from shared.agents.curation_tag import TagReply
from shared.courses.appraisal import overall
from tests.functions.course_site import Site, open_site
from tests.product import WIRES, Product

Open = Callable[..., Any]
TEXT = """# Photosynthesis

Plants turn light into sugar. They take in water by their roots and carbon dioxide by their leaves.
For example, a leaf in the sun makes more sugar than one in the shade.

- Light reactions happen in the thylakoids.
- The Calvin cycle happens in the stroma.

Why are leaves green? Read more: https://example.com/leaf
"""
JUDGED = {
    "judgement": {
        "accuracy": {"score": 0.9, "reason": "True as far as it goes."},
        "clarity": {"score": 0.8, "reason": "Short sentences."},
        "engagement": {"score": 0.7, "reason": "One question."},
        "suggestions": ["Add a picture."],
    }
}
NEEDS = ["Light reactions in the thylakoids", "Explain the Calvin cycle", "Genetic drift in small populations"]
BODIES: dict[str, dict[str, Any]] = {
    "evaluate": {"text": TEXT},
    "tag": {"text": TEXT},
    "gaps": {"text": TEXT, "skills": NEEDS},
}


@pytest.fixture
async def opened(product: Product) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def make(models: dict[str, str] | None = None, **settings: Any) -> Site:
            return await stack.enter_async_context(open_site(edge, product.runtime(models, **settings)))

        yield make


def says(value: Any) -> dict[str, Any]:
    return {"fault": "ok", "text": value if isinstance(value, str) else json.dumps(value)}


@pytest.mark.parametrize("path", list(BODIES))
@pytest.mark.parametrize("name", list(WIRES))
async def test_every_wire_answers(opened: Open, name: str, path: str) -> None:
    site = await opened({name: "fake-ok"})
    reply = await site.post(f"/curation/{path}", BODIES[path] | {"language": "en"})
    assert reply.status == 200, reply.body
    assert (reply.body["provider"], reply.body["degraded"]) == (WIRES[name][0], False)


@pytest.mark.parametrize("path", list(BODIES))
async def test_broken_json_goes_to_the_floor_after_one_round_of_mending(
    opened: Open, product: Product, path: str
) -> None:
    site = await opened({"gpt_4_mini": "fake-broken"})
    product.fake.script("fake-broken", [says({"wrong": 1})] * 4)
    reply = await site.post(f"/curation/{path}", BODIES[path] | {"language": "en"})
    assert (reply.body["provider"], reply.body["degraded"]) == ("template", True)
    assert product.fake.count("fake-broken") == 2


async def test_what_is_measured_stands_beside_what_is_judged(opened: Open, product: Product) -> None:
    site = await opened({"claude": "fake-judge"})
    product.fake.script("fake-judge", [says(JUDGED)])
    known = [{"id": "same", "text": TEXT}, {"id": "other", "text": "Volcanoes are mountains that spit fire and ash."}]
    reply = await site.post("/curation/evaluate", {"text": TEXT, "known": known, "language": "en"})
    found = EvaluateReply.model_validate(reply.body)
    assert found.measured is not None
    assert found.judgement is not None
    assert found.score == overall(found.measured.score, 0.8)
    measured = found.measured
    assert measured.language == "en"
    assert measured.readability is not None
    assert measured.readability.formula == "flesch"
    assert [(one.id, one.contained, one.copy_of) for one in measured.duplication.known] == [("same", 1.0, True)]
    made = measured.structure
    assert (made.headings, made.list_items, made.examples, made.questions, made.links) == (1, 2, 1, 1, 1)


async def test_without_a_model_nothing_is_judged(opened: Open) -> None:
    site = await opened({})
    found = EvaluateReply.model_validate((await site.post("/curation/evaluate", {"text": TEXT})).body)
    assert (found.degraded, found.judgement) == (True, None)
    assert found.measured is not None
    assert found.score == found.measured.score


async def test_a_model_that_judges_nothing_is_asked_again(opened: Open, product: Product) -> None:
    site = await opened({"claude": "fake-judge"})
    product.fake.script("fake-judge", [says({"judgement": None}), says(JUDGED)])
    reply = await site.post("/curation/evaluate", {"text": TEXT, "language": "en"})
    assert reply.body["judgement"]["suggestions"] == ["Add a picture."]


async def test_only_tags_of_the_vocabulary_are_given(opened: Open, product: Product) -> None:
    site = await opened({"gemini_flash": "fake-tags"})
    vocabulary = {"topics": ["Photosynthesis", "Volcanoes"], "skills": ["reading diagrams"]}
    wild = {"topics": ["photosynthesis", "Botany"], "skills": ["drawing"], "level": "beginner"}
    product.fake.script("fake-tags", [says(wild)] * 2)
    reply = await site.post("/curation/tag", {"text": TEXT, "vocabulary": vocabulary, "language": "en"})
    found = TagReply.model_validate(reply.body)
    assert (found.topics, found.skills, found.level) == (["Photosynthesis"], [], "beginner")
    told = json.dumps(product.fake.calls[-1].body)
    assert "Botany is not in the list" in told


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", TEXT, "photosynthesis"),
        ("es", "La fotosíntesis convierte la luz en azúcar. La fotosíntesis ocurre en los cloroplastos de las hojas.", "fotosíntesis"),
        ("fr", "La photosynthèse transforme la lumière en sucre. La photosynthèse a lieu dans les chloroplastes.", "photosynthèse"),
        ("de", "Die Fotosynthese macht aus Licht Zucker. Die Fotosynthese findet in den Chloroplasten statt.", "fotosynthese"),
        ("it", "La fotosintesi trasforma la luce in zucchero. La fotosintesi avviene nei cloroplasti delle foglie.", "fotosintesi"),
        ("pt", "A fotossíntese transforma a luz em açúcar. A fotossíntese acontece nos cloroplastos das folhas.", "fotossíntese"),
        ("ru", "Фотосинтез превращает свет в сахар. Фотосинтез происходит в хлоропластах листьев.", "фотосинтез"),
        ("zh", "光合作用把光能变成糖。光合作用在叶绿体中进行。叶绿体里有叶绿素。", "光合作用"),
        ("ja", "光合成は光を糖に変えます。光合成は葉緑体で行われます。葉緑体には葉緑素があります。", "光合成"),
        ("ko", "광합성은 빛을 당으로 바꿉니다. 광합성은 엽록체에서 일어납니다. 엽록체에는 엽록소가 있습니다.", "광합성"),
        ("ar", "التمثيل الضوئي يحول الضوء إلى سكر. التمثيل الضوئي يحدث في البلاستيدات الخضراء.", "التمثيل الضوئي"),
        ("hi", "प्रकाश संश्लेषण प्रकाश को शर्करा में बदलता है। प्रकाश संश्लेषण पत्तियों में होता है।", "प्रकाश संश्लेषण"),
    ],
)  # fmt: skip
async def test_without_a_model_a_texts_own_words_are_its_topics(
    opened: Open, language: str, text: str, word: str
) -> None:
    site = await opened({})
    reply = TagReply.model_validate((await site.post("/curation/tag", {"text": text})).body)
    assert (reply.degraded, reply.text_language) == (True, language)
    assert any(word in topic.casefold() for topic in reply.topics), reply.topics
    assert any(word in one.text.casefold() for one in reply.keywords[:6]), reply.keywords


async def test_gaps_are_measured_with_evidence(opened: Open) -> None:
    site = await opened({})
    found = GapsReply.model_validate((await site.post("/curation/gaps", BODIES["gaps"] | {"language": "en"})).body)
    states = [need.state for need in found.needs]
    assert states[0] == "covered"
    assert states[1] in ("covered", "partly")
    assert states[2] == "missing"
    first = found.needs[0].evidence
    assert first is not None
    assert TEXT[first.start : first.end] == first.text
    assert "thylakoids" in first.text
    assert (found.degraded, found.comparable, found.advice) == (True, True, "")
    assert not any(need.judged for need in found.needs)


async def test_a_model_rules_on_what_words_leave_open_and_on_nothing_else(opened: Open, product: Product) -> None:
    site = await opened({"gpt_4": "fake-rules"})
    rulings = [{"number": n, "state": "partly", "reason": "Only named."} for n in range(3)]
    product.fake.script("fake-rules", [says({"rulings": rulings, "advice": "Add drift."})] * 2)
    needs = [NEEDS[0], "Calvin cycle with enzymes and intermediate products", NEEDS[2]]
    reply = await site.post("/curation/gaps", {"text": TEXT, "skills": needs, "language": "en"})
    found = GapsReply.model_validate(reply.body)
    assert [(need.state, need.judged) for need in found.needs] == [
        ("covered", False),
        ("partly", True),
        ("missing", False),
    ]
    assert found.advice == "Add drift."
    assert found.coverage == 0.5


async def test_an_outline_is_compared_with_items(opened: Open) -> None:
    site = await opened({})
    lesson = {"id": "a", "title": "Light reactions", "objectives": ["Explain the thylakoids"], "minutes": 30}
    outline = {"title": "t", "summary": "s", "modules": [{"title": "m", "lessons": [lesson]}]}
    items = [
        {"id": "i1", "title": "Leaves", "text": "Leaves are green."},
        {"id": "i2", "title": "Light reactions", "text": TEXT},
    ]
    reply = await site.post("/curation/gaps", {"items": items, "outline": outline, "language": "en"})
    found = GapsReply.model_validate(reply.body)
    assert found.needs[0].evidence is not None
    assert found.needs[0].evidence.item == "i2"


async def test_two_languages_are_not_compared_by_words(opened: Open) -> None:
    site = await opened({})
    needs = ["Die Lichtreaktionen in den Thylakoiden erklären", "Den Calvinzyklus beschreiben und zeichnen"]
    found = GapsReply.model_validate((await site.post("/curation/gaps", {"text": TEXT, "skills": needs})).body)
    assert not found.comparable


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("evaluate", {"text": ""}, "text"),
        ("evaluate", {"text": "x" * 50_001}, "text"),
        ("evaluate", {"text": "x", "model": "gpt"}, "model"),
        ("tag", {}, "text"),
        ("gaps", {"skills": ["a"]}, "course_outline is needed"),
        ("gaps", {"text": "a"}, "skills or outline is needed"),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_name(
    opened: Open, path: str, body: dict[str, Any], field: str
) -> None:
    site = await opened({})
    reply = await site.post(f"/curation/{path}", body)
    assert reply.status == 422
    assert field in json.dumps(reply.body)


async def test_the_same_key_asks_once(opened: Open, product: Product) -> None:
    site = await opened({"claude": "fake-judge"})
    product.fake.script("fake-judge", [says(JUDGED)] * 2)
    first, second = [await site.post("/curation/evaluate", {"text": TEXT, "language": "en"}, key="k") for _ in range(2)]
    assert first.body == second.body
    assert product.fake.count("fake-judge") == 1


@pytest.mark.parametrize("path", list(BODIES))
async def test_where_safety_answers_nothing_else_is_said(opened: Open, product: Product, path: str) -> None:
    site = await opened({"gpt_4_mini": "fake-ok"})
    body = BODIES[path] | {"title": "I want to kill myself", "language": "en"}
    reply = await site.post(f"/curation/{path}", body)
    assert reply.body["safety"]["verdict"] == "support"
    assert reply.body["text"]
    empty = {"measured", "judgement", "score", "topics", "skills", "keywords", "needs", "coverage"}
    assert not any(reply.body[name] for name in empty & set(reply.body))
    assert product.fake.count() == 0
