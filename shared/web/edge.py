"""The edge of a deployed function: routes are declared, and everything HTTP around a handler happens here, once.

    edge = Edge("mentor", description="…")

    @edge.post("/mentor/chat", body=ChatRequest, reply=ChatReply, limit="model", streams=True)
    async def chat(call: Call, body: ChatRequest) -> Response: ...

    @edge.get("/mentor/conversation/{id}", reply=ConversationReply)
    async def conversation(call: Call, id: str) -> Response: ...

A handler gets the call, the parsed body and the parsed query where the route declares them, then the path's parameters
by name. Before it come, in this order: identity, role, limits, ownership, body. So who may not come in learns nothing of
the body's shape, and costs no parsing.

FastAPI describes the routes (`edge.fastapi`, `edge.openapi()`) and is imported only for that: its import costs a cold
start several times what Starlette's does, and its dependency solver would cost every request.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import ids, log
from shared.errors import CallerError, ConfigurationError, NotFound
from shared.settings import Settings
from shared.telemetry import tally, trace
from shared.web.admission import Runtime, admit, require_own, require_same
from shared.web.body import ClientGone, meaning, parse_body, parse_query, users_named
from shared.web.context import Call, Headers, inbound_request_id
from shared.web.headers import AnswerHeaders, preflight
from shared.web.problem import log_failure, problem_response
from shared.web.replay import Key, target
from shared.web.replies import JSON
from shared.web.route import Declaration, Handler, Operation, operation
from shared.web.table import Methods, Table
from shared.web.ticket import Ticket

if TYPE_CHECKING:
    from fastapi import FastAPI

H = TypeVar("H", bound=Handler)
PREFIX = "/api/v1/ai"
_UNCONFIGURED = AnswerHeaders("", behind_proxy=False)
"""For the answer to a request that came while the settings could not be read."""


class MethodNotAllowed(CallerError):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class Edge:
    """The routes of one function. `app` is an ASGI application; `runtime` is asked at each request, never at import."""

    def __init__(
        self,
        name: str,
        *,
        description: str = "",
        prefix: str = PREFIX,
        runtime: Callable[[], Runtime] | None = None,
    ) -> None:
        self.name = name
        self.description = description
        self._prefix = prefix
        self._runtime = runtime or _current_runtime
        self._table = Table()
        self._headers: tuple[Settings, AnswerHeaders] | None = None
        self._fastapi: FastAPI | None = None
        self.get("/openapi.json", role="any", root=True, documented=False)(self._document)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every route, in the order of its declaration."""
        return self._table.operations

    def get(self, path: str, **declared: Unpack[Declaration]) -> Callable[[H], H]:
        """Declare a GET (which answers HEAD too); see `route`."""
        return self.route("GET", path, **declared)

    def post(self, path: str, **declared: Unpack[Declaration]) -> Callable[[H], H]:
        """Declare a POST; see `route`."""
        return self.route("POST", path, **declared)

    def patch(self, path: str, **declared: Unpack[Declaration]) -> Callable[[H], H]:
        """Declare a PATCH; see `route`."""
        return self.route("PATCH", path, **declared)

    def delete(self, path: str, **declared: Unpack[Declaration]) -> Callable[[H], H]:
        """Declare a DELETE; see `route`."""
        return self.route("DELETE", path, **declared)

    def route(self, method: str, path: str, **declared: Unpack[Declaration]) -> Callable[[H], H]:
        """Declare a route. Raises TypeError when handler, path and models do not fit together.

        `body`, `query`: types whose models all forbid unknown fields. `reply`: only documents. `role`: who may call
        (default "learner"; None: everybody, without a token). `limit`: None admits without counting, "model" counts per
        user and endpoint too. `root`: served as it stands, else with and without `prefix`. `streams`: documents that
        events can be asked for. `media_type`: documents an answer that is no JSON. A path parameter named `user_id` has to be the learner's own.
        """

        def declare(handler: H) -> H:
            complete: Declaration = {"prefix": self._prefix, **declared}
            self._table.add(operation(handler, method, path, **complete))
            return handler

        return declare

    @property
    def fastapi(self) -> "FastAPI":
        """The same routes as a FastAPI application: it describes them, and serves them through `app`."""
        if self._fastapi is None:
            from shared.web.openapi import describe

            self._fastapi = describe(self.name, self.description, self.operations, self.app)
        return self._fastapi

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return self.fastapi.openapi()

    @property
    def app(self) -> ASGIApp:
        """The ASGI application: the edge itself, because servers do not recognise a bound method as one."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(
                f"an edge serves HTTP and nothing else, not {scope['type']}"
            )  # a server that is set up wrong
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = inbound_request_id(headers) or ids.new("r")
        log.request_id.set(request_id)
        told = tally.begin()
        found, parameters = self._table.find(scope)
        method, route = (found.method, found.path) if isinstance(found, Operation) else ("HTTP", "")
        with self._place(headers, method, route) as place:
            response = await self._respond(
                scope, receive, headers, request_id=request_id, found=found, parameters=parameters
            )
            if response is None:
                return
            place.set(method=method, route=route, request_id=request_id, status=response.status_code)
            if response.status_code >= 500:
                place.fail(str(response.status_code))
                if not told.counted:
                    self._count_failure(found)
            await _send(response, scope, receive, send)

    def _count_failure(self, found: Operation | Methods | None) -> None:
        """A model's answer that could not be given, and that the gateway never heard of or did not count."""
        if not isinstance(found, Operation) or found.limit != "model":
            return
        with contextlib.suppress(ConfigurationError):  # then there is nowhere to count, and the answer tells of it
            self._runtime().metrics.inc("ai_requests_total", self.name, "none", "error")

    def _place(self, headers: Headers, method: str, route: str) -> trace.Remote:
        """The request's place in its trace, which ends after the answer's last byte."""
        try:
            return self._runtime().tracer.request(headers, service=self.name, method=method, route=route)
        except ConfigurationError:  # which the answer will tell of
            return trace.NOTHING

    async def _respond(
        self,
        scope: Scope,
        receive: Receive,
        headers: Headers,
        *,
        request_id: str,
        found: Operation | Methods | None,
        parameters: Mapping[str, str],
    ) -> Response | None:
        """The answer with all its headers; None where nobody waits for it any more."""
        answer_headers = _UNCONFIGURED
        try:
            runtime = self._runtime()
            answer_headers = self._answer_headers(runtime.settings)
            if isinstance(found, Operation):
                proxies = runtime.settings.trusted_proxies
                call = Call(scope, receive, request_id=request_id, headers=headers, proxies=proxies)
                response = await _answer(found, runtime, call, parameters)
            else:
                response = _unrouted(found, scope["method"], request_id)
        except (ClientGone, ClientDisconnect):
            return None
        except Exception as error:  # noqa: BLE001 - whatever is raised before the answer began is answered as a problem
            response = problem_response(error, request_id, headers.get(b"accept-language", b"").decode("latin-1"))
        private = not isinstance(found, Operation) or found.roles is not None
        scheme = scope.get("scheme", "http")
        answer_headers.finish(response, request_id=request_id, asked=headers, scheme=scheme, private=private)
        return response

    def _answer_headers(self, settings: Settings) -> AnswerHeaders:
        """Those of the settings in force; made again only when tests put others in place."""
        if self._headers is None or self._headers[0] is not settings:
            made = AnswerHeaders(settings.cors_origins, behind_proxy=settings.trusted_proxies > 0)
            self._headers = (settings, made)
        return self._headers[1]

    async def _document(self, _: Call) -> Response:
        return Response(orjson.dumps(self.openapi()), media_type=JSON)


async def _answer(found: Operation, runtime: Runtime, call: Call, parameters: Mapping[str, str]) -> Response:
    await admit(found, runtime, call)
    if found.roles is not None:
        require_own(call, parameters)
    arguments: list[Any] = [call]
    body: Any = None
    if found.body_adapter is not None:
        await call.read(runtime.settings.max_body_bytes)
        body = parse_body(found.body_adapter, call.raw)
        if found.body_names_user and found.roles is not None:
            for named in users_named(body):
                require_same(call.caller, named)
        arguments.append(body)
    if found.query_adapter is not None:
        arguments.append(parse_query(found.query_adapter, call.query))
    key = call.idempotency_key if found.method == "POST" and found.roles is not None else None
    if key is None:
        return await found.handler(*arguments, **parameters)

    async def own(ticket: Ticket) -> Response:
        call.ticket = ticket
        return await found.handler(*arguments, **parameters)

    exchange = Key.of(
        call.caller.user_id,
        target(found.path.format_map(parameters), call.query),
        key,
        call.raw if found.body_adapter is None else meaning(found.body_adapter, body),
    )
    stream = call.wants_stream or getattr(body, "stream", False) is True
    return await runtime.exchanges.run(exchange, call.resume_after, stream, own)


def _unrouted(methods: Methods | None, method: str, request_id: str) -> Response:
    if methods is None:
        return problem_response(NotFound("There is nothing at this path."), request_id)
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))
    if method == "OPTIONS":
        response = preflight()
    else:
        response = problem_response(MethodNotAllowed(f"This path takes {allowed}."), request_id)
    response.headers["Allow"] = allowed
    return response


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await response(scope, receive, send)
    except (OSError, ClientDisconnect):
        return  # the caller hung up
    except Exception as error:  # noqa: BLE001 - the answer has begun, so the error can no longer be one
        # Returning with the answer unfinished makes the server cut the connection, which no client takes for an end.
        # Raising would make the framework begin a second answer inside the first.
        log_failure("answer.broken", error)


def _current_runtime() -> Runtime:
    from shared import runtime

    return runtime.current()
