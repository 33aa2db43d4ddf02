"""What is Firestore's own: names, pages, limits, and what it costs. (Broken connections: test_firestore_breaks.py.)"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.documents import Conversation, Document, Job, Profile, Revocation, Said
from shared.errors import AlreadyExists, Overloaded, StaleVersion, StoreError
from shared.store import Add, Create, Delete, Put, Ref, Where, firestore
from shared.store.firestore import FirestoreStore
from shared.store.firestore_commits import Operations
from shared.store.firestore_link import connect
from shared.store.firestore_values import name
from tests.contract.implementations import KINDS, START, Clock, Sample
from tests.services.firestore import emulator, project


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stores(clock: Clock) -> AsyncIterator[list[FirestoreStore]]:
    """Two instances over one database."""
    shared = project()
    opened = [FirestoreStore(shared, emulator_host=emulator().host, clock=clock, kinds=KINDS) for _ in range(2)]
    yield opened
    for one in opened:
        await one.close()


@pytest.fixture
def store(stores: list[FirestoreStore]) -> FirestoreStore:
    return stores[0]


# --- instances


async def test_one_of_twenty_racers_of_two_instances_takes_the_latch(stores: list[FirestoreStore]) -> None:
    for latch in ("new", "expired"):
        if latch == "expired":
            await stores[0].commit(Create(Profile(id=latch, expires_at=START - 1)))
        commits = [stores[n % 2].commit(Create(Profile(id=latch, time_zone=str(n)))) for n in range(20)]
        results = await asyncio.gather(*commits, return_exceptions=True)
        winners = [n for n, result in enumerate(results) if isinstance(result, list)]
        assert sum(isinstance(result, AlreadyExists) for result in results) == 19, results
        held = await stores[1].get(Profile, latch)
        assert held is not None
        assert held.time_zone == str(winners[0])


async def test_equal_puts_over_one_version_have_one_winner(stores: list[FirestoreStore]) -> None:
    (version,) = await stores[0].commit(Create(Profile(id="p")))
    puts = [stores[n % 2].commit(Put(Profile(id="p"), expect=version)) for n in range(10)]
    results = await asyncio.gather(*puts, return_exceptions=True)
    assert sum(isinstance(result, list) for result in results) == 1
    assert sum(isinstance(result, StaleVersion) for result in results) == 9


async def test_no_add_to_an_expired_counter_is_lost_or_doubled(stores: list[FirestoreStore]) -> None:
    await stores[0].commit(Create(Sample(id="s", hits=1000, expires_at=START - 1)))
    await asyncio.gather(*(stores[n % 2].commit(Add(Sample, "s", {"hits": 1})) for n in range(20)))
    assert await stores[0].get(Sample, "s") == Sample(id="s", hits=20)


async def test_an_add_to_an_expired_counter_gives_the_version_it_left(store: FirestoreStore) -> None:
    await store.commit(Create(Sample(id="s", hits=1000, expires_at=START - 1)))
    (version,) = await store.commit(Add(Sample, "s", {"hits": 1}))
    await store.commit(Put(Sample(id="s", hits=7), expect=version))
    assert await store.get(Sample, "s") == Sample(id="s", hits=7)


# --- names and values


ODD = [
    "a/b",
    ".",
    "..",
    "__x__",
    "%2F",
    "a%2Fb",
    " ",
    "é",
    "数学",
    "\U0001f600",
    "x" * 333,
    "y" * 2000,
    "/" * 400,
    "a\nb",
    "~",
]


async def test_any_text_is_an_id(store: FirestoreStore) -> None:
    await store.commit(*(Create(Profile(id=id_, time_zone=str(n))) for n, id_ in enumerate(ODD)))
    found = await store.read(*(Ref(Profile, id_) for id_ in ODD))
    assert [one and one[0] for one in found] == [Profile(id=id_, time_zone=str(n)) for n, id_ in enumerate(ODD)]
    await store.commit(*(Delete(Profile, id_) for id_ in ODD))
    assert await store.read(*(Ref(Profile, id_) for id_ in ODD)) == [None] * len(ODD)


async def test_an_id_that_is_no_text_is_a_store_error(store: FirestoreStore) -> None:
    with pytest.raises(StoreError, match="profiles"):
        await store.get(Profile, "\ud800")


def test_names_of_ids_in_the_order_of_time_are_spread() -> None:
    names = [name(Profile, f"m_{0x19A000000000 + n:012x}aaaa") for n in range(1000)]
    assert len({path.split("/")[1][0] for path in names}) == 16
    later = sum(after > before for before, after in itertools.pairwise(names))
    assert 400 < later < 600


async def test_free_json_is_read_back_as_it_was(store: FirestoreStore) -> None:
    payload: dict[str, Any] = {
        "nested": [[1, 2], [], [[3]], {"a": [["x"]]}], "empty": {}, "none": None, "big": 2**62, "float": 0.1, "whole": 3.0,
        "true": True, "unicode ключ.with.dots`": "\u0000\U0001f600", "negative": -1,
    }  # fmt: skip
    job = Job(id="j", kind="k", payload=payload, created_at=1, updated_at=1)
    await store.commit(Create(job))
    found = await store.get(Job, "j")
    assert found == job
    assert found is not None
    assert {key: type(value) for key, value in found.payload.items()} == {key: type(payload[key]) for key in payload}


async def test_what_firestore_cannot_hold_is_a_store_error(store: FirestoreStore) -> None:
    job = Job(id="j", kind="k", payload={"n": 2**63}, created_at=1, updated_at=1)
    with pytest.raises(StoreError, match="jobs"):
        await store.commit(Create(job))


async def test_a_document_beyond_a_mebibyte_is_refused_by_name_and_size(store: FirestoreStore) -> None:
    large = Conversation(id="c", user_id="u", created_at=0, updated_at=0, recent=[])
    large.recent = [Said(message_id="m", question="q" * 1_100_000, answer="")]
    for document in (large, large.model_copy(update={"summary": "s" * 20_000_000})):
        with pytest.raises(StoreError, match=r"conversations has \d+ bytes") as caught:
            await store.commit(Create(Profile(id="p")), Create(document))
        assert type(caught.value) is StoreError
    assert await store.get(Profile, "p") is None


def test_a_class_with_the_stores_own_fields_is_refused() -> None:
    class Own(Document):
        collection = "own"
        ttl: int = 0

    with pytest.raises(ValueError, match="ttl"):
        FirestoreStore("p", kinds=(Own,))


# --- pages


async def test_expired_documents_do_not_shorten_a_page(store: FirestoreStore) -> None:
    expired = [Revocation(id=f"e{n:03}", created_at=n // 7, expires_at=START - 1) for n in range(100)]
    live = [Revocation(id=f"l{n:03}", created_at=5 if n < 3 else 90 + n) for n in range(10)]
    await store.commit(*(Create(document) for document in expired + live))
    for limit in (1, 3, 7, 10, 50):
        found = await store.query(Revocation, order="created_at", limit=limit)
        assert [one.id for one in found] == [document.id for document in live[:limit]]
        found = await store.query(Revocation, order="created_at", descending=True, limit=limit)
        newest = sorted(live, key=lambda document: (document.created_at, document.id), reverse=True)
        assert [one.id for one in found] == [document.id for document in newest[:limit]]


async def test_total_counts_what_has_expired_until_it_is_purged(store: FirestoreStore) -> None:
    await store.commit(Create(Sample(id="a", mixed="x", hits=1)))
    await store.commit(Create(Sample(id="b", mixed="x", hits=10, expires_at=START - 1)))
    assert await store.total(Sample, "hits", Where("mixed", "==", "x")) == 11
    assert await store.purge(Sample) == 1
    assert await store.total(Sample, "hits", Where("mixed", "==", "x")) == 1


async def test_purge_leaves_what_an_add_has_touched(store: FirestoreStore) -> None:
    await store.commit(Add(Sample, "s", {"hits": 1}))
    assert await store.purge(Sample) == 0
    assert await store.get(Sample, "s") == Sample(id="s", hits=1)


# --- cost


async def test_operations_are_what_firestore_bills(store: FirestoreStore) -> None:
    def since() -> Operations:
        found, store.operations = store.operations, Operations()
        return found

    versions = await store.commit(Create(Revocation(id="a", created_at=1)), Put(Revocation(id="b", created_at=2)))
    assert since() == Operations(writes=2)
    await store.read(Ref(Revocation, "a"), Ref(Revocation, "b"), Ref(Revocation, "never"), Ref(Revocation, "a"))
    assert since() == Operations(reads=3)
    await store.query(Revocation, order="created_at")
    assert since() == Operations(reads=2)
    await store.query(Revocation, Where("created_at", ">", 9))
    assert since() == Operations(reads=1)
    await store.commit(Delete(Revocation, "b"), Add(Sample, "s", {"hits": 1}))
    assert since() == Operations(writes=1, deletes=1)
    await store.total(Sample, "hits", Where("mixed", "==", "x"))
    assert since() == Operations(reads=1)
    with pytest.raises(StaleVersion):
        await store.commit(Put(Revocation(id="b", created_at=2), expect=versions[1]))
    assert since() == Operations()
    with pytest.raises(AlreadyExists):
        await store.commit(Create(Revocation(id="a", created_at=1)))
    assert since() == Operations(reads=1)  # it looked whether that one had expired


# --- the connection


async def test_too_many_commits_are_refused(store: FirestoreStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firestore, "QUEUE_LIMIT", 5)
    commits = [store.commit(Create(Profile(id=f"p{n}"))) for n in range(8)]
    results = await asyncio.gather(*commits, return_exceptions=True)
    assert [type(result) for result in results] == [list] * 5 + [Overloaded] * 3


def test_a_store_goes_on_in_another_loop() -> None:
    store = FirestoreStore(project(), emulator_host=emulator().host)

    async def first() -> None:
        await store.commit(Create(Profile(id="p", language="de")))

    async def second() -> Profile | None:
        found = await store.get(Profile, "p")
        await store.close()
        return found

    asyncio.run(first())
    assert asyncio.run(second()) == Profile(id="p", language="de")


async def test_the_emulators_variable_makes_no_difference(
    store: FirestoreStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    await store.commit(Create(Profile(id="p")))
    assert await store.get(Profile, "p") == Profile(id="p")


async def test_no_credentials_is_a_store_error_until_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(StoreError, match="credentials"):
        await FirestoreStore("p").get(Profile, "p")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"client_email": "a@p.iam.gserviceaccount.com", "token_uri": "http://127.0.0.1:1/token"}
    file.write_text(json.dumps({"type": "service_account", "project_id": "p", "private_key": pem, **account}))
    link = await connect("p", "(default)", None)
    assert link.request("Commit").database == "projects/p/databases/(default)"
    await link.close()


async def test_databases_of_a_project_are_apart() -> None:
    shared = project()
    one = FirestoreStore(shared, emulator_host=emulator().host)
    other = FirestoreStore(shared, "other", emulator_host=emulator().host)
    await one.commit(Create(Profile(id="p")))
    assert await other.get(Profile, "p") is None
    await one.close()
    await other.close()
