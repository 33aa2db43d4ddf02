"""What was said: pages of a conversation, and ratings of its messages. A learner sees only what is theirs."""

from typing import TYPE_CHECKING

from shared.agents import mentor as agent
from shared.agents.mentor import ConversationReply, MessageShown, PageQuery, RateRequest
from shared.documents import Conversation, Turn
from shared.errors import NotFound
from shared.learning.opened import records, trains
from shared.learning.records import Given, joined, joined_turn
from shared.store import Store, Where
from shared.web.context import Call

if TYPE_CHECKING:
    from shared.runtime import Runtime


async def page(store: Store, call: Call, conversation_id: str, query: PageQuery) -> ConversationReply:
    """A page of a conversation, oldest first. Raises NotFound for what is not this learner's (admins see all)."""
    conversation = await store.get(Conversation, conversation_id)
    if conversation is None or not _may_see(call, conversation.user_id):
        raise NotFound("No such conversation.")
    turns = await store.query(
        Turn,
        Where("conversation_id", "==", conversation_id),
        Where("sequence", ">", query.after),
        order="sequence",
        limit=query.limit,
    )
    last = turns[-1].sequence if turns else query.after
    return ConversationReply(
        conversation_id=conversation_id,
        language=conversation.language,
        count=conversation.count,
        summary=conversation.summary,
        messages=[message for turn in turns for message in _messages(turn)],
        next=last if turns and last < conversation.count else None,
    )


async def rate(now: "Runtime", call: Call, body: RateRequest) -> None:
    """Put a rating on a message of the caller's own: feedback like any other, and shown in the conversation.

    Raises NotFound for what is not a message of theirs.
    """
    user_id = call.caller.user_id
    rows = await records(now).of_message(body.message_id)
    turn = None if rows else await now.store.get(Turn, body.message_id)
    about = joined(rows) if rows else None if turn is None else joined_turn(turn)
    if about is None or about.user_id != user_id or about.agent != agent.AGENT:
        raise NotFound("No such message.")
    given = Given({"rating": body.rating, "comment": body.comment}, training_consent=await trains(now, user_id))
    await records(now).give(about, given, now.clock())


async def require_message(store: Store, call: Call, message_id: str) -> None:
    """Raises NotFound unless the message is a finished one of the caller's own."""
    turn = await store.get(Turn, message_id)
    if turn is None or not _may_see(call, turn.user_id):
        raise NotFound("No such message is being written.")


def _may_see(call: Call, owner: str) -> bool:
    return call.caller.role == "admin" or call.caller.user_id == owner


def _messages(turn: Turn) -> tuple[MessageShown, MessageShown]:
    asked = MessageShown(message_id=turn.id, role="learner", text=turn.question, created_at=turn.created_at)
    said = MessageShown(
        message_id=turn.id, role="mentor", text=turn.answer, created_at=turn.created_at, rating=turn.rating
    )
    return asked, said
