"""Fixtures of the edge's tests: a served sample edge over real embedded stores."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scripts.fakes.models import FakeModels
from shared import log
from shared.runtime import Runtime
from shared.settings import Settings
from tests.product import Product
from tests.services.firestore import emulator, project
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


class Cloud(Product):
    """A product whose documents are in Firestore's emulator."""

    def settings(self, **changes: Any) -> Settings:
        """See Product; every runtime of one product has the same project."""
        return super().settings(**(self.where | changes))

    where: dict[str, Any] = {}


@pytest.fixture(params=["sqlite", "firestore"])
async def anywhere(request: pytest.FixtureRequest, fake: FakeModels, tmp_path: Path) -> AsyncIterator[Product]:
    """A product over each of the stores."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            yield Product(fake, tmp_path, stack)
        else:
            made = Cloud(fake, tmp_path, stack)
            made.where = {"firestore_emulator_host": emulator().host, "gcp_project_id": project()}
            yield made


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
