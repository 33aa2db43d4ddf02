"""Fixtures for every test: the fake model server, and a product composed over temporary stores."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from scripts.fakes.models import FakeModels
from shared.coordination.upstash_wire import Link
from tests.product import Product

# A slow machine is no finding: what must be quick is measured by benchmarks.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


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


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis may take ten seconds to answer, where it is not what fails: a machine that stalls is no database that is down."""
    ask = Link.ask

    async def patiently(link: Link, body: bytes, limit: float) -> Any:
        return await ask(link, body, max(limit, 10.0))

    monkeypatch.setattr(Link, "ask", patiently)


_LONG = ("terraform", "deploying", "clients", "animation", "commands")
"""Folders whose files take longest: begun first, so that no worker is left alone with them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; the rest stays in its order."""
    items.sort(key=lambda item: _LONG.index(item.path.parent.name) if item.path.parent.name in _LONG else len(_LONG))
