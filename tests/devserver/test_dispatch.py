"""The development server hands each path to the function with the longest prefix, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from scripts.devserver.app import Composed
from shared.deployables import load

FUNCTION = """
import functions_framework.aio
from starlette.responses import PlainTextResponse

class edge:
    openapi = staticmethod(lambda: {{"paths": {{"/{name}": {{}}}}}})

@functions_framework.aio.http
async def {name}(request):
    return PlainTextResponse("{name} " + request.url.path + "?" + request.url.query)
"""


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    entries = []
    for name, paths in {"outer": ["/api/outer", "/health"], "inner": ["/api/outer/inner"]}.items():
        (tmp_path / f"sample_{name}.py").write_text(FUNCTION.format(name=name))
        module = f"sample_{name}"
        entries.append(load()[0].model_copy(update={"name": name, "module": module, "paths": tuple(paths)}))
    monkeypatch.syspath_prepend(tmp_path)
    config = uvicorn.Config(
        Composed(entries), host="127.0.0.1", port=0, log_level="critical", ws="none", lifespan="off"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


async def get(url: str) -> tuple[int, str, str]:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers.get("content-type", "")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/outer", "outer /api/outer?"),
        ("/api/outer/x/y?q=1", "outer /api/outer/x/y?q=1"),
        ("/api/outer/inner", "inner /api/outer/inner?"),
        ("/api/outer/inner/deep", "inner /api/outer/inner/deep?"),
        ("/api/outer/innermost", "outer /api/outer/innermost?"),
        ("/health", "outer /health?"),
    ],
)
async def test_the_longest_prefix_of_whole_segments_wins(url: str, path: str, says: str) -> None:
    assert (await get(url + path))[:2] == (200, says)


@pytest.mark.parametrize("path", ["/api/outermost", "/api", "/other/health", "/apix/outer"])
async def test_a_path_of_nobody_is_a_problem(url: str, path: str) -> None:
    status, body, media = await get(url + path)
    assert (status, media, json.loads(body)["code"]) == (404, "application/problem+json", "not_found")


async def test_the_documents_are_served(url: str) -> None:
    status, body, _ = await get(url + "/openapi.json")
    assert (status, set(json.loads(body)["paths"])) == (200, {"/outer", "/inner"})
    assert (await get(url + "/docs"))[0] == 200
    assert (await get(url + "/"))[0] == 307
