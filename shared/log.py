"""Structured logs: one JSON line on standard output for each event, in the shape Cloud Logging parses.

    logger = log.get(__name__)
    log.event(logger, "mentor.answered", model=model, latency_ms=12.5)
    logger.exception("mentor.failed")            # the standard calls end in the same lines

A line holds `severity`, `message`, `time`, `logger`, the fields, `request_id` and the trace (from the context variables that
the edge sets) and the labels given to `configure`, under the names that Cloud Logging takes out of a JSON line for itself:
https://docs.cloud.google.com/logging/docs/structured-logging#special-payload-fields. Never in a line: a value handed to `hide`, a field whose name says that it
holds a learner's words, the text of an exception that may quote its input, and, in every string, what
`shared.safety.masking.mask` takes out. Only the identifiers that we make ourselves and short plain words skip that mask,
because it would cost more than the rest of the line.

A reader that stops reading cannot stop the service: a line waits 100 ms for room at most, then it is dropped and counted.
"""

import atexit
import logging
import re
import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Final, Protocol

import orjson

from shared.errors import LyoError
from shared.output import Output
from shared.settings import Settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being handled; empty outside of requests."""

LEARNER_FIELDS: Final = frozenset(
    {"answer", "body", "comment", "content", "delta", "email", "message", "messages", "prompt", "question", "text"}
)
"""Fields of these names are withheld: whoever logs one has a learner's words in hand."""

_IDS: Final = frozenset({"request_id", "message_id", "conversation_id", "token_id", "job_id", "experiment_id"})
_ID = re.compile(r"(?!sk-)[A-Za-z0-9_-]{1,64}\Z")
# Words such as a model's or an outcome's name. What could be a key, a token, an account or a phone number does not fit.
_PLAIN = re.compile(
    r"(?!sk-|eyJ|[A-Z]{2}\d)(?!.*[\w-]{20})(?!.*:.*:)(?!(?:\D*\d){8})[A-Za-z_][\w.:-]{0,40}\Z", re.ASCII
)
_OURS: Final = ("functions", "scripts", "shared")
_NUMBERS: Final = frozenset({int, float, bool, type(None)})
_QUOTE_NOTHING = (LyoError, OSError, RuntimeError, ImportError, AttributeError, NameError, MemoryError, AssertionError)
_MAX_TEXT = 4000
_MAX_CAUSES = 5
_KEEP_SHORTER = 8


class Place(Protocol):
    """Where in a trace something happens (`shared.telemetry.trace`): ids in lower-case hexadecimal."""

    @property
    def trace_id(self) -> str:
        """32 digits."""

    @property
    def span_id(self) -> str:
        """16 digits."""

    @property
    def sampled(self) -> bool:
        """Whether its spans are kept."""


place: ContextVar[Place | None] = ContextVar("place", default=None)
"""The trace that lines belong to; None where there is none."""

_SEVERITIES: Final = {level: logging.getLevelName(level) for level in (10, 20, 30, 40, 50)}
"""Those of Cloud Logging's LogSeverity that Python has too."""
_hidden: dict[str, bytes] = {}
_labels: dict[str, str] = {}
_traces = ""


def get(name: str) -> logging.Logger:
    """The standard logger of that name."""
    return logging.getLogger(name)


def configure(settings: Settings, **labels: str) -> None:
    """Send everything that is logged in this process through here and hide the settings' secrets.

    LOG_LEVEL is for our own loggers; libraries are heard from WARNING on, because below that they print requests. Call
    it once, before the first request; a second call replaces the first. `labels` (for example the function's name) stand
    on every line.
    """
    for name, field in Settings.model_fields.items():
        if not field.repr:
            hide(getattr(settings, name))
    global _traces
    _traces = f"projects/{settings.gcp_project_id}/traces/" if settings.gcp_project_id else ""
    _labels.clear()
    _labels.update(labels, environment=settings.environment)
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, LineHandler)]:
        root.removeHandler(handler)
    root.addHandler(LineHandler())
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[settings.log_level]))
    for name in _OURS:
        logging.getLogger(name).setLevel(settings.log_level)


def hide(value: str | None) -> None:
    """Replace this value wherever a line would show it. Values under 8 characters are left alone: they are words."""
    if value and len(value) >= _KEEP_SHORTER:
        _hidden[value] = orjson.dumps(value)[1:-1]


def event(logger: logging.Logger, name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log that something happened: `name` as `noun.verb`, details as fields. An exception may be a field's value."""
    if logger.isEnabledFor(level):
        _sink(_line(name, level, logger.name, datetime.now(UTC), fields))


def shown(key: str, value: str) -> str:
    """A text as it may leave the process under that name: what a line would show of it."""
    cleaned = str(_clean(key, value))
    for secret in _hidden:
        cleaned = cleaned.replace(secret, "[hidden]")
    return cleaned


class LineHandler(logging.Handler):
    """Turns records of the standard logging calls, ours and the libraries', into the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a record that cannot be formatted says so instead of raising into the caller."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            text = f"unformattable: {record.msg!s}"
        fields: dict[str, object] = {}
        if record.exc_info and record.exc_info[1] is not None:
            fields["stack_trace"] = stack_trace(record.exc_info[1])
        moment = datetime.fromtimestamp(record.created, UTC)
        _sink(_line(_masked(text), record.levelno, record.name, moment, fields))


def stack_trace(error: BaseException) -> str:
    """The traceback as Python prints it, causes first, without local values; messages as in `describe`."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < _MAX_CAUSES:
        frames = "".join(traceback.format_tb(current.__traceback__, limit=-20))
        parts.append(f"Traceback (most recent call last):\n{frames}{describe(current)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))


def describe(error: BaseException) -> str:
    """`Type: message` of one exception, masked and cut; only `Type` where the message may quote what somebody wrote.

    Our own errors, the system's and those of wrong code say what happened. A ValueError or an SDK's error often shows
    the value it was given.
    """
    kind = type(error)
    if isinstance(error, _QUOTE_NOTHING) or kind.__module__.startswith(("shared.", "functions.", "sqlite3", "aiohttp")):
        return f"{kind.__qualname__}: {_masked(str(error))}"
    return kind.__qualname__


def _line(name: str, level: int, logger: str, moment: datetime, fields: Mapping[str, object]) -> bytes:
    """One line of JSON. The fixed names win over a field of the same name."""
    record: dict[str, object] = {
        key: value if type(value) in _NUMBERS else _clean(key, value) for key, value in fields.items()
    }
    record["severity"] = _SEVERITIES.get(level) or _severity(level)
    record["message"] = name
    record["time"] = moment
    record["logger"] = logger
    if identifier := request_id.get():
        record["request_id"] = _clean("request_id", identifier)
    if (at := place.get()) is not None:
        record["logging.googleapis.com/trace"] = _traces + at.trace_id
        record["logging.googleapis.com/spanId"] = at.span_id
        record["logging.googleapis.com/trace_sampled"] = at.sampled
    if _labels:
        record["logging.googleapis.com/labels"] = _labels
    line = _dump(record)
    for secret in _hidden.values():
        if secret in line:
            line = line.replace(secret, b"[hidden]")
    return line


def _severity(level: int) -> str:
    """Of a library's own level: that of the nearest one below."""
    return _SEVERITIES.get(min(level // 10, 5) * 10, "DEFAULT")


def _dump(record: Mapping[str, object]) -> bytes:
    options = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    try:
        return orjson.dumps(record, default=_type_name, option=options)
    except TypeError:  # lone surrogates, integers over 64 bits, cycles: say what can be said
        return orjson.dumps({key: _sayable(value) for key, value in record.items()}, default=_type_name, option=options)


def _sayable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if isinstance(value, float | bool | datetime) or value is None else _type_name(value)


def _type_name(value: object) -> str:
    """Stands in for what is no JSON: a repr could hold anything."""
    return f"<{type(value).__qualname__}>"


def _clean(key: str, value: object) -> object:
    """A field's value as it may be logged."""
    if key in LEARNER_FIELDS:
        return "[withheld]"
    if isinstance(value, str):
        if key == "stack_trace" or (_ID.match(value) if key in _IDS else _is_plain(value)):
            return value
        return _masked(value)
    if value is None or isinstance(value, int | float):
        return value
    return _clean_whole(value, 0)


@lru_cache(maxsize=2048)
def _is_plain(text: str) -> bool:
    """Remembered, because the same few dozen words stand on every line."""
    return _PLAIN.match(text) is not None


def _clean_whole(value: object, depth: int) -> object:
    """The same for everything that is no plain scalar: nested values are cleaned to a depth of four."""
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, str):
        return _masked(value)
    if depth < 4 and isinstance(value, Mapping):
        return {
            _masked(str(key)): "[withheld]" if str(key) in LEARNER_FIELDS else _clean_whole(item, depth + 1)
            for key, item in list(value.items())[:50]
        }
    if depth < 4 and isinstance(value, list | tuple | set | frozenset):
        return [_clean_whole(item, depth + 1) for item in list(value)[:50]]
    return value if isinstance(value, int | float | datetime) or value is None else _type_name(value)


def _masked(text: str) -> str:
    """Text without known secrets (before it is cut, or half of one could stay) and without personal data."""
    for secret in _hidden:
        if secret in text:
            text = text.replace(secret, "[hidden]")
    cut = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
    return _mask()(cut)


@cache
def _mask() -> Callable[[str], str]:
    # Imported on first use: the masking rules are compiled then, and a function that logs nothing odd never pays.
    from shared.safety.masking import mask

    return mask


_output = Output(1, lambda lines: _line("log.dropped", logging.WARNING, __name__, datetime.now(UTC), {"lines": lines}))
atexit.register(_output.flush)
_sink: Callable[[bytes], None] = _output.write
