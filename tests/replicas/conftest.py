"""Two mentor processes and the fake model server, all separate processes over one data directory."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.identity import local
from shared.runtime import Runtime
from shared.settings import Settings
from tests.processes import ROOT, Server, environment, fetch, free_port, function, serving

CHAT = "/api/v1/ai/mentor/chat"


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: int
    name: str
    data: dict[str, Any]


class Models:
    """The fake model server in its own process."""

    def __init__(self, server: Server) -> None:
        self.url = server.url

    def stats(self) -> dict[str, Any]:
        """Its counters."""
        found: dict[str, Any] = json.loads(fetch(self.url + "/__stats").body)
        return found

    @property
    def requests(self) -> int:
        """Upstream calls so far."""
        return int(self.stats()["requests"])


@dataclass(frozen=True)
class Pair:
    """Two instances of the mentor."""

    a: Server
    b: Server
    data: Path

    def headers(self, sub: str, **more: str) -> dict[str, str]:
        """Request headers of one learner."""
        token = local.mint(local.read_or_create_secret(self.data), sub, "learner", 3600)
        return {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in more.items()}}

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Runtime]:
        """The stores the instances share, opened by the test."""
        runtime = Runtime(Settings(auth_mode="local", data_dir=self.data))
        try:
            yield runtime
        finally:
            await runtime.close()


@pytest.fixture(scope="session")
def models() -> Iterator[Models]:
    port = free_port()
    command = [sys.executable, "-m", "scripts.fakes.models", "--port", str(port)]
    with serving(command, port=port, cwd=ROOT, env=environment()) as server:
        yield Models(server)


def wires(models: Models) -> dict[str, str]:
    """Environment that points the own model and OpenAI at the fake server."""
    return {
        "LOCAL_INFER_URL": models.url + "/v1",
        "OPENAI_API_KEY": "sk-canary-0000000001",
        "OPENAI_BASE_URL": models.url + "/v1",
    }


@pytest.fixture(scope="module")
def pair(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    data = tmp_path_factory.mktemp("data")
    env = {"DATA_DIR": str(data), **wires(models)}
    with function("mentor", **env) as a, function("mentor", **env) as b:
        yield Pair(a, b, data)


async def events(response: aiohttp.ClientResponse, limit: int = 100_000) -> list[Event]:
    """Up to `limit` events of a stream."""
    found: list[Event] = []
    number, name = 0, ""
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        if line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            found.append(Event(number, name, json.loads(line[6:])))
            if len(found) >= limit:
                break
    return found


def text_of(found: list[Event]) -> str:
    """The joined deltas."""
    return "".join(event.data["text"] for event in found if event.name == "delta")
