"""The one OpenAPI document of the whole system, which the clients are generated from."""

import importlib
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from scripts.mobile.document import rendered, version, whole
from shared.deployables import load
from shared.identity import app_check
from shared.web.headers import EXPOSED, REQUEST_HEADERS
from tests.processes import ROOT, environment

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    return whole("https://api.example.com/")


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, found in item.items():
            yield method.upper(), path, found


def test_it_is_valid(document: Json) -> None:
    validate(document)
    assert document["info"]["version"] == version()
    assert document["servers"] == [{"url": "https://api.example.com"}]


def test_it_holds_every_route_of_every_function_once(document: Json) -> None:
    declared = [
        (operation.method, operation.path)
        for entry in load()
        for operation in importlib.import_module(entry.module).edge.operations
        if operation.documented
    ]
    assert sorted((method, path) for method, path, _ in operations(document)) == sorted(declared)
    names = [found["operationId"] for _, _, found in operations(document)]
    assert len(set(names)) == len(names)
    assert {tag["name"] for tag in document["tags"]} == {
        tag for *_, found in operations(document) for tag in found["tags"]
    }


def test_every_body_and_json_answer_is_a_named_schema(document: Json) -> None:
    for method, path, found in operations(document):
        contents = [found["requestBody"]["content"]] if "requestBody" in found else []
        contents += [answer["content"] for answer in found["responses"].values()]
        for content in contents:
            for media_type, described in content.items():
                options = described["schema"].get("anyOf", [described["schema"]])
                named = [option for option in options if is_named(option)]
                if media_type.endswith("json"):
                    assert len(named) == len(options), (method, path, options)
                else:
                    assert options[0]["type"] == "string", (method, path, media_type)


def is_named(schema: Json) -> bool:
    """A schema of its own, several of them, or nothing at all."""
    return "$ref" in schema or schema.get("type") == "null" or "$ref" in schema.get("items", {})


def test_every_error_is_a_problem_and_says_when_to_come_back(document: Json) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for method, path, found in operations(document):
        errors = {status: answer for status, answer in found["responses"].items() if status >= "400"}
        assert {"422", "429", "500", "503"} <= set(errors), (method, path)
        for status, answer in errors.items():
            assert answer["content"] == problem
            assert ("Retry-After" in answer.get("headers", {})) == (status in {"429", "503"})


def test_who_signs_in_how_is_described(document: Json) -> None:
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")
    assert schemes["appCheck"]["name"].lower() == app_check.HEADER
    found = {path: item for method, path, item in operations(document) if method == "POST"}
    # Either alone would do for a generator; App Check is never asked for without the token.
    assert found["/api/v1/ai/mentor/chat"]["security"] == [{"bearer": []}, {"bearer": [], "appCheck": []}]
    assert found["/api/v1/ai/maintenance/cleanup"]["security"] == [{"bearer": []}]


def test_the_turn_protocol_is_described(document: Json) -> None:
    chat = document["paths"]["/api/v1/ai/mentor/chat"]["post"]
    headers = {item["name"]: item for item in chat["parameters"]}
    assert set(headers) == {"Idempotency-Key", "Last-Event-ID"}
    for item in headers.values():
        assert (item["in"], item["required"], item["schema"]["type"]) == ("header", False, "string")
    assert "text/event-stream" in chat["responses"]["200"]["content"]
    assert {"StreamMeta", "StreamDelta"} <= set(document["components"]["schemas"])
    page = document["paths"]["/api/v1/ai/mentor/conversation/{id}"]["get"]["parameters"]
    assert [(item["name"], item["in"]) for item in page] == [("id", "path"), ("after", "query"), ("limit", "query")]


def test_a_browser_may_send_every_header_and_read_what_it_needs(document: Json) -> None:
    used = {
        item["name"]
        for *_, found in operations(document)
        for item in found.get("parameters", ())
        if item["in"] == "header"
    }
    used |= {scheme["name"] for scheme in document["components"]["securitySchemes"].values() if "name" in scheme}
    used |= {"Authorization", "Content-Type", "Accept", "traceparent", "X-Request-Id"}
    allowed = {name.strip().lower() for name in REQUEST_HEADERS.split(",")}
    assert {name.lower() for name in used} <= allowed
    answered = {
        name
        for *_, found in operations(document)
        for answer in found["responses"].values()
        for name in answer.get("headers", ())
    }
    assert {name.lower() for name in answered | {"X-Request-Id"}} <= {
        name.strip().lower() for name in EXPOSED.split(",")
    }


def test_the_command_prints_it_and_nothing_else(document: Json) -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "openapi", "--server", "https://api.example.com"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == rendered(document)
    assert json.loads(done.stdout) == document
