"""T46: keys and learners' addresses sent through everything that fails, and then looked for everywhere."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from shared.documents import DOCUMENTS, Conversation, Turn
from tests.fakes.waiting import eventually
from tests.replicas.cloud import ALL, Backdrop, Cloud
from tests.replicas.conftest import CHAT, Models, ask, wires
from tests.telemetry.collector import Collector, collecting

pytestmark = [pytest.mark.replicas, pytest.mark.timeout(300)]

KEY = "sk-canary-0000000001"
EMAIL = "canary.learner@example.org"
FAULTS = (
    "auth",
    "badkey",
    "quota",
    "err500",
    "html",
    "badjson",
    "refusedconn",
    "toolong",
    "inband0",
    "cut3",
    "err429-retry1",
)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@pytest.fixture(scope="module")
def site(
    behind: Backdrop, models: Models, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    env = {"GEMINI_CONFIDENCE_THRESHOLD": "0", "AI_TOTAL_DEADLINE": "5", "LOG_LEVEL": "DEBUG", **wires(models)}
    env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "TRACE_SAMPLE_RATIO": "1"}
    with behind.fleet(tmp_path_factory.mktemp("leaks"), *ALL, **env) as made:
        yield made


class Probe:
    """Asks, and keeps every byte that came back."""

    def __init__(self, site: Cloud) -> None:
        self._site = site
        self.answers: list[str] = []

    async def chat(self, fault: str = "", **headers: str) -> int:
        """One message of a learner who writes their address, to each instance, streamed and not; the last status."""
        status = 0
        for number, instance in enumerate(self._site.mentors):
            body = {"message": f"Write to {EMAIL} why {uuid.uuid4().hex} is odd. {fault}", "stream": number == 1}
            status = await self.send(instance.url + CHAT, {**self._site.headers("canary"), **headers}, body)
        return status

    async def send(self, url: str, headers: dict[str, str], body: Any = None) -> int:
        """Any request."""
        method = "GET" if body is None else "POST"
        answer = await asyncio.to_thread(ask, url, headers, method=method, body=body)
        self.answers.append(f"{answer.headers} {answer.body.decode(errors='replace')}")
        return answer.status


async def everything_fails(site: Cloud, probe: Probe) -> None:
    for fault in FAULTS:
        await probe.chat(f"fake-{fault}")
    for bearer in (KEY, f"{EMAIL}.x.y"):
        await probe.send(site.a.url + CHAT, {"Authorization": f"Bearer {bearer}"}, {"message": EMAIL})
    await probe.send(site.a.url + CHAT, site.headers("canary"), {"message": EMAIL, "note": KEY})
    await probe.send(f"{site.b.url}/mentor/conversation/{KEY}", site.headers("canary"))
    await probe.send(f"{site.b.url}/{EMAIL}?key={KEY}", site.headers("canary"))
    for how in ("drop", "status", "garbage"):
        site.redis.fault(how)
        await probe.chat(**{"Idempotency-Key": uuid.uuid4().hex})
        site.redis.fault()
    site.redis.redis.kill()
    await probe.chat()
    site.redis.redis.start()  # in this thread: it dies with the one that started it


async def a_job_fails(site: Cloud, probe: Probe) -> None:
    """One whose error quotes its input, and one that meets a Redis that is away."""
    async with site.stores() as stores:
        job_id = await stores.queue.enqueue(
            "summarise_conversation", {"conversation_id": "c_never", "through": f"{EMAIL} {KEY}"}, owner="canary"
        )

        async def failed() -> bool:
            job = await stores.queue.get(job_id)
            return job is not None and job.error is not None

        await eventually(failed)
        job = await stores.queue.get(job_id)
        assert job is not None
        assert "ValueError" in str(job.error)
        await probe.send(f"{site.jobs.url}/api/v1/ai/jobs/{job_id}", site.headers("canary"))


async def test_t46_keys_and_addresses_are_nowhere_after_everything_has_failed(
    site: Cloud, models: Models, collector: Collector
) -> None:
    probe = Probe(site)
    await everything_fails(site, probe)
    await a_job_fails(site, probe)
    site.documents.kill()
    try:
        assert await probe.chat() in (200, 503)
        await probe.send(site.ops.url + "/health", {})
    finally:
        await site.documents.restart()
    await eventually(lambda: _metrics(site, probe))
    printed = site.printed()
    assert "model.failed" in printed, "nothing was logged at all"
    assert "redis.down" in printed
    assert "jobs.failed" in printed
    await eventually(lambda: _traced(collector))
    secrets = (KEY, EMAIL, site.redis.token, site.token("canary").split(".")[2])
    for secret in secrets:
        assert _around(printed, secret) == []
        assert _around(collector.raw.decode("latin-1"), secret) == []
        for answer in probe.answers:
            assert _around(answer, secret) == []
    assert sum("problem+json" in answer for answer in probe.answers) > 5, "nothing was refused at all"
    owned = 0
    for kind in DOCUMENTS:
        for document in site.documents.stored(site.project, kind.collection):
            owned += EMAIL in json.dumps(document)
            rest = json.dumps(_without_own_words(kind, document))
            for secret in secrets:
                assert _around(rest, secret) == []
    assert owned > 5, "the learner's own turns hold what they wrote"


def _without_own_words(kind: type, document: dict[str, Any]) -> dict[str, Any]:
    """A stored document less what the learner wrote themselves, and less the payload this test has made."""
    fields = dict(document["fields"])
    if kind is Turn:
        del fields["question"]
    if kind is Conversation:
        for said in fields["recent"]["arrayValue"]["values"]:
            del said["mapValue"]["fields"]["question"]
    fields.pop("payload", None)
    return fields


def _around(text: str, secret: str) -> list[str]:
    """Where it was found, for the one who has to find out why."""
    found: list[str] = []
    at = text.find(secret)
    while at >= 0 and len(found) < 3:
        found.append(text[max(0, at - 200) : at + 100])
        at = text.find(secret, at + 1)
    return found


def _traced(collector: Collector) -> bool:
    """Whether spans of failures, of both functions, have arrived."""
    return {span.service for span in collector.spans if span.failed} >= {"mentor", "jobs"}


async def _metrics(site: Cloud, probe: Probe) -> bool:
    return await probe.send(site.ops.url + "/metrics", site.headers("operator", "admin")) == 200
