"""What every document store answers, and which questions it refuses."""

import pytest

from shared.documents import Document, Job, Revocation, Turn
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
    await turns.commit(*(Create(Sample(id=f"s{n}", mixed=n % 2, rank=n)) for n in range(10)))
    samples = await turns.query(Sample, Where("mixed", "==", 1), order="rank", descending=True, limit=2)
    assert [found.id for found in samples] == ["s9", "s7"]
    samples = await turns.query(
        Sample, Where("mixed", "==", 0), Where("rank", ">", 0), Where("rank", "<", 6), descending=True
    )
    assert [found.id for found in samples] == ["s4", "s2"]


async def test_ties_of_a_descending_order_go_by_descending_id(store: Store) -> None:
    await store.commit(*(Create(Sample(id=name, mixed=1, rank=1)) for name in "bca"))
    samples = await store.query(Sample, Where("mixed", "==", 1), order="rank", descending=True)
    assert [found.id for found in samples] == ["c", "b", "a"]


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
    assert ids(await turns.query(Turn, where, *both, order="sequence")) == ["t2", "t4"]
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


@pytest.mark.parametrize(
    ("kind", "where", "order"),
    [
        (Turn, (Where("conversation_id", "==", "c1"),), "sequence"),
        (Turn, (Where("conversation_id", "==", "c1"), Where("sequence", ">", 1)), None),
        (Sample, (Where("mixed", "==", "x"),), None),
        (Job, (Where("state", "==", "dead"),), "run_at"),
    ],
)
async def test_a_direction_that_is_not_declared_is_refused(
    store: Store, kind: type[Document], where: tuple[Where, ...], order: str | None
) -> None:
    await store.query(kind, *where, order=order)
    with pytest.raises(ValueError, match="declares no query"):
        await store.query(kind, *where, order=order, descending=True)


async def test_a_descending_shape_is_not_an_ascending_one(store: Store) -> None:
    await store.query(Job, Where("state", "==", "dead"), order="updated_at", descending=True)
    with pytest.raises(ValueError, match="declares no query"):
        await store.query(Job, Where("state", "==", "dead"), order="updated_at")


async def test_total_sums_what_meets_the_conditions(store: Store) -> None:
    assert await store.total(Sample, "rank", Where("mixed", "==", "x")) == 0
    await store.commit(
        *(Create(Sample(id=f"s{n}", mixed="x", hits=n, rank=n / 4)) for n in range(10)),
        Create(Sample(id="other", mixed="y", hits=100, rank=100)),
        Create(Sample(id="untyped", mixed=True, hits=2**60)),
        Create(Sample(id="untyped too", mixed=True, hits=1)),
    )
    assert await store.total(Sample, "rank", Where("mixed", "==", "x")) == 11.25
    assert await store.total(Sample, "hits", Where("mixed", "==", True)) == 2**60 + 1
    assert isinstance(await store.total(Sample, "hits", Where("mixed", "==", "x")), int)


async def test_total_counts_what_is_no_number_as_nothing(store: Store) -> None:
    for name, value in (("a", 2), ("b", "7"), ("c", True), ("d", None), ("e", 1.5)):
        await store.commit(Create(Sample(id=name, mixed=value)))
    assert await store.total(Sample, "mixed") == 3.5


@pytest.mark.parametrize(
    ("field", "where"),
    [
        ("hits", ()),
        ("rank", ()),
        ("rank", (Where("mixed", ">", 1),)),
        ("rank", (Where("hits", "==", 1),)),
        ("question", (Where("mixed", "==", "x"),)),
        ("rank", (Where("mixed", "==", "x"), Where("rank", ">", 1))),
    ],
)
async def test_an_undeclared_total_is_refused(store: Store, field: str, where: tuple[Where, ...]) -> None:
    with pytest.raises(ValueError, match=r"declares no total|equality"):
        await store.total(Sample, field, *where)


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
