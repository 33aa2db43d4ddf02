"""What has expired goes, in batches that may be cut off; what has not stays. Over the embedded store and Firestore."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Literal, get_args, get_origin

import pytest

from functions import ops
from scripts.benchmarks.inprocess import ask
from scripts.fakes.models import FakeModels
from shared.documents import DOCUMENTS, Document, Turn
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from shared.store import Put, Ref
from shared.store.firestore import FirestoreStore
from shared.stored.watching import AlertRule
from shared.telemetry.rules import BUILT_IN
from tests.product import Product
from tests.services import firestore

MANY = 2_600
"""More than one call removes of a collection, which is four batches of 500."""


@pytest.fixture(params=["embedded", "firestore"])
async def runtime(request: pytest.FixtureRequest, fake: FakeModels, tmp_path: Any) -> AsyncIterator[Runtime]:
    stores: dict[str, Any] = {}
    if request.param == "firestore":
        stores = {"firestore_emulator_host": firestore.emulator().host, "gcp_project_id": firestore.project()}
    async with AsyncExitStack() as stack:
        yield Product(fake, tmp_path, stack).runtime(**stores)


def made(kind: type[Document], name: str, expires_at: float | None) -> Document:
    """A document of any kind, with something in every field that must be filled."""
    fields = {
        field: BUILT_IN["memory"] if info.annotation is AlertRule else something(info.annotation)
        for field, info in kind.model_fields.items()
        if info.is_required() and field != "id"
    }
    return kind(id=name, expires_at=expires_at, **fields)


def something(annotation: Any) -> Any:
    """A value that fits a field."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if get_origin(annotation) is list:
        return []
    return {str: "x", int: 1, float: 1.0, bool: False}.get(annotation, {})


async def fill(runtime: Runtime) -> None:
    """Expired turns by the thousand; of every kind one that has expired, one that has not yet and one that never does."""
    now = time.time()
    writes = [Put(made(Turn, f"old{number}", now - 1)) for number in range(MANY - 1)]
    for kind in DOCUMENTS:
        ends = {"expired": now - 1, "kept": now + 3600, "forever": None}
        writes += [Put(made(kind, name, end)) for name, end in ends.items()]
    for first in range(0, len(writes), 400):
        await runtime.store.commit(*writes[first : first + 400])


async def clean(runtime: Runtime) -> dict[str, Any]:
    token = mint(read_or_create_secret(runtime.settings.data_dir), "boss", "admin", 600)
    with override(runtime):
        answer = await ask(ops.edge.app, "/maintenance/cleanup", token, {})
    assert answer.status == 200, answer.body
    return answer.json


def removed(runtime: Runtime) -> int:
    """How many documents are gone so far."""
    if isinstance(runtime.store, FirestoreStore):
        return runtime.store.operations.deletes
    turns = runtime.database.read("SELECT count(*) FROM document_turns WHERE expires_at < ?", (time.time(),))[0][0]
    return MANY - int(turns)


async def is_clean(runtime: Runtime) -> None:
    """Nothing expired is left, and everything else is there."""
    assert [await runtime.store.purge(kind) for kind in DOCUMENTS] == [0] * len(DOCUMENTS)
    for name in ("kept", "forever"):
        assert None not in await runtime.store.read(*(Ref(kind, name) for kind in DOCUMENTS))


async def test_cleanup_removes_what_has_expired_in_batches_and_says_when_there_is_more(runtime: Runtime) -> None:
    await fill(runtime)
    first, second = await clean(runtime), await clean(runtime)
    assert first["purged"] == {kind.collection: 2_000 if kind is Turn else 1 for kind in DOCUMENTS}
    assert first["more"]
    assert second["purged"] == {kind.collection: MANY - 2_000 if kind is Turn else 0 for kind in DOCUMENTS}
    assert not second["more"]
    await is_clean(runtime)


async def test_cleanup_that_is_cut_off_leaves_nothing_half_done_and_the_next_goes_on(runtime: Runtime) -> None:
    await fill(runtime)
    cut = asyncio.create_task(clean(runtime))
    async with asyncio.timeout(20):
        while removed(runtime) < 500:
            await asyncio.sleep(0.001)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    assert cut.cancelled()
    later = 0
    while True:
        found = await clean(runtime)
        later += found["purged"]["turns"]
        if not found["more"]:
            break
    assert 0 < later < MANY
    await is_clean(runtime)
