"""The routes of an edge as a FastAPI application, which generates the OpenAPI document from their models."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, get_args

from fastapi import Depends, FastAPI, Header, Path, Query
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problem import PROBLEM_JSON, BadField, Problem
from shared.web.replies import JSON
from shared.web.route import Operation

_REFERENCE: Final = "#/components/schemas/{model}"
_EVENTS: Final = (
    "Events `meta` (StreamMeta), `delta` (StreamDelta), then exactly one of `done` (what is answered as JSON) and `error` "
    "(Problem). Every event has an `id`: a reader that comes back with it as Last-Event-ID, and with the same "
    "Idempotency-Key, gets what followed."
)
_APP_CHECK: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "X-Firebase-AppCheck",
    "description": "Firebase App Check's token, where APP_CHECK asks for it.",
}
_RETRY_AFTER: Final = {
    "Retry-After": {"description": "Seconds until it is worth another try", "schema": {"type": "integer", "minimum": 1}}
}
_Text = str | SkipJsonSchema[None]
"""A header that may be left out. It is never `null`, and a client's type should not say that it can be."""
_KEY: Final = Annotated[
    _Text,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key and body give the same answer and one effect, also while the first is still running.",
    ),
]
_LAST: Final = Annotated[
    _Text,
    Header(
        alias="Last-Event-ID",
        max_length=200,
        description="Of a stream that is asked for again under its Idempotency-Key: the id of the last event that came.",
    ),
]


class StreamMeta(BaseModel):
    """The data of a stream's first event. `message_id` is what the answer can be stopped by."""

    request_id: str
    message_id: str
    conversation_id: str | None = None
    language: str | None = None


class StreamDelta(BaseModel):
    """The data of an event that carries the next piece of the answer."""

    text: str = Field(description="To be put behind what came before")


def describe(name: str, description: str, operations: Sequence[Operation], app: ASGIApp) -> FastAPI:
    """A FastAPI application whose routes are served by `app`."""
    application = _Described(
        title=f"Lyo AI: {name}",
        description=description,
        openapi_url=None,
        openapi_tags=[{"name": name, "description": description}],
    )
    application.streams = any(operation.streams for operation in operations)
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
                response_class=_response_class(operation.media_type),
                status_code=operation.status,
                tags=[name],
                responses=_responses(operation),
                dependencies=[] if operation.roles is None else [Depends(bearer)],
                operation_id=f"{name}_{operation.name}",
                openapi_extra=_security(operation),
                include_in_schema=operation.documented and path == operation.path,
            )
    return application


class _Described(FastAPI):
    streams = False
    """Whether any of the routes answers with events."""

    def openapi(self) -> dict[str, Any]:
        """The document, with the schemas that only error responses and events refer to."""
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            for model in (BadField, Problem, *((StreamMeta, StreamDelta) if self.streams else ())):
                schema = model.model_json_schema(ref_template=_REFERENCE)
                schema.pop("$defs", None)
                schemas[model.__name__] = schema
            if "securitySchemes" in components:
                components["securitySchemes"]["appCheck"] = dict(_APP_CHECK)
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
        optional = None if type(None) in get_args(operation.body) else inspect.Parameter.empty
        parameters.append(inspect.Parameter("body", kind, annotation=operation.body, default=optional))
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


def _response_class(media_type: str) -> type[Response]:
    """What FastAPI reads the media type of an answer from."""
    return JSONResponse if media_type == JSON else type("Text", (Response,), {"media_type": media_type})


def _security(operation: Operation) -> dict[str, Any] | None:
    """What a learner's request carries: the token, and App Check's beside it where that is asked for."""
    if operation.roles is None or "learner" not in operation.roles:
        return None
    return {"security": [{"bearer": [], "appCheck": []}]}  # FastAPI puts the token alone before it: either will do


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
    for status in (429, 503):
        found[status]["headers"] = _RETRY_AFTER
    if operation.streams:
        events = {"schema": {"type": "string", "description": _EVENTS}}
        found[operation.status] = {"description": "The answer", "content": {"text/event-stream": events}}
    if operation.media_type.startswith("video/"):
        binary = {"schema": {"type": "string", "format": "binary"}}  # or clients would read it as text
        found[operation.status] = {"description": "The file", "content": {operation.media_type: binary}}
    return found
