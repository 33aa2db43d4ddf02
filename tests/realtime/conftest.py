"""Fixtures: instances that serve the socket."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from shared.realtime.bounds import Bounds
from tests.product import Product
from tests.realtime.site import Site, opened

Sites = Callable[..., Awaitable[Site]]


@pytest.fixture
async def sites(product: Product) -> AsyncIterator[Sites]:
    """Opens instances over the same stores; `bounds` as a dictionary, everything else are settings."""
    async with contextlib.AsyncExitStack() as stack:

        async def made(bounds: dict[str, Any] | None = None, **settings: Any) -> Site:
            return await opened(stack, product.runtime(**settings), Bounds(**(bounds or {})))

        yield made


@pytest.fixture
async def site(sites: Sites) -> Site:
    """One instance."""
    return await sites()
