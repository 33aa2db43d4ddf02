"""What every document store answers, and which questions it refuses."""

import pytest

from shared.documents import Document, Revocation, Turn
from shared.store import Create, Store, Where
from tests.contract.implementations import START, Opened, Sample


@pytest.fixture
def store(opened_store: Opened[Store]) -> Store:
    return opened_store.subject


def turn(name: str, *, conversation: str = "c1", user: str = "u1", sequence: int = 0, created: float = 0.0) -> Turn:
    return Turn(
        id=name, conversation_id=conversation, user_id=user, sequence=sequence, created_at=created, question="¿Qué?",
        answer="数学 \U0001f600 ' \" \\ $.x", language="es", model="m", provider="gemma", finish="stop", degraded=False, variants={"é": "\u4e00"},
    )  # fmt: skip


@pytest.fixture
async def turns(store: Store) -> Store:
    documents = [turn(f"t{n}", conversation=f"c{n % 2}", sequence=n, created=float(n // 2)) for n in range(10)]
    await store.commit(*(Create(document) for document in documents))
    return store


def ids(found: list[Turn]) -> list[str]:
    return [document.id for document in found]


async def test_equality_with_order_both_ways(turns: Store) -> None:
    where = Where("conversation_id", "==", "c1")
    assert ids(await turns.query(Turn, where, order="sequence")) == ["t1", "t3", "t5", "t7", "t9"]
    found = await turns.query(Turn, where, order="sequence", descending=True, limit=2)
    assert ids(found) == ["t9", "t7"]


async def test_ranges(turns: Store) -> None:
    where = Where("conversation_id", "==", "c0")
    cases = {
        (">=", 4): ["t4", "t6", "t8"],
        (">", 4): ["t6", "t8"],
        ("<=", 4): ["t0", "t2", "t4"],
        ("<", 4): ["t0", "t2"],
    }
    for (op, value), expected in cases.items():
        found = await turns.query(Turn, where, Where("sequence", op, value), order="sequence")  # type: ignore[arg-type]
        assert ids(found) == expected
    both = (Where("sequence", ">", 0), Where("sequence", "<", 6))
    assert ids(await turns.query(Turn, where, *both, order="sequence", descending=True)) == ["t4", "t2"]
    assert ids(await turns.query(Turn, where, *both)) == ["t2", "t4"]


async def test_ties_go_by_id(turns: Store) -> None:
    found = await turns.query(Turn, Where("user_id", "==", "u1"), order="created_at", limit=5)
    assert ids(found) == ["t0", "t1", "t2", "t3", "t4"]


async def test_an_order_alone_and_an_equality_alone(store: Store) -> None:
    await store.commit(*(Create(Revocation(id=f"r{n}", created_at=START - n)) for n in range(3)))
    assert [found.id for found in await store.query(Revocation, order="created_at")] == ["r2", "r1", "r0"]
    await store.commit(Create(Sample(id="a", mixed="x")), Create(Sample(id="b", mixed="y")))
    assert [found.id for found in await store.query(Sample, Where("mixed", "==", "x"))] == ["a"]


@pytest.mark.parametrize(
    ("where", "order"),
    [
        ((), None),
        ((), "sequence"),
        ((Where("question", "==", "x"),), None),
        ((Where("conversation_id", "==", "c1"),), None),
        ((Where("conversation_id", "==", "c1"),), "created_at"),
        ((Where("sequence", "==", 1),), "conversation_id"),
        ((Where("conversation_id", ">", "c1"),), "sequence"),
        ((Where("user_id", "==", "u"), Where("conversation_id", "==", "c1")), "sequence"),
        ((Where("conversation_id", "==", "c1"), Where("sequence", ">", 1)), "created_at"),
        ((Where("conversation_id", "==", "c1"), Where("created_at", ">", 1)), "sequence"),
        ((Where("id') OR 1=1 --", "==", "x"),), None),
    ],
)
async def test_an_undeclared_query_is_refused(store: Store, where: tuple[Where, ...], order: str | None) -> None:
    with pytest.raises(ValueError, match="declares no query"):
        await store.query(Turn, *where, order=order)


async def test_a_limit_below_one_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="limit"):
        await store.query(Revocation, order="created_at", limit=0)


async def test_a_kind_that_is_not_stored_is_refused(store: Store) -> None:
    class Stray(Document):
        collection = "strays"

    with pytest.raises(ValueError, match="Stray"):
        await store.get(Stray, "x")


async def test_equality_keeps_types_apart(store: Store) -> None:
    values: dict[str, bool | float | str | None] = {
        "true": True, "false": False, "one": 1, "one_float": 1.0, "zero": 0, "text": "1", "empty": "", "none": None
    }  # fmt: skip
    await store.commit(*(Create(Sample(id=name, mixed=value)) for name, value in values.items()))

    async def equal_to(value: bool | float | str) -> set[str]:
        return {found.id for found in await store.query(Sample, Where("mixed", "==", value))}

    assert await equal_to(True) == {"true"}
    assert await equal_to(False) == {"false"}
    assert await equal_to(1) == {"one", "one_float"}
    assert await equal_to(1.0) == {"one", "one_float"}
    assert await equal_to(0) == {"zero"}
    assert await equal_to("1") == {"text"}
    assert await equal_to("") == {"empty"}


async def test_ranges_keep_types_apart(store: Store) -> None:
    values: list[float | str | None] = [-1, 2, 3.5, "", "b", "c", None]
    await store.commit(*(Create(Sample(id=str(n), mixed=value)) for n, value in enumerate(values)))

    async def meeting(*where: Where) -> list[object]:
        return [found.mixed for found in await store.query(Sample, *where)]

    assert await meeting(Where("mixed", ">=", 2)) == [2, 3.5]
    assert await meeting(Where("mixed", "<", 3)) == [-1, 2]
    assert await meeting(Where("mixed", ">", "b")) == ["c"]
    assert await meeting(Where("mixed", "<=", "b")) == ["", "b"]
