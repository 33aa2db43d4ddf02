"""Fixtures of the edge's tests: a served sample edge over real embedded stores."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared import log
from shared.runtime import Runtime
from shared.settings import Settings
from tests.web.sample import Shifted, Site, sample, serving

Sites = Callable[..., Awaitable[Site]]


@pytest.fixture
async def sites(tmp_path: Path) -> AsyncIterator[Sites]:
    """Serves the sample edge under given settings; several of them are instances over one data directory."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def make(**changes: Any) -> Site:
            values = {
                "auth_mode": "local",
                "environment": "test",
                "data_dir": tmp_path,
                "log_level": "WARNING",
                "rate_limit_ip_per_minute": 1_000_000,
                "rate_limit_user_per_minute": 1_000_000,
                "rate_limit_endpoint_per_minute": 1_000_000,
            }
            runtime = Shifted(Settings(**(values | changes)))
            stack.push_async_callback(runtime.close)
            stack.push_async_callback(_close, runtime)
            edge = sample(runtime)
            url = await stack.enter_async_context(serving(edge.app))
            return Site(url, runtime, edge, session)

        yield make
    _forget_log_handlers()


async def _close(runtime: Runtime) -> None:
    if "identity" in runtime.__dict__:
        await runtime.identity.close()


def _forget_log_handlers() -> None:
    import logging

    root = logging.getLogger()
    for handler in [item for item in root.handlers if isinstance(item, log.LineHandler)]:
        root.removeHandler(handler)


@pytest.fixture
async def site(sites: Sites) -> Site:
    """One instance with the settings of a test."""
    return await sites()
