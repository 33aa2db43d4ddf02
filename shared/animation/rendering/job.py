"""Making an animation's video, as background work: asked for here, done here. It ends after a fixed number of tries (T51)."""

import base64
import logging
from typing import TYPE_CHECKING

from shared import log
from shared.animation.rendering import EFFORTS, MOST_STARTS
from shared.animation.rendering.process import RenderFailed, render
from shared.documents import Job
from shared.jobs import Done
from shared.store import Put, Version
from shared.stored.animations import Animation, AnimationVideo, RenderState

if TYPE_CHECKING:
    from shared.runtime import Runtime

KIND = "render_animation"

_log = log.get(__name__)


async def request(runtime: "Runtime", animation: Animation) -> None:
    """Have it rendered soon; while that is under way, asking again adds nothing."""
    await runtime.queue.enqueue(KIND, {"animation_id": animation.id}, key=animation.id, owner=animation.user_id)


async def run(runtime: "Runtime", job: Job) -> Done:
    """Do one such job: the video and the word that it is there, or that there is none, in one commit with the job's end.

    That a try begins is written before it, so that an animation whose rendering kills its worker is given up as well.
    """
    found = await runtime.store.get_versioned(Animation, str(job.payload["animation_id"]))
    if found is None or found[0].render != "queued":
        return Done()
    animation, version = found
    if animation.tries >= MOST_STARTS:
        return _ended(animation, version, "failed", "error")
    animation = animation.model_copy(update={"tries": animation.tries + 1})
    (version,) = await runtime.store.commit(Put(animation, expect=version))
    if (python := runtime.settings.manim_python) is None:
        return _ended(animation, version, "unavailable", "")
    reason = "error"
    for effort in EFFORTS:
        try:
            mp4 = await render(python, animation.source, effort)
        except RenderFailed as failed:
            reason = failed.reason
            log.event(_log, "animation.unrendered", level=logging.WARNING, reason=reason, told=failed.told[-800:])
            if reason == "unconfined":
                break  # no other effort changes that
            continue
        video = AnimationVideo(
            id=animation.id,
            user_id=animation.user_id,
            created_at=runtime.clock(),
            height=effort.height,
            mp4=base64.b64encode(mp4).decode(),
            expires_at=animation.expires_at,
        )
        done = animation.model_copy(update={"render": "done", "note": ""})
        return Done({"bytes": len(mp4), "height": effort.height}, [Put(video), Put(done, expect=version)])
    return _ended(animation, version, "failed", reason)


def _ended(animation: Animation, version: Version, state: RenderState, note: str) -> Done:
    ended = animation.model_copy(update={"render": state, "note": note})
    return Done({"render": state, "note": note}, [Put(ended, expect=version)])
