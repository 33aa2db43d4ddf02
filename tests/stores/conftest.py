"""Upstash for the tests of this folder: one REST server a test process, and instances over a namespace of their own."""

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from shared.coordination.upstash import UpstashCoordination
from tests.services.upstash import Upstash, shared
from tests.stores.spending import Make


@pytest.fixture
def server() -> Iterator[Upstash]:
    """Whole again after each test."""
    server = shared()
    yield server
    server.fault()


@pytest.fixture
def namespace() -> str:
    return f"n{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def make(server: Upstash, namespace: str) -> AsyncIterator[Make]:
    """Makes instances over one namespace."""
    made: list[UpstashCoordination] = []

    def build(**options: Any) -> UpstashCoordination:
        made.append(UpstashCoordination(server.url, server.token, **{"namespace": namespace, **options}))
        return made[-1]

    yield build
    for coordination in made:
        await coordination.close()
