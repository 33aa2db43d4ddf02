"""Spans in OpenTelemetry's own messages: https://opentelemetry.io/docs/specs/otlp/

The messages are the official ones (opentelemetry-proto); its import takes 7 ms beside Firestore's client, 40 ms without.
Texts go through `log.shown` on the way, so that what no line may hold is in no span either.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from shared import log
from shared.telemetry.trace import Span

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from opentelemetry.proto.trace.v1 import trace_pb2

MODULE: Final = "opentelemetry.proto.collector.trace.v1.trace_service_pb2"
"""What has to be imported before the first call here, by whoever does not want to wait for it."""
SCOPE: Final = "lyo"

NAMES: Final[Mapping[str, str]] = {
    "agent": "gen_ai.agent.name",
    "attempt": "lyo.attempt",
    "attempts": "lyo.attempts",
    "cache": "lyo.cache",
    "cached_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cost_usd": "lyo.cost_usd",
    "degraded": "lyo.degraded",
    "input_tokens": "gen_ai.usage.input_tokens",
    "job_id": "lyo.job.id",
    "job_kind": "lyo.job.kind",
    "message_id": "lyo.message_id",
    "method": "http.request.method",
    "model": "gen_ai.request.model",
    "outcome": "lyo.outcome",
    "output_tokens": "gen_ai.usage.output_tokens",
    "provider": "gen_ai.provider.name",
    "request_id": "lyo.request_id",
    "route": "http.route",
    "status": "http.response.status_code",
}
"""Every attribute there is, by its name in `trace.Attributes`: the semantic conventions' where they have one
(https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/). What is not here does not leave the process."""


class Building:
    """One request for spans that are added bit by bit, so that others' work can be done in between.

    `resource` describes the process; each function's spans are below a resource of that function's name.
    """

    def __init__(self, resource: Mapping[str, str]) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        self._resource = resource
        self._request = ExportTraceServiceRequest()
        self._scopes: dict[str, trace_pb2.ScopeSpans] = {}

    def add(self, spans: Iterable[Span]) -> None:
        """Add ended spans. ValueError or TypeError when one cannot be said in these messages."""
        for span in spans:
            scope = self._scopes.get(span.service)
            if scope is None:
                below = self._request.resource_spans.add()
                below.resource.attributes.extend(_pairs({**self._resource, "service.name": span.service}))
                scope = self._scopes[span.service] = below.scope_spans.add()
                scope.scope.name = SCOPE
            _fill(scope.spans.add(), span)

    def encoded(self) -> bytes:
        """An ExportTraceServiceRequest's bytes."""
        said: bytes = self._request.SerializeToString()
        return said


def rejected(body: bytes) -> int:
    """How many spans the collector has not taken, by its ExportTraceServiceResponse; 0 where it said something else with its 200."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    try:
        count: int = ExportTraceServiceResponse.FromString(body).partial_success.rejected_spans
    except Exception:  # noqa: BLE001 - protobuf's own error for other bytes; sending again because of it would double the spans
        return 0
    return count


def _fill(message: "trace_pb2.Span", span: Span) -> None:
    message.trace_id = bytes.fromhex(span.trace_id)
    message.span_id = bytes.fromhex(span.span_id)
    message.parent_span_id = bytes.fromhex(span.parent_id)
    message.flags = 1
    message.name = log.shown("name", span.name)
    message.kind = span.kind  # type: ignore[assignment]  # its numbers are the protocol's
    message.start_time_unix_nano = span.started
    message.end_time_unix_nano = span.ended
    message.attributes.extend(_pairs({NAMES[key]: value for key, value in _allowed(span)}))
    if span.error:
        message.status.code = 2  # type: ignore[assignment]  # STATUS_CODE_ERROR
        message.attributes.extend(_pairs({"error.type": log.shown("error", span.error)}))


def _allowed(span: Span) -> Iterator[tuple[str, object]]:
    for key, value in span.attributes.items():
        if key in NAMES:
            yield key, log.shown(key, value) if isinstance(value, str) else value


def _pairs(values: Mapping[str, object]) -> "Iterable[KeyValue]":
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

    for key, value in values.items():
        if isinstance(value, bool):  # before int, of which it is one
            yield KeyValue(key=key, value=AnyValue(bool_value=value))
        elif isinstance(value, int):
            yield KeyValue(key=key, value=AnyValue(int_value=value))
        elif isinstance(value, float):
            yield KeyValue(key=key, value=AnyValue(double_value=value))
        elif isinstance(value, str):
            yield KeyValue(key=key, value=AnyValue(string_value=value))
