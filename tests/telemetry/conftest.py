import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.coordination.local import LocalCoordination
from shared.errors import StoreError
from shared.runtime import Runtime
from shared.sqlite import Database
from shared.telemetry.metrics import Metrics
from tests.product import Product
from tests.telemetry.watching import Hook, Start, Time, hooked


class Failing(LocalCoordination):
    """The embedded store, failing as often as it is told to before it does anything; it counts its calls."""

    failures = 0
    lost = 0
    """How many answers get lost after all was done."""
    totals_failures = 0
    adds = 0
    delay = 0.0

    async def add(
        self, deltas: Mapping[str, float], ttl: float | None = None, once: str | None = None
    ) -> Mapping[str, float]:
        if self.failures:
            self.failures -= 1
            raise StoreError("told to fail")
        await asyncio.sleep(self.delay)
        self.adds += 1
        totals = await super().add(deltas, ttl, once)
        if self.lost:
            self.lost -= 1
            raise StoreError("told to lose the answer")
        return totals

    async def totals(self, prefix: str) -> Mapping[str, float]:
        if self.totals_failures:
            self.totals_failures -= 1
            raise StoreError("told to fail")
        return await super().totals(prefix)


@pytest.fixture
async def coordination(tmp_path: Path) -> AsyncIterator[Failing]:
    store = Failing(Database(tmp_path / "metrics.db"))
    yield store
    await store.close()


@pytest.fixture
async def make(coordination: Failing) -> AsyncIterator[Callable[..., Metrics]]:
    """Instances of a fleet over one store."""
    made: list[Metrics] = []

    def build(**options: object) -> Metrics:
        metrics = Metrics(coordination, **options)  # type: ignore[arg-type]
        made.append(metrics)
        return metrics

    yield build
    for metrics in made:
        await metrics.close()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A webhook that hears of alerts."""
    async with hooked() as found:
        yield found


@pytest.fixture
def clock() -> Time:
    return Time(time.time())


@pytest.fixture
def start(product: Product, hook: Hook, clock: Time) -> Start:
    """Instances over one store, with one clock."""

    def begin(models: dict[str, str] | None = None, **settings: Any) -> Runtime:
        runtime = product.runtime(models, **{"alert_webhook_url": hook.url, **settings})
        runtime.__dict__["clock"] = clock
        return runtime

    return begin
