"""Guards, each reached through the public route: whose data, which fields, which headers, what leaks."""

import logging
from typing import Any

import pytest

from shared.identity.local import mint
from shared.identity.revocation import REVOCATION_SECONDS
from tests.web.conftest import Sites
from tests.web.sample import Site

ASK = {"message": "Why?"}
PRIVATE = "private, no-store"


@pytest.mark.parametrize("name", ["X-User-Id", "X-UserId", "X-User", "X-UID", "x-learner-id"])
async def test_t03_a_header_that_names_somebody_else(site: Site, name: str) -> None:
    assert (await site.call("/sample/ask", ASK, headers={name: "u2"})).status == 403
    assert (await site.call("/sample/ask", ASK, headers={name: "u1"})).status == 200
    assert (await site.call("/sample/ask", ASK, headers={name: "u2"}, role="admin")).json["user_id"] == "u1"
    assert (await site.call("/sample/ask", ASK, headers={name: "u1"}, sub=None)).status == 401


async def test_t03_a_query_that_names_somebody_else(site: Site) -> None:
    for query in ("user_id=u2", "uid=u2", "user_id=u1&user_id=u2", "userId=u2", "learner_id=u2", "user%5Fid=u2"):
        assert (await site.call(f"/sample/profile/me?{query}")).status == 403
    assert (await site.call("/sample/profile/me?user_id=u1")).status == 200
    assert (await site.call("/sample/report?user_id=u2", role="admin")).status == 200


async def test_t03_a_body_that_names_somebody_else(site: Site) -> None:
    mine, theirs = {"event_id": "e1", "user_id": "u1"}, {"event_id": "e2", "user_id": "u2"}
    assert (await site.call("/sample/events", mine)).status == 202
    for body in (theirs, [mine, theirs]):
        refused = await site.call("/sample/events", body)
        assert (refused.status, refused.json["code"]) == (403, "forbidden")
    assert (await site.call("/sample/events", [mine, theirs], role="admin")).json == {"count": 2}
    undeclared = await site.call("/sample/ask", {**ASK, "user_id": "u2"})
    assert (undeclared.status, undeclared.json["errors"][0]["field"]) == (422, "user_id")


async def test_t03_a_path_that_names_somebody_else(site: Site) -> None:
    for method in ("GET", "DELETE"):
        assert (await site.call("/sample/profile/u2", method=method)).status == 403
    assert (await site.call("/sample/profile/u2", role="admin")).json["said"] == "u2"


@pytest.mark.parametrize("path", ["/sample/ask", "/sample/report", "/sample/profile/u1", "/metrics", "/nothing"])
@pytest.mark.parametrize("sub", ["u1", None])
async def test_t40_what_needs_a_token_is_kept_by_nobody(site: Site, path: str, sub: str | None) -> None:
    heard = await site.call(path, ASK if path == "/sample/ask" else None, sub=sub)
    assert heard.headers.getall("Cache-Control") == [PRIVATE]
    assert "Authorization" in heard.headers["Vary"]


async def test_t40_errors_too(site: Site) -> None:
    for heard in (await site.call("/sample/ask", {}), await site.call("/sample/fail/value", ASK)):
        assert heard.headers["Cache-Control"] == PRIVATE
    assert "Cache-Control" not in (await site.call("/health", sub=None)).headers


SMUGGLED: dict[str, dict[str, Any]] = {
    "api_base": {"api_base": "http://169.254.169.254/"},
    "base_url": {"base_url": "http://127.0.0.1:1/"},
    "options.api_base": {"options": {"api_base": "http://169.254.169.254/"}},
    "options.temperature.base_url": {"options": {"temperature": {"base_url": "x"}}},
    "parts.0.base_url": {"parts": [{"base_url": "http://evil.example.test/"}]},
    "webhook_url": {"webhook_url": "http://evil.example.test/"},
    "callback_url": {"callback_url": "gopher://localhost"},
    "api_key": {"api_key": "sk-x"},
    "model_kwargs": {"model_kwargs": {"extra_body": {"api_base": "x"}}},
}


@pytest.mark.parametrize("field", SMUGGLED)
async def test_t42_t43_addresses_and_keys_in_a_body_are_unknown_fields(site: Site, field: str) -> None:
    heard = await site.call("/sample/ask", {**ASK, **SMUGGLED[field]})
    named = [item["field"] for item in heard.json["errors"]]
    assert heard.status == 422
    assert any(field.startswith(name) for name in named), named
    assert "169.254" not in heard.body.decode()


async def test_t42_t43_the_same_in_a_query_and_in_a_list(site: Site) -> None:
    assert (await site.call("/sample/report?api_base=http://localhost")).status == 422
    event = {"event_id": "e1", "user_id": "u1", "webhook_url": "http://localhost"}
    for body in (event, [event]):
        heard = await site.call("/sample/events", body)
        assert heard.status == 422
        assert "webhook_url" in heard.body.decode()


async def test_t44_a_forged_token_through_the_public_route(site: Site) -> None:
    forged = mint("another secret of thirty-two bytes!!", "u1", "admin", 600)
    heard = await site.call("/sample/clear", method="POST", headers={"Authorization": f"Bearer {forged}"})
    assert heard.status == 401


async def test_t45_revoked_on_one_instance_is_refused_by_the_other(sites: Sites) -> None:
    a, b = await sites(), await sites()
    token = a.bearer("root", "admin")
    for site in (a, b):
        assert (await site.call("/sample/clear", method="POST", headers=token)).status == 200
    await a.runtime.identity.revoke(user_id="root", reason="left")
    assert (await a.call("/sample/clear", method="POST", headers=token)).status == 401
    b.runtime.ahead = REVOCATION_SECONDS
    assert (await b.call("/sample/clear", method="POST", headers=token)).status == 401


CANARY = "canary.learner@example.test"


@pytest.mark.parametrize("path", ["value", "chain", "model", "configuration", "overloaded", "nosuch"])
async def test_t46_nothing_of_a_failure_leaks(
    site: Site, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.DEBUG)
    token = site.bearer()
    heard = await site.call(
        f"/sample/fail/{path}?mail={CANARY}", {"message": f"I am {CANARY}, quokka-question"}, headers=token
    )
    assert heard.status == (503 if path == "overloaded" else 500)
    said = heard.body.decode() + str(heard.headers)
    logged = "".join(capfd.readouterr()) + caplog.text
    for secret in (token["Authorization"].split(".")[2], CANARY, "quokka-question", "sk-canary-0123456789"):
        assert secret not in said
        assert secret not in logged
    if path != "overloaded":
        assert heard.json["detail"] == "Something went wrong."
        assert "Traceback" not in said
        assert "request.failed" in logged
        assert heard.json["request_id"] in logged
        assert "tests/web/sample.py" in logged, "the place of the failure is told"


async def test_t46_refusals_are_not_logged_and_do_not_quote(
    site: Site, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bad = {"Authorization": "Bearer canary-token.canary-token.canary-token"}
    heards = [
        await site.call("/sample/ask", {"message": CANARY * 10}),
        await site.call("/sample/ask", data=f'{{"message": "{CANARY}'.encode()),
        await site.call("/sample/ask", ASK, headers=bad),
        await site.call("/sample/profile/me", headers={"X-User-Id": CANARY}),
        await site.call(f"/sample/report?days={CANARY}"),
        await site.call(f"/nothing/{CANARY}"),
    ]
    logged = "".join(capfd.readouterr()) + caplog.text
    assert [heard.status for heard in heards] == [422, 400, 401, 403, 422, 404]
    for secret in (CANARY, "canary-token"):
        assert secret not in logged
        assert not [heard for heard in heards if secret in heard.body.decode()]


async def test_cors_for_any_origin(site: Site) -> None:
    heard = await site.call("/sample/ask", ASK, headers={"Origin": "https://app.example.test"})
    assert heard.headers["Access-Control-Allow-Origin"] == "*"
    assert heard.headers["Access-Control-Expose-Headers"] == "X-Request-Id, Retry-After"
    assert "Access-Control-Allow-Credentials" not in heard.headers
    refused = await site.call("/sample/ask", ASK, sub=None, headers={"Origin": "https://app.example.test"})
    assert refused.headers["Access-Control-Allow-Origin"] == "*", "a page must be able to read why"


async def test_cors_for_named_origins(sites: Sites) -> None:
    site = await sites(cors_origins="https://app.example.test, https://admin.example.test/")
    for origin, allowed in (
        ("https://app.example.test", True),
        ("https://admin.example.test", True),
        ("https://evil.example.test", False),
        ("null", False),
    ):
        heard = await site.call("/health", headers={"Origin": origin})
        assert heard.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert "Origin" in heard.headers["Vary"]


async def test_a_preflight_is_answered_without_a_token(site: Site) -> None:
    asked = {"Origin": "https://app.example.test", "Access-Control-Request-Method": "POST"}
    heard = await site.call("/api/v1/ai/sample/ask", method="OPTIONS", sub=None, headers=asked)
    assert (heard.status, heard.body) == (204, b"")
    assert heard.headers["Allow"] == "OPTIONS, POST"
    for name in ("Authorization", "Idempotency-Key", "Last-Event-ID"):
        assert name in heard.headers["Access-Control-Allow-Headers"]
    assert "PATCH" in heard.headers["Access-Control-Allow-Methods"]
    assert (await site.call("/nothing", method="OPTIONS", sub=None, headers=asked)).status == 404


async def test_security_headers(sites: Sites) -> None:
    plain, behind = await sites(), await sites(trusted_proxies=1)
    heard = await plain.call("/health", sub=None, headers={"X-Forwarded-Proto": "https"})
    assert heard.headers["X-Content-Type-Options"] == "nosniff"
    assert heard.headers["X-Frame-Options"] == "DENY"
    assert heard.headers["Referrer-Policy"] == "no-referrer"
    assert heard.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Strict-Transport-Security" not in heard.headers, "nobody trusted said that it was https"
    secure = await behind.call("/health", sub=None, headers={"X-Forwarded-Proto": "https"})
    assert "max-age" in secure.headers["Strict-Transport-Security"]
