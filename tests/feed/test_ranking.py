"""The order of a feed: what is in a score, that neighbours differ, what is tried, what is said about it."""

import random
from itertools import combinations

import pytest

from shared.feed import diversity, phrases
from shared.feed.diversity import BALANCE, diverse
from shared.feed.ranking import EXPLORE_AT, Placed, rank
from shared.feed.scoring import HALF_LIFE_DAYS, SUCCESS, WEIGHTS, Item, Learner, Scored, fit, score, success, tags
from shared.language.names import CODES

NOW = 1_800_000_000.0
DAY = 86_400.0


def items(n: int, seed: int = 1) -> list[Item]:
    chance = random.Random(seed)
    words = [f"topic{number}" for number in range(25)]
    return [
        Item(
            id=f"i{number:03}",
            title=f"Item {number}",
            topics=tuple(chance.sample(words, chance.randint(1, 4))),
            skills=(f"skill{chance.randint(0, 9)}",),
            difficulty=chance.random(),
            format=chance.choice(["text", "video", "quiz"]),
            language=chance.choice(["en", "en", "es"]),
            minutes=chance.choice([5.0, 15.0, 60.0]),
            published_at=NOW - chance.randint(0, 400) * DAY,
            quality=chance.random(),
            popularity=chance.randint(0, 10_000),
        )
        for number in range(n)
    ]


def alone(item: Item, learner: Learner | None = None) -> Scored:
    return score([item], learner or Learner(), NOW)[0]


def test_a_score_is_the_weighted_mean_of_what_is_known() -> None:
    learner = Learner(goals=frozenset({"algebra"}), level=0.6, formats=frozenset({"video"}), language="en", minutes=20)
    for found in score(items(50), learner, NOW):
        whole = sum(WEIGHTS[name] for name in found.values)
        expected = sum(WEIGHTS[name] * value for name, value in found.values.items()) / whole
        assert found.score == pytest.approx(expected * (0.3 if found.item.language != "en" else 1.0))
        assert all(0 <= value <= 1 for value in found.values.values())
        assert 0 <= found.score <= 1


def test_items_at_the_learners_level_fit_best() -> None:
    low, high = SUCCESS
    assert fit(low) == fit(high) == fit(0.8) == 1.0
    assert fit(0.99) < fit(0.9) < 1.0
    assert fit(0.3) < fit(0.6) < 1.0
    assert success(0.5, 0.5) == pytest.approx(0.5)
    chosen = max((number / 100 for number in range(101)), key=lambda hard: fit(success(0.6, hard)))
    assert low <= success(0.6, chosen) <= high
    assert chosen < 0.6, "a little easier than the ability: success is the rule, not even odds"


def test_mastery_of_an_items_own_skills_counts_before_the_general_level() -> None:
    item = Item(id="a", skills=("Fractions",), difficulty=0.5)
    weak, strong = Learner(mastery={"fractions": 0.1}, level=0.7), Learner(mastery={"fractions": 0.7}, level=0.1)
    assert alone(item, strong).values["fit"] > alone(item, weak).values["fit"]
    assert alone(item, weak).values["need"] > alone(item, strong).values["need"]


def test_news_fade_by_half_in_their_half_life() -> None:
    for halves in (0, 1, 2):
        item = Item(id="a", published_at=NOW - halves * HALF_LIFE_DAYS * DAY)
        assert alone(item).values["fresh"] == pytest.approx(0.5**halves)
    assert alone(Item(id="a", published_at=NOW + 5 * DAY)).values["fresh"] == 1.0, "the future is no newer than now"


def test_what_takes_longer_than_there_is_time_counts_less() -> None:
    values = [alone(Item(id="a", minutes=minutes), Learner(minutes=15)).values["time"] for minutes in (10, 15, 30, 60)]
    assert values == [1.0, 1.0, 0.25, 0.0625]


def naive(scored: list[Scored], depth: int) -> list[str]:
    """MMR by its definition, everything worked out anew for each place."""
    left = sorted(scored, key=lambda found: (-found.score, found.item.id))
    placed: list[Scored] = []
    while left and len(placed) < depth:

        def value(found: Scored) -> float:
            own = tags(found.item)
            near = max((len(own & tags(p.item)) / (len(own | tags(p.item)) or 1) for p in placed), default=0.0)
            return BALANCE * found.score - (1 - BALANCE) * near

        best = min(left, key=lambda found: (-value(found), found.item.id))
        left.remove(best)
        placed.append(best)
    return [found.item.id for found in (*placed, *left)]


@pytest.mark.parametrize("seed", range(5))
def test_the_lazy_order_is_the_greedy_order(seed: int) -> None:
    scored = score(items(90, seed), Learner(), NOW)
    assert [found.item.id for found in diverse(scored)] == naive(scored, diversity.DEPTH)


@pytest.mark.parametrize("seed", range(5))
def test_the_first_places_are_less_alike_than_by_score_alone(seed: int) -> None:
    def likeness(order: list[Scored]) -> float:
        pairs = combinations([tags(found.item) for found in order[:10]], 2)
        return sum(len(a & b) / len(a | b) for a, b in pairs)

    scored = score(items(200, seed), Learner(), NOW)
    assert likeness(diverse(scored)) < likeness(sorted(scored, key=lambda found: -found.score))


def test_five_versions_of_the_best_item_do_not_fill_the_top() -> None:
    same = [Item(id=f"a{number}", topics=("light",), quality=1.0) for number in range(5)]
    other = [Item(id=f"b{number}", topics=(f"t{number}",), quality=0.8) for number in range(4)]
    top = [placed.item.id[0] for placed in rank([*same, *other], Learner(), NOW, "s")][:4]
    assert top.count("a") == 1


def test_the_order_does_not_depend_on_the_order_of_the_items() -> None:
    found = items(200)
    learner = Learner(goals=frozenset({"topic3"}), language="en")
    expected = rank(found, learner, NOW, "u1:2026-11-21")
    random.Random(9).shuffle(found)
    assert rank(found, learner, NOW, "u1:2026-11-21") == expected
    ties = [Item(id=name) for name in ("c", "a", "b")]
    assert [placed.item.id for placed in rank(ties, Learner(), NOW, "s")] == ["a", "b", "c"]


def test_positions_count_through_and_done_items_are_left_out() -> None:
    found = items(30)
    order = rank(found, Learner(), NOW, "s", without={"i000", "i001"})
    assert [placed.position for placed in order] == list(range(1, 29))
    assert {placed.item.id for placed in order} == {item.id for item in found} - {"i000", "i001"}
    twice = [Item(id="a", title="first"), Item(id="a", title="second")]
    assert [placed.item.title for placed in rank(twice, Learner(), NOW, "s")] == ["first"]
    assert rank([], Learner(), NOW, "s") == []


def test_one_place_tries_something_else_each_day() -> None:
    found = items(200)
    learner = Learner(goals=frozenset({"topic3"}), language="en", recent=frozenset({"i005"}))
    drawn = set()
    for day in range(30):
        order = rank(found, learner, NOW, f"u1:{day}")
        (tried,) = [placed for placed in order if placed.reasons == ("explore",)]
        assert tried.position == EXPLORE_AT + 1
        assert (tried.item.quality or 0) >= 0.5
        assert tried.item.language == "en"
        drawn.add(tried.item.id)
    assert len(drawn) > 10
    few = rank(found[:10], learner, NOW, "u1:1")
    assert all(placed.reasons != ("explore",) for placed in few), "among so few everything is seen anyway"


def test_reasons_are_the_strongest_parts_of_the_score() -> None:
    learner = Learner(goals=frozenset({"light"}), level=0.6, minutes=20)
    fitting = Item(id="a", topics=("Light",), difficulty=0.37, minutes=10, quality=0.2)
    (placed,) = rank([fitting], learner, NOW, "s")
    assert (placed.reasons, placed.goal) == (("goal", "fit", "time"), "Light")
    (placed,) = rank([Item(id="a", quality=0.1)], Learner(), NOW, "s")
    assert placed.reasons == (), "nothing speaks for it, so nothing is said"


@pytest.mark.parametrize("language", CODES)
def test_every_reason_is_said_in_every_language(language: str) -> None:
    item = Item(id="a", minutes=12.4, topics=("{braces}",))
    said = phrases.reasons(Placed(item, 1, 0.5, phrases.KEYS, goal="{braces}"), language)
    assert len(set(said)) == len(phrases.KEYS)
    assert "{braces}" in said[0]
    assert "12" in said[phrases.KEYS.index("time")]
    assert not any("{what}" in text or "{minutes}" in text for text in said)
    if language != "en":
        assert not set(said) & set(phrases.reasons(Placed(item, 1, 0.5, phrases.KEYS, goal="x"), "en"))


def test_a_latin_word_inside_arabic_is_isolated() -> None:
    placed = Placed(Item(id="a", topics=("C++",)), 1, 0.5, ("goal",), goal="C++")
    assert phrases.reasons(placed, "ar") == ["يناسب هدفك: \u2068C++\u2069"]
