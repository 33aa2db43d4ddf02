"""The composition root: one place that builds clients, each on its first use, adapters imported inside.

    runtime.current().gateway          # in a function
    with runtime.override(settings=…): # in a test

Nothing is built at import: the framework imports user code in the server's master process and serves from a fork.
"""

import gc
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared import backends, beat, log
from shared.coordination import Coordination
from shared.jobs import Handler, WorkerQueue
from shared.settings import Settings
from shared.store import Store

if TYPE_CHECKING:
    from shared.activity.fold import Fold
    from shared.identity.verifier import Identity
    from shared.jobs.local import LocalQueue
    from shared.jobs.runner import Runner
    from shared.language.detector import Detector
    from shared.llm.answers import AnswerCache
    from shared.llm.breakers import Breakers
    from shared.llm.catalog import Catalog
    from shared.llm.gateway import Gateway
    from shared.llm.settlement import Settlements
    from shared.llm.types import Provider
    from shared.llm.warmth import Warmth
    from shared.recent import Recent
    from shared.sqlite import Database
    from shared.telemetry.fleet import Fleet
    from shared.telemetry.metrics import Metrics
    from shared.telemetry.trace import Tracer
    from shared.telemetry.watch import Watch
    from shared.web.exchange import Exchanges
    from shared.web.limits import Limits
    from shared.web.live import Lives
    from shared.web.stops import Stops


class Runtime:
    """Everything one process needs, built lazily."""

    def __init__(self, settings: Settings | None = None, **replaced: Any) -> None:
        self._settings = settings
        for name, value in replaced.items():
            self.__dict__[name] = value  # takes the place of the cached_property of that name

    @cached_property
    def settings(self) -> Settings:
        """The environment, read once."""
        loaded = self._settings or Settings.load()
        log.configure(loaded)
        return loaded

    def clock(self) -> float:
        """Unix seconds."""
        return time.time()

    @cached_property
    def instance(self) -> str:
        """A name for this process among its like."""
        return f"{os.getpid()}-{uuid.uuid4().hex[:8]}"

    @cached_property
    def database(self) -> "Database":
        """The embedded stores' one file."""
        return backends.database(self)

    @cached_property
    def store(self) -> Store:
        """Documents."""
        return backends.store(self)

    @cached_property
    def coordination(self) -> Coordination:
        """What instances share besides documents."""
        return backends.coordination(self)

    @property
    def pace(self) -> float:
        """Seconds between what instances tell each other in the background."""
        return beat.REMOTE_SECONDS if self.remote else beat.LOCAL_SECONDS

    @property
    def remote(self) -> bool:
        """Whether shared state is behind a network, where every look costs a round trip and money."""
        return self.settings.uses_firestore or self.settings.upstash_redis_rest_url is not None

    @cached_property
    def queue(self) -> WorkerQueue:
        """Background work."""
        return backends.queue(self)

    @cached_property
    def local_queue(self) -> "LocalQueue":
        """The embedded queue; a job that is enqueued here is also done here."""
        from shared.jobs.local import LocalQueue

        return LocalQueue(self.database, store=self.store, clock=self.clock, on_arrival=lambda: self.runner.start())  # noqa: PLW0108 - built on first use

    @cached_property
    def handlers(self) -> Mapping[str, Handler]:
        """Who does background work, by its kind."""
        from shared.work import handlers

        return handlers(self)

    @cached_property
    def runner(self) -> "Runner":
        """Does the embedded queue's work in this process; started by the first job that is enqueued here."""
        from shared.jobs.runner import Runner

        return Runner(self.local_queue, self.handlers, tracer=self.tracer)

    @cached_property
    def fold(self) -> "Fold":
        """Counts what has happened."""
        from shared.activity import compose

        return compose.fold(self)

    @cached_property
    def recent(self) -> "Recent":
        """Documents that nearly every request needs."""
        from shared.recent import Recent

        return Recent(self.store, self.clock)

    @cached_property
    def detector(self) -> "Detector":
        """Which language a message is in."""
        from shared.language.detector import Detector

        return Detector()

    @cached_property
    def identity(self) -> "Identity":
        """Who is calling."""
        from shared.identity.verifier import Identity

        return Identity(self.settings, self.store, self.clock)

    @cached_property
    def limits(self) -> "Limits":
        """Who calls too often."""
        from shared.web.limits import Limits

        return Limits(self.settings, self.coordination, self.clock, every=self.pace)

    @cached_property
    def exchanges(self) -> "Exchanges":
        """Idempotency keys."""
        from shared.web.exchange import Exchanges

        return Exchanges(self.store, self.coordination, self.clock, self.instance, pace=0.5 if self.remote else 0.05)

    @cached_property
    def lives(self) -> "Lives":
        """Streams running in this process."""
        from shared.web.live import Lives

        return Lives()

    @cached_property
    def stops(self) -> "Stops":
        """The learner's stop, whichever process the answer runs in."""
        from shared.web.stops import Stops

        return Stops(self.lives, self.coordination, pace=0.5 if self.remote else 0.1)

    @cached_property
    def metrics(self) -> "Metrics":
        """Counters of the whole fleet; first used inside the running loop, whose end sends what is left."""
        from shared.telemetry import compose

        return compose.metrics(self)

    @cached_property
    def fleet(self) -> "Fleet":
        """What instances tell each other about themselves."""
        from shared.telemetry import compose

        return compose.fleet(self)

    @cached_property
    def watch(self) -> "Watch":
        """The alerts' evaluation."""
        from shared.telemetry import compose

        return compose.watch(self)

    @cached_property
    def tracer(self) -> "Tracer":
        """Begins the traces of requests and of background work."""
        from shared.telemetry.trace import Tracer

        return Tracer(backends.spans(self), ratio=self.settings.trace_sample_ratio)

    @cached_property
    def catalog(self) -> "Catalog":
        """The models configured here."""
        from shared.llm import catalog

        return catalog.load(self.settings, datetime.fromtimestamp(self.clock(), UTC).date())

    @cached_property
    def breakers(self) -> "Breakers":
        """Circuit breakers of every configured model and account."""
        from shared.llm import parts

        return parts.breakers(self)

    @cached_property
    def warmth(self) -> "Warmth":
        """Whether the own server is awake, and who wakes it."""
        from shared.llm import parts

        return parts.warmth(self)

    @cached_property
    def settlements(self) -> "Settlements":
        """Bills on their way to the caps."""
        from shared.llm.settlement import Settlements

        return Settlements(self.coordination, self.store, forgets=self.remote)

    @cached_property
    def answers(self) -> "AnswerCache":
        """The exact cache."""
        from shared.llm.answers import AnswerCache

        return AnswerCache(self.coordination, self.settings.max_cache_size, self.clock)

    @cached_property
    def providers(self) -> "dict[str, Provider]":
        """Adapters built so far, by wire."""
        return {}

    def provider(self, wire: str) -> "Provider":
        """The adapter of one wire, built on first use; its SDK is imported then."""
        found = self.providers.get(wire)
        if found is None:
            from shared.llm import parts

            found = self.providers[wire] = parts.provider(self, wire)
        return found

    @cached_property
    def gateway(self) -> "Gateway":
        """The one path of every model call."""
        from shared.llm.compose import compose

        if self.settings.tasks_queue is None:
            self.runner.start()  # what an earlier process accepted and did not finish is done here
        return compose(self)

    async def close(self) -> None:
        """Finish what is pending and let go of every connection that was opened."""
        from shared.closing import close

        await close(self.__dict__)


_current: Runtime | None = None


def current() -> Runtime:
    """This process's runtime; a forked process gets its own, because clients are built on first use."""
    global _current
    if _current is None:
        _current = Runtime()
        # What was imported stays for good: the collector need not look at it again, nor run every 700 objects.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
    return _current


@contextmanager
def override(runtime: Runtime) -> Iterator[Runtime]:
    """Put another runtime in place, for tests."""
    global _current
    before, _current = _current, runtime
    try:
        yield runtime
    finally:
        _current = before
