"""One fake server for each test of the adapters."""

from collections.abc import AsyncIterator

import pytest

from scripts.fakes.models import FakeModels


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with FakeModels(keepalive=0.02) as server:
        yield server
