"""The ASGI application of `WS /ws/{user_id}`: WebSockets to connections, everything else to the edge."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn

from starlette.types import Receive, Scope, Send

from shared import ids, log
from shared.errors import CallerError, NotFound
from shared.realtime.bounds import Bounds
from shared.realtime.connection import Connection
from shared.realtime.hub import Hub
from shared.realtime.signin import PROTOCOL, as_request, offered
from shared.web.context import Call, inbound_request_id
from shared.web.edge import Edge
from shared.web.problem import problem_response
from shared.web.route import pattern_of

if TYPE_CHECKING:
    from shared.runtime import Runtime

PATH: Final = "/ws/{user_id}"


class UpgradeRequired(CallerError):
    """The path is a WebSocket's."""

    status = 426
    code = "upgrade_required"
    title = "Upgrade required"


class Realtime:
    """Serves WebSockets at `/ws/{user_id}`, with and without the common prefix; `edge` declares the route and answers HTTP.

    `runtime` is asked at each connection, never at import.
    """

    def __init__(
        self, edge: Edge, *, runtime: "Callable[[], Runtime] | None" = None, bounds: Bounds | None = None
    ) -> None:
        self.hub = Hub(bounds or Bounds())
        self._edge = edge
        self._runtime = runtime or _current_runtime
        edge.get(PATH, documented=False)(_upgrade)  # OpenAPI has no words for a WebSocket
        self._route = edge.operations[-1]
        self._paths = [found for path in self._route.served if (found := pattern_of(path)) is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request, or the server's start and end."""
        if scope["type"] == "websocket":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._edge.app(scope, receive, send)

    async def drain(self) -> None:
        """Let every connection go in order, before the process ends. See `Hub.drain`."""
        await self.hub.drain(self._runtime().lives)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # the handshake
        headers = dict(scope["headers"])
        name = inbound_request_id(headers) or ids.new("w")
        log.request_id.set(name)
        found = next((match for path in self._paths if (match := path.match(scope["path"]))), None)
        try:
            if found is None:
                raise NotFound("There is nothing at this path.")
            now = self._runtime()
            call = as_request(scope, headers, request_id=name, proxies=now.settings.trusted_proxies)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from beginning is answered as a request is
            await problem_response(error, name)(scope, receive, send)
            return
        protocols = scope.get("subprotocols", [])
        connection = Connection(now, self.hub, self._route, scope, user_id=found["user_id"], name=name)
        protocol = PROTOCOL if PROTOCOL in protocols else None
        await connection.serve(receive, send, offered(call, protocols), protocol)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            ends = message["type"] == "lifespan.shutdown"
            if ends:
                await self._runtime().close()
            await send({"type": f"{message['type']}.complete"})
            if ends:
                return


async def _upgrade(_: Call, user_id: str) -> NoReturn:
    """What a plain GET is answered."""
    raise UpgradeRequired("This path is a WebSocket's: connect with `Upgrade: websocket`.")


def _current_runtime() -> "Runtime":
    from shared import runtime

    return runtime.current()
