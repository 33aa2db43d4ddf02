"""A site of its own for each test: the stores are shared, what is in them is not."""

import pytest

from shared.documents import Profile
from shared.store.firestore import FirestoreStore
from tests.costs.meter import Site
from tests.product import Product
from tests.services.firestore import emulator, project
from tests.services.upstash import shared


@pytest.fixture
async def site(product: Product, patient: None) -> Site:
    name, host = project(), emulator().host
    store = FirestoreStore(name, emulator_host=host)
    await store.purge(Profile)  # the emulator's own first query takes seconds on a busy machine
    await store.close()
    return Site(product, host, name, shared())
