"""One trace from the learner's request over gateway and model to the task it leaves, and the task's own work."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from functions import jobs, mentor
from scripts.benchmarks.inprocess import Heard, ask
from shared import runtime as runtimes
from shared.agents.mentor import SUMMARISE_AFTER
from shared.dialogue import chat
from shared.documents import Job
from shared.identity.local import mint, read_or_create_secret
from shared.jobs.runner import Runner
from shared.runtime import Runtime
from shared.store import Where
from shared.telemetry import trace
from tests.fakes.waiting import eventually
from tests.functions.jobs_worker import ACCOUNT, AUDIENCE, queue
from tests.product import Product
from tests.services.tasks_process import tasks_process
from tests.telemetry.collector import Collector, Seen, collecting
from tests.web.sample import serving

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
KEY, EMAIL = "sk-canary-0000000001", "canary.learner@example.org"
KIND = "summarise_conversation"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


class Learner:
    """Asks the mentor of one runtime, in this process."""

    def __init__(self, runtime: Runtime) -> None:
        self._token = mint(read_or_create_secret(runtime.settings.data_dir), "u1", "learner", 600)

    async def chat(self, message: str = "What is a prime number?", /, stream: bool = False, **more: str) -> Heard:
        headers = {"traceparent": more.pop("traceparent")} if "traceparent" in more else {}
        body = {"message": message, "stream": stream, **more}
        return await ask(mentor.edge.app, "/mentor/chat", self._token, body, headers)


@asynccontextmanager
async def traced(product: Product, collector: Collector, **changes: Any) -> AsyncIterator[tuple[Runtime, Learner]]:
    """A runtime whose spans go to the collector; its models are `changes["models"]`."""
    settings: dict[str, Any] = {
        "otel_exporter_otlp_endpoint": collector.url,
        "trace_sample_ratio": 0.0,
        "gcp_project_id": "lyo-test",
    }
    with runtimes.override(product.runtime(**(settings | changes))) as runtime:
        runtime.tracer._sink._interval = 0.05  # type: ignore[union-attr]
        yield runtime, Learner(runtime)


def header(flag: str = "01") -> str:
    return f"00-{TRACE}-{CALLER}-{flag}"


async def arrived(collector: Collector, names: set[str]) -> dict[str, Seen]:
    """The trace's spans by name, once there is one of each name; the first where there are several."""
    await eventually(lambda: names <= {span.name for span in collector.of(TRACE)})
    return {span.name: span for span in reversed(collector.of(TRACE))}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_message_is_one_trace_from_the_edge_to_the_model(
    product: Product, collector: Collector, stream: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    async with traced(product, collector) as (_, learner):
        assert (await learner.chat(stream=stream, traceparent=header())).status == 200
        names = {"POST /api/v1/ai/mentor/chat", "answer", "open", "chat fake-ok", "commit"}
        spans = await arrived(collector, names)
    assert {span.name for span in collector.of(TRACE)} == names
    request, answer = spans["POST /api/v1/ai/mentor/chat"], spans["answer"]
    assert (request.parent_id, request.kind, request.service) == (CALLER, trace.SERVER, "mentor")
    assert answer.parent_id == request.span_id
    assert {spans[name].parent_id for name in ("open", "chat fake-ok", "commit")} == {answer.span_id}
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["http.route"] == "/api/v1/ai/mentor/chat"
    assert answer.attributes["lyo.outcome"] == "ok"
    assert answer.attributes["lyo.cache"] == "none"
    asked = spans["chat fake-ok"]
    assert asked.attributes["gen_ai.provider.name"] == "gemma"
    assert asked.attributes["gen_ai.usage.output_tokens"] > 0
    assert not any(span.failed for span in spans.values())
    (call,) = product.fake.calls
    assert call.headers["traceparent"] == f"00-{TRACE}-{asked.span_id}-01"
    line = next(found for found in printed(capfd) if found["message"] == "answered")
    assert line["logging.googleapis.com/trace"] == f"projects/lyo-test/traces/{TRACE}"
    assert line["logging.googleapis.com/spanId"] == answer.span_id
    assert line["logging.googleapis.com/trace_sampled"] is True
    assert line["severity"] == "INFO"
    assert line["request_id"] == request.attributes["lyo.request_id"]


def printed(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]


async def test_every_model_that_was_asked_has_its_span(product: Product, collector: Collector) -> None:
    models = {"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-ok"}
    async with traced(product, collector, models=models) as (_, learner):
        assert (await learner.chat(traceparent=header())).json["provider"] == "openai"
        await arrived(collector, {"POST /api/v1/ai/mentor/chat"})
    chats = [span for span in collector.of(TRACE) if span.name.startswith("chat ")]
    failed = [span for span in chats if span.failed]
    assert {span.name for span in failed} == {"chat fake-err500"}
    assert {span.attributes["error.type"] for span in failed} == {"server"}
    (won,) = [span for span in chats if not span.failed]
    assert won.attributes["lyo.cost_usd"] > 0
    assert [span.attributes["lyo.attempt"] for span in chats] == list(range(1, len(chats) + 1))
    ours = [call for call in product.fake.calls if call.model == "fake-err500"]
    others = [call for call in product.fake.calls if call.model == "fake-ok"]
    assert ours
    assert all("traceparent" in call.headers for call in ours)
    assert others
    assert not any("traceparent" in call.headers for call in others), "a third party learns nothing of our traces"


async def test_a_hosted_gemma_learns_nothing_of_our_traces(product: Product, collector: Collector) -> None:
    async with traced(product, collector, models={"gemma_4_cloud": "fake-ok"}) as (_, learner):
        assert (await learner.chat(traceparent=header())).status == 200
    assert [call for call in product.fake.calls if "traceparent" in call.headers] == []
    assert product.fake.calls


async def test_nothing_is_kept_of_a_request_nobody_chose(product: Product, collector: Collector) -> None:
    async with traced(product, collector) as (_, learner):
        assert (await learner.chat()).status == 200
        assert (await learner.chat("And two?", traceparent=header("00"))).status == 200
        assert (await learner.chat("And four?", traceparent=header())).status == 200
        await arrived(collector, {"POST /api/v1/ai/mentor/chat"})
    assert {span.trace_id for span in collector.spans} == {TRACE}
    assert [span.name for span in collector.spans].count("answer") == 1
    plain, unsampled, sampled = (call.headers.get("traceparent") for call in product.fake.calls)
    assert plain is None
    assert unsampled == header("00"), "who works on for us knows the trace, and that it is not kept"
    assert sampled is not None


@pytest.mark.parametrize("how", ["delivered", "embedded"])
async def test_a_task_and_what_it_does_stand_in_the_trace_that_asked_for_it(
    product: Product,
    collector: Collector,
    tmp_path: Path,
    how: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat, "_REQUEST_SECONDS", 30.0)  # the first use of an SDK takes its time on a busy machine
    (tmp_path / "tasks").mkdir()
    with tasks_process(tmp_path / "tasks", max_backoff=0.2) as tasks:
        changes = {
            "service_audience": AUDIENCE,
            "service_accounts": ACCOUNT,
            "google_jwks_url": f"{tasks.url}/jwks",
        }
        async with traced(product, collector, **changes) as (runtime, learner), serving(jobs.edge.app) as url:
            if how == "delivered":
                runtime.__dict__["queue"] = queue(runtime.store, tasks.host, url, time.time)
                runtime.__dict__["runner"] = Runner(runtime.local_queue, {})  # this file's own worker takes nothing
            said = [await learner.chat()]
            conversation = said[0].json["conversation_id"]
            for number in range(SUMMARISE_AFTER - 2):
                assert (await learner.chat(f"And {number}?", conversation_id=conversation)).status == 200
            said.append(await learner.chat("At last?", conversation_id=conversation, traceparent=header()))
            assert {answer.status for answer in said} == {200}
            came = "POST /api/v1/ai/jobs/{kind}" if how == "delivered" else f"deliver {KIND}"
            spans = await arrived(collector, {f"enqueue {KIND}", came, f"run {KIND}", "POST /api/v1/ai/mentor/chat"})
            await eventually(
                lambda: any(span.span_id == spans[f"run {KIND}"].parent_id for span in collector.of(TRACE))
            )
            done = Where("state", "==", "done")
            (job,) = await runtime.store.query(Job, done, order="updated_at", descending=True)
            request_id = said[-1].json["request_id"]
    request, run = spans["POST /api/v1/ai/mentor/chat"], spans[f"run {KIND}"]
    assert spans[f"enqueue {KIND}"].parent_id == request.span_id
    deliveries = [span for span in collector.of(TRACE) if span.name == came]  # one may have come too early
    assert {span.parent_id for span in deliveries} == {spans[f"enqueue {KIND}"].span_id}
    (delivered,) = [span for span in deliveries if span.span_id == run.parent_id]
    assert delivered.service == "jobs"
    assert run.attributes["lyo.job.id"] == job.id
    assert delivered.attributes["lyo.request_id"] == request.attributes["lyo.request_id"] == request_id
    line = next(found for found in printed(capfd) if found.get("agent") == "summary")
    assert line["logging.googleapis.com/trace"] == f"projects/lyo-test/traces/{TRACE}"
    assert line["request_id"] == request_id
    summary = [span for span in collector.of(TRACE) if span.name == "answer" and span.parent_id == run.span_id]
    assert [span.attributes["gen_ai.agent.name"] for span in summary] == ["summary"]


async def test_t46_no_key_and_no_address_is_in_any_span(product: Product, collector: Collector) -> None:
    faults = ("ok", "auth", "quota", "err500", "badjson", "refusedconn", "toolong", "inband0", "cut3")
    models = {"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-auth"}
    async with traced(product, collector, trace_sample_ratio=1.0, models=models, ai_total_deadline=5.0) as (
        now,
        learner,
    ):
        for fault in faults:
            for stream in (False, True):
                await learner.chat(f"Write to {EMAIL} why {KEY} is odd. fake-{fault}", stream=stream)
        token = mint(read_or_create_secret(now.settings.data_dir), EMAIL, "learner", 600)
        app = mentor.edge.app
        for path in ("/mentor/chat", f"/mentor/conversation/{KEY}", f"/{EMAIL}?key={KEY}", f"/mentor/stop/{EMAIL}"):
            for bearer in (token, KEY):
                headers = {"x-request-id": KEY, "idempotency-key": KEY, "tracestate": f"k={KEY}", "baggage": EMAIL}
                await ask(app, path, bearer, {"message": EMAIL, "note": KEY}, headers)
        await now.queue.enqueue(KIND, {"conversation_id": EMAIL, "through": KEY}, key=KEY, owner=EMAIL)
        now.runner.start()
        await eventually(lambda: any(span.name == f"run {KIND}" for span in collector.spans))
    statuses = {span.attributes.get("http.response.status_code") for span in collector.spans}
    assert {200, 401, 404} <= statuses, statuses
    assert any(span.failed for span in collector.spans)
    for secret in (KEY, EMAIL, "canary", token):
        assert secret.encode() not in collector.raw, secret
