"""The regular cleanup while something of what it cleans is away."""

import asyncio
import json
import threading
from pathlib import Path

from shared.documents import DOCUMENTS, Job
from shared.errors import StoreError
from shared.identity.local import mint, read_or_create_secret
from shared.maintenance import Cleanup
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Create
from shared.stored.document import Document
from tests.processes import fetch, function
from tests.product import Product
from tests.services import firestore
from tests.services.upstash import upstash


def test_t56_without_redis_documents_are_cleaned_and_it_is_said_what_was_not(tmp_path: Path) -> None:
    """Lost jobs and old documents do not wait for the shared state; health says that this is away."""
    (tmp_path / "redis").mkdir()
    (tmp_path / "data").mkdir()
    with upstash(tmp_path / "redis") as redis:
        env = {
            "DATA_DIR": str(tmp_path / "data"),
            "GCP_PROJECT_ID": firestore.project(),
            "FIRESTORE_EMULATOR_HOST": firestore.emulator().host,
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
        }

        async def fill() -> None:
            runtime = Runtime(Settings.load(env))
            old = Job(id="old", kind="k", payload={}, created_at=1, updated_at=1, expires_at=2.0)
            await runtime.store.commit(Create(old))
            await runtime.close()

        asyncio.run(fill())
        with function("ops", **env) as ops:
            admin = mint(read_or_create_secret(tmp_path / "data"), "op", "admin", 600)
            headers = {"Authorization": f"Bearer {admin}"}
            assert fetch(f"{ops.url}/health").status == 200
            redis.redis.ask("CONFIG", "SET", "maxmemory", "1")
            threading.Event().wait(1.2)  # what was found is told again for a second
            full = json.loads(fetch(f"{ops.url}/health").body)
            redis.redis.ask("CONFIG", "SET", "maxmemory", "0")
            redis.redis.kill()
            answer = fetch(f"{ops.url}/maintenance/cleanup", method="POST", headers=headers)
            assert answer.status == 503, answer.body
            assert json.loads(answer.body)["detail"] == "Could not sweep, settle; the rest is done."
            redis.redis.start()
            # What was done then is not there to be done again.
            again = {}
            for _ in range(20):
                answer = fetch(f"{ops.url}/maintenance/cleanup", method="POST", headers=headers)
                if answer.status == 200:
                    again = json.loads(answer.body)
                    break
                threading.Event().wait(0.5)
            assert again["purged"]["jobs"] == 0
        assert full["stores"]["coordination"] is False
        assert full["status"] != "healthy"


async def test_a_collection_that_cannot_be_purged_keeps_no_other_from_it(product: Product) -> None:
    runtime = product.runtime()
    purge = runtime.store.purge
    first = DOCUMENTS[0]

    async def refusing(kind: type[Document], limit: int = 500) -> int:
        if kind is first:
            raise StoreError("told to fail")
        return await purge(kind, limit)

    old = Job(id="old", kind="k", payload={}, created_at=1, updated_at=1, expires_at=2.0)
    await runtime.store.commit(Create(old))
    runtime.store.purge = refusing  # type: ignore[method-assign]
    assert first is not Job
    done = await Cleanup(runtime).run()
    assert done.failed == ["purge"]
    assert done.purged == {kind.collection: int(kind is Job) for kind in DOCUMENTS if kind is not first}
