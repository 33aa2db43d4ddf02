"""The routes of an edge as a FastAPI application, which generates the OpenAPI document from their models."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Header, Path, Query
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problem import PROBLEM_JSON, BadField, Problem
from shared.web.route import Operation

_REFERENCE: Final = "#/components/schemas/{model}"
_EVENTS: Final = "Events `meta`, `delta`, then exactly one of `done` and `error`."
_KEY: Final = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
_LAST: Final = Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)]


def describe(name: str, description: str, operations: Sequence[Operation], app: ASGIApp) -> FastAPI:
    """A FastAPI application whose routes are served by `app`."""
    application = _Described(title=f"Lyo AI: {name}", description=description, openapi_url=None)
    bearer = HTTPBearer(scheme_name="bearer", auto_error=False, bearerFormat="JWT")

    class Delegated(APIRoute):
        """Hands the request to the edge as it came, so that nothing of it is read, solved or validated twice."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            async def handle(_: Request) -> Response:
                return _Delegate(app)

            return handle

    application.router.route_class = Delegated
    # FastAPI takes the first route that fits: plain paths before those with parameters, as the edge does.
    for operation in sorted(operations, key=lambda item: bool(item.parameters)):
        for path in operation.served:
            application.add_api_route(
                path,
                _endpoint(operation),
                methods=[operation.method],
                response_model=operation.reply,
                status_code=operation.status,
                tags=[name],
                responses=_responses(operation),
                dependencies=[] if operation.roles is None else [Depends(bearer)],
                operation_id=f"{name}_{operation.name}",
                include_in_schema=operation.documented and path == operation.path,
            )
    return application


class _Described(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The document, with the schemas that only the error responses refer to."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for model in (BadField, Problem):
                schema = model.model_json_schema(ref_template=_REFERENCE)
                schema.pop("$defs", None)
                schemas[model.__name__] = schema
        return super().openapi()


class _Delegate(Response):
    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _endpoint(operation: Operation) -> Callable[..., Any]:
    """A function of the signature that FastAPI reads: it is described and never called."""
    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(name, kind, annotation=Annotated[str, Path()]) for name in operation.parameters]
    if operation.body is not None:
        parameters.append(inspect.Parameter("body", kind, annotation=operation.body))
    if operation.query is not None:
        parameters.append(inspect.Parameter("query", kind, annotation=Annotated[operation.query, Query()]))
    if operation.method == "POST":
        parameters.append(inspect.Parameter("idempotency_key", kind, annotation=_KEY, default=None))
    if operation.streams:
        parameters.append(inspect.Parameter("last_event_id", kind, annotation=_LAST, default=None))

    async def endpoint(**_: Any) -> None:
        raise AssertionError("described only: requests are answered by the edge's own table")

    endpoint.__name__ = operation.name
    endpoint.__doc__ = inspect.getdoc(operation.handler)
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return endpoint


def _responses(operation: Operation) -> dict[int | str, dict[str, Any]]:
    statuses = [422, 429, 500, 503]
    if operation.roles is not None:
        statuses += [401, 403]
    if operation.body is not None:
        statuses += [400, 413]
    if operation.method == "POST":
        statuses.append(409)
    if operation.parameters:
        statuses.append(404)
    schema = {"schema": {"$ref": _REFERENCE.format(model="Problem")}}
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_JSON: schema}}
        for status in sorted(statuses)
    }
    if operation.streams:
        events = {"schema": {"type": "string", "description": _EVENTS}}
        found[operation.status] = {"description": "The answer", "content": {"text/event-stream": events}}
    return found
