"""Metrics of the whole fleet: counted here in memory, added up in `coordination`, read back from there.

    metrics.inc("ai_requests_total", "mentor", "gpt_4_mini", "ok")
    metrics.observe("ai_response_time_seconds", 0.42, "mentor", "gpt_4_mini")
    metrics.set("ai_circuit_breaker_state", 2, "account:openai")
    text = await metrics.render()

Label values come in the order `shared.telemetry.names` declares them. Counting takes under a microsecond and no lock:
one event loop owns the object. Unsent counts go out together in one atomic `coordination.add`, every `interval` seconds on
the common beat (`shared.beat`), by a task that lives only while there is something to send. What can be lost:

- a process killed by SIGKILL loses the counts of its last `interval` (1 s) at most;
- one that ends in an orderly way loses nothing: `drain` (see `shared.telemetry.termination`), `close`, and the end of
  the event loop all send what is left;
- a platform that stops the CPU between requests sends the rest with the next request, or when it ends the instance.

A failed `add` loses nothing either: its counts are kept as they are and go out again, after a growing pause, before any
newer ones. Each `add` has a name (`once`), which a repetition keeps: whether the first one was done and only its answer was
lost, or a flush was cancelled in mid-flight, nothing is counted twice within the hour that the name is known.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping
from math import inf

from shared import beat, ids, log
from shared.coordination import Coordination
from shared.telemetry import exposition
from shared.telemetry.names import MAX_SERIES
from shared.telemetry.series import PREFIX, Book, Labels, Series, parse

_MAX_PAUSE = 30.0
_LAST_SECONDS = 2.0
_logger = log.get(__name__)


class Metrics:
    """Counters, gauges and histograms. `known` adds allowed values by label name; `interval` 0 sends at once. `beside` is
    called on each beat that sends: what it begins then shares the round trip.

    Methods that count raise KeyError for an undeclared metric and ValueError for one of another kind, a wrong
    number of labels, or a value that is no finite number (not below zero for a counter).
    """

    def __init__(
        self,
        coordination: Coordination,
        *,
        known: Mapping[str, Collection[str]] | None = None,
        interval: float = 1.0,
        beside: Callable[[], None] | None = None,
    ) -> None:
        self._coordination = coordination
        self._interval = interval
        self._beside = beside
        self._counters = Book("counter", known or {})
        self._histograms = Book("histogram", known or {})
        self._gauges = Book("gauge", known or {})
        self._dirty: list[Series] = []
        self._kept: tuple[str, dict[str, float]] | None = None  # a batch that may not have arrived, under its name
        self._sender: asyncio.Task[None] | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._failures = 0

    def inc(self, name: str, *labels: str, by: float = 1.0) -> None:
        """Add to a counter."""
        if not 0 <= by < inf:
            raise ValueError(f"{name}: a counter grows by a finite number, not by {by}")
        series = self._counters.find(name, labels)
        series.counts[0] += by
        if not series.dirty:
            self._touch(series)

    def observe(self, name: str, value: float, *labels: str) -> None:
        """Count one observation in a histogram."""
        if not -inf < value < inf:
            raise ValueError(f"{name}: {value} is no observation")
        series = self._histograms.find(name, labels)
        series.observe(value)
        if not series.dirty:
            self._touch(series)

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge. Gauges are this process's own view and are not sent anywhere."""
        self._gauges.find(name, labels).counts[0] = value

    def forget(self, name: str) -> None:
        """Drop a gauge's series, so that targets that are gone do not stay."""
        self._gauges.forget(name)

    async def flush(self) -> None:
        """Send every count made before this call. Raises what `coordination` raises; nothing is lost then."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._send())
            self._flushing.add_done_callback(self._flushed)
        await asyncio.shield(self._flushing)  # a caller who leaves must not take the counts along

    async def render(self) -> str:
        """The fleet's totals in Prometheus' text format. Raises what `coordination` raises when they cannot be read.

        When only the sending fails, the totals stand as they were: they never fall, and this process's rest comes later.
        """
        await self._flush_quietly()
        return exposition.render(await self._coordination.totals(PREFIX), self._gauges.all())

    async def drain(self) -> None:
        """The process is about to end: from now on send at once."""
        self._interval = 0.0
        await self.close()

    async def close(self) -> None:
        """Send what is left, and stop."""
        if self._sender is not None:
            self._sender.cancel()  # it sends once more before it ends
            await asyncio.wait([self._sender])
        await self._flush_quietly()

    def _touch(self, series: Series) -> None:
        series.dirty = True
        self._dirty.append(series)
        if self._sender is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return  # counted outside of a loop: sent with the next flush
            self._sender = loop.create_task(self._keep_sending())
            self._sender.add_done_callback(self._sender_done)

    async def _keep_sending(self) -> None:
        try:
            while self._dirty or self._kept is not None:
                await asyncio.sleep(self._pause())
                if self._beside is not None:
                    self._beside()
                await self._flush_quietly()
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):  # the loop is ending, and must not wait for a store that hangs
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._flush_quietly()
            raise
        finally:
            self._sender = None  # here and not only in the callback: a count made before that runs needs a new task

    def _sender_done(self, task: "asyncio.Task[None]") -> None:
        if self._sender is task:  # it was cancelled before its first step
            self._sender = None

    def _pause(self) -> float:
        if self._failures:
            return float(min(_MAX_PAUSE, 0.25 * 2**self._failures))
        return beat.pause(asyncio.get_running_loop().time(), self._interval) if self._interval else 0.0

    async def _flush_quietly(self) -> None:
        try:
            await self.flush()
        except Exception as error:  # noqa: BLE001 - whatever the store's adapter raises: counts wait, requests go on
            if self._failures in {1, 5} or self._failures % 20 == 0:
                log.event(_logger, "metrics.flush_failed", level=logging.WARNING, error=error, failures=self._failures)

    def _flushed(self, task: "asyncio.Task[None]") -> None:
        self._flushing = None
        if not task.cancelled():
            task.exception()  # seen, also when the caller has left

    async def _send(self) -> None:
        try:
            await self._send_kept()
            await self._admit()
            batch: dict[str, float] = {}
            ready = [series for series in self._dirty if series.admitted]
            # Others came while `_admit` was waiting; they are judged next time.
            self._dirty = [series for series in self._dirty if not series.admitted]
            for series in ready:
                series.take(batch)
            if batch:
                self._kept = (ids.new("add"), batch)
                await self._send_kept()
        except Exception:  # whatever it was is raised on; only the pause before the next try depends on it
            self._failures += 1
            raise
        self._failures = 0

    async def _send_kept(self) -> None:
        if self._kept is not None:
            name, batch = self._kept
            await self._coordination.add(batch, once=name)
            self._kept = None

    async def _admit(self) -> None:
        """Let new free series in while the fleet has fewer than MAX_SERIES of their metric; fold the rest.

        Instances that admit at the same moment may overshoot by what each admits in one flush.
        """
        fresh = [series for series in self._dirty if not series.admitted]
        if not fresh:
            return
        fleet: dict[str, set[Labels]] = {}
        for counter in await self._coordination.totals(PREFIX):
            found = parse(counter)
            if found is not None:
                fleet.setdefault(found[0].name, set()).add(found[1])
        for series in fresh:
            there = fleet.setdefault(series.metric.name, set())
            if series.labels in there or len(there) < MAX_SERIES:
                there.add(series.labels)
                series.admitted = True
            else:
                self._fold(series)

    def _fold(self, series: Series) -> None:
        other = (self._counters if series.metric.kind == "counter" else self._histograms).fold(series)
        self._dirty.remove(series)
        if not other.dirty:
            self._touch(other)
