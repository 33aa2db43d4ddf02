"""A runtime whose clock stands, over stores of its own: what a request costs there is its own cost, to the document."""

import time
import uuid
from pathlib import Path
from typing import Any

from shared import backends
from shared.recent import Recent
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Ref, Store, Version, Write
from shared.store.sqlite import SQLiteStore
from shared.telemetry.metrics import Metrics
from shared.web.limits import Limits

NEVER = 3600.0
"""Seconds between two turns of the background."""
_REDIS = ("upstash_redis_rest_url", "upstash_redis_rest_token")


class _Counted(SQLiteStore):
    """The embedded store, counting documents as Firestore bills them."""

    reads = 0
    writes = 0

    async def read(self, *refs: Ref) -> list[tuple[Any, Version] | None]:
        self.reads += len(refs)
        return await super().read(*refs)

    async def commit(self, *writes: Write) -> list[Version]:
        self.writes += len(writes)
        return await super().commit(*writes)


class _Forgetful(Recent):
    """A learner takes longer to read an answer than a profile is remembered."""

    async def profile_and(self, user_id: str, other: Ref | None = None) -> tuple[Any, Any]:
        self._profiles.clear()
        return await super().profile_and(user_id, other)


class Standing(Runtime):
    """A runtime whose clock stands, at the moment it was made or last put right."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.put_right()

    def put_right(self) -> None:
        """Let it be now; what is read every few seconds is read again then."""
        self._moment = time.time()

    def clock(self) -> float:
        """The moment, in Unix seconds."""
        return self._moment


def compose(settings: Settings) -> Standing:
    """The runtime that is measured."""
    runtime = Standing(settings)
    backends.preload(settings)
    store: Store = runtime.store if settings.uses_firestore else _Counted(runtime.database)
    runtime.__dict__["store"] = store
    runtime.__dict__["recent"] = _Forgetful(store, runtime.clock)
    runtime.__dict__["limits"] = Limits(settings, runtime.coordination, runtime.clock, every=NEVER)
    runtime.__dict__["metrics"] = Metrics(runtime.coordination, interval=NEVER)
    return runtime


def settings_for(folder: str, upstream: str) -> Settings:
    """The stores the environment names, and nothing else of it: a folder, a project and a namespace of our own."""
    named = Settings.load()
    if named.deployed:
        raise SystemExit("this fills the stores: not here")
    ours = f"growth-{uuid.uuid4().hex[:8]}"
    return Settings(
        environment="test",
        auth_mode="local",
        data_dir=Path(folder),
        log_level="WARNING",
        local_infer_url=f"{upstream}/v1",
        gcp_project_id=ours,
        upstash_namespace=ours,
        **named.model_dump(include={"firestore_emulator_host", *_REDIS}, exclude_none=True),
        rate_limit_user_per_minute=10**9,
        rate_limit_endpoint_per_minute=10**9,
    )
