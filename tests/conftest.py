"""Fixtures for every test: the fake model server, and a product composed over temporary stores."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scripts.fakes.models import FakeModels
from tests.product import Product


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    """A model server on a free port that fails on demand."""
    async with FakeModels() as server:
        yield server


@pytest.fixture
async def product(fake: FakeModels, tmp_path: Path) -> AsyncIterator[Product]:
    """Builds runtimes over one data directory; closes them all at the end."""
    async with contextlib.AsyncExitStack() as stack:
        yield Product(fake, tmp_path, stack)
