"""One animation that was asked for: what is kept of it, what is shown, and its video where one is wanted and can be made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shared import ids
from shared.agents import animation as agent
from shared.agents.task import Task
from shared.animation.rendering import job
from shared.asking import chosen_for
from shared.errors import NotFound, StoreError, Unavailable
from shared.llm import steered
from shared.llm.call import Answer
from shared.optimization.levels import base_of, knobs
from shared.store import Put, Write
from shared.stored.animations import Animation, AnimationVideo
from shared.web.context import Call as WebCall

if TYPE_CHECKING:
    from shared.runtime import Runtime

LOST_SECONDS = 60.0
"""An animation whose video is still awaited after so long has it asked for again: adding nothing where that is under way."""


class Order:
    """One request for an animation."""

    def __init__(self, now: "Runtime", call: WebCall, body: agent.AnimationRequest, language: str) -> None:
        self._now = now
        self._call = call
        self._user_id = call.caller.user_id
        self._body = body
        self._language = language
        self._name = ids.new("a")
        self._made: Animation | None = None

    async def task(self) -> Task:
        """What a model is asked."""
        now = self._now
        live, profile = await now.recent.live(), await now.recent.profile(self._user_id)
        chosen = chosen_for(now, live, self._call, agents=(agent.AGENT,), language=self._language, profile=profile)
        held = knobs(base_of(now.settings), (steered.settings(live), *chosen.steering.places))
        return agent.task(self._body, self._language, threshold=held.complexity_threshold)

    def keep(self, answer: Answer) -> Sequence[Write]:
        """What is stored with the answer's ledger rows."""
        made = self._animation(answer)
        return () if made is None else (Put(made),)

    def show(self, answer: Answer) -> dict[str, Any]:
        """The agent's own fields of the reply."""
        made = self._animation(answer)
        return agent.nothing(answer.text) if made is None else agent.shown(made)

    async def begin_video(self) -> None:
        """Have the video made, where one is wanted. What the queue does not take now is asked for when somebody looks."""
        if self._made is not None and self._made.render == "queued":
            await _ask(self._now, self._made)

    def _animation(self, answer: Answer) -> Animation | None:
        """None where safety spoke instead of a scene."""
        if self._made is None and answer.verdict.action == "allow":
            settings, now = self._now.settings, self._now.clock()
            made = agent.make(
                answer,
                self._body,
                self._language,
                name=self._name,
                user_id=self._user_id,
                now=now,
                measured=settings.quality_assessment_enabled,
            )
            made.expires_at = now + settings.conversation_retention_days * 86_400
            if self._body.render:
                made.render = "unavailable" if settings.manim_python is None else "queued"
            self._made = made
        return self._made


async def find(now: "Runtime", call: WebCall, name: str) -> Animation:
    """An animation of the caller's own (admins see all). Raises NotFound."""
    found = await now.store.get(Animation, name)
    if found is None or not _may_see(call, found.user_id):
        raise NotFound("No such animation.")
    if found.render == "queued" and now.clock() - found.created_at > LOST_SECONDS:
        await _ask(now, found)
    return found


async def video(now: "Runtime", call: WebCall, name: str) -> AnimationVideo:
    """An animation's video. Raises NotFound where there is none (yet), or it is somebody else's."""
    found = await now.store.get(AnimationVideo, name)
    if found is None or not _may_see(call, found.user_id):
        raise NotFound("No such video.")
    return found


async def _ask(now: "Runtime", animation: Animation) -> None:
    try:
        await job.request(now, animation)
    except (Unavailable, StoreError):
        return  # `find` asks again


def _may_see(call: WebCall, owner: str) -> bool:
    return call.caller.role == "admin" or call.caller.user_id == owner
