"""The composed ASGI application: the path picks the function, by the prefixes of the catalogue."""

import importlib
from collections.abc import Mapping, Sequence

import functions_framework.aio
import orjson
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scripts.devserver import documents
from shared import backends, runtime
from shared.deployables import Deployable, load
from shared.errors import ConfigurationError, NotFound
from shared.settings import Settings


def function(entry: Deployable) -> tuple[ASGIApp, documents.Json]:
    """A function as the framework serves it, or a container's application, with its OpenAPI document. Imports the module."""
    module = importlib.import_module(entry.module)
    if entry.service == "container":
        return module.app, module.edge.openapi()
    if module.__file__ is None or module.__spec__ is None:
        raise ConfigurationError(f"{entry.module} is no module with a file")
    app: ASGIApp = functions_framework.aio.create_asgi_app_from_module(  # type: ignore[no-untyped-call]
        entry.name, module.__file__, "http", module, module.__spec__
    )
    return app, module.edge.openapi()


class Composed:
    """Hands each request, unchanged, to the function whose prefix is the longest that fits its path.

    WebSockets go to containers: functions have none. Adds `/docs`, `/openapi.json` (all functions in one document) and `/` (to the docs); everything else is a 404 problem.
    """

    def __init__(self, entries: Sequence[Deployable]) -> None:
        self._prefixes: dict[str, ASGIApp] = {}
        self._sockets: list[ASGIApp] = []
        described: dict[str, documents.Json] = {}
        for entry in entries:
            app, described[entry.name] = function(entry)
            self._prefixes.update(dict.fromkeys(entry.paths, app))
            if entry.service == "container":
                self._sockets.append(app)
        merged = documents.merge(described, title="Lyo AI", version="development")
        self._own: Mapping[str, ASGIApp] = {
            "/": RedirectResponse("/docs"),
            "/docs": documents.page(),
            "/openapi.json": Response(orjson.dumps(merged), media_type="application/json"),
        }

    def find(self, path: str) -> ASGIApp:
        """The application that answers `path`."""
        own = self._own.get(path)
        if own is not None:
            return own
        prefix = path
        while prefix:
            app = self._prefixes.get(prefix)
            if app is not None:
                return app
            prefix = prefix.rpartition("/")[0]
        return _not_found(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        app = self.find(scope["path"])
        if scope["type"] == "websocket" and app not in self._sockets:
            app = _not_found(scope["path"])
        await app(scope, receive, send)


def _not_found(path: str) -> Response:
    problem = {
        "type": "about:blank",
        "title": NotFound.title,
        "status": NotFound.status,
        "code": NotFound.code,
        "detail": f"No function answers {path[:200]}: /docs lists what there is",
    }
    return Response(orjson.dumps(problem), NotFound.status, media_type="application/problem+json")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await runtime.current().close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def create() -> Composed:
    """The application of this checkout's catalogue (uvicorn calls it once in each worker)."""
    backends.preload(Settings.load())
    return Composed(load())
