"""A collector: OTLP over HTTP as its specification says, on a real socket, that can hang, refuse and take a part only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

SECONDS = 60.0
"""How long a call hangs at most: longer than any test waits for what must not depend on it."""


@dataclass(frozen=True)
class Seen:
    """A span as the collector has read it. Ids in hexadecimal."""

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    seconds: float
    failed: bool
    attributes: dict[str, Any]
    resource: dict[str, Any]


@dataclass
class Collector:
    """What came in, and how the next calls are answered."""

    url: str = ""
    status: int = 200
    rejected: int = 0
    said: bytes | None = None
    """The body of the answers; None: as the protocol has it."""
    open: threading.Event = field(default_factory=threading.Event)
    """Cleared: calls hang."""
    calls: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Status, headers with lower-case names, and body of every call, in the order of their answers."""
    arrived: int = 0

    @property
    def raw(self) -> bytes:
        """Every byte that was accepted."""
        return b"".join(body for status, _, body in self.calls if status == 200)

    @property
    def spans(self) -> list[Seen]:
        """Every span that was accepted."""
        found = []
        for status, _, body in self.calls:
            if status == 200:
                found += _read(body)
        return found

    def of(self, trace_id: str) -> list[Seen]:
        """One trace's spans."""
        return [span for span in self.spans if span.trace_id == trace_id]


def _read(body: bytes) -> list[Seen]:
    found = []
    for below in ExportTraceServiceRequest.FromString(body).resource_spans:
        resource = _values(below.resource.attributes)
        for scope in below.scope_spans:
            for span in scope.spans:
                assert len(span.trace_id) == 16
                assert len(span.span_id) == 8
                assert len(span.parent_span_id) in (0, 8)
                found.append(
                    Seen(
                        resource["service.name"],
                        span.name,
                        span.kind,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                        span.status.code == 2,
                        _values(span.attributes),
                        resource,
                    )
                )
    return found


def _values(pairs: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pair: KeyValue
    for pair in pairs:
        value: AnyValue = pair.value
        found[pair.key] = getattr(value, str(value.WhichOneof("value")))
    return found


class _Handler(BaseHTTPRequestHandler):
    collector: ClassVar[Collector]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        here = self.collector
        here.arrived += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        here.open.wait(SECONDS)
        status = here.status if self.path == "/v1/traces" else 404
        here.calls.append((status, {name.lower(): value for name, value in self.headers.items()}, body))
        told = ExportTraceServiceResponse()
        told.partial_success.rejected_spans = here.rejected
        said = told.SerializeToString() if here.said is None else here.said
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the overridden method's name for it
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who did not wait is what these tests are about."""


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port, in threads of its own."""
    made = Collector()
    made.open.set()
    handler = type("Handler", (_Handler,), {"collector": made})
    server = _Server(("127.0.0.1", 0), handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.open.set()
        server.shutdown()
        server.server_close()
        thread.join()
