"""Folding a long conversation's old turns into its summary, as background work: asked for here, done here."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shared.agents import summary as agent
from shared.documents import Conversation, Job, Turn
from shared.errors import StaleVersion, Unavailable
from shared.llm.call import Call
from shared.store import Put, Where

if TYPE_CHECKING:
    from shared.runtime import Runtime

KIND = "summarise_conversation"
_RACES = 20
_MOST_TURNS = 50


async def request(runtime: "Runtime", conversation: Conversation, through: int) -> None:
    """Have everything up to turn `through` summarised soon; while that is under way, asking again adds nothing."""
    payload = {"conversation_id": conversation.id, "through": through}
    await runtime.queue.enqueue(KIND, payload, key=f"{conversation.id}:{conversation.summarised}")
    runtime.runner.start()


async def run(runtime: "Runtime", job: Job) -> Mapping[str, Any]:
    """Do one such job. Running it again changes nothing: a conversation remembers how far it is summarised."""
    conversation_id, through = str(job.payload["conversation_id"]), int(job.payload["through"])
    for race in range(_RACES):
        found = await runtime.store.get_versioned(Conversation, conversation_id)
        if found is None or found[0].summarised >= through:
            return {"summarised": found[0].summarised if found else 0}
        conversation, version = found
        turns = await runtime.store.query(
            Turn,
            Where("conversation_id", "==", conversation_id),
            Where("sequence", ">", conversation.summarised),
            order="sequence",
            limit=min(through - conversation.summarised, _MOST_TURNS),
        )
        text = await _summary(runtime, job, conversation, turns)
        done = turns[-1].sequence if turns else through
        if await _store(runtime, conversation, version, text, done):
            return {"summarised": done}
        await asyncio.sleep(random.uniform(0, 0.02 * (race + 1)))
    raise Unavailable("The conversation kept changing.")


async def _summary(runtime: "Runtime", job: Job, conversation: Conversation, turns: Sequence[Turn]) -> str:
    profile = await runtime.profile(conversation.user_id)
    call = Call(
        agent=agent.AGENT,
        user_id=conversation.user_id,
        request_id=job.id,
        message_id=f"s_{job.id}_{job.attempts}_{random.getrandbits(32):08x}",
        messages=agent.prompt(conversation.summary, turns, conversation.language),
        question="",
        language=conversation.language,
        version=agent.VERSION,
        max_output_tokens=agent.MAX_OUTPUT_TOKENS,
        temperature=0.2,
        cacheable=False,
        time_zone=profile.time_zone if profile else None,
        daily_cost_limit=profile.daily_cost_limit if profile else None,
    )
    answer = await runtime.gateway.complete(call)
    return agent.extract(conversation.summary, turns) if answer.degraded else answer.text[: agent.LONGEST]


async def _store(runtime: "Runtime", conversation: Conversation, version: object, text: str, done: int) -> bool:
    """Put the summary on the head; the model's time is long, so a changed head is re-read once before giving up."""
    for _ in range(2):
        try:
            update = {"summary": text, "summarised": done}
            await runtime.store.commit(Put(conversation.model_copy(update=update), expect=version))
        except StaleVersion:
            found = await runtime.store.get_versioned(Conversation, conversation.id)
            if found is None or found[0].summarised != conversation.summarised:
                return False
            conversation, version = found
        else:
            return True
    return False
