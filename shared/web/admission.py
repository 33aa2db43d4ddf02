"""Who may make this call: identity, role, limits, and that nobody speaks for somebody else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

from shared.errors import Forbidden, Unauthenticated
from shared.identity.app_check import HEADER as APP_CHECK
from shared.identity.app_check import AppUnverified
from shared.identity.caller import Caller
from shared.identity.verifier import Identity
from shared.settings import Settings
from shared.telemetry.trace import Tracer
from shared.web.body import read_query
from shared.web.context import Call
from shared.web.exchange import Exchanges
from shared.web.limits import Limits
from shared.web.route import Operation

if TYPE_CHECKING:
    from shared.telemetry.metrics import Metrics

USER_HEADERS: Final = frozenset({b"x-user-id", b"x-userid", b"x-user", b"x-uid", b"x-learner-id"})
USER_FIELDS: Final = ("user_id", "userId", "uid", "learner_id")


class Runtime(Protocol):
    """What the edge needs from the composition root."""

    @property
    def settings(self) -> Settings:
        """The settings this process runs with."""

    @property
    def identity(self) -> Identity:
        """Verifies tokens."""

    @property
    def limits(self) -> Limits:
        """Counts requests."""

    @property
    def metrics(self) -> "Metrics":
        """Counts what could not be answered."""

    @property
    def tracer(self) -> Tracer:
        """Begins the requests' traces."""

    @property
    def exchanges(self) -> Exchanges:
        """Keeps what was answered under an Idempotency-Key."""


async def admit(operation: Operation, runtime: Runtime, call: Call) -> None:
    """Set `call.caller` on a route that needs a token. Raises Unauthenticated, Forbidden, AppUnverified or RateLimited."""
    if operation.roles is None:
        if operation.limit is not None:
            runtime.limits.admit_address(call.client_ip)
        return
    try:
        caller = await runtime.identity.authenticate(call.header("authorization"))
        if runtime.settings.app_check != "off":
            await runtime.identity.require_app(caller, call.header(APP_CHECK))
    except (Unauthenticated, Forbidden, AppUnverified):
        # Only now is the address charged: what it may do without a token takes nothing from who has one (T54).
        runtime.limits.admit_address(call.client_ip)
        raise
    call.caller = caller
    operation.require_role(caller)
    if operation.limit is not None and caller.role != "service":
        runtime.limits.admit_user(caller.user_id, operation.path if operation.limit == "model" else None)


def require_own(call: Call, parameters: Mapping[str, str]) -> None:
    """Raise Forbidden when a learner's request names another user in its path, a header or the query (T03).

    The token alone says who calls; an id beside it is no second identity but a mistake or a try.
    """
    if not USER_HEADERS.isdisjoint(call.headers):
        for name in USER_HEADERS & call.headers.keys():
            require_same(call.caller, call.headers[name].decode("latin-1"))
    if call.query:
        fields = read_query(call.query)
        for field in USER_FIELDS:
            named = fields.get(field)
            for value in named if isinstance(named, list) else () if named is None else (named,):
                require_same(call.caller, value)
    if (user_id := parameters.get("user_id")) is not None:
        call.require_self(user_id)


def require_same(caller: Caller, named: str) -> None:
    """Raise Forbidden when a learner names somebody else."""
    if caller.role == "learner" and named != caller.user_id:
        raise Forbidden("The user named in the request is not the one who signed in.")
