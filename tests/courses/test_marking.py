"""Marking over a real store: answers at once, a wrong one sent again, somebody else's lesson."""

import asyncio

import pytest

from shared.courses.marking import TRIES, mark
from shared.errors import InvalidRequest, NotFound
from shared.store import Create, Store
from shared.stored.lessons import KeptQuestion, Lesson
from tests.product import Product


async def stored(product: Product) -> Store:
    store = product.runtime({}).store
    questions = [
        KeptQuestion(id="q1", kind="number", prompt="?", number=4, tolerance=0, explanation="e"),
        KeptQuestion(id="q2", kind="choice", prompt="?", options=["One", "Two"], right=1),
        KeptQuestion(id="inf", kind="number", prompt="?", number=float("inf"), tolerance=float("inf")),
    ]
    await store.commit(
        Create(Lesson(id="l1", user_id="u1", title="t", language="en", created_at=0, questions=questions))
    )
    return store


async def test_answers_at_the_same_time_are_all_remembered(product: Product) -> None:
    store = await stored(product)
    await asyncio.gather(
        *(mark(store, "u1", "l1", "q1", text) for text in ("1", "2")),
        mark(store, "u1", "l1", "q2", "b"),
    )
    last = await mark(store, "u1", "l1", "q1", "1")
    assert (last.tries_left, last.solved, last.revealed) == (TRIES - 2, 1, False)
    assert sorted(last.lesson.wrong["q1"]) == ["1", "2"]


async def test_right_after_wrong_is_solved_once(product: Product) -> None:
    store = await stored(product)
    for text in ("5", "4", "4"):
        last = await mark(store, "u1", "l1", "q1", text)
    assert (last.correct, last.solved, last.revealed) == (True, 1, True)


async def test_what_is_none_of_the_options_is_told_and_is_no_try(product: Product) -> None:
    store = await stored(product)
    for text in ("Three", "c", "?"):
        with pytest.raises(InvalidRequest) as told:
            await mark(store, "u1", "l1", "q2", text)
        assert [name for name, _ in told.value.fields] == ["answer"]
    assert (await mark(store, "u1", "l1", "q2", "a")).tries_left == TRIES - 1


async def test_a_wrong_answer_after_the_right_one_costs_nothing_and_is_explained(product: Product) -> None:
    store = await stored(product)
    await mark(store, "u1", "l1", "q1", "4")
    last = await mark(store, "u1", "l1", "q1", "5")
    assert (last.correct, last.before, last.revealed, last.tries_left, last.solved) == (False, True, True, TRIES, 1)


async def test_a_question_whose_number_is_not_finite_does_not_keep_others_from_being_graded(product: Product) -> None:
    store = await stored(product)
    assert (await mark(store, "u1", "l1", "q1", "4")).correct
    assert not (await mark(store, "u1", "l1", "inf", "4")).correct


@pytest.mark.parametrize(("user", "lesson", "question"), [("u2", "l1", "q1"), ("u1", "l2", "q1"), ("u1", "l1", "q3")])
async def test_what_is_not_ones_own_is_not_there(product: Product, user: str, lesson: str, question: str) -> None:
    store = await stored(product)
    with pytest.raises(NotFound):
        await mark(store, user, lesson, question, "4")
