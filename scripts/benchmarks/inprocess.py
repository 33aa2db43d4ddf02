"""Requests to a function's edge inside this process: no socket, so that what is counted and timed is the product's own."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

API = "/api/v1/ai"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer."""

    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body of a JSON answer."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def done(self) -> dict[str, Any]:
        """The data of a whole stream's last event; ValueError for one that did not end well."""
        event, _, data = self.body.decode().rstrip("\n").rpartition("\n")
        if not event.endswith("event: done"):
            raise ValueError(f"no whole stream: {data[:200]}")
        found: dict[str, Any] = json.loads(data.removeprefix("data: "))
        return found


async def ask(
    app: ASGIApp,
    path: str,
    token: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    method: str | None = None,
) -> Heard:
    """One request, POST where there is a body and no other method is named, read to its end; `path` stands behind the API's prefix."""
    named = {"authorization": f"Bearer {token}", "content-type": "application/json", **(headers or {})}
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": method or ("GET" if body is None else "POST"), "path": API + where, "raw_path": (API + where).encode(),
        "query_string": query.encode(), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }  # fmt: skip
    sent = [] if body is None else [{"type": "http.request", "body": json.dumps(body).encode()}]
    status, read = 0, b""

    async def receive() -> Any:
        if sent:
            return sent.pop()
        return await asyncio.get_running_loop().create_future()  # it stays until the answer has come

    async def send(message: Any) -> None:
        nonlocal status, read
        status = message.get("status", status)
        read += message.get("body", b"")

    await app(scope, receive, send)
    return Heard(status, read)
