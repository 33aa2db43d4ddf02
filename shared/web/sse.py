"""Server-sent events on the wire: a response that follows a `Readable` and notices at once when the caller leaves."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.web.live import Readable

PING = b": ping\n\n"


class EventStream(Response):
    """Streams the frames behind the event `after`. The 200 goes out with the first of them.

    `gone` is an `until_gone` that already waits (only one may read the connection).
    """

    media_type = "text/event-stream"

    def __init__(self, source: Readable, after: int = 0, gone: "asyncio.Future[None] | None" = None) -> None:
        super().__init__(headers={"cache-control": "private, no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self.source = source
        self._after = after
        self._gone = gone

    def frames(self) -> AsyncGenerator[bytes, None]:
        """The same frames for a reader of another kind; they take no more room than the answer itself."""
        return self.source.read(self._after)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one reader until the terminal event or until the caller is gone."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        serving = asyncio.current_task()
        assert serving is not None
        gone = self._gone or asyncio.ensure_future(until_gone(receive))
        left = False

        def leave(_: asyncio.Future[None]) -> None:
            nonlocal left
            left = True
            serving.cancel()

        gone.add_done_callback(leave)
        try:
            async with aclosing(self.frames()) as frames:
                await self._send(frames, send)
            gone.remove_done_callback(leave)
            await send({"type": "http.response.body", "body": b""})
        except OSError:
            self.source.leave()  # the server noticed on the write
        except asyncio.CancelledError:
            self.source.leave()
            if not left:
                raise
            serving.uncancel()
        finally:
            gone.remove_done_callback(leave)
            gone.cancel()
            await asyncio.wait({gone})

    async def _send(self, frames: AsyncGenerator[bytes, None], send: Send) -> None:
        async for joined in frames:
            await send({"type": "http.response.body", "body": joined or PING, "more_body": True})


async def until_gone(receive: Receive) -> None:
    """Wait for the caller to hang up; for use after the body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass
