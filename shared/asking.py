"""An agent's question on its way: from a request and a Task to the gateway, and back to a reply under its caller's key.

who = await asker(now, call, body.language, body.topic)
return await respond(now, call, agent.task(body, who.language), who, show=agent.show)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from shared import ids
from shared.agents.task import Task
from shared.documents import LiveConfig, Profile
from shared.experiments.assign import Chosen, choose
from shared.experiments.context import PLATFORM_HEADER, Context, level_of, platform_of
from shared.language.culture import Locale, cultural_line, language_line
from shared.llm.call import Answer, Call, Keep, keep_nothing
from shared.llm.types import Message
from shared.spoken import spoken
from shared.web.context import Call as WebCall
from shared.web.replies import json_reply

if TYPE_CHECKING:
    from shared.runtime import Runtime

Show = Callable[[Answer], Mapping[str, Any]]
"""The agent's own fields of a reply. Where `answer.verdict` is not `allow` the text is help or a refusal, not JSON."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is to be answered, and how. `notice` tells them where it is not the language they `wanted`."""

    language: str
    where: Locale
    wanted: str
    notice: str
    profile: Profile | None


async def asker(now: "Runtime", call: WebCall, requested: str | None, text: str) -> Asker:
    """The caller, and the language and region to answer `text` in; `requested` is the language the request names."""
    profile = await now.recent.profile(call.caller.user_id)
    accept = call.header("accept-language")
    live = await now.recent.live()

    def gates(wanted: str) -> Mapping[str, bool]:
        # Which agent is asked is not known here: experiments that are about one of them open no language.
        return chosen_for(now, live, call, agents=(), language=wanted, profile=profile).steering.languages

    said = await spoken(now, text, requested=requested, profile=profile, accept=accept, gates=gates)
    return Asker(said.language, said.where, said.wanted, said.notice, profile)


async def respond(
    now: "Runtime",
    call: WebCall,
    task: Task,
    who: Asker,
    *,
    show: Show,
    keep: Keep = keep_nothing,
) -> Response:
    """Have the task done by a model, or by its floor: what `show` makes of the answer, and the envelope; the same under the same key.

    What `keep` returns is stored with the ledger rows, in one commit. Raises NoAnswer, Overloaded, Superseded and what the
    store raises.
    """
    question = await _question(now, call, task, who)
    made: list[dict[str, Any]] = []

    def whole(answer: Answer) -> dict[str, Any]:
        if not made:  # sealing and replying show the same answer, and showing may cost milliseconds
            made.append({**show(answer), **answer.envelope(question)})
        return made[0]

    seal = keep_nothing if call.ticket is None else call.ticket.seal_reply(whole)
    return json_reply(whole(await now.gateway.complete(question, keep, seal)))


def chosen_for(
    now: "Runtime",
    live: LiveConfig,
    call: WebCall,
    *,
    agents: tuple[str, ...],
    language: str,
    profile: Profile | None,
    unit: str | None = None,
) -> Chosen:
    """The variants that the caller, or another `unit`, gets of these agents, and what they come to.

    `language` is the one that the learner wants: which they get may be what a variant changes.
    """

    def context() -> Context:
        return Context(language, platform_of(call.header(PLATFORM_HEADER)), level_of(profile), agents)

    return choose(live, unit or call.caller.user_id, context, testing=now.settings.ab_testing_enabled)


async def _question(now: "Runtime", call: WebCall, task: Task, who: Asker) -> Call:
    user_id, profile = call.caller.user_id, who.profile
    live = await now.recent.live()
    chosen = chosen_for(now, live, call, agents=(task.agent,), language=who.wanted, profile=profile)
    return Call(
        agent=task.agent,
        user_id=user_id,
        request_id=call.request_id,
        message_id=ids.new("m"),
        messages=_at_home(task.messages, who.where),
        question=task.question,
        language=who.language,
        wanted=who.wanted,
        notice=who.notice,
        version=task.version,
        max_output_tokens=task.max_output_tokens,
        temperature=task.temperature,
        schema=task.schema,
        check=task.check,
        floor=task.floor,
        documents=task.documents,
        prefer_model=task.prefer_model,
        shareable=task.shareable,
        time_zone=profile.time_zone if profile else None,
        daily_cost_limit=profile.daily_cost_limit if profile else None,
        experiments=chosen.experiments,
        steering=chosen.steering,
        beside=chosen.beside,
    )


def _at_home(messages: tuple[Message, ...], where: Locale) -> tuple[Message, ...]:
    """The prompt with what the learner's language and region ask of every agent, at the end of its first message."""
    first, *rest = messages
    said = f"{first.content}\n\n{language_line(where)} {cultural_line(where)}"
    return (Message(first.role, said), *rest)
