"""What the feed's and the feedback's requests cost the shared stores, to the round trip and the document."""

from typing import Any

from functions import feed, feedback
from scripts.benchmarks.inprocess import Heard, ask
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import override
from shared.stored.feed import LearnerFeed
from tests.costs.meter import Cost, Metered, Site


async def costs(one: Metered, path: str, body: Any, expected: Cost, sub: str = "a") -> Heard:
    """Ask, and compare what it cost."""

    async def asked() -> Heard:
        secret = read_or_create_secret(one.runtime.settings.data_dir)
        token = mint(secret, sub, "admin" if sub == "admin" else "learner", 600)
        edge = feedback.edge if path.startswith("/feedback") else feed.edge
        with override(one.runtime):
            return await ask(edge.app, path, token, body)

    answer, cost = await one.of(asked)
    assert answer.status == 200, answer.body
    assert cost == expected, f"{path}: {cost}"
    return answer


def items(n: int) -> list[dict[str, Any]]:
    return [
        {"id": f"i{number}", "title": "T", "format": "text", "language": "en", "minutes": 5, "published_at": number}
        for number in range(n)
    ]


async def test_what_a_feed_costs(site: Site) -> None:
    one = await site.still()
    await one.runtime.store.purge(LearnerFeed)
    ranked = await costs(one, "/feed/rank", {"items": items(200)}, Cost(0, 1, 2))
    await costs(one, "/feed/rank", {"items": items(200)}, Cost(0, 0, 2))
    await costs(one, "/feed/items", {"items": items(30)}, Cost(0, 0, 30), "admin")
    first = await costs(one, "/feed/a?limit=10", None, Cost(1, 31, 0))
    await costs(one, f"/feed/a?cursor={first.json['next']}", None, Cost(1, 0, 0))
    await costs(one, "/feed/a?limit=10", None, Cost(1, 1, 0))
    await costs(one, "/feed/a?limit=50", None, Cost(0, 1, 0))
    await costs(one, "/feed/seen", {"events": [{"item_id": "i1", "event": "completed"}]}, Cost(0, 1, 2))
    # The attempt, what was said before and the day's sums; neither of the last two is there yet.
    rating = {"request_id": ranked.json["request_id"], "rating": 4}
    await costs(one, "/feedback", rating, Cost(0, 3, 3))
    await costs(one, "/feedback", rating | {"rating": 5}, Cost(0, 3, 3))
    await costs(one, "/feedback/mine", None, Cost(0, 1, 0))
    await costs(one, "/feedback/summary", None, Cost(0, 2, 0), "admin")
