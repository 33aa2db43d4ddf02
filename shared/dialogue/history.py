"""What was said: pages of a conversation, and ratings of its messages. A learner sees only what is theirs."""

from shared.agents.mentor import ConversationReply, MessageShown, RateRequest
from shared.documents import Conversation, Turn
from shared.errors import InvalidRequest, NotFound, StaleVersion, Unavailable
from shared.store import Put, Store, Where
from shared.web.context import Call

_PAGE = 50
_PAGE_LIMIT = 100
_RACES = 10


async def page(store: Store, call: Call, conversation_id: str) -> ConversationReply:
    """A page of a conversation, oldest first. Raises NotFound for what is not this learner's (admins see all)."""
    after = _number(call, "after", 0, 0, 1_000_000_000)
    limit = _number(call, "limit", _PAGE, 1, _PAGE_LIMIT)
    conversation = await store.get(Conversation, conversation_id)
    if conversation is None or not _may_see(call, conversation.user_id):
        raise NotFound("No such conversation.")
    turns = await store.query(
        Turn,
        Where("conversation_id", "==", conversation_id),
        Where("sequence", ">", after),
        order="sequence",
        limit=limit,
    )
    last = turns[-1].sequence if turns else after
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


def _number(call: Call, name: str, default: int, least: int, most: int) -> int:
    raw = call.request.query_params.get(name)
    if raw is None:
        return default
    if len(raw) > 10 or not raw.isascii() or not raw.isdigit() or not least <= int(raw) <= most:
        raise InvalidRequest(f"{name}: a whole number from {least} to {most}", fields=[(name, "out of range")])
    return int(raw)
