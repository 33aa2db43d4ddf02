"""Asking the engine's own application from inside its process: no socket, no second hop."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


async def ask(app: App, scope: Scope, body: bytes | None = None) -> tuple[int, Headers, bytes]:
    """The whole answer: status, headers, body.

    Cancelling it is what the application sees as a caller who leaves, so that the engine frees what it was doing.
    """
    status, headers, parts = 0, [], []

    async def receive() -> Message:
        nonlocal body
        if body is None:
            await asyncio.Event().wait()  # the caller stays until the answer is there
        said, body = body, None
        return {"type": "http.request", "body": said or b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, headers, b"".join(parts)


def posting(scope: Scope, path: str, body: bytes) -> Scope:
    """The scope of a POST of JSON to `path`, made from that of a request that came in over the wire."""
    headers = [(b"host", b"front"), (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return {**scope, "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}


async def answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """One whole response."""
    sized = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": body})
