"""Feeds in another order: each way does what it says, on the same items."""

from itertools import combinations

from shared.feed.algorithms import ALGORITHMS, USUAL
from shared.feed.ranking import rank
from shared.feed.scoring import WEIGHTS, Item, Learner, success

NOW = 1_800_000_000.0
ITEMS = [
    Item(
        id=f"i{n:02}", topics=(f"t{n % 7}",), skills=(f"s{n % 5}",), difficulty=n % 20 / 20, format="text", language="en",
        minutes=10, published_at=NOW - 86_400 * (n * 37 % 120), quality=0.4 + n % 6 / 10, popularity=n * 53 % 97,
    )
    for n in range(60)
]  # fmt: skip
LEARNER = Learner(
    goals=frozenset({"t3", "s1"}), level=0.5, taste=frozenset({"t1"}), language="en",
    recent=frozenset(f"i{n:02}" for n in range(0, 60, 3)),
)  # fmt: skip


def order(algorithm: str | None, learner: Learner = LEARNER) -> list[Item]:
    return [found.item for found in rank(ITEMS, learner, NOW, "seed", algorithm=algorithm)]


def first(algorithm: str, count: int = 12) -> list[Item]:
    return order(algorithm)[:count]


def test_the_usual_way_and_an_unknown_one_are_how_it_is() -> None:
    assert order(None) == order(USUAL) == order("gone since") == [p.item for p in rank(ITEMS, LEARNER, NOW, "seed")]
    assert ALGORITHMS[USUAL].taste.weights == WEIGHTS


def test_every_two_ways_differ_on_the_first_page() -> None:
    for one, other in combinations(ALGORITHMS, 2):
        assert first(one) != first(other), (one, other)


def test_each_way_brings_what_it_is_for() -> None:
    def met(items: list[Item]) -> int:
        return sum(len({*item.topics, *item.skills} & LEARNER.goals) for item in items)

    def expected(items: list[Item]) -> float:
        return sum(success(0.5, item.difficulty or 0) for item in items) / len(items)

    def unseen(items: list[Item]) -> int:
        return sum(item.id not in LEARNER.recent for item in items)

    def age(items: list[Item]) -> float:
        return sum(NOW - (item.published_at or 0) for item in items)

    assert met(first("goals_first")) > met(first(USUAL))
    assert expected(first("challenge")) < expected(first(USUAL)) - 0.05
    assert unseen(first("explore")) >= unseen(first(USUAL))
    assert age(first("explore")) < age(first(USUAL))


def test_no_way_loses_or_doubles_an_item() -> None:
    for name in ALGORITHMS:
        assert sorted(item.id for item in order(name)) == [item.id for item in ITEMS]
