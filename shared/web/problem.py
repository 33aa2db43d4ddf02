"""Errors as RFC 9457 problem details. Whoever calls gets our words, never an exception's own."""

import json
import logging
import math
import traceback
from typing import Final

from pydantic import BaseModel, Field
from starlette.responses import Response

from shared import log
from shared.errors import CallerError, Interrupted, InvalidRequest, LyoError, StoreError, Unauthenticated, Unavailable
from shared.language.detect import accepted
from shared.language.texts import problem_text

PROBLEM_JSON: Final = "application/problem+json"
MOST_FIELDS: Final = 20
_MAX_CAUSES: Final = 5

_logger = log.get(__name__)


class BadField(BaseModel):
    """One field that does not fit."""

    field: str = Field(description="Path of the field, parts joined by dots")
    message: str


class Problem(BaseModel):
    """The body of every error (RFC 9457)."""

    type: str = Field(description="urn:lyo:problem:<code>")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: what programs compare")
    request_id: str
    message: str | None = Field(
        default=None, description="For the learner, in their language, where they can do something"
    )
    errors: list[BadField] | None = Field(default=None, description="With 422: every field that does not fit")


def problem(error: BaseException, request_id: str, language: str | None = None) -> dict[str, object]:
    """The problem's members for any error. Of an error that was not meant for callers only the fact is told.

    With the learner's `language` they hold what to tell the learner, where there is something.
    """
    shown = _shown(error)
    body: dict[str, object] = {
        "type": f"urn:lyo:problem:{shown.code}",
        "title": shown.title,
        "status": shown.status,
        "detail": shown.detail or shown.title,
        "code": shown.code,
        "request_id": request_id,
    }
    if language is not None and (said := problem_text(shown.code, language)) is not None:
        body["message"] = said
    if isinstance(shown, InvalidRequest) and shown.fields:
        body["errors"] = [{"field": name, "message": text} for name, text in shown.fields[:MOST_FIELDS]]
    return body


def problem_response(error: BaseException, request_id: str, accept_language: str | None = None) -> Response:
    """The answer to an error. One that was not meant for callers is logged here, with its traceback.

    `accept_language` is the caller's header: the language of what a learner is told.
    """
    headers = {}
    shown = _shown(error)
    if shown is not error:
        log_failure("request.failed", error)
    if shown.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(shown.retry_after)))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    # A lone surrogate in a field's name cannot be written as UTF-8: escapes can say it.
    body = json.dumps(problem(error, request_id, accepted(accept_language) or "en")).encode("ascii")
    return Response(body, status_code=shown.status, headers=headers, media_type=PROBLEM_JSON)


def _shown(error: BaseException) -> LyoError:
    """What the caller is told: the error itself where it was meant for callers, else only what they can do about it."""
    if isinstance(error, CallerError | Unavailable | Interrupted):
        return error
    if isinstance(error, StoreError):
        return Unavailable("The stores cannot be reached at the moment.")
    return LyoError("Something went wrong.")


def log_failure(name: str, error: BaseException) -> None:
    """Log an error with its traceback. The text of an error that is not ours is left out: it may quote a learner."""
    own = error.detail if isinstance(error, LyoError) else None
    log.event(
        _logger, name, level=logging.ERROR, error=type(error).__qualname__, detail=own, stack_trace=_frames(error)
    )


def _frames(error: BaseException) -> str:
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) < _MAX_CAUSES:
        frames = "".join(traceback.format_tb(current.__traceback__, limit=-20))
        parts.append(f"{frames}{type(current).__qualname__}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))
