"""Fleets of functions over the embedded stores and over the cloud's, and the fake model server, all in separate processes."""

import json
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.identity import local
from shared.runtime import Runtime
from shared.settings import Settings
from tests.processes import ROOT, Answer, Server, environment, fetch, free_port, serving
from tests.replicas.cloud import Backdrop, backdrop
from tests.replicas.fleet import Embedded, Fleet

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

    def of(self, model: str) -> int:
        """Upstream calls of one model so far."""
        return int(self.stats()["by_model"].get(model, 0))

    def script(self, model: str, *faults: str) -> None:
        """What the model's next calls meet."""
        body = json.dumps({"model": model, "faults": list(faults)}).encode()
        assert fetch(f"{self.url}/__script", method="POST", body=body).status == 200


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


@pytest.fixture(autouse=True)
def unscripted(models: Models) -> None:
    """No test finds what another one had scripted."""
    assert fetch(f"{models.url}/__reset", method="POST").status == 200


def wires(models: Models) -> dict[str, str]:
    """Environment that points the own model and OpenAI at the fake server."""
    return {
        "LOCAL_INFER_URL": models.url + "/v1",
        "OPENAI_API_KEY": "sk-canary-0000000001",
        "OPENAI_BASE_URL": models.url + "/v1",
    }


def paid(models: Models) -> dict[str, str]:
    """Environment with paid models only."""
    return {name: value for name, value in wires(models).items() if name != "LOCAL_INFER_URL"}


@pytest.fixture(scope="session")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backdrop]:
    """The cloud's stores, one set for all tests."""
    with backdrop(tmp_path_factory.mktemp("cloud")) as made:
        yield made


@pytest.fixture(scope="module", params=["embedded", "cloud"])
def backend(request: pytest.FixtureRequest) -> Embedded | Backdrop:
    """Each of the two kinds of stores."""
    if request.param == "embedded":
        return Embedded()
    made: Backdrop = request.getfixturevalue("behind")
    return made


@pytest.fixture(scope="module")
def pair(models: Models, backend: Embedded | Backdrop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two mentors with a free model and paid ones."""
    with backend.fleet(tmp_path_factory.mktemp("pair"), **wires(models)) as fleet:
        yield fleet


def ask(url: str, headers: dict[str, str], *, method: str = "GET", body: Any = None, timeout: float = 30) -> Answer:
    """One request; a body is sent as JSON."""
    return fetch(
        url, method=method, headers=headers, body=None if body is None else json.dumps(body).encode(), timeout=timeout
    )


def asked(fault: str = "", **more: object) -> dict[str, object]:
    """A body with a message of its own."""
    return {"message": f"What is {uuid.uuid4().hex} {fault}?", **more}


def outcomes(reply: dict[str, Any]) -> list[str]:
    """How each attempt of an answer ended."""
    return [str(attempt["outcome"]) for attempt in reply["route"]["attempts"]]


async def say(session: aiohttp.ClientSession, url: str, body: Mapping[str, object], **more: Any) -> dict[str, Any]:
    """A JSON answer of the mentor at `url` that must succeed."""
    async with session.post(url + CHAT, json=body, **more) as response:
        found: dict[str, Any] = await response.json()
        assert response.status == 200, found
        return found


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
