"""Feedback that its learner deletes: out of the sums, out of the conversation, and no way to be counted twice."""

from functions import feedback, mentor
from shared.documents import Turn
from tests.functions.inside import Inside
from tests.product import Product


async def counted(inside: Inside) -> tuple[int, int]:
    total = (await inside.good("/feedback/summary", as_="admin"))["total"]
    return total["answers"], total["ratings"]


async def test_who_rates_deletes_and_rates_again_is_counted_once_and_the_conversation_forgets_too(
    product: Product,
) -> None:
    inside = Inside(product.runtime(), mentor.edge, feedback.edge)
    said = await inside.good("/mentor/chat", {"message": "What is light?"})
    for _ in range(3):
        await inside.good("/feedback", {"request_id": said["request_id"], "rating": 1, "comment": "Mine"})
        assert await counted(inside) == (1, 1)
        await inside.ask("/feedback/mine", method="DELETE")
        assert await counted(inside) == (0, 0)
        turn = await inside.runtime.store.get(Turn, said["message_id"])
        assert turn is not None
        assert (turn.rating, turn.comment, turn.rated_at) == (None, None, None)
    page = await inside.good(f"/mentor/conversation/{said['conversation_id']}")
    assert page["messages"][1]["rating"] is None
