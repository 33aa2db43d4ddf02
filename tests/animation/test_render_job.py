"""Making videos as background work: it ends after a fixed number of tries, and picture and text are there all along (T51)."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest

from shared.animation import floor
from shared.animation.compiler import compile_scene
from shared.animation.rendering import EFFORTS, MOST_STARTS, job
from shared.animation.still import draw
from shared.documents import Job
from shared.runtime import Runtime
from shared.store import Put
from shared.stored.animations import Animation, AnimationVideo
from tests.animation.scenes import manim
from tests.fakes.waiting import eventually
from tests.product import Product

BROKEN = "#!/bin/sh\necho tried >> {log}\nexit 1\n"
UNCONFINED = "#!/bin/sh\necho tried >> {log}\nexit 3\n"


def script(path: Path, text: str) -> Path:
    """An executable that stands in the place of the interpreter and counts how often it was run."""
    path.write_text(text.format(log=path.parent / "log"))
    path.chmod(0o755)
    return path


def tries(path: Path) -> int:
    log = path.parent / "log"
    return len(log.read_text().splitlines()) if log.exists() else 0


async def kept(runtime: Runtime, **changes: Any) -> Animation:
    """An animation that waits for its video."""
    made = floor.plain("Two words", "en")
    fields: dict[str, Any] = {
        "id": "a_1",
        "user_id": "u1",
        "created_at": runtime.clock(),
        "language": "en",
        "title": made.title,
        "scene": made.model_dump_json(),
        "source": compile_scene(made),
        "still": draw(made),
        "text": "Two words",
        "model": "m",
        "provider": "gemma",
        "degraded": False,
        "render": "queued",
    }
    animation = Animation(**(fields | changes))
    await runtime.store.commit(Put(animation))
    return animation


async def found(runtime: Runtime) -> Animation:
    animation = await runtime.store.get(Animation, "a_1")
    assert animation is not None
    return animation


def wanted(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "id": "j",
        "kind": job.KIND,
        "payload": {"animation_id": "a_1"},
        "created_at": 0,
        "updated_at": 0,
    }
    return Job(**(fields | changes))


async def test_a_video_is_made_in_the_background(product: Product) -> None:
    runtime = product.runtime(manim_python=manim())
    await job.request(runtime, await kept(runtime))

    async def ended() -> bool:
        return (await found(runtime)).render != "queued"

    await eventually(ended, 110)
    assert ((await found(runtime)).render, (await found(runtime)).note) == ("done", "")
    video = await runtime.store.get(AnimationVideo, "a_1")
    assert video is not None
    assert base64.b64decode(video.mp4)[4:8] == b"ftyp"
    assert (video.user_id, video.height) == ("u1", EFFORTS[0].height)


async def test_t51_a_render_that_always_fails_ends_with_picture_and_text(product: Product, tmp_path: Path) -> None:
    python = script(tmp_path / "python", BROKEN)
    runtime = product.runtime(manim_python=python)
    animation = await kept(runtime)
    await job.request(runtime, animation)

    async def ended() -> bool:
        return (await found(runtime)).render == "failed"

    await eventually(ended)
    after = await found(runtime)
    assert (after.note, tries(python)) == ("error", len(EFFORTS))
    assert (after.still, after.text, after.source) == (animation.still, animation.text, animation.source)
    assert await runtime.store.get(AnimationVideo, "a_1") is None


async def test_t51_workers_that_die_on_it_are_not_asked_for_ever(product: Product, tmp_path: Path) -> None:
    python = script(tmp_path / "python", "#!/bin/sh\necho tried >> {log}\nsleep 60\n")
    runtime = product.runtime(manim_python=python)
    await kept(runtime)
    for number in range(1, MOST_STARTS + 1):
        dying = asyncio.create_task(job.run(runtime, wanted()))
        await eventually(lambda number=number: tries(python) == number)  # type: ignore[misc]  # each loop's own number
        dying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dying
    done = await job.run(runtime, wanted())
    await runtime.store.commit(*done.writes)
    assert ((await found(runtime)).render, tries(python)) == ("failed", MOST_STARTS)


async def test_t50_where_it_cannot_be_shut_in_nothing_is_tried_again(product: Product, tmp_path: Path) -> None:
    python = script(tmp_path / "python", UNCONFINED)
    runtime = product.runtime(manim_python=python)
    await kept(runtime)
    done = await job.run(runtime, wanted())
    await runtime.store.commit(*done.writes)
    assert ((await found(runtime)).note, tries(python)) == ("unconfined", 1)


async def test_a_worker_without_manim_says_so(product: Product) -> None:
    runtime = product.runtime()
    await kept(runtime)
    await runtime.store.commit(*(await job.run(runtime, wanted())).writes)
    assert (await found(runtime)).render == "unavailable"


@pytest.mark.parametrize("state", ["done", "failed", "none"])
async def test_a_second_delivery_changes_nothing(product: Product, tmp_path: Path, state: str) -> None:
    python = script(tmp_path / "python", BROKEN)
    runtime = product.runtime(manim_python=python)
    await kept(runtime, render=state)
    assert (await job.run(runtime, wanted())).writes == ()
    assert (await job.run(runtime, wanted(payload={"animation_id": "gone"}))).writes == ()
    assert tries(python) == 0
