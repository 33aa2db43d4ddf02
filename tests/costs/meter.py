"""What requests cost the shared stores: the mentor's edge in this process, over Firestore's emulator and Redis behind REST.

Redis counts in HTTP requests, which are its round trips; Firestore as it bills, in documents read, written and deleted.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from functions import mentor
from scripts.benchmarks.inprocess import Heard, ask
from shared import backends, beat
from shared.coordination.upstash import UpstashCoordination
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from shared.store.firestore import FirestoreStore
from shared.store.firestore_link import IN_FLIGHT
from shared.telemetry.metrics import Metrics
from shared.web.limits import Limits
from tests.product import Product
from tests.services.upstash import Upstash

NEVER = 3600.0
"""Seconds between two turns of the background in a still runtime."""
LOOK_SECONDS = 0.5
"""Between two looks for stops over a network: at the multiples of this of the loop's clock."""
_SETTLED = 0.08


def beats_between(began: float, ended: float) -> int:
    """How many looks for stops there were, by the loop's clock."""
    return int(ended / LOOK_SECONDS) - int(began / LOOK_SECONDS)


@dataclass(frozen=True)
class Cost:
    """Round trips to Redis; documents read, written and deleted in Firestore."""

    redis: int
    reads: int
    writes: int
    deletes: int = 0

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(
            self.redis - other.redis,
            self.reads - other.reads,
            self.writes - other.writes,
            self.deletes - other.deletes,
        )


class Still(Runtime):
    """A runtime whose clock stands: what is read every few seconds is read once, and nothing is sent by the clock."""

    def __init__(self, *args: Any, **replaced: Any) -> None:
        super().__init__(*args, **replaced)
        self._moment = super().clock()

    def clock(self) -> float:
        """The moment it was made."""
        return self._moment


class Metered:
    """One instance of the mentor, and what it has cost."""

    def __init__(self, runtime: Runtime, upstash: Upstash) -> None:
        self.runtime = runtime
        self._upstash = upstash

    def cost(self) -> Cost:
        """So far. Redis' part is that of all instances over this server."""
        store = self.runtime.store
        assert isinstance(store, FirestoreStore)
        counted = store.operations
        return Cost(self._upstash.count()["requests"], counted.reads, counted.writes, counted.deletes)

    async def settled(self) -> Cost:
        """The cost when nothing more comes of what was asked."""
        last = self.cost()
        while True:
            await asyncio.sleep(_SETTLED)
            now = self.cost()
            if now == last and not self.runtime.lives.all() and not await self._asking():
                return now
            last = now

    async def _asking(self) -> bool:
        """Whether a store has not answered yet: on a busy machine that takes longer than anything is waited for."""
        store, coordination = self.runtime.store, self.runtime.coordination
        assert isinstance(store, FirestoreStore)
        assert isinstance(coordination, UpstashCoordination)
        link = coordination._wire._link
        asks_redis = link is not None and bool(link._calls or link._waiting)
        return asks_redis or (await store._link())._free._value < IN_FLIGHT

    async def of(self, asked: Callable[[], Awaitable[Heard]]) -> tuple[Heard, Cost]:
        """A request, and what it cost in all."""
        before = await self.settled()
        answer = await asked()
        return answer, await self.settled() - before

    async def of_stream(self, asked: Callable[[], Awaitable[Heard]]) -> tuple[Heard, Cost, int]:
        """The same for a stream begun right behind a beat, and how many beats it lasted: each of them looks for stops."""
        before, loop = await self.settled(), asyncio.get_running_loop()
        await asyncio.sleep(beat.pause(loop.time(), LOOK_SECONDS))
        began = loop.time()
        answer = await asked()
        beats = beats_between(began, loop.time())
        return answer, await self.settled() - before, beats

    async def ask(self, path: str, body: Any = None, sub: str = "u1", **headers: str) -> Heard:
        """One request to the mentor's edge; POST where there is a body."""
        token = mint(read_or_create_secret(self.runtime.settings.data_dir), sub, "learner", 600)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with override(self.runtime):
            return await ask(mentor.edge.app, path, token, body, named)

    async def say(self, message: str, sub: str = "u1", headers: dict[str, str] | None = None, **more: Any) -> Heard:
        """A message to the mentor."""
        answer = await self.ask("/mentor/chat", {"message": message, **more}, sub, **(headers or {}))
        assert answer.status == 200, answer.body
        return answer


class Site:
    """Instances of the mentor over the same stores, which no other site has."""

    def __init__(self, product: Product, emulator_host: str, project: str, upstash: Upstash) -> None:
        self._product = product
        self._upstash = upstash
        self._stores: dict[str, Any] = {
            "firestore_emulator_host": emulator_host,
            "gcp_project_id": project,
            "upstash_redis_rest_url": upstash.url,
            "upstash_redis_rest_token": upstash.token,
            "upstash_namespace": f"costs-{uuid.uuid4().hex[:12]}",
        }

    def instance(self, models: dict[str, str] | None = None, **changes: Any) -> Metered:
        """An instance as it runs, background and all."""
        runtime = self._product.runtime(models, **self._stores, **changes)
        backends.preload(runtime.settings)  # as servers do: seconds of importing would look like a store that hangs
        return Metered(runtime, self._upstash)

    async def still(self, models: dict[str, str] | None = None, **changes: Any) -> Metered:
        """A warm instance whose background stands still: what a request costs then is its own cost."""
        lively = self.instance(models, **changes).runtime
        runtime = Still(lively.settings, catalog=lively.catalog)
        limits = Limits(runtime.settings, runtime.coordination, runtime.clock, every=NEVER)
        metrics = Metrics(runtime.coordination, interval=NEVER)
        runtime.__dict__.update(limits=limits, metrics=metrics)
        self._stack.push_async_callback(runtime.close)
        found = Metered(runtime, self._upstash)
        # Scripts are sent whole to a server that does not know them, and day's totals are asked of the ledger, once.
        await found.say(f"Warm up {uuid.uuid4().hex}.", sub="warm")
        await found.say(
            "Warm up fake-n8-pace200ms.", sub="warm", stream=True, headers={"idempotency-key": uuid.uuid4().hex}
        )
        await found.settled()
        return found

    @property
    def _stack(self) -> AsyncExitStack:
        return self._product._stack
