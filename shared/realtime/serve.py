"""The server of the container that serves WebSockets: uvicorn, with an end in order.

Functions run under functions-framework, which has no WebSockets; so this one is started by its own image
(`python -m functions.realtime`).
"""

import asyncio
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from shared import backends
from shared.errors import ConfigurationError
from shared.realtime.bounds import LONGEST_FRAME, PING_SECONDS
from shared.settings import Settings
from shared.web.problem import log_failure

if TYPE_CHECKING:
    from shared.realtime.socket import Realtime

CLOSE_SECONDS: Final = 10.0
"""How long the other side may take to say goodbye."""
GRACE_SECONDS: Final = 2
"""For plain requests that are under way when the process ends; WebSockets have been let go before."""


class Protocol(WebSocketsSansIOProtocol):
    """uvicorn's, which would keep a connection for as long as a peer that reads nothing lets it wait for its last bytes."""

    def on_task_complete(self, task: "asyncio.Task[None]") -> None:
        """The application is done with it: what has not gone out soon never will."""
        super().on_task_complete(task)
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)


def options() -> dict[str, Any]:
    """How uvicorn is to speak WebSocket, wherever ours are served."""
    return {
        "ws": Protocol,
        "ws_max_size": LONGEST_FRAME,
        "ws_ping_interval": PING_SECONDS,
        "ws_ping_timeout": PING_SECONDS,
        "ws_per_message_deflate": False,  # frames are small; its windows would be the larger part of a connection's memory
    }


class Server(uvicorn.Server):
    """uvicorn, which on SIGTERM closes WebSockets in mid-answer. This one lets them finish first."""

    def __init__(self, config: uvicorn.Config, app: "Realtime") -> None:
        super().__init__(config)
        self._app = app
        self._draining: asyncio.Task[None] | None = None

    async def serve(self, sockets: Any = None) -> None:
        """Serve until a signal."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end, a second one does not wait for it."""
        if self._draining is None and self.started:
            self._loop.call_soon_threadsafe(self._begin, sig)
        else:
            super().handle_exit(sig, frame)

    def _begin(self, sig: int) -> None:
        if self._draining is None:
            self._draining = self._loop.create_task(self._drain(sig))

    async def _drain(self, sig: int) -> None:
        try:
            await self._app.drain()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process has to end
            log_failure("realtime.undrained", error)
        super().handle_exit(sig, None)


def serve(app: "Realtime") -> None:
    """Serve until SIGTERM. Ends the process with one line when a setting is wrong."""
    try:
        settings = Settings.load()
        backends.preload(settings)
    except ConfigurationError as error:
        sys.exit(str(error))
    config = uvicorn.Config(
        app,
        host="0.0.0.0",  # noqa: S104 - a container's port is for everybody who is let through to it
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # admission judges X-Forwarded-For itself (TRUSTED_PROXIES)
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options(),
    )
    Server(config, app).run()
