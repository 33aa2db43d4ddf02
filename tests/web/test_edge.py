"""The edge over a real socket: paths, bodies, roles, headers, problems."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount

from shared.language.texts import text as words
from shared.web.context import Call
from shared.web.edge import Edge
from tests.web.conftest import Sites
from tests.web.sample import Site, serving

ASK = {"message": "Why?"}


async def test_a_path_is_served_with_and_without_the_prefix(site: Site) -> None:
    for path in ("/sample/ask", "/api/v1/ai/sample/ask"):
        heard = await site.call(path, ASK)
        assert (heard.status, heard.json) == (200, {"user_id": "u1", "said": "Why?"})
    assert (await site.call("/metrics")).status == 200
    assert (await site.call("/api/v1/ai/metrics")).status == 404, "a root path is served as it stands"


async def test_a_plain_path_wins_over_one_with_parameters(site: Site) -> None:
    assert (await site.call("/sample/profile/me")).json["me"] == "u1"
    assert (await site.call("/sample/profile/u1")).json["said"] == "u1"
    assert (await site.call("/sample/profile/me", method="DELETE", sub="me")).status == 204


@pytest.mark.parametrize("value", ["..", "a%2Fb", "a%00b", "a%20b", "%F0%9F%98%80", "x" * 129, "a;b"])
async def test_an_odd_path_parameter_is_not_found(site: Site, value: str) -> None:
    from yarl import URL

    url = URL(f"{site.url}/sample/profile/{value}", encoded=True)
    async with site.session.get(url, headers=site.bearer(role="admin")) as answer:
        assert answer.status == 404


async def test_unknown_paths_and_methods(site: Site) -> None:
    lost = await site.call("/nothing")
    assert (lost.status, lost.json["code"]) == (404, "not_found")
    wrong = await site.call("/sample/ask")
    assert (wrong.status, wrong.json["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "OPTIONS, POST"
    mixed = await site.call("/sample/profile/me", method="POST", data=b"{}")
    assert mixed.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS"


async def test_head_is_a_get_without_its_body(site: Site) -> None:
    whole, head = await site.call("/health"), await site.call("/health", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.body))
    assert (await site.call("/sample/report", method="HEAD", sub=None)).status == 401


async def test_mounted_under_another_application(site: Site) -> None:
    app = Starlette(routes=[Mount("/inner", site.edge.app)])
    async with serving(app) as url, site.session.get(f"{url}/inner/health") as answer:
        assert answer.status == 200


async def test_an_invalid_body_names_its_fields_and_no_json_is_400(site: Site) -> None:
    wrong = await site.call("/sample/ask", {"message": "", "options": {"temperature": 3}, "parts": [{}, {"x": 1}]})
    assert (wrong.status, wrong.json["code"]) == (422, "invalid_request")
    assert [item["field"] for item in wrong.json["errors"]] == ["message", "options.temperature", "parts.1.x"]
    for data in (b"", b"{", b"message=Why", b'{"message": "\xff"}', b'{"a":' * 1000, b"\x00"):
        heard = await site.call("/sample/ask", data=data)
        assert (heard.status, heard.json["code"]) == (400, "not_json"), data
    assert (await site.call("/sample/ask", [1])).status == 422
    assert (await site.call("/sample/ask", data=b"null")).status == 422


async def test_a_body_may_be_left_out_where_that_is_declared(site: Site) -> None:
    assert (await site.call("/sample/clear", method="POST", role="admin")).json == {"cleared": True}
    assert (await site.call("/sample/clear", {"temperature": 1}, role="admin")).json == {"cleared": False}
    assert (await site.call("/sample/clear", {"wrong": 1}, role="admin")).status == 422


async def test_a_name_that_is_no_text_is_still_answered(site: Site) -> None:
    heard = await site.call("/sample/ask", data=b'{"message": "x", "\\ud83d\\ude00": 1, "' + b"k" * 500 + b'": 1}')
    assert heard.status == 422
    assert max(len(item["field"]) for item in heard.json["errors"]) == 100


async def test_a_query_is_checked_like_a_body(site: Site) -> None:
    assert (await site.call("/sample/report?days=7")).json == {"days": 7}
    assert (await site.call("/sample/report")).json == {"days": 30}
    for query, field in (("days=0", "days"), ("days=x", "days"), ("days=1&days=2", "days"), ("api_base=x", "api_base")):
        heard = await site.call(f"/sample/report?{query}")
        assert (heard.status, heard.json["errors"][0]["field"]) == (422, field)
    assert (await site.call("/sample/report?" + "&".join(f"a{n}=1" for n in range(60)))).status == 422


async def test_a_large_body_is_refused_declared_or_not(site: Site) -> None:
    limit = site.runtime.settings.max_body_bytes
    fits = json.dumps({"message": "x"}).encode().ljust(limit)
    assert (await site.call("/sample/ask", data=fits)).status == 200
    assert (await site.call("/sample/ask", data=fits + b" ")).status == 413

    async def chunks() -> Any:
        for _ in range(limit // 1000 + 2):
            yield b" " * 1000

    async with site.session.post(site.url + "/sample/ask", data=chunks(), headers=site.bearer()) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, "payload_too_large")


async def test_a_declared_length_is_believed_before_a_byte_is_read(site: Site) -> None:
    parts = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = ["POST /sample/ask HTTP/1.1", "Host: x", "Content-Length: 99999999", *_lines(site.bearer()), "", ""]
    writer.write("\r\n".join(lines).encode())
    try:
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_caller_who_hangs_up_in_the_middle_of_a_body_is_no_failure(
    site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = urlsplit(site.url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = ["POST /sample/ask HTTP/1.1", "Host: x", "Content-Length: 500", *_lines(site.bearer()), "", "{"]
    writer.write("\r\n".join(lines).encode())
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    assert (await site.call("/health")).status == 200
    assert "request.failed" not in capfd.readouterr().out


async def test_roles(site: Site) -> None:
    assert (await site.call("/sample/clear", method="POST")).status == 403
    assert (await site.call("/sample/clear", method="POST", role="admin")).status == 200
    assert (await site.call("/sample/tick", method="POST")).status == 403
    assert (await site.call("/sample/tick", method="POST", role="admin")).json == {"role": "admin"}
    assert (await site.call("/health", sub=None)).status == 200
    for path in ("/metrics", "/openapi.json", "/sample/report"):
        refused = await site.call(path, sub=None)
        assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_who_may_not_come_in_learns_nothing_of_the_body(site: Site) -> None:
    assert (await site.call("/sample/ask", {"wrong": 1}, sub=None)).status == 401
    assert (await site.call("/sample/ask", data=b"{", sub=None)).status == 401


async def test_unavailable_says_when_to_come_back(site: Site) -> None:
    heard = await site.call("/sample/fail/overloaded", ASK)
    assert (heard.status, heard.headers["Retry-After"], heard.json["code"]) == (503, "3", "overloaded")
    assert heard.headers["Content-Type"] == "application/problem+json"
    assert set(heard.json) == {"type", "title", "status", "detail", "code", "request_id", "message"}
    assert heard.json["message"] == words("unavailable", "en")
    asked = {"Accept-Language": "xx, ja;q=0.9"}
    assert (await site.call("/sample/fail/overloaded", ASK, headers=asked)).json["message"] == words(
        "unavailable", "ja"
    )
    wrong = await site.call("/sample/ask", {"wrong": 1}, headers=asked)
    assert "message" not in wrong.json, "what only the app can mend is nothing to tell a learner"


async def test_an_answer_that_breaks_off_is_never_taken_for_whole(
    site: Site, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with site.session.get(site.url + "/sample/broken", headers=site.bearer()) as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "answer.broken" in logged
    assert "canary-in-a-stream" not in logged, "the server would log an error that was raised further, text and all"


async def test_the_request_id(site: Site) -> None:
    made = await site.call("/health")
    assert len(made.headers["X-Request-Id"]) >= 32
    assert made.headers["X-Request-Id"] != (await site.call("/health")).headers["X-Request-Id"]
    given = await site.call("/nothing", headers={"X-Request-Id": "app-1.2_3"})
    assert given.headers["X-Request-Id"] == given.json["request_id"] == "app-1.2_3"
    for bad in ("a b", "x" * 65, "<script>", "é"):
        assert (await site.call("/health", headers={"X-Request-Id": bad})).headers["X-Request-Id"] != bad
    trace = "105445aa7843bc8bf206b12000100000"
    traced = await site.call("/health", headers={"X-Cloud-Trace-Context": f"{trace}/1;o=1"})
    assert traced.headers["X-Request-Id"] == trace


async def test_the_address_of_the_caller(sites: Sites) -> None:
    direct, behind = await sites(), await sites(trusted_proxies=1)
    forged = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    assert (await direct.call("/sample/profile/me", headers=forged)).json["ip"] == "127.0.0.1"
    assert (await behind.call("/sample/profile/me", headers=forged)).json["ip"] == "203.0.113.9"
    assert (await behind.call("/sample/profile/me")).json["ip"] == "127.0.0.1"


async def test_odd_keys_are_refused(site: Site) -> None:
    for name in ("Idempotency-Key", "Last-Event-ID"):
        heard = await site.call("/sample/ask", ASK, headers={"Idempotency-Key": "k", name: "a b"})
        assert (heard.status, heard.json["errors"][0]["field"]) == (422, name)
    long = await site.call("/sample/ask", ASK, headers={"Idempotency-Key": "k" * 201})
    assert long.status == 422


async def test_a_keyed_post_is_answered_once(site: Site) -> None:
    key = {"Idempotency-Key": "key-1"}
    first = await site.call("/sample/ask", ASK, headers=key)
    again = await site.call("/api/v1/ai/sample/ask", ASK, headers=key)
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert (await site.call("/sample/ask", {"message": "Other"}, headers=key)).status == 409
    other = await site.call("/sample/ask", {"message": "Other"}, headers=key, sub="u2")
    assert other.json["user_id"] == "u2", "another learner's key is another key"


def test_declarations_that_do_not_fit_are_refused() -> None:
    edge = Edge("x")

    class Open(BaseModel):
        anything: int = 0

    class Outer(BaseModel, extra="forbid"):
        inner: list[Open] | None = None

    async def one(call: Call, body: Outer) -> Response:
        return Response()

    async def two(call: Call) -> Response:
        return Response()

    with pytest.raises(TypeError, match=r"Open.*forbid"):
        edge.post("/one", body=Outer)(one)
    with pytest.raises(TypeError, match="does not take id"):
        edge.get("/two/{id}")(two)
    edge.get("/two")(two)
    with pytest.raises(TypeError, match="declared twice"):
        edge.get("/two")(two)


def _lines(headers: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]
