"""The smoke test against servers that are well, old, open, or something else altogether."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from scripts.deploying.smoke import Target, Wrong, run
from shared.deployables import load
from shared.identity.local import mint, read_or_create_secret
from tests.processes import development_server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Every function in one process, and a learner's token."""
    data = tmp_path_factory.mktemp("data")
    with development_server(DATA_DIR=str(data), RELEASE="lyo-1") as server:
        yield server.url, mint(read_or_create_secret(data), "smoke", "learner", 600)


async def said(target: Target) -> tuple[bool, list[str]]:
    lines: list[str] = []
    return await run(target, 0, lines.append), lines


async def test_a_deployment_that_is_well(served: tuple[str, str]) -> None:
    url, token = served
    passed, lines = await said(Target.at(url, token=token, release="lyo-1", private={"jobs": url}))
    assert passed, lines
    assert len(lines) == len([entry for entry in load() if entry.public]) + 4, "the health, a private one, two answers"
    assert all(line.startswith("  ok ") for line in lines)


async def test_the_wrong_release(served: tuple[str, str]) -> None:
    passed, lines = await said(Target.at(served[0], release="lyo-2"))
    assert not passed
    assert "WRONG ops is well: release lyo-1 answers, not lyo-2" in lines[0]


async def test_a_token_that_nobody_takes(served: tuple[str, str]) -> None:
    passed, lines = await said(Target.at(served[0], token="x.y.z"))
    assert not passed
    assert [line for line in lines if "WRONG a learner is answered, and once: status 401" in line]


@pytest.fixture
async def stranger() -> AsyncIterator[str]:
    """Answers everything with 200, as a wrong address or an open worker would."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"status": "healthy"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_something_else_at_that_address(stranger: str) -> None:
    passed, lines = await said(Target.at(stranger))
    assert not passed
    assert any("WRONG mentor runs" in line for line in lines)


async def test_t47_a_private_service_that_is_open(served: tuple[str, str], stranger: str) -> None:
    passed, lines = await said(Target.at(served[0], private={"jobs": stranger}))
    assert not passed
    assert "WRONG jobs is private: it answers a stranger with 200" in lines[-1]


async def test_nobody_there() -> None:
    passed, lines = await asyncio.wait_for(said(Target.at("http://127.0.0.1:1")), 30)
    assert not passed
    assert all("WRONG" in line for line in lines)


def test_the_outputs_of_terraform() -> None:
    urls = {"mentor": "https://m.example.test", "ops": "https://o.example.test", "jobs": "https://j.example.test"}
    outputs: dict[str, Any] = {"urls": {"value": urls}, "gpu_url": {"value": None}, "release": {"value": "lyo-3"}}
    found = Target.of(outputs)
    assert sorted(found.urls) == ["mentor", "ops"]
    assert found.private == {"jobs": "https://j.example.test"}
    assert found.release == "lyo-3"
    behind = Target.of({**outputs, "base_url": {"value": "https://api.example.test"}})
    assert set(behind.urls.values()) == {"https://api.example.test"}
    with pytest.raises(Wrong, match="was it applied"):
        Target.of({})


def test_a_file_of_outputs_is_needed(tmp_path: Path) -> None:
    with pytest.raises(Wrong):
        Target.of({"urls": {"value": None}})
