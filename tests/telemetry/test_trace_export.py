"""Spans on their way to a collector: none is lost while it works, and nothing else suffers while it does not."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization

from shared import backends, log
from shared.runtime import Runtime
from shared.settings import Settings
from shared.telemetry import trace
from shared.telemetry.trace import Tracer
from shared.telemetry.trace_export import BATCH, CAPACITY, Exporter, GoogleCredentials
from tests.fakes.waiting import eventually
from tests.identity import issuing
from tests.processes import ROOT, environment, fetch, function, stop
from tests.telemetry.collector import Collector, collecting


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@asynccontextmanager
async def exporting(collector: Collector, **options: Any) -> AsyncIterator[tuple[Exporter, Tracer]]:
    exporter = Exporter(collector.url + "/v1/traces", {"service.namespace": "lyo"}, **({"interval": 0.05} | options))
    try:
        yield exporter, Tracer(exporter, ratio=1)
    finally:
        await exporter.close()


def work(tracer: Tracer, count: int = 1, service: str = "mentor") -> None:
    """So many traces of one span each."""
    for _ in range(count):
        tracer.request({}, service=service, method="GET", route="/x").end()


def lines(capfd: pytest.CaptureFixture[str], name: str) -> list[dict[str, Any]]:
    found = (json.loads(line) for line in capfd.readouterr().out.splitlines())
    return [line for line in found if line["message"] == name]


@pytest.fixture
def logged() -> Iterator[None]:
    import logging

    root = logging.getLogger()
    before = root.level, list(root.handlers)
    log.configure(Settings(environment="test", auth_mode="local"))
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]


async def test_spans_arrive_in_batches_with_all_they_say(collector: Collector) -> None:
    async with exporting(collector) as (_, tracer):
        with tracer.request({}, service="mentor", method="POST", route="/mentor/chat") as root:
            with trace.begin("chat", "gemma", kind=trace.CLIENT) as span:
                span.set(model="gemma", input_tokens=7, cost_usd=0.25, degraded=False, request_id="r_1")
                span.fail("timeout")
        work(tracer, 3, "jobs")
        await eventually(lambda: len(collector.spans) == 5)
    by_name = {span.name: span for span in collector.spans}
    chat = by_name["chat gemma"]
    assert chat.attributes == {
        "gen_ai.request.model": "gemma",
        "gen_ai.usage.input_tokens": 7,
        "lyo.cost_usd": 0.25,
        "lyo.degraded": False,
        "lyo.request_id": "r_1",
        "error.type": "timeout",
    }
    assert (chat.failed, chat.kind, chat.parent_id) == (True, trace.CLIENT, root.span_id)
    assert by_name["POST /mentor/chat"].parent_id == ""
    assert [span.service for span in collector.spans].count("jobs") == 3
    assert {span.resource["service.namespace"] for span in collector.spans} == {"lyo"}
    assert len(collector.calls) == 1
    assert collector.calls[0][1]["content-type"] == "application/x-protobuf"


async def test_many_spans_do_not_wait_for_the_beat(collector: Collector) -> None:
    async with exporting(collector, interval=3600) as (_, tracer):
        work(tracer, BATCH)
        await eventually(lambda: len(collector.spans) == BATCH)
        work(tracer)
    assert len(collector.spans) == BATCH + 1, "what waits is sent at the end"


async def test_a_collector_that_hangs_costs_nobody_anything_and_memory_is_bounded(
    collector: Collector, capfd: pytest.CaptureFixture[str], logged: None
) -> None:
    collector.open.clear()
    async with exporting(collector, timeout=120) as (exporter, tracer):
        work(tracer)
        await eventually(lambda: collector.arrived == 1)
        began = time.process_time()
        work(tracer, CAPACITY + 500)
        assert time.process_time() - began < 1, "microseconds each, whether one is kept or not"
        assert exporter.dropped == 501
        collector.open.set()
        await eventually(lambda: len(collector.spans) == CAPACITY)
        work(tracer)
        await eventually(lambda: len(collector.spans) == CAPACITY + 1)
    assert len({span.span_id for span in collector.spans}) == CAPACITY + 1
    assert sum(line["dropped"] for line in lines(capfd, "trace.spans_lost")) == 501


@pytest.mark.parametrize("status", [429, 503])
async def test_what_could_not_be_taken_comes_again_once(
    collector: Collector, status: int, capfd: pytest.CaptureFixture[str], logged: None
) -> None:
    collector.status = status
    async with exporting(collector) as (_, tracer):
        work(tracer, 3)
        await eventually(lambda: len(collector.calls) >= 1)
        collector.status = 200
        await eventually(lambda: len(collector.spans) == 3)
        work(tracer)
        await eventually(lambda: len(collector.spans) == 4)
    assert len({span.span_id for span in collector.spans}) == 4
    assert lines(capfd, "trace.export_failed")[0]["failures"] == 1


async def test_one_that_is_away_is_tried_again(collector: Collector) -> None:
    async with exporting(collector, timeout=0.05) as (_, tracer):
        collector.open.clear()
        work(tracer, 2)
        await eventually(lambda: collector.arrived >= 2)
        collector.open.set()
        await eventually(lambda: any(status == 200 for status, _, _ in collector.calls))
        await eventually(lambda: len({span.span_id for span in collector.spans}) == 2)


async def test_what_is_refused_for_good_does_not_come_again(
    collector: Collector, capfd: pytest.CaptureFixture[str], logged: None
) -> None:
    async with exporting(collector) as (_, tracer):
        collector.status = 400
        work(tracer, 2)
        await eventually(lambda: len(collector.calls) == 1)
        await eventually(lambda: bool(lines(capfd, "trace.spans_lost")))
        collector.status, collector.rejected = 200, 1
        work(tracer)
        await eventually(lambda: len(collector.spans) == 1)
        await eventually(lambda: [line["refused"] for line in lines(capfd, "trace.spans_lost")] == [1])
    assert len(collector.calls) == 2


@pytest.mark.parametrize("said", [b"{}", b"", b"<html>", b"\xff\xff"])
async def test_what_was_taken_does_not_come_again_whatever_else_is_said(collector: Collector, said: bytes) -> None:
    collector.said = said
    async with exporting(collector) as (exporter, tracer):
        work(tracer)
        await eventually(lambda: len(collector.spans) == 1)
        await eventually(lambda: not exporter._waiting)
        work(tracer)
        await eventually(lambda: len(collector.spans) == 2)
    assert len({span.span_id for span in collector.spans}) == 2


def test_where_tracing_is_off_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from shared.runtime import Runtime; from shared.settings import Settings;"
        "now = Runtime(Settings(environment='test', auth_mode='local'));"
        "assert now.tracer.request({}, service='mentor', method='GET', route='/x').trace_id == '';"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'google.auth', 'shared.telemetry.trace_'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


async def test_a_span_that_cannot_be_said_does_not_hold_up_the_others(collector: Collector) -> None:
    async with exporting(collector) as (_, tracer):
        with tracer.request({}, service="mentor", method="GET", route="/x") as span:
            span.set(attempt=2**70)
        work(tracer)
        await asyncio.sleep(0)
        await eventually(lambda: not tracer._sink._waiting)  # type: ignore[union-attr]
        work(tracer)
        await eventually(lambda: len(collector.spans) == 1)


async def test_the_end_does_not_wait_for_a_collector_that_hangs(
    collector: Collector, capfd: pytest.CaptureFixture[str], logged: None
) -> None:
    collector.open.clear()
    async with exporting(collector, timeout=120) as (_, tracer):
        work(tracer, 3)
        await eventually(lambda: collector.arrived == 1)
        began = time.monotonic()
    assert time.monotonic() - began < 20
    assert [line["dropped"] for line in lines(capfd, "trace.spans_lost")] == [3]


def test_an_instance_that_is_told_to_end_sends_what_waits(collector: Collector, tmp_path: Path) -> None:
    where = {"DATA_DIR": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "TRACE_SAMPLE_RATIO": "1"}
    with function("mentor", **where, RELEASE="v7", GCP_PROJECT_ID="lyo-test") as server:
        assert fetch(server.url + "/mentor/chat", method="POST", body=b"{}").status == 401
        stop(server.process)
    (span,) = collector.spans
    assert (span.service, span.name) == ("mentor", "POST /api/v1/ai/mentor/chat")
    assert span.attributes["http.response.status_code"] == 401
    assert span.resource["service.version"] == "v7"
    assert span.resource["gcp.project_id"] == "lyo-test"


async def test_t46_no_text_leaves_unmasked(collector: Collector, logged: None) -> None:
    def fail() -> None:
        with tracer.request({}, service="m", method="GET", route="/x") as span:
            span.set(model="canary.learner@example.org", request_id="sk-canary0123456789", outcome="plain-secret-word")
            span.attributes = {**span.attributes, "question": "my homework"}  # type: ignore[attr-defined]
            raise ValueError("canary.learner@example.org")

    log.hide("plain-secret-word")
    async with exporting(collector) as (_, tracer):
        with pytest.raises(ValueError):
            fail()
        await eventually(lambda: len(collector.spans) == 1)
    assert b"canary" not in collector.raw
    assert b"homework" not in collector.raw
    assert b"plain-secret-word" not in collector.raw
    assert collector.spans[0].attributes["error.type"] == "ValueError"


# --- Google's collector


@pytest.mark.parametrize(
    ("url", "googles"),
    [
        ("https://telemetry.googleapis.com", True),
        ("https://telemetry.europe-west4.rep.googleapis.com/", True),
        ("https://telemetry.googleapis.com.example.org", False),
        ("http://127.0.0.1:4318", False),
    ],
)
async def test_credentials_go_to_google_and_to_nobody_else(url: str, googles: bool, tmp_path: Path) -> None:
    runtime = Runtime(
        Settings(environment="test", auth_mode="local", data_dir=tmp_path, otel_exporter_otlp_endpoint=url)
    )
    sink = backends.spans(runtime)
    assert isinstance(sink, Exporter)
    assert isinstance(sink._authorize, GoogleCredentials) is googles
    assert sink._url == url.rstrip("/") + "/v1/traces"
    await sink.close()


async def test_google_gets_a_token_of_this_account_for_traces_alone(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    async def token(request: web.Request) -> web.Response:
        assertion = parse_qs(await request.text())["assertion"][0]
        asked.append(jwt.decode(assertion, options={"verify_signature": False}))
        return web.json_response({"access_token": f"token-{len(asked)}", "expires_in": 3600, "token_type": "Bearer"})

    app = web.Application()
    app.add_routes([web.post("/token", token)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    account = {
        "type": "service_account",
        "client_email": "mentor@lyo-test.iam.gserviceaccount.com",
        "private_key_id": "k1",
        "private_key": issuing.private_key("k1")
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode(),
        "token_uri": f"http://127.0.0.1:{runner.addresses[0][1]}/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    async with exporting(collector, authorize=GoogleCredentials()) as (_, tracer):
        for count in (1, 2):
            work(tracer)
            await eventually(lambda count=count: len(collector.calls) == count)  # type: ignore[misc]
    await runner.cleanup()
    assert [headers["authorization"] for _, headers, _ in collector.calls] == ["Bearer token-1"] * 2
    assert [claims["scope"] for claims in asked] == ["https://www.googleapis.com/auth/trace.append"]
    assert asked[0]["iss"] == account["client_email"]
