"""An order in which what follows differs from what stands before: maximal marginal relevance. Pure.

Carbonell and Goldstein, "The use of MMR, diversity-based reranking for reordering documents and producing summaries", SIGIR 1998:
the next item is the one with the greatest

    BALANCE x score - (1 - BALANCE) x greatest similarity to an item placed before

Similarity is the share of common topics and skills (Jaccard). An item's value only falls as others are placed, so the greedy
order is found lazily and exactly: a value is worked out again only when it is the greatest left (Minoux, "Accelerated greedy
algorithms for maximizing submodular set functions", 1978). Beyond DEPTH places nobody looks: the rest stands by score.
"""

import heapq
from collections.abc import Sequence
from typing import Final

from shared.feed.scoring import Scored

BALANCE: Final = 0.75
DEPTH: Final = 50


def diverse(scored: Sequence[Scored], depth: int = DEPTH, balance: float = BALANCE) -> list[Scored]:
    """The items in their order. Ties stand by id, so the order of the input does not matter. `balance` takes BALANCE's place."""
    by_score = sorted(scored, key=lambda found: (-found.score, found.item.id))
    bits = _bits(by_score)
    # (negative value, id, place in by_score, greatest similarity so far, placed items it was compared with)
    heap = [(-balance * found.score, found.item.id, place, 0.0, 0) for place, found in enumerate(by_score)]
    heapq.heapify(heap)
    placed: list[int] = []
    while heap and len(placed) < depth:
        _, name, place, nearest, compared = heapq.heappop(heap)
        if compared == len(placed):
            placed.append(place)
            continue
        own = bits[place]
        for other in placed[compared:]:
            common = (own & bits[other]).bit_count()
            if common:
                nearest = max(nearest, common / (own | bits[other]).bit_count())
        value = balance * by_score[place].score - (1 - balance) * nearest
        heapq.heappush(heap, (-value, name, place, nearest, len(placed)))
    rest = sorted(place for _, _, place, _, _ in heap)
    return [by_score[place] for place in (*placed, *rest)]


def _bits(scored: Sequence[Scored]) -> list[int]:
    """Each item's tags as bits of a number: comparing two is a few operations on integers."""
    numbers: dict[str, int] = {}
    return [sum(1 << numbers.setdefault(tag, len(numbers)) for tag in found.about) for found in scored]
