"""Outlines: put in order, checked for order, coverage, level, length, repetition."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.courses.checks import Asked, checks, failed
from shared.courses.outline import (
    Lesson,
    Module,
    Outline,
    circle,
    in_circles,
    lessons,
    misplaced,
    ordered,
    settle,
    unknown,
)

GOALS = ("solve linear equations", "plot functions")


def lesson(name: str, *needs: str, title: str = "", **more: Any) -> Lesson:
    made = {"objectives": ["Explain " + (title or name)], "minutes": 30} | more
    return Lesson(id=name, title=title or f"Title of {name}", prerequisites=list(needs), **made)


def outline(*modules: list[Lesson]) -> Outline:
    made = [Module(title=f"Module {place}", lessons=part) for place, part in enumerate(modules, 1)]
    return Outline(title="Course", summary="About it.", modules=made)


def asked(**changes: Any) -> Asked:
    values: dict[str, Any] = {"goals": (), "level": "beginner", "minutes": None, "language": "en"}
    return Asked(**(values | changes))


def named(found: Outline, name: str, **changes: Any) -> tuple[bool | None, float | None]:
    (check,) = [check for check in checks(found, asked(**changes)) if check.name == name]
    return check.passed, check.measured


def test_lessons_stand_behind_what_they_need_also_across_modules() -> None:
    made = outline([lesson("late", "early")], [lesson("two", "one"), lesson("one"), lesson("early")])
    settled = settle(made)
    assert [module.title for module in settled.modules] == ["Module 2", "Module 1"]
    assert [one.title for one in lessons(settled)] == [
        "Title of one",
        "Title of two",
        "Title of early",
        "Title of late",
    ]
    assert misplaced(settled) == []


def test_ids_are_ours_and_titles_are_understood_as_names() -> None:
    settled = settle(outline([lesson("x"), lesson("x", "title  of X", title="Second")]))
    assert [one.id for one in lessons(settled)] == ["m1l1", "m1l2"]
    assert lessons(settled)[1].prerequisites == ["m1l1"]


def test_what_does_not_exist_is_told_and_left_out() -> None:
    made = outline([lesson("a", "ghost")])
    assert unknown(made) == [("a", "ghost")]
    assert named(made, "order") == (False, 1)
    assert lessons(settle(made))[0].prerequisites == []


def test_a_lesson_that_needs_itself_is_told_and_mended() -> None:
    made = outline([lesson("a", "a")])
    assert misplaced(made) == [("a", "a")]
    assert lessons(settle(made))[0].prerequisites == []


def test_a_circle_loses_its_need_for_what_is_later_and_is_reported() -> None:
    made = outline([lesson("a", "b"), lesson("b", "a")], [lesson("c", "b", "a")])
    settled = settle(made)
    assert [one.prerequisites for one in lessons(settled)] == [[], ["m1l1"], ["m1l1", "m1l2"]]
    assert in_circles(made) == [("Title of a", "Title of b")]
    (order,) = [one for one in checks(settled, asked(), in_circles(made)) if one.name == "order"]
    assert (order.passed, order.measured) == (False, 1)
    assert "'Title of a' and 'Title of b' needed each other" in order.detail


NAMES = "abcdefgh"


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)), min_size=1))
def test_any_order_keeps_all_and_puts_each_behind_what_it_needs_unless_there_is_a_circle(
    needs: dict[str, set[str]],
) -> None:
    found = ordered(needs)
    assert sorted(found) == sorted(needs)
    known = {key: [other for other in needed if other in needs] for key, needed in needs.items()}
    if circle(known):
        assert found == list(needs)
    else:
        assert all(found.index(other) < found.index(key) for key, needed in known.items() for other in needed)


@given(st.lists(st.lists(st.tuples(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3)), min_size=1, max_size=4), min_size=1, max_size=4))  # fmt: skip
def test_settling_twice_changes_nothing_more_and_loses_nothing(parts: list[list[tuple[str, set[str]]]]) -> None:
    made = outline(*([lesson(name, *sorted(needs)) for name, needs in part] for part in parts))
    once = settle(made)
    assert settle(once) == once
    assert sorted(one.title for one in lessons(once)) == sorted(one.title for one in lessons(made))
    assert unknown(once) == []
    assert circle({one.id: one.prerequisites for one in lessons(once)}) == []
    assert in_circles(once) == []


def test_goals_that_no_lesson_speaks_of_are_named() -> None:
    made = outline([lesson("a", title="Solving linear equations")])
    assert named(made, "coverage", goals=GOALS) == (False, 0.5)
    assert "plot functions" in " ".join(failed(checks(made, asked(goals=GOALS))))
    both = outline([lesson("a", title="Solving linear equations"), lesson("b", title="Plotting a function")])
    assert named(both, "coverage", goals=GOALS) == (True, 1.0)


def test_goals_in_another_language_are_not_measured_by_words() -> None:
    made = outline(
        [lesson("a", title="Solving linear equations with one variable", objectives=["Explain what the equation says"])]
    )
    german = ("Löse lineare Gleichungen mit einer Variablen", "Zeichne die Funktionen in ein Koordinatensystem ein")
    assert named(made, "coverage", goals=german) == (None, None)


@pytest.mark.parametrize(
    ("objectives", "level", "passed"),
    [
        (["List the parts", "Explain the parts"], "beginner", True),
        (["List the parts", "Name the parts"], "advanced", False),
        (["Evaluate theories", "Design an experiment"], "beginner", False),
        (["Evaluate theories", "Design an experiment"], "advanced", True),
        (["Know the parts", "Be familiar with it", "Have a feeling for it"], "beginner", False),
    ],
)
def test_the_level_is_held_by_verbs(objectives: list[str], level: str, passed: bool) -> None:
    assert named(outline([lesson("a", objectives=objectives)]), "level", level=level)[0] is passed


@pytest.mark.parametrize(("minutes", "passed"), [(60, True), (72, True), (80, False), (51, True), (49, False)])
def test_the_length_may_be_a_fifth_off(minutes: int, passed: bool) -> None:
    assert named(outline([lesson("a"), lesson("b")]), "length", minutes=minutes)[0] is passed


def test_the_same_lesson_twice_is_found_and_another_level_of_it_is_none() -> None:
    twice = outline([lesson("a", title="Linear equations"), lesson("b", title="Linear equations")])
    assert named(twice, "duplicates") == (False, 1)
    deeper = lesson("b", title="Linear equations", objectives=["Apply linear equations"])
    assert named(outline([lesson("a", title="Linear equations"), deeper]), "duplicates") == (True, 0)


def test_a_course_in_another_language_is_told() -> None:
    made = outline(
        [
            lesson(str(n), objectives=["Explain what the equation says and why both sides are the same"])
            for n in range(4)
        ]
    )
    assert named(made, "language") == (True, 1.0)
    assert named(made, "language", language="ru") == (False, 0.0)
    assert "write every text in Russian" in " ".join(failed(checks(made, asked(language="ru"))))
