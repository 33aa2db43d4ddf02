"""The OpenAPI document: generated from the routes that are served, and complete."""

import subprocess
import sys
from typing import Any

from shared.web.route import pattern_of
from tests.web.sample import Site, serving


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): found
        for path, methods in document["paths"].items()
        for method, found in methods.items()
    }


async def test_every_route_is_described_once_as_it_is_served(site: Site) -> None:
    described = operations(site.edge.openapi())
    declared = {(item.method, item.path): item for item in site.edge.operations if item.documented}
    assert set(described) == set(declared)
    assert ("POST", "/api/v1/ai/sample/ask") in described
    assert ("GET", "/metrics") in described
    assert ("GET", "/openapi.json") not in described
    for (method, path), found in described.items():
        assert found["tags"] == ["sample"]
        assert ("security" in found) == (declared[method, path].roles is not None)
        assert pattern_of(path) is None or found["parameters"]


async def test_models_parameters_and_problems_are_described(site: Site) -> None:
    document = site.edge.openapi()
    found = operations(document)
    schemas = document["components"]["schemas"]
    ask = found["POST", "/api/v1/ai/sample/ask"]
    assert ask["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Question"}
    assert ask["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Echo"}
    assert "text/event-stream" in ask["responses"]["200"]["content"]
    assert {item["name"] for item in ask["parameters"]} == {"Idempotency-Key", "Last-Event-ID"}
    assert ask["summary"] == "Ask"
    assert ask["description"] == "Ask something."
    for status in ("400", "401", "403", "409", "413", "422", "429", "500", "503"):
        content = ask["responses"][status]["content"]
        assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    report = found["GET", "/api/v1/ai/sample/report"]
    assert {item["name"] for item in report["parameters"]} == {"days", "user_id"}
    assert "requestBody" not in report
    assert "401" not in found["GET", "/api/v1/ai/health"]["responses"]
    assert schemas["Question"]["additionalProperties"] is False
    assert set(schemas["Problem"]["required"]) == {"type", "title", "status", "detail", "code", "request_id"}
    assert "HTTPValidationError" not in schemas
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert _references(document) <= {f"#/components/schemas/{name}" for name in schemas}


async def test_the_document_is_served_to_who_signed_in(site: Site) -> None:
    heard = await site.call("/openapi.json")
    assert heard.json == site.edge.openapi()


async def test_the_fastapi_application_serves_the_same(site: Site) -> None:
    async with serving(site.edge.fastapi) as url:
        for path in ("/sample/ask", "/api/v1/ai/sample/ask"):
            async with site.session.post(url + path, json={"message": "x"}, headers=site.bearer()) as answer:
                assert (answer.status, (await answer.json())["said"]) == (200, "x")
        async with site.session.get(url + "/sample/profile/me", headers=site.bearer()) as answer:
            assert (await answer.json())["me"] == "u1"
        async with site.session.post(url + "/sample/ask", json={"api_base": "x"}, headers=site.bearer()) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")


def test_serving_does_not_import_fastapi() -> None:
    code = "import sys; import shared.web.edge; print([m for m in ('fastapi', 'jwt', 'aiohttp') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    return set().union(*(_references(value) for value in node)) if isinstance(node, list) else set()
