"""What a provider's failure means for the next step. Pure: status, error body and headers in, a ProviderError out.

The words looked for are each vendor's own, lower-cased: OpenAI's `code`, Anthropic's `error.type` and
`details.error_code`, Gemini's `status` and `details[].reason`. The human message is looked at only where the vendors
give no code of their own for the case (context length, credit, a bad Gemini key).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal, cast

from shared.llm.types import Failure, ProviderError

RETRY_SAME = frozenset({Failure.CONNECTION, Failure.SERVER})
"""Worth one more try on the same model. A time-out is not: the learner has waited once already."""

COUNTS = frozenset(Failure) - frozenset(map(Failure, ("invalid", "context", "refusal", "empty", "unfit", "busy")))
"""Counts against the breaker. What is left out is about the one request, or the moment, and says nothing about the model's health."""

_ACCOUNT = frozenset({Failure.AUTH, Failure.QUOTA})

MAX_RETRY_AFTER = 86_400.0
"""Seconds. A longer wait is answered by people, not by a timer."""

_DETAIL_LIMIT = 300
_DEPTH = 6
_WORD_LIMIT = 64


def fate(failure: Failure) -> Literal["account", "endpoint", "model"]:
    """What shares the failure: every model of the account, every model behind that address, or this model alone."""
    if failure in _ACCOUNT:
        return "account"
    return "endpoint" if failure is Failure.CONNECTION else "model"


# ---------------------------------------------------------------------------------------------- classification

_CONTEXT_CODES = frozenset(
    {"context_length_exceeded", "request_too_large", "string_above_max_length", "request_body_too_large_after_decoding"}
)
_GRAMMAR_WORDS = re.compile(r"\b(?:json schema|grammar|structured outputs?)\b")
_CONTEXT_WORDS = re.compile(
    r"maximum context length|context length|context window|prompt is too long|input is too long|too many tokens|"
    r"maximum number of tokens allowed|exceeds the maximum number of tokens|max_model_len|longer than the maximum|"
    r"input token count"
)
_QUOTA_CODES = frozenset(
    {
        "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error", "account_deactivated",
        "contract_spend_limit_reached", "enforced_spend_limit_reached", "linked_organization_spend_limit_reached",
        "linked_organization_billing_unavailable", "billing_disabled", "organization_on_hold",
    }
)  # fmt: skip
_QUOTA_WORDS = re.compile(
    r"credit balance|credits? (?:are|is|have been) (?:depleted|exhausted)|billing|current quota|check your plan|"
    r"spend(?:ing)? limit|usage limits? for (?:your|this) (?:account|organi[sz]ation)|insufficient (?:quota|balance|funds)"
)
_AUTH_CODES = frozenset(
    {"invalid_api_key", "authentication_error", "permission_error", "unauthenticated", "permission_denied",
     "api_key_invalid", "api_key_expired", "api_key_service_blocked", "invalid_authentication"}
)  # fmt: skip
_MISSING_CODES = frozenset({"model_not_found", "not_found_error", "not_found"})
_REFUSAL_CODES = frozenset(
    {"content_filter", "content_policy_violation", "invalid_prompt", "responsible_ai_policy_violation", "safety"}
)
_REFUSAL_WORDS = re.compile(r"usage polic|content polic|content filter|flagged as potentially violating")
_RATE_CODES = frozenset(
    {"rate_limit_error", "rate_limit_exceeded", "resource_exhausted", "ramp_limit_exceeded", "tokens", "requests"}
)
_SERVER_CODES = frozenset(
    {"server_error", "internal_error", "internal_server_error", "api_error", "overloaded_error", "overloaded", "internal",
     "unavailable", "deadline_exceeded", "timeout_error", "timeout", "request_timeout", "engine_overloaded",
     "service_unavailable", "cancelled", "aborted"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says: its codes lower-cased, its message, and what Gemini adds about quotas and waiting."""

    codes: frozenset[str] = frozenset()
    message: str = ""
    status: int | None = None
    """The HTTP status repeated inside the body, which is all an error event inside a 200 has."""
    quotas: tuple[str, ...] = ()
    """Gemini's quota ids, such as GenerateRequestsPerMinutePerProjectPerModel."""
    retry_delay: float | None = None
    understood: bool = False
    """False when the body was not an error in any known shape (HTML, nothing, a list)."""


def read(body: object) -> Complaint:
    """The complaint in a parsed body: `{"error": {…}}`, `{"error": "…"}`, `{"message": …}`, `{"detail": …}` or text."""
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if isinstance(body, str):
        return Complaint(message="" if body.lstrip()[:1] == "<" else body)
    if not isinstance(body, Mapping):
        return Complaint()
    inner = body.get("error")
    if isinstance(inner, str):
        return Complaint(message=inner, understood=True)
    error = inner if isinstance(inner, Mapping) else body
    message = error.get("message") or error.get("detail")
    codes: set[str] = set()
    status: int | None = None
    for name in ("code", "type", "status"):
        value = error.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            status = value
        elif isinstance(value, str) and len(value) <= _WORD_LIMIT:
            codes.add(value.lower())
    details = list(_details(error.get("details"), _DEPTH))
    for entry in details:
        codes.update(str(entry[name]).lower() for name in ("reason", "error_code") if isinstance(entry.get(name), str))
    return Complaint(
        codes=frozenset(codes),
        message=message if isinstance(message, str) else "",
        status=status,
        quotas=tuple(str(entry["quotaId"]) for entry in details if "quotaId" in entry),
        retry_delay=_first(_duration(entry.get("retryDelay")) for entry in details),
        understood=bool(message or codes or status is not None),
    )


def _details(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, Mapping):
        yield cast("Mapping[str, Any]", value)
        yield from _details(value.get("violations"), depth - 1)
    elif isinstance(value, list):
        for entry in value[:_WORD_LIMIT]:
            yield from _details(entry, depth - 1)


def _first(values: Iterator[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)


def _duration(value: object) -> float | None:
    """Google's `"34.5s"`."""
    return _bounded(value[:-1]) if isinstance(value, str) and value.endswith("s") else None


def classify(
    status: int,
    body: object,
    *,
    headers: Mapping[str, str] | None = None,
    now: float = 0.0,
    secrets: tuple[str | None, ...] = (),
) -> ProviderError:
    """The failure behind an HTTP error, or (with status 200) behind an error event inside an answer.

    `now` is Unix time in seconds, needed only for a Retry-After that is a date. `secrets` are taken out of the detail.
    """
    complaint = read(body)
    failure = _inband(complaint) if status == 200 else _by_status(status, complaint)
    wait = retry_after(headers or {}, now)
    words = " ".join(sorted(complaint.codes))
    detail = " ".join(part for part in (str(status), words, complaint.message) if part)
    return ProviderError(
        failure,
        scrub(detail, *secrets),
        status=status,
        retry_after=complaint.retry_delay if wait is None else wait,
    )


_FIXED = {
    401: Failure.AUTH,
    402: Failure.QUOTA,
    404: Failure.NOT_FOUND,
    408: Failure.SERVER,
    409: Failure.SERVER,
    413: Failure.CONTEXT,
    425: Failure.SERVER,
    499: Failure.SERVER,
}
_OF_400 = (Failure.CONTEXT, Failure.QUOTA, Failure.AUTH, Failure.REFUSAL, Failure.NOT_FOUND, Failure.SERVER)


def _by_status(status: int, complaint: Complaint) -> Failure:
    if status in _FIXED:
        return _FIXED[status]
    if status == 403:
        return _named(complaint, (Failure.NOT_FOUND, Failure.QUOTA)) or Failure.AUTH
    if status == 429:
        return _exhausted(complaint)
    if status >= 500:
        return Failure.SERVER
    if status >= 400:
        return _named(complaint, _OF_400) or Failure.INVALID
    return Failure.MALFORMED  # a redirect or a 2xx nobody promised


def _inband(complaint: Complaint) -> Failure:
    """An error inside a 200. The request had been accepted, so whatever is not named is the server's."""
    if complaint.codes & _SERVER_CODES:
        return Failure.SERVER
    if complaint.status == 429 or complaint.codes & (_RATE_CODES | _QUOTA_CODES):
        return _exhausted(complaint)
    named = _named(complaint, (Failure.CONTEXT, Failure.QUOTA, Failure.AUTH, Failure.REFUSAL))
    if named is not None:
        return named
    # vLLM opens the stream before it compiles a schema and reports that inside it, as it does a dead engine: both with
    # code 400, so the words have to decide whose fault it is.
    refused = complaint.status == 400 and _GRAMMAR_WORDS.search(complaint.message.lower()) is not None
    return Failure.INVALID if refused else Failure.SERVER


def _exhausted(complaint: Complaint) -> Failure:
    """A 429: the account's money or quota, or only too fast for this model.

    Gemini words both alike ("check your plan and billing details"), so there the quota's own id decides, when given:
    one per minute or per model leaves the account's other models alone.
    """
    if complaint.codes & _QUOTA_CODES:
        return Failure.QUOTA
    if complaint.quotas:
        passing = all("PerMinute" in quota or "PerModel" in quota for quota in complaint.quotas)
        return Failure.RATE_LIMIT if passing else Failure.QUOTA
    return Failure.QUOTA if _QUOTA_WORDS.search(complaint.message.lower()) else Failure.RATE_LIMIT


def _named(complaint: Complaint, allowed: tuple[Failure, ...]) -> Failure | None:
    """The first of `allowed` that codes or, failing those, the message name.

    What closes an account is believed from the beginning of the message only: a 400 may echo the learner's words later on.
    """
    codes, message = complaint.codes, complaint.message.lower()
    tests = {
        Failure.CONTEXT: bool(codes & _CONTEXT_CODES or _CONTEXT_WORDS.search(message)),
        Failure.QUOTA: bool(codes & _QUOTA_CODES or message.startswith("your credit balance")),
        Failure.AUTH: bool(codes & _AUTH_CODES or message.startswith(("api key not valid", "api key expired"))),
        Failure.REFUSAL: bool(codes & _REFUSAL_CODES or _REFUSAL_WORDS.search(message)),
        Failure.NOT_FOUND: bool(codes & _MISSING_CODES),
        Failure.SERVER: bool(codes & _SERVER_CODES),
    }
    return next((failure for failure in allowed if tests[failure]), None)


# ---------------------------------------------------------------------------------------------- waiting, hiding


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait from `retry-after-ms`, or `Retry-After` as seconds or HTTP date; None when absent or unreadable.

    Header names are looked up as they are and lower-cased, so that plain dicts do. Never negative, never over a day.
    """
    lower = headers if not isinstance(headers, dict) else {name.lower(): value for name, value in headers.items()}
    milliseconds = _bounded(lower.get("retry-after-ms"), 0.001)
    if milliseconds is not None:
        return milliseconds
    value = lower.get("retry-after")
    seconds = _bounded(value)
    if seconds is not None or not value:
        return seconds
    try:
        return _bounded(str(parsedate_to_datetime(value).timestamp() - now))
    except (ValueError, OverflowError):
        return None


def _bounded(value: object, unit: float = 1.0) -> float | None:
    try:
        seconds = float(value) * unit if isinstance(value, str) else None
    except ValueError:
        return None
    if seconds is None or seconds != seconds:  # noqa: PLR0124 - NaN is the number that differs from itself
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


_KEYS = re.compile(
    r"\b(?:sk|pk|rk)-[\w*.-]{6,}|\bAIza[\w*-]{6,}|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=[?&]key=)[^&\s]+"
)
_MAILS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def scrub(text: str, *secrets: str | None) -> str:
    """`text` fit for a log: without the given secrets, without anything shaped like a key or an e-mail address, short.

    Providers echo what they were sent: a part of the key in a 401, a part of the prompt in a 400.
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[key]")
    text = _MAILS.sub("[email]", _KEYS.sub("[key]", text[: 4 * _DETAIL_LIMIT]))
    return text if len(text) <= _DETAIL_LIMIT else text[: _DETAIL_LIMIT - 1] + "…"
