from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.store import Store
from tests.contract.implementations import STORES, Opened


@pytest.fixture(params=sorted(STORES))
async def opened_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened[Store]]:
    async with STORES[request.param](tmp_path) as opened:
        yield opened
