"""Learning paths over real HTTP: complete without a model, worded by every wire, within the time there is."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from functions.curriculum import edge
from shared.agents.curriculum_path import PathReply
from tests.functions.course_site import Site, open_site
from tests.functions.test_curriculum import GOOD
from tests.product import WIRES, Product

Open = Callable[..., Any]


@pytest.fixture
async def opened(product: Product) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def make(models: dict[str, str] | None = None, **settings: Any) -> Site:
            return await stack.enter_async_context(open_site(edge, product.runtime(models, **settings)))

        yield make


SKILLS = [
    {"id": "graphs", "title": "Graphs", "minutes": 60, "prerequisites": ["equations"]},
    {"id": "equations", "title": "Equations", "minutes": 40, "prerequisites": ["numbers"]},
    {"id": "numbers", "title": "Numbers", "minutes": 30, "mastery": 0.9, "days_since": 90},
]


async def test_a_path_is_complete_without_a_model_and_the_same_with_one(opened: Open, product: Product) -> None:
    body = {"skills": SKILLS, "goals": ["graphs"], "session_minutes": 60, "language": "en"}
    bare = PathReply.model_validate((await (await opened({})).post("/curriculum/learning-path", body)).body)
    assert [(step.skill, step.kind, step.minutes, step.session) for step in bare.steps] == [
        ("numbers", "review", 8, 1),
        ("equations", "learn", 40, 1),
        ("graphs", "learn", 60, 2),
    ]
    assert all(step.why for step in bare.steps)
    assert (bare.degraded, bare.sessions, bare.minutes) == (True, 2, 108)
    assert "3" in bare.rationale
    site = await opened({"claude": "fake-path"})
    worded = {"rationale": "Numbers first.", "reasons": [{"skill": "graphs", "why": "To see it."}]}
    product.fake.script("fake-path", [{"fault": "ok", "text": json.dumps(worded)}])
    told = PathReply.model_validate((await site.post("/curriculum/learning-path", body)).body)
    assert [step.skill for step in told.steps] == [step.skill for step in bare.steps]
    assert (told.rationale, told.steps[2].why, told.steps[1].why) == ("Numbers first.", "To see it.", bare.steps[1].why)
    assert told.degraded is False


@pytest.mark.parametrize("name", list(WIRES))
async def test_a_path_is_worded_by_every_wire(opened: Open, name: str) -> None:
    site = await opened({name: "fake-ok"})
    reply = await site.post("/curriculum/learning-path", {"skills": SKILLS, "language": "en"})
    assert (reply.body["provider"], reply.body["degraded"], len(reply.body["steps"])) == (WIRES[name][0], False, 3)


async def test_a_path_through_an_outline_leaves_out_what_is_known_and_what_is_too_long(opened: Open) -> None:
    site = await opened({})
    body = {"outline": GOOD, "mastery": {"l1": 1.0}, "available_minutes": 100, "language": "en"}
    reply = PathReply.model_validate((await site.post("/curriculum/learning-path", body)).body)
    assert [step.skill for step in reply.steps if step.kind == "learn"] == ["l2"]
    assert (reply.mastered, reply.deferred) == (["l1"], ["l3"])
    assert reply.minutes <= 100
