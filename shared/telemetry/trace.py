"""Traces: what one request did, where, for how long, across functions, tasks and the own model server.

    with runtime.tracer.request(headers, service="mentor", method="POST", route="/mentor/chat") as span:
        span.set(request_id=request_id)
        with trace.begin("commit"):
            ...

A trace is kept when the caller asks for it (the sampled flag of W3C's `traceparent`, or of Google's
`X-Cloud-Trace-Context`), else for a share of all requests, decided by the trace id alone, so that every service decides
alike. Google's front end sends one of these headers with every request, mostly without the flag; hence "no flag" leaves
the decision to the share. Where nothing is kept `begin` costs a look at a context variable and makes nothing.

Only the attributes named in `Attributes` can be set, which mypy holds every caller to, and `trace_wire` sends no other:
no name there could hold a learner's words. Spans end in a `Sink`, which must return at once and never raises.
"""

import random
import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Protocol, Self, TypedDict, Unpack

from shared import log

SERVER: Final = 2
CLIENT: Final = 3
PRODUCER: Final = 4
CONSUMER: Final = 5
_INTERNAL: Final = 1
FORCED_PER_SECOND: Final = 50
"""Traces of callers' own that one instance keeps in a second: flag and id are anybody's to choose, and spans cost money."""

_TRACEPARENT: Final = re.compile(
    rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z"
)
_GOOGLE: Final = re.compile(rb"(?!0{32})([0-9a-fA-F]{32})/([0-9]{1,20})(?:;o=([01]))?\Z")
_LOW: Final = 2**64


class Attributes(TypedDict, total=False):
    """What a span may say. `trace_wire.NAMES` has the names under which OpenTelemetry knows them."""

    agent: str
    attempt: int
    attempts: int
    cache: str
    cached_input_tokens: int
    cost_usd: float
    degraded: bool
    input_tokens: int
    job_id: str
    job_kind: str
    message_id: str
    method: str
    model: str
    outcome: str
    output_tokens: int
    provider: str
    request_id: str
    route: str
    status: int


class Sink(Protocol):
    """Where spans go when they have ended."""

    def take(self, span: "Span") -> None:
        """Keep it, or drop it; at once, without raising."""

    async def close(self) -> None:
        """Send what is kept."""


class Remote:
    """A place in a trace of which nothing is kept here; lines that are logged under it carry its ids."""

    __slots__ = ("_before", "sampled", "span_id", "trace_id")

    def __init__(self, trace_id: str, span_id: str, *, sampled: bool) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.sampled = sampled
        self._before: log.Place | None = None

    def current(self) -> Self:
        """Make it the current place, until its end."""
        self._before = log.place.get()
        log.place.set(self)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.end()

    def set(self, **attributes: Unpack[Attributes]) -> None:
        """Nothing: it is not kept."""

    def fail(self, error: str) -> None:
        """Nothing: it is not kept."""

    def end(self) -> None:
        """Go back to the place that was current before."""
        log.place.set(self._before)


class Span(Remote):
    """One piece of work that is kept. Times are Unix nanoseconds."""

    __slots__ = ("attributes", "ended", "error", "kind", "name", "parent_id", "service", "sink", "started")

    def __init__(self, sink: Sink, service: str, trace_id: str, parent_id: str, *, name: str, kind: int) -> None:
        super().__init__(trace_id, _new_span_id(), sampled=True)
        self.sink = sink
        self.service = service
        self.name = name
        self.kind = kind
        self.parent_id = parent_id
        self.attributes: Mapping[str, object] = {}
        self.error = ""
        self.ended = 0
        self.started = time.time_ns()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if (
            isinstance(error, Exception) and not self.error
        ):  # a caller who left, or a generator that was closed, is none
            self.error = type(error).__qualname__  # never its text, which may quote a learner
        self.end()

    def set(self, **attributes: Unpack[Attributes]) -> None:
        """Say something of this work; a later value replaces an earlier one."""
        self.attributes = {**self.attributes, **attributes} if self.attributes else attributes

    def fail(self, error: str) -> None:
        """Say that it failed: `error` is a word of ours, such as a failure's name."""
        self.error = error

    def end(self) -> None:
        """Hand it over, once, and go back to the span that was current before."""
        if not self.ended:
            self.ended = time.time_ns()
            log.place.set(self._before)
            self.sink.take(self)


class _Nothing(Remote):
    """Stands where there is no trace at all, so that callers need not ask."""

    __slots__ = ()

    def end(self) -> None:
        """Nothing has begun."""


NOTHING: Final = _Nothing("", "", sampled=False)


def begin(name: str, of: str = "", *, kind: int = _INTERNAL) -> Remote:
    """Begin a span below the current one, and make it current until its `end` (or that of its `with` block).

    Its name is `name of`. Where the current request is not kept nothing is begun, and what is returned does nothing.
    """
    above = log.place.get()
    if type(above) is not Span:
        return NOTHING
    named = _named(name, of)
    return Span(above.sink, above.service, above.trace_id, above.span_id, name=named, kind=kind).current()


def current() -> Remote:
    """The current span; one that does nothing where there is none."""
    above = log.place.get()
    return above if type(above) is Span else NOTHING


def traceparent() -> str:
    """The current place in W3C's form, for whoever works on for us; empty where there is no trace.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    above = log.place.get()
    return "" if above is None else f"00-{above.trace_id}-{above.span_id}-{'01' if above.sampled else '00'}"


class Tracer:
    """Begins the traces of one process. Without a sink none are kept, and log lines still carry the caller's trace."""

    def __init__(self, sink: Sink | None = None, *, ratio: float = 0.0) -> None:
        self._sink = sink
        self._below = int(ratio * _LOW)
        self._second = 0
        self._forced = 0

    def request(self, headers: Mapping[bytes, bytes], *, service: str, method: str, route: str) -> Remote:
        """The place of a request that came in, current from now on; its `end` comes after the answer's last byte.

        `route` is the path as it is declared, never as it was asked for: that holds ids, and whatever callers write there.
        """
        told = headers.get(b"traceparent")
        found = None if told is None else _read(told)
        if found is None and (google := headers.get(b"x-cloud-trace-context")) is not None:
            found = _read_google(google)
        return self._continue(found, service, SERVER, method, route)

    def work(self, told: str, *, service: str, name: str, of: str) -> Remote:
        """The place of background work that `told` (a `traceparent`, or nothing) has asked for, current from now on."""
        return self._continue(_read(told.encode("ascii", "replace")) if told else None, service, CONSUMER, name, of)

    async def close(self) -> None:
        """Send what is kept."""
        if self._sink is not None:
            await self._sink.close()

    def _continue(self, found: Remote | None, service: str, kind: int, name: str, of: str) -> Remote:
        sink = self._sink
        if found is None:
            # The half of the id that OpenTelemetry's TraceIdRatioBased looks at, so that whoever is asked next says the same.
            if sink is None or (low := random.getrandbits(64)) >= self._below:
                return NOTHING
            trace_id = f"{random.getrandbits(64) or 1:016x}{low:016x}"
            return Span(sink, service, trace_id, "", name=_named(name, of), kind=kind).current()
        if sink is None:
            return found.current()
        if kind == CONSUMER:
            kept = found.sampled  # what our own request wrote down: it was decided there
        else:
            # The caller chooses the id as well as the flag, so neither may keep more than so many.
            kept = (found.sampled or int(found.trace_id[16:], 16) < self._below) and self._admits()
        if kept:
            return Span(sink, service, found.trace_id, found.span_id, name=_named(name, of), kind=kind).current()
        found.sampled = False
        return found.current()

    def _admits(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._forced = second, 0
        self._forced += 1
        return self._forced <= FORCED_PER_SECOND


def _named(name: str, of: str) -> str:
    return f"{name} {of}" if of else name


def _read(told: bytes) -> Remote | None:
    found = _TRACEPARENT.match(told)
    if found is None or (found[1] == b"00" and found[5] is not None):
        return None
    return Remote(found[2].decode(), found[3].decode(), sampled=bool(int(found[4], 16) & 1))


def _read_google(told: bytes) -> Remote | None:
    found = _GOOGLE.match(told)
    if found is None or not 0 < (span := int(found[2])) < _LOW:
        return None
    return Remote(found[1].decode().lower(), f"{span:016x}", sampled=found[3] == b"1")


def _new_span_id() -> str:
    return f"{random.getrandbits(64) or 1:016x}"
