"""Conversations over the real gateway and stores: history, races, summaries."""

import asyncio
from typing import Any

import pytest

from shared.agents.mentor import SUMMARISE_AFTER, SUMMARISE_LEAVE, ChatReply, ChatRequest
from shared.dialogue.chat import begin
from shared.documents import Conversation, LiveConfig, Profile, Turn
from shared.identity.caller import Caller
from shared.recent import Recent
from shared.runtime import Runtime
from shared.safety.support import help_text
from shared.store import Put, Ref, Version, Where, Write
from shared.store.sqlite import SQLiteStore
from shared.web.context import Call
from tests.fakes.waiting import eventually
from tests.product import Product


def web_call(user_id: str = "u1", **headers: str) -> Call:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": list(named.items())}
    made = Call(scope, receive, request_id="r1", headers=named, proxies=0)
    made.caller = Caller(user_id=user_id, role="learner", token_id="t", issued_at=0)
    return made


async def say(
    runtime: Runtime, message: str, conversation_id: str | None = None, user_id: str = "u1"
) -> dict[str, Any]:
    turn = await begin(runtime, web_call(user_id), ChatRequest(message=message, conversation_id=conversation_id))
    answer = await runtime.gateway.complete(turn.question, turn.keep, again=turn.again)
    await turn.remember(answer)
    return turn.envelope(answer)


async def turns(runtime: Runtime, conversation_id: str) -> list[Turn]:
    return await runtime.store.query(
        Turn, Where("conversation_id", "==", conversation_id), order="sequence", limit=1000
    )


async def summarised(runtime: Runtime, conversation_id: str) -> bool:
    head = await runtime.store.get(Conversation, conversation_id)
    return head is not None and bool(head.summary)


async def test_the_reply_is_what_the_openapi_document_promises(product: Product) -> None:
    reply = await say(product.runtime(), "What is light?")
    assert ChatReply.model_validate(reply).text == reply["text"]


async def test_what_was_said_is_in_the_next_prompt(product: Product) -> None:
    runtime = product.runtime()
    first = await say(runtime, "What is light?")
    await say(runtime, "And what is sound?", first["conversation_id"])
    sent = product.fake.calls[-1].body["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert "What is light?" in sent[1]["content"]
    assert sent[2]["content"] == first["text"]


async def test_messages_at_once_in_one_conversation_all_stay_in_order(product: Product) -> None:
    runtimes = [product.runtime() for _ in range(2)]
    first = await say(runtimes[0], "Begin")
    name = first["conversation_id"]
    await asyncio.gather(*(say(runtimes[n % 2], f"Message {n}", name) for n in range(10)))
    found = await turns(runtimes[0], name)
    assert [turn.sequence for turn in found] == list(range(1, 12))
    head = await runtimes[0].store.get(Conversation, name)
    assert head is not None
    assert head.count == 11
    assert len(head.recent) == 11


async def test_a_long_conversation_is_summarised_and_stays_bounded(product: Product) -> None:
    runtime = product.runtime()
    name = (await say(runtime, "Question 1"))["conversation_id"]
    for number in range(2, SUMMARISE_AFTER + 2):
        await say(runtime, f"Question {number}", name)
    await eventually(lambda: summarised(runtime, name))
    head = await runtime.store.get(Conversation, name)
    assert head is not None
    assert head.summarised >= SUMMARISE_AFTER - SUMMARISE_LEAVE
    assert head.count == SUMMARISE_AFTER + 1
    await say(runtime, "And now?", name)
    assert "Earlier in this conversation:" in product.fake.calls[-1].body["messages"][0]["content"]


async def test_a_summary_without_any_model_is_made_of_the_learners_own_words(product: Product) -> None:
    runtime = product.runtime({})
    name = (await say(runtime, "Why do leaves fall?"))["conversation_id"]
    for number in range(SUMMARISE_AFTER):
        await say(runtime, f"Question {number}", name)
    await eventually(lambda: summarised(runtime, name))
    head = await runtime.store.get(Conversation, name)
    assert head is not None
    assert "Why do leaves fall?" in head.summary


async def test_the_profile_decides_language_and_cap(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-ok"})
    await runtime.store.commit(Put(Profile(id="u9", language="de", daily_cost_limit=0)))
    reply = await say(runtime, "42?", user_id="u9")
    assert reply["language"] == "de"
    assert (reply["provider"], reply["route"]["attempts"][0]["outcome"]) == ("template", "over_budget")


async def test_a_conversation_is_kept_for_its_days_after_the_last_message(product: Product) -> None:
    runtime = product.runtime(conversation_retention_days=30)
    name = (await say(runtime, "Begin"))["conversation_id"]
    month = 30 * 86_400
    begun = await runtime.store.get(Conversation, name)
    assert begun is not None
    assert begun.expires_at == begun.updated_at + month
    await say(runtime, "Go on", name)
    head = await runtime.store.get(Conversation, name)
    assert head is not None
    assert head.created_at < head.updated_at
    assert head.expires_at == head.updated_at + month, "each message renews it"
    assert [turn.expires_at for turn in await turns(runtime, name)] == [begun.expires_at, head.expires_at]


async def test_profile_and_conversation_are_read_in_one_round_trip(product: Product) -> None:
    runtime = product.runtime()
    name = (await say(runtime, "Begin"))["conversation_id"]
    await runtime.recent.live()
    asked: list[tuple[Ref, ...]] = []

    class Noting(SQLiteStore):
        async def read(self, *refs: Ref) -> list[tuple[Any, Version] | None]:
            asked.append(refs)
            return await super().read(*refs)

    runtime.__dict__["recent"] = Recent(Noting(runtime.database), runtime.clock)
    await begin(runtime, web_call(), ChatRequest(message="Go on", conversation_id=name))
    await begin(runtime, web_call(), ChatRequest(message="Go on", conversation_id=name))
    await begin(runtime, web_call(), ChatRequest(message="Something new"))
    profile, head = Ref(Profile, "u1"), Ref(Conversation, name)
    assert asked == [(profile, head), (head,)], "the profile is known for seconds, and a new conversation needs no look"


async def test_private_words_stay_private_and_plain_questions_are_shared(product: Product) -> None:
    runtime = product.runtime()
    for message, cached in (("What is a noun?", "exact"), ("My name is Ana. What is a verb?", "none")):
        await say(runtime, message, user_id="a")
        assert (await say(runtime, message, user_id="b"))["cache"] == cached


async def test_t07_a_race_lost_at_the_end_leaves_answer_and_turn_together(product: Product) -> None:
    """Another message wins the head while this one is answered: nothing is kept of it unless its turn is."""
    runtime = product.runtime()
    first = await say(runtime, "Begin")
    conversation = first["conversation_id"]
    turn = await begin(runtime, web_call("u1"), ChatRequest(message="Raced", conversation_id=conversation))
    await say(runtime, "In between", conversation)
    commits: list[int] = []
    store = runtime.store

    class Counted:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def commit(self, *writes: Write) -> object:
            left = await store.commit(*writes)
            commits.append(len(writes))
            return left

    runtime.gateway._parts.recording._store = Counted()  # type: ignore[assignment]
    await runtime.gateway.complete(turn.question, turn.keep, again=turn.again)
    assert commits == [4]  # row, event, turn and head, once
    found = await turns(runtime, conversation)
    assert [(one.sequence, one.question) for one in found] == [(1, "Begin"), (2, "In between"), (3, "Raced")]


async def test_a_second_message_that_is_quicker_than_the_first_is_not_written_over(product: Product) -> None:
    runtime = product.runtime()
    slow = await begin(runtime, web_call("u1"), ChatRequest(message="First"))
    quick = ChatRequest(message="Second", conversation_id=slow.conversation.id)
    await say(runtime, quick.message, quick.conversation_id)
    await runtime.gateway.complete(slow.question, slow.keep, again=slow.again)
    head = await runtime.store.get(Conversation, slow.conversation.id)
    assert head is not None
    assert head.count == 2
    assert [said.question for said in head.recent] == ["Second", "First"]
    assert [one.sequence for one in await turns(runtime, slow.conversation.id)] == [1, 2]


@pytest.mark.parametrize("closed", ["gate", "setting"])
async def test_t68_help_is_in_the_learners_own_language_also_where_that_is_switched_off(
    product: Product, closed: str
) -> None:
    runtime = product.runtime({}, ai_enable_multi_language=closed == "gate")
    if closed == "gate":
        await runtime.store.commit(Put(LiveConfig(id="live", languages={"ar": False})))
    reply = await say(runtime, "أريد أن أموت")
    assert reply["safety"]["verdict"] == "support"
    assert reply["text"] == help_text("ar")
    assert reply["language"] == "en"
