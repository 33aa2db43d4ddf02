"""What was said: pages of a conversation, and ratings of its messages. A learner sees only what is theirs."""

from shared.agents.mentor import ConversationReply, MessageShown, PageQuery, RateRequest
from shared.documents import Conversation, Turn
from shared.errors import NotFound, StaleVersion, Unavailable
from shared.store import Put, Store, Where
from shared.web.context import Call

_RACES = 10


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


async def rate(store: Store, call: Call, body: RateRequest, now: float) -> None:
    """Put a rating on a message of the caller's own."""
    for _ in range(_RACES):
        found = await store.get_versioned(Turn, body.message_id)
        if found is None or found[0].user_id != call.caller.user_id:
            raise NotFound("No such message.")
        rated = found[0].model_copy(update={"rating": body.rating, "comment": body.comment, "rated_at": now})
        try:
            await store.commit(Put(rated, expect=found[1]))
        except StaleVersion:
            continue
        return
    raise Unavailable("This message is being rated elsewhere at the same moment.")


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
