"""The animation function, over real stores and the fake model server behind every vendor's wire."""

import json
from typing import Any

import pytest

from functions import animation
from scripts.benchmarks.inprocess import Heard, ask
from shared.animation import scene
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from shared.store import Put
from shared.stored.animations import Animation, AnimationVideo
from tests.animation.scenes import EVERYTHING, everything, manim
from tests.fakes.waiting import eventually
from tests.product import Product

GENERATE = "/animation/generate"


async def said(
    runtime: Runtime, path: str, body: Any = None, sub: str = "u1", role: str = "learner", key: str | None = None
) -> Heard:
    token = mint(read_or_create_secret(runtime.settings.data_dir), sub, role, 600)  # type: ignore[arg-type]
    with override(runtime):
        return await ask(animation.edge.app, path, token, body, {"idempotency-key": key} if key else None)


def answering(product: Product, *texts: str, models: dict[str, str] | None = None, **settings: Any) -> Runtime:
    """A runtime whose models give these answers in turn."""
    product.fake.script("*", [{"fault": "ok", "text": text} for text in texts])
    return product.runtime(models, **settings)


@pytest.mark.parametrize("name", ["gemma_4_on_device", "gemma_4_cloud", "gpt_4_mini", "claude", "gemini_flash"])
async def test_every_model_can_make_one(product: Product, name: str) -> None:
    runtime = answering(product, everything(), models={name: "fake-ok"})
    heard = await said(runtime, GENERATE, {"prompt": "Everything of each kind"})
    assert heard.status == 200
    made = heard.json
    assert made["title"] == "Everything"
    assert made["degraded"] is False
    assert made["scene"] == json.loads(scene.read(everything()).model_dump_json())
    assert made["source"].count("class Animation(Scene):") == 1
    assert made["still"].startswith("<svg ")
    assert made["captions"][0] == {"start": 0.0, "end": 0.8, "text": "First."}
    assert made["text"].startswith("Everything\nOne of each kind.")
    assert made["render"] == {"status": "none", "note": "", "video": None}
    assert made["quality"]["coverage"] == 1.0
    assert [attempt["outcome"] for attempt in made["route"]["attempts"]] == ["ok"]


async def test_one_can_be_read_again_by_its_owner_alone(product: Product) -> None:
    runtime = answering(product, everything())
    made = (await said(runtime, GENERATE, {"prompt": "Show everything"})).json
    path = f"/animation/{made['animation_id']}"
    again = await said(runtime, path)
    fields = (
        "animation_id",
        "title",
        "scene",
        "source",
        "still",
        "text",
        "captions",
        "quality",
        "render",
        "model",
        "language",
    )
    assert {name: again.json[name] for name in fields} == {name: made[name] for name in fields}
    assert (await said(runtime, path, sub="u2")).status == 404
    assert (await said(runtime, path, sub="a", role="admin")).status == 200
    assert (await said(runtime, "/animation/a_none")).status == 404
    assert (await said(runtime, path + "/video")).status == 404


async def test_the_same_key_is_one_animation(product: Product) -> None:
    runtime = answering(product, everything(), everything(title="Another"))
    first = await said(runtime, GENERATE, {"prompt": "Show everything"}, key="k1")
    second = await said(runtime, GENERATE, {"prompt": "Show everything"}, key="k1")
    assert first.body == second.body
    assert len(product.fake.calls) == 1


async def test_two_learners_with_one_question_share_the_answer_and_nothing_else(product: Product) -> None:
    runtime = answering(product, everything())
    first = (await said(runtime, GENERATE, {"prompt": "Show everything"}, sub="u1")).json

    async def shared() -> bool:
        return bool((await said(runtime, GENERATE, {"prompt": "Show everything"}, sub="u2")).json["cache"] == "exact")

    await eventually(shared)
    second = (await said(runtime, GENERATE, {"prompt": "Show everything"}, sub="u2")).json
    assert (second["scene"], second["source"]) == (first["scene"], first["source"])
    assert second["animation_id"] != first["animation_id"]
    assert (await said(runtime, f"/animation/{first['animation_id']}", sub="u2")).status == 404
    assert (await said(runtime, f"/animation/{second['animation_id']}", sub="u2")).status == 200


async def test_a_wrong_scene_is_mended_once(product: Product) -> None:
    wrong = everything(steps=[{"seconds": 1, "actions": [{"kind": "move", "target": "tri", "x": 0, "y": 0}]}])
    runtime = answering(product, wrong, everything())
    made = (await said(runtime, GENERATE, {"prompt": "Show everything"})).json
    assert (made["title"], made["degraded"]) == ("Everything", False)
    assert "has to appear first" in json.dumps(product.fake.calls[-1].body)


@pytest.mark.parametrize(
    "evil",
    [
        everything(code="import os"),
        everything(objects=[{"kind": "dot", "id": "__import__"}]),
        everything(objects=[{"kind": "image", "id": "i", "path": "/etc/passwd"}]),
        everything(objects=[EVERYTHING["objects"][0] | {"on_click": "exit()"}]),
        json.dumps("from manim import *\nclass S(Scene): pass"),
        "from manim import *\nclass S(Scene): pass",
        '{"title":"t","description":"d","steps":[],"objects":[' + ",".join(['{"kind":"dot","id":"a"}'] * 10_000) + "]}",
    ],
    ids=["field", "name", "path", "handler", "string", "code", "many"],
)
async def test_t50_a_models_code_never_comes_through(product: Product, evil: str) -> None:
    runtime = answering(product, *[evil] * 8)
    made = (await said(runtime, GENERATE, {"prompt": "Show a circle. Then a square."})).json
    assert (made["provider"], made["degraded"]) == ("template", True)
    assert made["title"] == "Show a circle"
    assert "a square" in made["still"]
    for word in ("import os", "passwd", "exit()", "class S"):
        assert word not in made["source"]
        assert word not in made["still"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prompt": "x", "scene": EVERYTHING}, "scene"),
        ({"prompt": "x", "source": "import os"}, "source"),
        ({"prompt": "x", "import": "os"}, "import"),
        ({"prompt": "x", "path": "/etc/passwd"}, "path"),
        ({"prompt": {"code": "x"}}, "prompt"),
        ({"prompt": ["x"] * 1000}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 2001}, "prompt"),
        ({"prompt": "x", "seconds": 61}, "seconds"),
        ({"prompt": "x", "seconds": "9"}, "seconds"),
        ({"prompt": "x", "render": "yes"}, "render"),
        ({"prompt": "x", "language": "xx"}, "language"),
        ({}, "prompt"),
    ],
)
async def test_t50_a_request_with_anything_else_is_refused(product: Product, body: Any, field: str) -> None:
    runtime = product.runtime()
    heard = await said(runtime, GENERATE, body)
    assert heard.status == 422
    assert field in heard.body.decode()
    assert product.fake.calls == []


async def test_t50_a_million_objects_are_too_large_a_body(product: Product) -> None:
    body = {"prompt": "x", "scene": {"objects": [{"kind": "dot", "id": "a"}] * 1_000_000}}
    assert (await said(product.runtime(), GENERATE, body)).status == 413


@pytest.mark.parametrize("language", ["en", "ar", "zh", "hi"])
async def test_t51_without_any_model_there_is_a_picture_with_the_learners_words(
    product: Product, language: str
) -> None:
    runtime = product.runtime({})
    made = (await said(runtime, GENERATE, {"prompt": "Photosynthesis: light, water", "language": language})).json
    assert (made["provider"], made["degraded"], made["language"]) == ("template", True, language)
    assert "Photosynthesis" in made["still"]
    assert made["scene"]["description"] in made["text"]
    assert made["quality"] is None, "its own words would be measured against themselves"
    assert (await said(runtime, f"/animation/{made['animation_id']}")).json["degraded"] is True


async def test_what_safety_answers_is_no_animation(product: Product) -> None:
    runtime = product.runtime()
    made = (await said(runtime, GENERATE, {"prompt": "I want to kill myself", "language": "en"})).json
    assert made["safety"]["verdict"] == "support"
    assert (made["animation_id"], made["scene"], made["source"], made["still"]) == (None, None, "", "")
    assert made["text"]
    assert product.fake.calls == []


async def test_quality_is_measured_where_it_is_switched_on(product: Product) -> None:
    runtime = answering(product, everything(), quality_assessment_enabled=False)
    made = (await said(runtime, GENERATE, {"prompt": "Show everything"})).json
    assert made["quality"] is None
    assert (await said(runtime, f"/animation/{made['animation_id']}")).json["quality"] is None


async def test_what_is_hard_to_animate_goes_to_gemini_first(product: Product) -> None:
    both = {"gemma_4_on_device": "fake-own", "gemini_flash": "fake-flash"}
    runtime = answering(product, everything(), everything(), models=both)
    hard = (await said(runtime, GENERATE, {"prompt": "Morph a 3D cube into a sphere, then let it orbit"})).json
    easy = (await said(runtime, GENERATE, {"prompt": "A blue circle"})).json
    assert [hard["provider"], easy["provider"]] == ["gemini", "gemma"]
    never = product.runtime(both, gemini_confidence_threshold=1.0)
    product.fake.script("*", [{"fault": "ok", "text": everything()}])
    assert (await said(never, GENERATE, {"prompt": "Morph a 3D cube into a sphere, then rotate"})).json[
        "provider"
    ] == "gemma"


async def test_without_local_fallback_what_is_hard_never_comes_to_the_own_model(product: Product) -> None:
    both = {"gemma_4_on_device": "fake-own", "gemini_flash": "fake-flash-err500"}
    runtime = product.runtime(both, local_fallback_enabled=False)
    made = (await said(runtime, GENERATE, {"prompt": "Morph a 3D cube into a sphere, then let it orbit"})).json
    assert (made["provider"], made["degraded"]) == ("template", True)
    assert {attempt["model"] for attempt in made["route"]["attempts"]} == {"fake-flash-err500"}
    product.fake.script("fake-own", [{"fault": "ok", "text": everything()}])
    assert (await said(runtime, GENERATE, {"prompt": "A blue circle"})).json["provider"] == "gemma"


async def test_a_video_where_none_can_be_made(product: Product) -> None:
    runtime = answering(product, everything())
    made = (await said(runtime, GENERATE, {"prompt": "Show everything", "render": True})).json
    assert made["render"]["status"] == "unavailable"
    assert (await said(runtime, f"/animation/{made['animation_id']}")).json["render"] == made["render"]


async def test_a_video_where_manim_is_installed(product: Product) -> None:
    shown = [{"seconds": 0.2, "actions": [{"kind": "create", "target": "tri"}]}]
    short = everything(objects=EVERYTHING["objects"][:1], steps=shown)
    runtime = answering(product, short, manim_python=manim())
    made = (await said(runtime, GENERATE, {"prompt": "Show a triangle", "render": True})).json
    assert made["render"]["status"] == "queued"
    path = f"/animation/{made['animation_id']}"

    async def ended() -> bool:
        return bool((await said(runtime, path)).json["render"]["status"] != "queued")

    await eventually(ended, 110)
    assert (await said(runtime, path)).json["render"] == {
        "status": "done",
        "note": "",
        "video": f"/api/v1/ai{path}/video",
    }
    video = await said(runtime, path + "/video")
    assert (video.status, video.body[4:8]) == (200, b"ftyp")
    assert (await said(runtime, path + "/video", sub="u2")).status == 404


async def test_a_video_whose_job_was_lost_is_asked_for_again(product: Product) -> None:
    runtime = answering(product, everything())
    made = (await said(runtime, GENERATE, {"prompt": "Show everything"})).json
    kept = await runtime.store.get(Animation, made["animation_id"])
    assert kept is not None
    await runtime.store.commit(Put(kept.model_copy(update={"render": "queued", "created_at": runtime.clock() - 3600})))
    path = f"/animation/{kept.id}"

    async def settled() -> bool:
        return bool((await said(runtime, path)).json["render"]["status"] == "unavailable")

    await eventually(settled)
    assert await runtime.store.get(AnimationVideo, kept.id) is None
