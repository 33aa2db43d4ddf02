"""The least a Python gateway can be: raw ASGI in front of one aiohttp call, nothing checked, nothing kept.

UPSTREAM=http://127.0.0.1:9200/v1/chat/completions uvicorn scripts.benchmarks.floors.passthrough:app
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_UPSTREAM = os.environ.get("UPSTREAM", "")  # noqa: TID251 - a program of its own, not part of the product
_HEADERS = {"Content-Type": "application/json"}
_sessions: "list[aiohttp.ClientSession]" = []


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Pass one request on and its answer back, chunk by chunk when it is a stream."""
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    async with _sessions[0].post(_UPSTREAM, data=body, headers=_HEADERS) as answer:
        headers = [(b"content-type", answer.headers.get("content-type", "application/json").encode())]
        if headers[0][1].startswith(b"text/event-stream"):
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            whole = await answer.read()
            headers.append((b"content-length", str(len(whole)).encode()))
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": whole})
    return None


async def _lifespan(receive: Receive, send: Send) -> None:
    import aiohttp

    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _sessions.append(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
            await send({"type": "lifespan.startup.complete"})
        else:
            await _sessions.pop().close()
            await send({"type": "lifespan.shutdown.complete"})
            return
