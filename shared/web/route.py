"""What a route promises: who may call it, what it takes, what it answers. Data; `edge` serves it, `openapi` tells of it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict

from pydantic import TypeAdapter
from starlette.responses import Response

from shared.errors import Forbidden
from shared.identity.caller import Caller, Role
from shared.web.body import names_user, require_closed
from shared.web.replies import JSON

Access = Literal["learner", "admin", "service", "any"]
"""learner: learners and admins; admin: admins; service: our own service accounts; any: every valid token."""
Limit = Literal["user", "model"]
"""user: the caller's own bucket; model: that and the stricter one of this endpoint."""
Handler = Callable[..., Awaitable[Response]]

_ROLES: Final[dict[Access, frozenset[Role]]] = {
    "learner": frozenset({"learner", "admin"}),
    "admin": frozenset({"admin"}),
    "service": frozenset({"service"}),
    "any": frozenset({"learner", "admin", "service"}),
}
_PARAMETER: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
# What ids look like here; also safe as part of a document's id in every store.
_VALUE: Final = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._:@~-]{1,128}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `roles` None means that the route is open."""

    name: str
    method: str
    path: str
    """As it is documented."""
    served: tuple[str, ...]
    """Every form of the path that is answered."""
    handler: Handler
    body: Any = None
    query: Any = None
    reply: Any = None
    status: int = 200
    roles: frozenset[Role] | None = None
    limit: Limit | None = "user"
    streams: bool = False
    media_type: str = JSON
    documented: bool = True
    parameters: tuple[str, ...] = ()
    body_adapter: TypeAdapter[Any] | None = field(default=None, repr=False)
    query_adapter: TypeAdapter[Any] | None = field(default=None, repr=False)
    body_names_user: bool = False

    def require_role(self, caller: Caller) -> None:
        """Raise Forbidden unless the caller's role may call this."""
        if self.roles is not None and caller.role not in self.roles:
            raise Forbidden("This needs another role.")


class Declaration(TypedDict, total=False):
    """What may be declared of a route besides its method and path; `operation` has the defaults."""

    body: Any
    query: Any
    reply: Any
    status: int
    role: Access | tuple[Access, ...] | None
    limit: Limit | None
    prefix: str
    root: bool
    streams: bool
    media_type: str
    documented: bool


def operation(
    handler: Handler,
    method: str,
    path: str,
    *,
    prefix: str,
    body: Any = None,
    query: Any = None,
    reply: Any = None,
    status: int = 200,
    role: Access | tuple[Access, ...] | None = "learner",
    limit: Limit | None = "user",
    root: bool = False,
    streams: bool = False,
    media_type: str = JSON,
    documented: bool = True,
) -> Operation:
    """Check a declaration and complete it. Raises TypeError when handler, path and models do not fit together."""
    parameters = tuple(_PARAMETER.findall(path))
    _require_arguments(handler, parameters)
    for declared in (body, query):
        if declared is not None:
            require_closed(declared)
    return Operation(
        name=getattr(handler, "__name__", path),
        method=method,
        path=path if root else prefix + path,
        served=(path,) if root else (prefix + path, path),
        handler=handler,
        body=body,
        query=query,
        reply=reply,
        status=status,
        roles=roles_of(role),
        limit=limit,
        streams=streams,
        media_type=media_type,
        documented=documented,
        parameters=parameters,
        body_adapter=TypeAdapter(body) if body is not None else None,
        query_adapter=TypeAdapter(query) if query is not None else None,
        body_names_user=body is not None and names_user(body),
    )


def roles_of(access: Access | tuple[Access, ...] | None) -> frozenset[Role] | None:
    """The roles that a declaration lets in; None for an open route."""
    if access is None:
        return None
    named = (access,) if isinstance(access, str) else access
    return frozenset[Role]().union(*(_ROLES[item] for item in named))


def pattern_of(path: str) -> re.Pattern[str] | None:
    """A path with parameters as an expression, None for one without."""
    if not _PARAMETER.search(path):
        return None
    pieces = _PARAMETER.split(path)
    return re.compile(
        "".join(f"(?P<{piece}>{_VALUE})" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)) + r"\Z"
    )


def _require_arguments(handler: Handler, parameters: tuple[str, ...]) -> None:
    code = getattr(handler, "__code__", None)
    if code is None:
        return
    taken = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if missing := [name for name in parameters if name not in taken]:
        raise TypeError(f"{getattr(handler, '__name__', handler)} does not take {', '.join(missing)} of its path")
