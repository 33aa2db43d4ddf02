"""Every error the product raises on purpose, with the HTTP status and the stable code it is answered with.

LyoError
├── ConfigurationError          the start is refused; names the variable
├── CallerError            4xx  what the caller did
│   ├── InvalidRequest     422  `fields` names each bad field
│   ├── Unauthenticated    401
│   ├── Forbidden          403
│   ├── NotFound           404
│   ├── Conflict           409
│   ├── PayloadTooLarge    413
│   └── RateLimited        429  with Retry-After
├── Unavailable            503  what we cannot do now, with Retry-After
│   ├── Overloaded         503  the bounded queue is full
│   └── NoAnswer           503  every model and the floor failed
├── Interrupted            502  an answer broke off after its first byte
└── StoreError                  raised by stores, handled inside
    ├── AlreadyExists           a create() latch was taken
    └── StaleVersion            a precondition no longer holds
"""

from collections.abc import Sequence


class LyoError(Exception):
    """Root of the tree. `status` and `code` are what `shared.web.problem` answers with."""

    status = 500
    code = "internal"
    title = "Internal error"

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class ConfigurationError(LyoError):
    """A setting is missing, unknown or malformed; the text is one line that names the variable."""

    code = "configuration"
    title = "Configuration error"


class CallerError(LyoError):
    """The caller can mend it."""

    status = 400
    code = "bad_request"
    title = "Bad request"


class InvalidRequest(CallerError):
    """The body, path or query does not fit. `fields` pairs each field's path with what is wrong with it."""

    status = 422
    code = "invalid_request"
    title = "Invalid request"

    def __init__(self, detail: str = "", *, fields: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.fields = tuple(fields)


class Unauthenticated(CallerError):
    """No valid token."""

    status = 401
    code = "unauthenticated"
    title = "Sign-in required"


class Forbidden(CallerError):
    """A valid token that does not reach this far."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(CallerError):
    """Nothing of that name that this caller may see."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(CallerError):
    """The request contradicts what is already there."""

    status = 409
    code = "conflict"
    title = "Conflict"


class PayloadTooLarge(CallerError):
    """The body is over the limit."""

    status = 413
    code = "payload_too_large"
    title = "Body too large"


class RateLimited(CallerError):
    """Too many requests; `retry_after` is in seconds."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"


class Unavailable(LyoError):
    """We cannot do it now; `retry_after` is in seconds."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after: float | None = 1.0) -> None:
        super().__init__(detail, retry_after=retry_after)


class Overloaded(Unavailable):
    """The bounded queue in front of the models is full."""

    code = "overloaded"


class NoAnswer(Unavailable):
    """Every model of the plan failed and no floor could stand in."""

    code = "no_answer"


class Interrupted(LyoError):
    """The answer broke off after its first byte and could not be resumed safely."""

    status = 502
    code = "interrupted"
    title = "Answer interrupted"


class Superseded(Unavailable):
    """Another execution of the same request was first to be kept; this one had no effect but its bill."""

    code = "superseded"


class StoreError(LyoError):
    """Raised by a store; never reaches a caller."""

    code = "store"


class AlreadyExists(StoreError):
    """`Create` found a document of that id."""

    code = "already_exists"


class StaleVersion(StoreError):
    """`Put` with an expected version found another one."""

    code = "stale_version"
