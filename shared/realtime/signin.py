"""Who may come in over a WebSocket: the same tokens, roles and limits as over HTTP.

A token comes in the handshake's Authorization header, as subprotocol `bearer.<token>` (what a browser can send; offer
`lyo.v1` beside it, which is the one that is answered), or in the first message. No cookie is ever looked at, so another
site's page has nothing to ride on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from shared.errors import Forbidden
from shared.identity import claims
from shared.identity.app_check import HEADER as APP_CHECK
from shared.identity.caller import Caller
from shared.web.admission import Runtime, admit, require_own
from shared.web.context import Call, Headers
from shared.web.route import Operation

PROTOCOL: Final = "lyo.v1"
_TOKEN: Final = "bearer."
_APP: Final = "appcheck."


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a caller showed. Lives as long as the connection, because every message is judged by it again."""

    token: str
    app_check: str | None

    def over(self, headers: Headers) -> Headers:
        """The headers of a request that shows this."""
        shown = {**headers, b"authorization": b"Bearer " + self.token.encode("latin-1")}
        if self.app_check is not None:
            shown[APP_CHECK.encode()] = self.app_check.encode("latin-1")
        return shown

    @property
    def expires_at(self) -> float:
        """The token's own end in Unix seconds. Only to be asked of a token that was found valid."""
        return claims.expiry(self.token) or 0.0


def offered(call: Call, protocols: Sequence[str]) -> SignIn | None:
    """The token of the handshake, if there is one."""
    header = call.header("authorization")
    app_check = _behind(_APP, protocols) or call.header(APP_CHECK)
    if header is not None:
        scheme, _, token = header.partition(" ")
        return SignIn(token.strip() if scheme.lower() == "bearer" else "", app_check)
    named = _behind(_TOKEN, protocols)
    return None if named is None else SignIn(named, app_check)


def _behind(prefix: str, protocols: Sequence[str]) -> str | None:
    return next((one.removeprefix(prefix) for one in protocols if one.startswith(prefix)), None)


async def sign_in(now: Runtime, operation: Operation, call: Call, user_id: str) -> Caller:
    """The caller, who has to be the learner named in the path. Counts as a request.

    Raises Unauthenticated, Forbidden, AppUnverified, RateLimited or Unavailable.
    """
    await admit(operation, now, call)
    require_own(call, {"user_id": user_id})
    if call.caller.user_id != user_id:  # an admin too: nobody talks to the mentor in another's name
        raise Forbidden("The user named in the path is not the one who signed in.")
    return call.caller


def as_request(scope: Scope, headers: Headers, *, request_id: str, proxies: int) -> Call:
    """A message as what a handler knows of a request. The connection itself is read by its owner alone."""
    return Call(scope, _nothing, request_id=request_id, headers=headers, proxies=proxies)


async def _nothing() -> dict[str, str]:
    return {"type": "http.disconnect"}
