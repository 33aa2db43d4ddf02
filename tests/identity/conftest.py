"""Fixtures of the identity tests: a clock, a real store, a key server."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from shared.identity.verifier import Identity
from shared.settings import Settings
from shared.sqlite import Database
from shared.store import Store
from shared.store.sqlite import SQLiteStore
from tests.identity.issuing import ACCOUNT, AUDIENCE, PROJECT, Clock, KeyServer, key_server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[SQLiteStore]:
    database = Database(tmp_path / "lyo.db", clock=clock)
    yield SQLiteStore(database)
    await database.close()


@pytest.fixture
async def issuer() -> AsyncIterator[KeyServer]:
    async with key_server() as server:
        yield server


@pytest.fixture
async def identity(
    tmp_path: Path, clock: Clock, store: SQLiteStore, issuer: KeyServer
) -> AsyncIterator[Callable[..., Identity]]:
    """Makes identities over the one store, as so many instances would."""
    made: list[Identity] = []

    def make(store: Store = store, **changes: Any) -> Identity:
        values = {
            "auth_mode": "local",
            "environment": "test",
            "data_dir": tmp_path,
            "gcp_project_id": PROJECT,
            "service_audience": AUDIENCE,
            "service_accounts": f"{ACCOUNT}, other@lyo-test.iam.gserviceaccount.com",
            "firebase_jwks_url": issuer.url,
            "google_jwks_url": issuer.url,
        }
        found = Identity(Settings(**(values | changes)), store, clock)
        made.append(found)
        return found

    yield make
    for item in made:
        await item.close()
