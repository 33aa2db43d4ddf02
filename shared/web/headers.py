"""Headers that every answer carries, and the browser's preflight."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

Raw = list[tuple[bytes, bytes]]

METHODS: Final = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
REQUEST_HEADERS: Final = (
    "Authorization, Content-Type, Accept, Accept-Language, Idempotency-Key, Last-Event-ID, X-Firebase-AppCheck, "
    "X-Request-Id, traceparent"
)
EXPOSED: Final = "X-Request-Id, Retry-After"

_SECURITY: Final[Raw] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
_POLICY: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_TRANSPORT: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_PRIVATE: Final = (b"cache-control", b"private, no-store")


class AnswerHeaders:
    """What one configuration asks for; `finish` adds it to an answer.

    `cors_origins`: comma-separated, `*` for any. `behind_proxy`: X-Forwarded-Proto may be believed.
    """

    def __init__(self, cors_origins: str, *, behind_proxy: bool) -> None:
        origins = [origin.strip().rstrip("/") for origin in cors_origins.split(",") if origin.strip()]
        self._any_origin = "*" in origins
        self._origins = frozenset(origin.encode("latin-1") for origin in origins)
        self._behind_proxy = behind_proxy

    def finish(
        self, response: Response, *, request_id: str, asked: Mapping[bytes, bytes], scheme: str, private: bool
    ) -> None:
        """Add the headers to an answer. `private` ones are the learner's own and may be kept by nobody (T40)."""
        raw = response.raw_headers
        named = {name for name, _ in raw}
        if private and b"cache-control" in named:
            raw[:] = [item for item in raw if item[0] != b"cache-control"]
        raw += _SECURITY
        raw.append((b"x-request-id", request_id.encode("latin-1")))
        if b"content-security-policy" not in named:
            raw.append(_POLICY)
        if scheme == "https" or (self._behind_proxy and asked.get(b"x-forwarded-proto") == b"https"):
            raw.append(_TRANSPORT)
        vary = [b"Authorization"] if private else []
        if private:
            raw.append(_PRIVATE)
        if (origin := asked.get(b"origin")) is not None:
            self._allow(raw, origin)
        if not self._any_origin:
            vary.append(b"Origin")
        if vary:
            raw.append((b"vary", b", ".join(vary)))

    def _allow(self, raw: Raw, origin: bytes) -> None:
        # No Allow-Credentials: callers carry a bearer token, never a cookie.
        if self._any_origin:
            raw.append((b"access-control-allow-origin", b"*"))
        elif origin in self._origins:
            raw.append((b"access-control-allow-origin", origin))
        else:
            return
        raw.append((b"access-control-expose-headers", EXPOSED.encode()))


def preflight() -> Response:
    """The answer to a browser that asks before it sends; whether the origin may come in is added by `AnswerHeaders`."""
    headers = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=headers)
