"""Sends spans to a collector, behind everybody's back: OTLP over HTTP, in batches, in the background, bounded.

A span that has ended waits here, at most CAPACITY of them together with those on their way; what comes then is dropped and
counted, and a line says how many. A collector that is away, hangs or is slow costs requests nothing: one call at a time,
ten seconds at most, a growing pause after a failure, and then the same spans again. What it refuses for good is dropped.
What waits is sent when the process is told to end (`shared.telemetry.termination`) as far as the time suffices.
"""

import asyncio
import contextlib
import contextvars
import importlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from shared import log
from shared.telemetry import trace_wire
from shared.telemetry.trace import Span

if TYPE_CHECKING:
    import aiohttp

CAPACITY: Final = 2048
"""Spans, some 2 MB at most."""
BATCH: Final = 512
_SLICE: Final = 32
"""Spans made into messages at a stretch, half a millisecond: between two stretches requests are served."""
_MAX_PAUSE: Final = 60.0
_LAST_SECONDS: Final = 2.0
_LATER: Final = frozenset({429, 502, 503, 504})
"""What may be tried again: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes"""
_SCOPE: Final = "https://www.googleapis.com/auth/trace.append"

Authorize = Callable[[str, dict[str, str]], Awaitable[None]]
"""Adds what the collector at an address asks for to a call's headers."""

_log = log.get(__name__)


class _Refused(RuntimeError):
    """The collector will not take this batch, now or later."""


class Exporter:
    """A `trace.Sink`. `url` is the collector's full address; `interval` the seconds a span may wait, `timeout` those of a call."""

    def __init__(
        self,
        url: str,
        resource: Mapping[str, str],
        *,
        authorize: Authorize | None = None,
        interval: float = 5.0,
        timeout: float = 10.0,
    ) -> None:
        self.dropped = 0
        """Spans lost since the last line that told of it."""
        self._url = url
        self._resource = resource
        self._authorize = authorize
        self._interval = interval
        self._timeout = timeout
        self._waiting: list[Span] = []
        self._enough = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._failures = 0

    def take(self, span: Span) -> None:
        """Have an ended span sent; dropped and counted when too many wait."""
        if len(self._waiting) >= CAPACITY:
            self.dropped += 1
            return
        self._waiting.append(span)
        if len(self._waiting) >= BATCH:
            self._enough.set()
        if self._sender is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return  # it ended outside of a loop: sent with the next one
            # Without the request's context: what is logged there is not this request's.
            self._sender = loop.create_task(self._keep_sending(), context=contextvars.Context())
            self._sender.add_done_callback(self._ended)

    async def drain(self) -> None:
        """The process is about to end: send what waits, and from now on at once."""
        self._interval = 0.0
        self._enough.set()
        if self._sender is not None:
            await asyncio.wait([self._sender], timeout=_LAST_SECONDS)

    async def close(self) -> None:
        """Send what waits, for two seconds at most, and let go of the connection."""
        await self.drain()
        if (sender := self._sender) is not None:
            sender.cancel()
            await asyncio.wait([sender])
        self.dropped += len(self._waiting)
        self._waiting.clear()
        self._lost(0, None)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _keep_sending(self) -> None:
        try:
            while self._waiting:
                await self._pause()
                await self._send_some()
        finally:
            self._sender = None  # here and not only in the callback: a span that ends before that runs needs a new task

    async def _pause(self) -> None:
        if self._failures:
            await asyncio.sleep(min(_MAX_PAUSE, 0.5 * 2**self._failures))
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._enough.wait()

    async def _send_some(self) -> None:
        batch, refused, why = self._waiting[:BATCH], 0, None
        try:
            refused = await self._send(batch)
        except _Refused as error:
            refused, why = len(batch), error
        except Exception as error:  # noqa: BLE001 - whatever network, credentials or packages raise: requests go on
            self._later(error)
            return
        del self._waiting[: len(batch)]
        self._failures = 0
        self._lost(refused, why)
        if len(self._waiting) < BATCH and self._interval:
            self._enough.clear()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if self._sender is task:  # it was cancelled before its first step
            self._sender = None

    async def _send(self, batch: list[Span]) -> int:
        """How many of these the collector has refused. Raises _Refused when it is all of them, and whatever else went wrong."""
        try:
            body = await self._encoded(batch)
        except (TypeError, ValueError) as error:
            raise _Refused(f"cannot be encoded: {type(error).__name__}") from None
        headers = {"Content-Type": "application/x-protobuf"}
        async with asyncio.timeout(self._timeout):
            if self._authorize is not None:
                await self._authorize(self._url, headers)
            async with self._open().post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                told = await answer.read()
        if answer.status in _LATER:
            raise ConnectionError(f"the collector answered {answer.status}")
        if answer.status != 200:
            raise _Refused(f"the collector answered {answer.status}")
        return trace_wire.rejected(told)

    async def _encoded(self, batch: list[Span]) -> bytes:
        await asyncio.to_thread(importlib.import_module, trace_wire.MODULE)  # at once, from the second time on
        building = trace_wire.Building(self._resource)
        for start in range(0, len(batch), _SLICE):
            building.add(batch[start : start + _SLICE])
            await asyncio.sleep(0)
        return building.encoded()

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _later(self, error: Exception) -> None:
        self._failures += 1
        if self._failures in {1, 5} or self._failures % 20 == 0:
            fields: dict[str, object] = {"failures": self._failures, "waiting": len(self._waiting)}
            log.event(_log, "trace.export_failed", level=logging.WARNING, error=error, **fields)

    def _lost(self, refused: int, error: Exception | None) -> None:
        """Say what was lost since the last time, if anything was."""
        lost, self.dropped = self.dropped, 0
        if lost or refused:
            log.event(_log, "trace.spans_lost", level=logging.WARNING, dropped=lost, refused=refused, error=error)


class GoogleCredentials:
    """An `Authorize` with the credentials this process runs under, as Google's collector (telemetry.googleapis.com) wants.

    They are looked for and refreshed in a thread, because both may ask the metadata server. The account needs
    roles/telemetry.tracesWriter. https://docs.cloud.google.com/stackdriver/docs/reference/telemetry/v1.traces.post
    """

    def __init__(self) -> None:
        self._found: Any = None

    async def __call__(self, url: str, headers: dict[str, str]) -> None:
        """Add the token, and the project that pays where the credentials are a person's."""
        await asyncio.to_thread(self._sign, url, headers)

    def _sign(self, url: str, headers: dict[str, str]) -> None:
        import google.auth
        from google.auth.transport.requests import Request

        if self._found is None:
            self._found = google.auth.default(scopes=[_SCOPE])[0]
        self._found.before_request(Request(), "POST", url, headers)
