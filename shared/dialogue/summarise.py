"""Folding a long conversation's old turns into its summary, as background work: asked for here, done here."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.agents import summary as agent
from shared.documents import Conversation, Job, Turn
from shared.errors import Unavailable
from shared.jobs import Done
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
    key = f"{conversation.id}:{conversation.summarised}"
    await runtime.queue.enqueue(KIND, payload, key=key, owner=conversation.user_id)


async def run(runtime: "Runtime", job: Job) -> Done:
    """Do one such job: the summary goes onto the head in one commit with the record that the job is done.

    Running it again changes nothing: a conversation remembers how far it is summarised.
    """
    conversation_id, through = str(job.payload["conversation_id"]), int(job.payload["through"])
    for _ in range(_RACES):
        found = await runtime.store.get_versioned(Conversation, conversation_id)
        if found is None or found[0].summarised >= through:
            return Done({"summarised": found[0].summarised if found else 0})
        conversation, _ = found
        turns = await runtime.store.query(
            Turn,
            Where("conversation_id", "==", conversation_id),
            Where("sequence", ">", conversation.summarised),
            order="sequence",
            limit=min(through - conversation.summarised, _MOST_TURNS),
        )
        text = await _summary(runtime, job, conversation, turns)
        done = turns[-1].sequence if turns else through
        # The model's time is long: the head as it is now is what the summary goes onto.
        found = await runtime.store.get_versioned(Conversation, conversation_id)
        if found is not None and found[0].summarised == conversation.summarised:
            head = found[0].model_copy(update={"summary": text, "summarised": done})
            return Done({"summarised": done}, [Put(head, expect=found[1])])
    raise Unavailable("The conversation kept changing.")


async def _summary(runtime: "Runtime", job: Job, conversation: Conversation, turns: Sequence[Turn]) -> str:
    profile = await runtime.recent.profile(conversation.user_id)
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
