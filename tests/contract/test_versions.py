"""What every document store does with versions: `Put` writes a document whole, over the version it expects."""

import asyncio

import pytest

from shared.documents import Profile
from shared.errors import StaleVersion
from shared.store import Add, Create, Delete, Put, Ref, Store
from tests.contract.implementations import Opened, Sample


@pytest.fixture
def store(opened_store: Opened[Store]) -> Store:
    return opened_store.subject


async def test_put_replaces_the_document_whole(store: Store) -> None:
    await store.commit(Put(Profile(id="p", language="de", time_zone="UTC")))
    await store.commit(Put(Profile(id="p", language="fr")))
    assert await store.get(Profile, "p") == Profile(id="p", language="fr")


async def test_put_over_the_version_that_was_read(store: Store) -> None:
    await store.commit(Create(Profile(id="p")))
    found = await store.get_versioned(Profile, "p")
    assert found is not None
    await store.commit(Put(Profile(id="p", language="de"), expect=found[1]))
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="p", language="fr"), expect=found[1]))
    assert await store.get(Profile, "p") == Profile(id="p", language="de")


async def test_a_commit_gives_the_version_that_each_write_left(store: Store) -> None:
    created, put, deleted, added = await store.commit(
        Create(Profile(id="a")), Put(Profile(id="b")), Delete(Profile, "never"), Add(Sample, "s", {"hits": 1})
    )
    del deleted
    versions = await store.commit(
        Put(Profile(id="a", language="de"), expect=created),
        Put(Profile(id="b", language="de"), expect=put),
        Put(Sample(id="s", hits=5), expect=added),
    )
    for kind, id_, old in ((Profile, "a", created), (Profile, "b", put), (Sample, "s", added)):
        with pytest.raises(StaleVersion):
            await store.commit(Put(kind(id=id_), expect=old))
    found = await store.read(Ref(Profile, "a"), Ref(Profile, "b"), Ref(Sample, "s"))
    assert all(one is not None for one in found)
    await store.commit(Put(Profile(id="a"), expect=versions[0]), Delete(Profile, "b"))
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="b"), expect=versions[1]))


async def test_the_version_of_a_document_written_twice_in_a_commit_is_its_last(store: Store) -> None:
    versions = await store.commit(Create(Sample(id="s", hits=1)), Add(Sample, "s", {"hits": 1}))
    await store.commit(Put(Sample(id="s", hits=7), expect=versions[1]))
    assert await store.get(Sample, "s") == Sample(id="s", hits=7)


async def test_a_version_does_not_survive_delete_and_create(store: Store) -> None:
    await store.commit(Create(Profile(id="p")))
    found = await store.get_versioned(Profile, "p")
    assert found is not None
    await store.commit(Delete(Profile, "p"))
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="p"), expect=found[1]))
    await store.commit(Create(Profile(id="p")))
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="p"), expect=found[1]))


async def test_an_expired_document_has_no_version(opened_store: Opened[Store]) -> None:
    store = opened_store.subject
    await store.commit(Create(Profile(id="p", expires_at=opened_store.now() + 2)))
    found = await store.get_versioned(Profile, "p")
    assert found is not None
    await opened_store.advance(2.5)
    with pytest.raises(StaleVersion):
        await store.commit(Put(Profile(id="p"), expect=found[1]))


async def test_no_update_is_lost_when_all_retry_on_a_stale_version(store: Store) -> None:
    await store.commit(Create(Sample(id="s")))

    async def increment() -> None:
        for _ in range(100):
            found = await store.get_versioned(Sample, "s")
            assert found is not None
            await asyncio.sleep(0)
            try:
                await store.commit(Put(Sample(id="s", hits=found[0].hits + 1), expect=found[1]))
            except StaleVersion:
                continue
            return
        pytest.fail("a hundred stale versions in a row")

    await asyncio.gather(*(increment() for _ in range(20)))
    assert await store.get(Sample, "s") == Sample(id="s", hits=20)
