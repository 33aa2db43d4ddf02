"""One exchange with the mentor: from the request and what is known of the learner to a gateway call, and to storage."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared import ids
from shared.affect import watch
from shared.agents import mentor as agent
from shared.agents.mentor import ChatRequest
from shared.asking import chosen_for
from shared.dialogue import summarise
from shared.documents import Conversation, Said, Turn
from shared.errors import LyoError, NotFound
from shared.experiments.assign import Chosen
from shared.language.names import direction
from shared.llm.call import Answer, Call, Delta, Keep, keep_nothing
from shared.llm.stop import Stop
from shared.log import event
from shared.log import get as logger
from shared.safety.personal import is_personal
from shared.safety.verdict import ALLOW
from shared.spoken import spoken
from shared.store import Create, Put, Ref, Version, Write
from shared.tutoring import leak
from shared.web.context import Call as WebCall

if TYPE_CHECKING:
    from shared.runtime import Runtime


_log = logger(__name__)
_REQUEST_SECONDS = 1.0
"""How long an answer waits for its conversation's summary to be asked for."""


@dataclass(slots=True)
class Exchange:
    """One question on its way: `question` goes to the gateway, `keep` and `remember` store what came of it."""

    runtime: "Runtime"
    question: Call
    conversation: Conversation
    version: Version | None
    """None: a conversation that begins with this message."""
    now: float
    listening: bool
    """Whether the learner lets their words be read for how they feel."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """The stream's first event."""
        call = self.question
        return {
            "request_id": call.request_id,
            "conversation_id": self.conversation.id,
            "message_id": call.message_id,
            "language": call.language,
            "direction": direction(call.language),
            "notice": call.notice,
        }

    def envelope(self, answer: Answer) -> dict[str, Any]:
        """The reply's fields (`ChatReply`)."""
        return {
            "conversation_id": self.conversation.id,
            "message_id": self.question.message_id,
            "text": answer.text,
            **answer.envelope(self.question),
        }

    def keep(self, answer: Answer) -> Sequence[Write]:
        """The turn and the conversation's head, to be stored with the ledger rows in one commit."""
        head = self._head(self.conversation, answer)
        # Created, not put, also under a name of ours: who is quick can have said more under it already.
        put: Write = Create(head) if self.version is None else Put(head, expect=self.version)
        return (Put(self._turn(answer, head.count)), put)

    async def again(self, answer: Answer) -> Sequence[Write]:
        """The same behind another message of this conversation that was stored first. Raises NotFound."""
        found = await self.runtime.store.get_versioned(Conversation, self.conversation.id)
        if found is None or found[0].user_id != self.question.user_id:
            # Deleted meanwhile, or its self-chosen name was taken by somebody else's first message.
            raise NotFound("No such conversation.")
        self.conversation, self.version = found
        return self.keep(answer)

    async def remember(self, answer: Answer) -> None:
        """After the commit: what was heard in the learner's words, and old turns to be summarised. Never for long: they wait."""
        await self._hear(answer)
        count = self.conversation.count + 1
        if count - self.conversation.summarised >= agent.SUMMARISE_AFTER:
            try:
                async with asyncio.timeout(_REQUEST_SECONDS):
                    await summarise.request(self.runtime, self.conversation, count - agent.SUMMARISE_LEAVE)
            except (LyoError, TimeoutError) as error:
                event(_log, "summary.unrequested", error=type(error).__name__)  # the next message asks again

    async def _hear(self, answer: Answer) -> None:
        """Note signs of frustration, confusion, disengagement or a crisis; without one no store is asked."""
        call = self.question
        verdict = answer.verdict if answer.verdict.action == "support" else ALLOW
        noted = watch.overheard(
            call.question,
            call.language,
            event_id=call.message_id,
            now=self.now,
            allowed=self.listening,
            verdict=verdict,
        )
        if noted is None:
            return
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                await watch.record(self.runtime.store, call.user_id, [noted], self.now)
        except (LyoError, TimeoutError) as error:
            event(_log, "affect.unrecorded", error=type(error).__name__)  # the answer stands, help text included

    async def stream(self, stop: Stop, seal: Keep = keep_nothing) -> AsyncGenerator[Delta | Answer, None]:
        """The gateway's stream, with `remember` done before the Answer is handed on."""
        async with aclosing(self.runtime.gateway.stream(self.question, stop, self.keep, seal, self.again)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    await self.remember(event)
                yield event

    @property
    def _expires_at(self) -> float:
        return self.now + self.runtime.settings.conversation_retention_days * 86_400

    def _turn(self, answer: Answer, sequence: int) -> Turn:
        call = self.question
        return Turn(
            id=call.message_id,
            conversation_id=self.conversation.id,
            user_id=call.user_id,
            sequence=sequence,
            created_at=self.now,
            question=call.question,
            answer=answer.text,
            language=call.language,
            model=answer.model,
            provider=answer.provider,
            finish=answer.finish,
            degraded=answer.degraded,
            variants={assignment.experiment_id: assignment.variant for assignment in call.experiments},
            beside=call.beside,
            expires_at=self._expires_at,
        )

    def _head(self, conversation: Conversation, answer: Answer) -> Conversation:
        call = self.question
        said = Said(
            message_id=call.message_id, question=agent.clipped(call.question), answer=agent.clipped(answer.text)
        )
        return conversation.model_copy(
            update={
                "language": call.language,
                "updated_at": self.now,
                "count": conversation.count + 1,
                "recent": [*conversation.recent, said][-agent.RECENT_EXCHANGES :],
                "expires_at": self._expires_at,
            }
        )


async def begin(runtime: "Runtime", call: WebCall, body: ChatRequest) -> Exchange:
    """Read what the message needs (profile, conversation), choose language and variants, and make the gateway call."""
    user_id, now = call.caller.user_id, runtime.clock()
    name = body.conversation_id
    profile, found = await runtime.recent.profile_and(user_id, None if name is None else Ref(Conversation, name))
    conversation, version = _conversation(found, user_id, name, now)
    live = await runtime.recent.live()

    def chosen(wanted: str) -> Chosen:
        return chosen_for(runtime, live, call, agents=(agent.AGENT,), language=wanted, profile=profile)

    said = await spoken(
        runtime,
        body.message,
        requested=body.language,
        before=conversation.language if version is not None else None,
        profile=profile,
        accept=call.header("accept-language"),
        gates=lambda wanted: chosen(wanted).steering.languages,
    )
    language = said.language
    prompt = agent.prompt(body.message, language, profile, conversation if version is not None else None, said.where)
    steered = chosen(said.wanted)
    question = Call(
        agent=agent.AGENT,
        user_id=user_id,
        request_id=call.request_id,
        message_id=ids.new("m"),
        messages=prompt.messages,
        question=body.message,
        language=language,
        wanted=said.wanted,
        notice=said.notice,
        version=agent.VERSION,
        max_output_tokens=agent.MAX_OUTPUT_TOKENS,
        guard=leak.guard([*(said.question for said in conversation.recent), body.message], language),
        temperature=agent.TEMPERATURE,
        shareable=not prompt.private and not is_personal(body.message),
        time_zone=profile.time_zone if profile else None,
        daily_cost_limit=profile.daily_cost_limit if profile else None,
        experiments=steered.experiments,
        steering=steered.steering,
        beside=steered.beside,
    )
    return Exchange(runtime, question, conversation, version, now, watch.allowed(profile))


def _conversation(
    found: tuple[Conversation, Version] | None, user_id: str, name: str | None, now: float
) -> tuple[Conversation, Version | None]:
    """The one that was found, or a new one. Raises NotFound when it is somebody else's."""
    if found is not None:
        if found[0].user_id != user_id:
            raise NotFound("No such conversation.")
        return found
    return Conversation(id=name or ids.new("c"), user_id=user_id, created_at=now, updated_at=now), None
