"""Figures out of sums, and what a report says of two periods."""

import random

import pytest

from shared.learning.summary import Wanted, compared, figures, gathered, problems
from shared.learning.sums import Sums, cell, changed
from tests.learning.test_sums import feedback

Cells = dict[str, Sums]


def period(
    ratings: list[int], *, model: str = "m1", wrong: int = 0, language: str = "en", cells: Cells | None = None
) -> Cells:
    found: Cells = cells or {}
    for number, rating in enumerate(ratings):
        flags = ["wrong"] if number < wrong else []
        one = feedback(f"{model}{language}{number}", rating=rating, flags=flags, model=model, language=language)
        found = changed(found, None, one)
    return found


def test_figures_say_what_the_sums_hold() -> None:
    cells = period([5, 4, 3, 4], wrong=1)
    (key,) = gathered(cells)
    found = figures(*key, gathered(cells)[key])
    assert (found.agent, found.model, found.language) == ("mentor", "m1", None)
    assert (found.answers, found.ratings, found.rating.value) == (4, 4, 4.0)
    assert found.rating.low < 4 < found.rating.high <= 5  # type: ignore[operator]  # there are ratings
    assert (found.flagged.value, found.flags["wrong"], found.flags["unsafe"]) == (0.25, 1, 0)
    assert (found.attempts, found.failed_attempts, found.latency_ms) == (2.0, 1.0, 250.0)
    assert found.cost_usd == pytest.approx(1e-6)


def test_what_nobody_said_is_null_and_not_zero() -> None:
    found = figures("mentor", "m1", None, {})
    assert (found.answers, found.rating.value, found.flagged.value, found.quality) == (0, None, None, None)


def test_sums_are_gathered_over_languages_or_apart() -> None:
    cells = period([5] * 3, cells=period([1] * 2, language="ar"))
    assert [(key, found["answers"]) for key, found in gathered(cells).items()] == [(("mentor", "m1", None), 5)]
    apart = gathered(cells, Wanted(by_language=True))
    assert [(key[2], found["answers"]) for key, found in apart.items()] == [("ar", 2), ("en", 3)]
    assert gathered(cells, Wanted(agent="feed")) == {}
    assert [found["answers"] for found in gathered(cells, Wanted(language="ar")).values()] == [2]
    assert cell(feedback("a", language="")) == "mentor|m1|", "a row from before languages were kept has a place too"


def test_a_report_tells_better_worse_unchanged_and_too_little() -> None:
    before = period([2, 3] * 20, model="rises", cells=period([5, 4] * 20, model="falls", cells=period([3, 4] * 20)))
    before = period([3] * 9, model="rare", cells=before)
    after = period([5, 4] * 20, model="rises", cells=period([2, 3] * 20, model="falls", cells=period([4, 3] * 20)))
    after = period([5] * 9, model="rare", cells=after)
    found = compared(before, after)
    rated = {change.model: change.verdict for change in found.changes if change.metric == "rating"}
    assert rated == {
        "rises": "better", "falls": "worse", "m1": "no measurable change", "rare": "too little feedback"
    }  # fmt: skip
    assert "mentor by rises is better" in found.verdict
    assert "falls is worse" in found.verdict
    assert found.each == pytest.approx(1 - 0.05 / 6), "three models with two figures each"


def test_more_flags_are_worse() -> None:
    found = compared(period([3] * 60, wrong=2), period([3] * 60, wrong=30))
    assert [(change.metric, change.verdict) for change in found.changes] == [
        ("rating", "no measurable change"), ("flagged", "worse")
    ]  # fmt: skip


def test_nothing_at_all_is_too_little() -> None:
    assert compared({}, {}).verdict == "Too little feedback in one of the two periods to say anything."
    assert compared({}, period([5] * 40)).verdict.startswith("Too little")


def test_chance_is_not_told_as_change_where_many_are_compared() -> None:
    """Twenty models that do not change, twenty times: a report cries wolf once or so."""
    chance = random.Random(3)
    told = 0
    for _ in range(20):
        before: Cells = {}
        after: Cells = {}
        for model in range(20):
            before = period(chance.choices((1, 2, 3, 4, 5), k=15), model=f"m{model}", cells=before)
            after = period(chance.choices((1, 2, 3, 4, 5), k=15), model=f"m{model}", cells=after)
        told += compared(before, after).verdict != "No measurable change."
    assert told <= 3


def test_problems_are_what_is_flagged_for_sure_not_what_was_flagged_once() -> None:
    cells = period([1], model="once", wrong=1, cells=period([3] * 100, model="often", wrong=40))
    assert [problem.model for problem in problems(cells)] == ["often", "once"]
    assert problems(period([5] * 10)) == []
