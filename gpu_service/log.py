"""Log lines as Cloud Logging parses them: one JSON object each. Never a prompt, never an answer.

vLLM and uvicorn log through `Lines` (logging.json names it), the front through `event`.
"""

import json
import logging
import re
from datetime import UTC, datetime

_TRACE = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NO_TRACE = "0" * 32
_LONGEST = 8000
_ANSWERED = logging.getLogger("gpu_service")


class Lines(logging.Formatter):
    """A record as one line. The text of an exception is kept: it is the engine's own, about itself."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        fields: dict[str, object] = dict(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            fields["stack_trace"] = self.formatException(record.exc_info)[-_LONGEST:]
        return line(record.levelname, record.getMessage(), logger=record.name, **fields)


def line(severity: str, message: str, **fields: object) -> str:
    """One JSON line; Cloud Logging knows Python's names of levels."""
    moment = datetime.now(UTC).isoformat()
    return json.dumps(
        {"severity": severity, "message": message[:_LONGEST], "time": moment, **fields}, ensure_ascii=False
    )


def event(name: str, **fields: object) -> None:
    """Say that something happened, as `noun.verb` with its details."""
    _ANSWERED.info(name, extra={"fields": fields})


def correlation(headers: list[tuple[bytes, bytes]], project: str) -> dict[str, object]:
    """What ties a line to the gateway's: its request id, and the trace in the form that Cloud Logging links.

    Anything that does not look like what it should be is left out, so that nobody writes into our logs.
    """
    found: dict[str, object] = {}
    for name, value in headers:
        text = value.decode("latin-1")
        if name == b"x-request-id" and _ID.fullmatch(text):
            found["request_id"] = text
        elif name == b"traceparent" and (match := _TRACE.fullmatch(text)) and match["trace"] != _NO_TRACE:
            trace = match["trace"]
            found["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}" if project else trace
            found["logging.googleapis.com/spanId"] = match["span"]
            found["logging.googleapis.com/trace_sampled"] = bool(int(match["flags"], 16) & 1)
    return found
