from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.coordination import Coordination
from shared.store import Store
from tests.contract.implementations import COORDINATIONS, QUEUES, STORES, Opened, OpenedQueue


@pytest.fixture(params=sorted(STORES))
async def opened_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened[Store]]:
    async with STORES[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture(params=sorted(COORDINATIONS))
async def opened_coordination(
    request: pytest.FixtureRequest, tmp_path: Path, patient: None
) -> AsyncIterator[Opened[Coordination]]:
    async with COORDINATIONS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture(params=sorted(QUEUES))
async def opened_queue(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenedQueue]:
    async with QUEUES[request.param](tmp_path) as opened:
        yield opened
