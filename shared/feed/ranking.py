"""Items in the order to show them in, each with its place, its score and the reasons for it. Pure and deterministic.

One place (EXPLORE_AT) goes to an item that stands behind the first EXPLORE_FROM and is good enough: without it what nobody has
tried yet is never tried. Which one is drawn from a hash of `seed`, so that a day's feed stays as it is.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from shared.feed.algorithms import ALGORITHMS, USUAL
from shared.feed.diversity import diverse
from shared.feed.scoring import Item, Learner, Scored, score, tags

EXPLORE_AT: Final = 4
EXPLORE_FROM: Final = 10
"""So many are seen anyway."""
GOOD_ENOUGH: Final = 0.5
REASONS: Final = 3
_STRONG: Final = 0.6
"""A feature below this is no reason to show anything."""
_ORDER: Final = ("goal", "fit", "need", "taste", "format", "time", "quality", "popular", "fresh")
"""What makes a reason; of equal shares the earlier is told first."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An item at its place, from 1. `reasons` are names of features, or `explore`; `goal` is the word of its own that a goal met."""

    item: Item
    position: int
    score: float
    reasons: tuple[str, ...]
    goal: str = ""


def rank(
    items: Sequence[Item],
    learner: Learner,
    now: float,
    seed: str,
    without: Collection[str] = frozenset(),
    *,
    algorithm: str | None = None,
) -> list[Placed]:
    """All items but those in `without` (ids: done already), best first. Of two with one id the first counts.

    `algorithm` is a name of ALGORITHMS; any other, and None, is the usual one.
    """
    unique = {item.id: item for item in reversed(items) if item.id not in without}
    way = ALGORITHMS.get(algorithm or USUAL, ALGORITHMS[USUAL])
    order = diverse(score(list(unique.values()), learner, now, way.taste), balance=way.balance)
    explored = _explored(order, learner, seed)
    if explored is not None:
        order.insert(EXPLORE_AT, order.pop(explored))
    return [
        Placed(
            item=found.item,
            position=place + 1,
            score=round(found.score, 4),
            reasons=("explore",) if explored is not None and place == EXPLORE_AT else _reasons(found),
            goal=_goal(found.item, learner),
        )
        for place, found in enumerate(order)
    ]


def _explored(order: Sequence[Scored], learner: Learner, seed: str) -> int | None:
    """Where the item to be tried stands; None where there is none."""
    fitting = [
        place
        for place in range(EXPLORE_FROM, len(order))
        if (order[place].item.quality or 0.0) >= GOOD_ENOUGH
        and order[place].item.id not in learner.recent
        and (not learner.language or order[place].item.language in ("", learner.language))
    ]
    if not fitting:
        return None
    drawn = hashlib.sha256(seed.encode()).digest()
    return fitting[int.from_bytes(drawn[:8], "big") % len(fitting)]


def _reasons(found: Scored) -> tuple[str, ...]:
    strong = [name for name in _ORDER if found.values.get(name, 0.0) >= _STRONG]
    return tuple(sorted(strong, key=lambda name: (-found.shares[name], _ORDER.index(name)))[:REASONS])


def _goal(item: Item, learner: Learner) -> str:
    return next((word for word in (*item.topics, *item.skills) if word.casefold() in learner.goals), "")


def words(items: Sequence[Item]) -> frozenset[str]:
    """What all these items are about."""
    return frozenset[str]().union(*(tags(item) for item in items))
