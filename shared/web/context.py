"""What a handler knows of the call it answers."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.types import Receive, Scope

from shared.errors import Forbidden, InvalidRequest, Unauthenticated
from shared.identity.caller import Caller
from shared.web.body import read_body

if TYPE_CHECKING:
    from shared.web.ticket import Ticket

Headers = Mapping[bytes, bytes]

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}\Z")
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")
_LONGEST_COUNT: Final = 15
_TRACE: Final = re.compile(rb"([0-9a-fA-F]{16,32})/")


class Call:
    """One request, after its token was verified. `raw` is the body as it came (empty where the route declares none).

    `headers` has lower-case names; where one was sent twice the last counts. `ticket` is the exchange that this call
    owns when it came with an Idempotency-Key.
    """

    __slots__ = ("_caller", "_proxies", "_receive", "_request", "_scope", "headers", "raw", "request_id", "ticket")

    def __init__(self, scope: Scope, receive: Receive, *, request_id: str, headers: Headers, proxies: int) -> None:
        self._scope = scope
        self._receive = receive
        self._proxies = proxies
        self._caller: Caller | None = None
        self._request: Request | None = None
        self.headers = headers
        self.request_id = request_id
        self.raw = b""
        self.ticket: Ticket | None = None

    async def read(self, limit: int) -> None:
        """Read the body into `raw`. Raises PayloadTooLarge, or ClientGone when the caller hangs up."""
        self.raw = await read_body(self._receive, self.headers.get(b"content-length"), limit)

    @property
    def request(self) -> Request:
        """Starlette's view of the request. Its body is already read: see `raw`."""
        if self._request is None:
            self._request = Request(self._scope, self._receive)
        return self._request

    @property
    def receive(self) -> Receive:
        """The connection's messages; once the body is read, the next one is that the caller hung up."""
        return self._receive

    @property
    def caller(self) -> Caller:
        """Who calls. Raises Unauthenticated on an open route, where nobody was asked."""
        if self._caller is None:
            raise Unauthenticated("A bearer token is needed.")
        return self._caller

    @caller.setter
    def caller(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def query(self) -> bytes:
        """The query string as it came."""
        found: bytes = self._scope["query_string"]
        return found

    @property
    def wants_stream(self) -> bool:
        """Whether the caller asks for events."""
        return b"text/event-stream" in self.headers.get(b"accept", b"")

    @property
    def client_ip(self) -> str:
        """The caller's address: what the outermost trusted proxy saw (TRUSTED_PROXIES), without any the socket's peer.

        Only as many entries of X-Forwarded-For as there are such proxies are believed, from the right: the rest is
        whatever the caller wrote there.
        """
        if self._proxies:
            lines = [value for name, value in self._scope["headers"] if name == b"x-forwarded-for"]
            hops = b",".join(lines).decode("latin-1").split(",") if lines else []
            if len(hops) >= self._proxies:
                return hops[-self._proxies].strip()
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    def header(self, name: str) -> str | None:
        """A request header by its name in any case."""
        value = self.headers.get(name.lower().encode("latin-1"))
        return None if value is None else value.decode("latin-1")

    @property
    def idempotency_key(self) -> str | None:
        """The Idempotency-Key. Raises InvalidRequest unless it is 1 to 200 visible ASCII characters."""
        return self._visible("Idempotency-Key")

    @property
    def last_event_id(self) -> str | None:
        """The Last-Event-ID of a reader that comes back. Raises InvalidRequest as for the key."""
        return self._visible("Last-Event-ID")

    @property
    def resume_after(self) -> int:
        """How many events of a stream the caller has. Raises InvalidRequest when Last-Event-ID is no such number."""
        value = self.last_event_id
        if value is None:
            return 0
        if not value.isdigit() or len(value) > _LONGEST_COUNT:
            raise InvalidRequest("Last-Event-ID does not fit.", fields=[("Last-Event-ID", "Needs an event's id")])
        return int(value)

    def require_self(self, user_id: str) -> None:
        """Raise Forbidden unless the caller is that learner, an admin or one of our services."""
        caller = self.caller
        if caller.role == "learner" and caller.user_id != user_id:
            raise Forbidden("This belongs to somebody else.")

    def _visible(self, name: str) -> str | None:
        value = self.header(name)
        if value is not None and not _KEY.match(value):
            raise InvalidRequest(f"{name} does not fit.", fields=[(name, "Needs 1 to 200 visible ASCII characters")])
        return value


def inbound_request_id(headers: Headers) -> str | None:
    """The id the caller or Google's front end gave the request, when it is a sane one."""
    named = headers.get(b"x-request-id")
    if named is not None and _REQUEST_ID.match(named):
        return named.decode("ascii")
    traced = headers.get(b"x-cloud-trace-context")
    if traced is not None and (found := _TRACE.match(traced)):
        return found.group(1).decode("ascii").lower()
    return None
