"""What every document store does, sentence by sentence of `shared.store`."""

import asyncio

import pytest

from shared.documents import Conversation, Profile, Revocation, Said, Turn
from shared.errors import AlreadyExists, StaleVersion
from shared.store import Add, Create, Delete, Put, Ref, Store
from tests.contract.implementations import Opened, Sample


@pytest.fixture
def store(opened_store: Opened[Store]) -> Store:
    return opened_store.subject


def turn(name: str, *, conversation: str = "c1", user: str = "u1", sequence: int = 0, created: float = 0.0) -> Turn:
    return Turn(
        id=name, conversation_id=conversation, user_id=user, sequence=sequence, created_at=created, question="¿Qué?",
        answer="数学 \U0001f600 ' \" \\ $.x", language="es", model="m", provider="gemma", finish="stop", degraded=False, variants={"é": "\u4e00"},
    )  # fmt: skip


# --- reading back


async def test_what_was_committed_is_read_back_whole(store: Store) -> None:
    said = [Said(message_id="m", question="q", answer="a")]
    conversation = Conversation(id="c/1", user_id="u", created_at=0.1, updated_at=1e9, recent=said)
    await store.commit(Create(turn("t1")), Create(conversation))
    assert await store.get(Turn, "t1") == turn("t1")
    assert await store.get(Conversation, "c/1") == conversation


async def test_a_missing_document_is_none(store: Store) -> None:
    assert await store.get(Turn, "t1") is None
    assert await store.get_versioned(Turn, "t1") is None


async def test_collections_do_not_mix(store: Store) -> None:
    await store.commit(Create(Profile(id="same")))
    assert await store.get(Turn, "same") is None


async def test_several_are_read_in_the_order_asked(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    await store.commit(
        Create(Profile(id="same", language="de")),
        Create(turn("same")),
        Create(Profile(id="p", language="fr")),
        Create(Profile(id="short", expires_at=opened_store.now() + 1)),
    )
    await opened_store.advance(1.5)
    refs = (Ref(Profile, "p"), Ref(Turn, "same"), Ref(Profile, "never"), Ref(Profile, "same"), Ref(Profile, "short"))
    found = await store.read(*refs, refs[0])
    assert [one and one[0] for one in found] == [
        Profile(id="p", language="fr"), turn("same"), None, Profile(id="same", language="de"), None,
        Profile(id="p", language="fr"),
    ]  # fmt: skip
    assert await store.read() == []


async def test_what_read_gave_as_version_is_the_documents(store: Store) -> None:
    await store.commit(Create(Profile(id="p")))
    (found,) = await store.read(Ref(Profile, "p"))
    assert found is not None
    await store.commit(Put(Profile(id="p", language="de"), expect=found[1]))
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="p", language="fr"), expect=found[1]))


async def test_a_delete_of_a_version_spares_any_other(store: Store) -> None:
    await store.commit(Create(Profile(id="p")))
    (found,) = await store.read(Ref(Profile, "p"))
    assert found is not None
    await store.commit(Put(Profile(id="p", language="de"), expect=found[1]))
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="q")), Delete(Profile, "p", expect=found[1]))
    (found, other) = await store.read(Ref(Profile, "p"), Ref(Profile, "q"))
    assert found is not None
    assert (found[0].language, other) == ("de", None), "nothing of a refused commit is written"
    await store.commit(Put(Profile(id="q")), Delete(Profile, "p", expect=found[1]))
    assert await store.get(Profile, "p") is None
    for writes in ((), (Put(Profile(id="q", language="fr")),)):
        with pytest.raises(StaleVersion):
            await store.commit(Delete(Profile, "p", expect=found[1]), *writes)


async def test_a_commit_of_nothing_is_nothing(store: Store) -> None:
    assert await store.commit() == []


# --- create: the latch


async def test_a_second_create_is_refused(store: Store) -> None:
    await store.commit(Create(Profile(id="p", language="de")))
    with pytest.raises(AlreadyExists):
        await store.commit(Create(Profile(id="p", language="fr")))
    assert await store.get(Profile, "p") == Profile(id="p", language="de")


async def test_one_of_twenty_racers_takes_the_latch(store: Store) -> None:
    async def race(runner: int) -> int:
        await store.commit(Create(Profile(id="latch", time_zone=str(runner))))
        return runner

    results = await asyncio.gather(*(race(runner) for runner in range(20)), return_exceptions=True)
    winners = [result for result in results if isinstance(result, int)]
    assert len(winners) == 1
    assert sum(isinstance(result, AlreadyExists) for result in results) == 19
    held = await store.get(Profile, "latch")
    assert held is not None
    assert held.time_zone == str(winners[0])


async def test_create_after_delete_and_after_expiry(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    await store.commit(Create(Profile(id="p")))
    await store.commit(Delete(Profile, "p"))
    await store.commit(Create(Profile(id="p", expires_at=opened_store.now() + 2)))
    await opened_store.advance(2.5)
    await store.commit(Create(Profile(id="p", language="it")))
    assert await store.get(Profile, "p") == Profile(id="p", language="it")


# --- all or none


async def test_a_refused_write_takes_the_whole_commit_with_it(store: Store) -> None:
    await store.commit(Create(Profile(id="there")), Create(Sample(id="s", hits=1)), Create(Profile(id="kept")))
    with pytest.raises(AlreadyExists):
        await store.commit(
            Create(Profile(id="new")),
            Put(Profile(id="put")),
            Add(Sample, "s", {"hits": 1}),
            Delete(Profile, "kept"),
            Create(Profile(id="there")),
        )
    assert await store.get(Profile, "new") is None
    assert await store.get(Profile, "put") is None
    assert await store.get(Profile, "kept") is not None
    assert await store.get(Sample, "s") == Sample(id="s", hits=1)


async def test_a_write_meets_what_an_earlier_one_of_its_commit_left(store: Store) -> None:
    with pytest.raises(AlreadyExists):
        await store.commit(Create(Profile(id="p", language="de")), Create(Profile(id="p", language="fr")))
    assert await store.get(Profile, "p") is None
    await store.commit(Create(Sample(id="s", hits=1)), Add(Sample, "s", {"hits": 1}), Add(Sample, "s", {"hits": 1}))
    assert await store.get(Sample, "s") == Sample(id="s", hits=3)
    await store.commit(Delete(Sample, "s"), Create(Sample(id="s", hits=9)))
    assert await store.get(Sample, "s") == Sample(id="s", hits=9)


async def test_a_refused_commit_leaves_its_neighbours_alone(store: Store) -> None:
    await store.commit(Create(Profile(id="there")))
    commits = [store.commit(Create(Profile(id="there" if n % 3 == 0 else f"p{n}"))) for n in range(30)]
    results = await asyncio.gather(*commits, return_exceptions=True)
    for n, result in enumerate(results):
        assert isinstance(result, AlreadyExists if n % 3 == 0 else list)
        assert n % 3 == 0 or await store.get(Profile, f"p{n}") is not None


# --- add and delete


async def test_adds_are_never_lost(store: Store) -> None:
    await store.commit(Create(Sample(id="s", mixed="kept", rank=0.5)))
    await asyncio.gather(*(store.commit(Add(Sample, "s", {"hits": 2, "rank": 0.25})) for _ in range(50)))
    assert await store.get(Sample, "s") == Sample(id="s", mixed="kept", rank=13.0, hits=100)


async def test_add_creates_the_document_with_just_those_fields(store: Store) -> None:
    await store.commit(Add(Sample, "s", {"hits": 3}))
    await store.commit(Add(Sample, "s", {"hits": -1}))
    assert await store.get(Sample, "s") == Sample(id="s", hits=2)


async def test_add_keeps_the_expiry_and_starts_anew_after_it(opened_store: Opened[Store]) -> None:
    store, expires_at = opened_store.subject, opened_store.now() + 2
    await store.commit(Create(Sample(id="s", hits=1, expires_at=expires_at)))
    await store.commit(Add(Sample, "s", {"hits": 1}))
    assert await store.get(Sample, "s") == Sample(id="s", hits=2, expires_at=expires_at)
    await opened_store.advance(2.5)
    assert await store.get(Sample, "s") is None
    await store.commit(Add(Sample, "s", {"hits": 1}))
    assert await store.get(Sample, "s") == Sample(id="s", hits=1)


async def test_delete_removes_and_does_not_mind_absence(store: Store) -> None:
    await store.commit(Create(Profile(id="p")))
    await store.commit(Delete(Profile, "p"), Delete(Profile, "never"))
    assert await store.get(Profile, "p") is None


# --- expiry


async def test_expired_documents_are_not_there(opened_store: Opened[Store]) -> None:
    store, now = opened_store.subject, opened_store.now()
    await store.commit(Create(Revocation(id="short", created_at=1, expires_at=now + 2)))
    await store.commit(Create(Revocation(id="long", created_at=2, expires_at=now + 60)))
    await store.commit(Create(Revocation(id="ever", created_at=3)))
    assert len(await store.query(Revocation, order="created_at")) == 3
    await opened_store.advance(2.5)
    assert await store.get(Revocation, "short") is None
    assert await store.get_versioned(Revocation, "short") is None
    assert [found.id for found in await store.query(Revocation, order="created_at")] == ["long", "ever"]


@pytest.mark.parametrize("moment", [0.0, -1.0, 1.0])
async def test_an_expiry_long_past_is_one(store: Store, moment: float) -> None:
    await store.commit(Create(Profile(id="p", expires_at=moment)))
    assert await store.get(Profile, "p") is None
    assert await store.purge(Profile) == 1


async def test_purge_deletes_expired_documents_only_and_at_most_limit(opened_store: Opened[Store]) -> None:
    store, now = opened_store.subject, opened_store.now()
    await store.commit(*(Create(Profile(id=f"p{n}", expires_at=now + 1)) for n in range(5)))
    await store.commit(Create(Profile(id="later", expires_at=now + 60)), Create(Profile(id="ever")))
    assert await store.purge(Profile) == 0
    await opened_store.advance(1.5)
    assert await store.purge(Profile, limit=3) == 3
    assert await store.purge(Profile) == 2
    assert await store.purge(Profile) == 0
    assert await store.get(Profile, "later") is not None
    assert await store.get(Profile, "ever") is not None


# --- cancelling and closing


async def test_cancelling_the_caller_does_not_take_the_commit_back(store: Store) -> None:
    await store.commit(Create(Profile(id="first")))
    task = asyncio.create_task(store.commit(Create(Profile(id="p"))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.close()
    assert await store.get(Profile, "p") is not None


async def test_close_finishes_what_is_pending(store: Store) -> None:
    tasks = [asyncio.create_task(store.commit(Create(Profile(id=f"p{n}")))) for n in range(1000)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*tasks)
    assert await store.get(Profile, "p999") is not None
