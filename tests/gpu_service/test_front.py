"""The front in the engine's process: health by generating, the queue's bound, metrics, lines without words."""

import asyncio
import json
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gpu_service.gpu import Cards
from tests.gpu_service.engine import Engine, served

CHAT = "/v1/chat/completions"
LIMIT = 20.0


def asking(**more: object) -> dict[str, object]:
    """A chat's body."""
    return {"model": "tiny", "messages": [{"role": "user", "content": "my-secret-word"}], "max_tokens": 3, **more}


async def get(session: aiohttp.ClientSession, url: str) -> tuple[int, Any, Mapping[str, str]]:
    """Status, JSON and headers."""
    async with session.get(url) as response:
        return response.status, await response.json(), response.headers


async def post(session: aiohttp.ClientSession, url: str, body: object) -> int:
    """The status, the body read to its end."""
    async with session.post(url, json=body) as response:
        await response.read()
        return response.status


async def until(true: Any) -> None:
    """Wait for a condition, with a limit that only a broken front reaches."""
    async with asyncio.timeout(LIMIT):
        while not true():
            await asyncio.sleep(0.01)


# ---------------------------------------------------------------------------------------------- health


async def test_t28_health_generates_one_token_of_the_served_model() -> None:
    engine = Engine()
    async with served(engine) as (url, _), aiohttp.ClientSession() as session:
        status, body, headers = await get(session, url + "/health")
    assert (status, body) == (200, {"status": "healthy"})
    assert headers["Cache-Control"] == "no-store"
    assert [(asked["model"], asked["max_tokens"]) for asked in engine.asked] == [("tiny", 1)]


async def test_t28_an_engine_that_hangs_is_unhealthy_within_the_limit_and_healthy_again_after() -> None:
    engine = Engine()
    engine.turn.clear()
    async with (
        served(engine, HEALTH_SECONDS="0.2", HEALTH_FRESH_SECONDS="0") as (url, _),
        aiohttp.ClientSession() as session,
    ):
        status, body, _ = await get(session, url + "/health")
        assert (status, body["reason"]) == (503, "no token within 0.2 s")
        # What the probe asked for is let go, or every probe would leave a request behind in the engine.
        await until(lambda: engine.left == 1)
        engine.turn.set()
        assert (await get(session, url + "/health"))[0] == 200


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_t28_a_refused_generation_is_unhealthy(status: int) -> None:
    engine = Engine()
    engine.status = status
    async with served(engine) as (url, _), aiohttp.ClientSession() as session:
        found, body, _ = await get(session, url + "/health")
    assert found == 503
    assert str(status) in body["reason"]


async def test_t28_an_engine_that_raises_is_unhealthy() -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("my-secret-word")

    async with served(broken) as (url, _), aiohttp.ClientSession() as session:
        status, body, _ = await get(session, url + "/health")
    assert (status, body["reason"]) == (503, "the engine raised RuntimeError")


async def test_t28_probes_share_one_generation() -> None:
    engine = Engine()
    engine.turn.clear()
    async with served(engine) as (url, _), aiohttp.ClientSession() as session:
        probes = [asyncio.create_task(get(session, url + "/health")) for _ in range(20)]
        await until(lambda: engine.asked)
        impatient = asyncio.create_task(get(session, url + "/health"))
        await asyncio.sleep(0.05)
        impatient.cancel()  # a probe whose caller leaves does not end the others'
        engine.turn.set()
        found = await asyncio.gather(*probes)
        assert {status for status, _, _ in found} == {200}
        await get(session, url + "/health")
    assert len(engine.asked) == 1  # and its word stands for two seconds


async def test_t28_text_that_goes_to_a_caller_is_proof_enough() -> None:
    engine = Engine()
    async with served(engine) as (url, _), aiohttp.ClientSession() as session:
        assert await post(session, url + CHAT, asking()) == 200
        assert (await get(session, url + "/health"))[0] == 200
    assert len(engine.asked) == 1


async def test_t28_an_error_event_under_a_200_is_no_proof() -> None:
    engine = Engine()
    engine.dead, engine.status = True, 500
    async with served(engine) as (url, _), aiohttp.ClientSession() as session:
        async with session.post(url + CHAT, json=asking(stream=True, max_tokens=1)) as response:
            first = await response.content.readline()
            assert b"EngineDeadError" in first
            assert (await get(session, url + "/health"))[0] == 503


async def test_a_full_engine_that_works_is_healthy_though_the_probe_waits() -> None:
    engine = Engine()

    async def chat(scope: Any, receive: Any, send: Any) -> None:
        """Learners' streams go on; a probe gets no turn."""
        if scope["path"] == CHAT and (b"host", b"front") in scope["headers"]:
            await asyncio.Event().wait()
        await engine(scope, receive, send)

    async with (
        served(chat, HEALTH_SECONDS="0.3", HEALTH_FRESH_SECONDS="0") as (url, _),
        aiohttp.ClientSession() as session,
        session.post(url + CHAT, json=asking(stream=True, max_tokens=1000)) as response,
    ):
        await response.content.readline()
        assert (await get(session, url + "/health"))[0] == 200


# ---------------------------------------------------------------------------------------------- the queue


async def test_more_than_runs_and_may_wait_is_refused_at_once() -> None:
    engine = Engine()
    engine.turn.clear()
    async with served(engine, MAX_QUEUE="1") as (url, _), aiohttp.ClientSession() as session:
        held = [asyncio.create_task(post(session, url + CHAT, asking())) for _ in range(3)]
        await until(lambda: len(engine.asked) == 3)
        async with session.post(url + CHAT, json=asking()) as response:
            assert response.status == 429
            assert int(response.headers["Retry-After"]) >= 1
            assert (await response.json())["error"]["type"] == "full"
        # What holds no place still passes, or nobody could look at a full server.
        for path in ("/tokenize", "/v1/load_lora_adapter"):
            assert await post(session, url + path, {}) == 200
        assert (await get(session, url + "/v1/models"))[0] == 200
        engine.turn.set()
        assert {await task for task in held} == {200}
        assert await post(session, url + CHAT, asking()) == 200
    assert len(engine.asked) == 4


async def test_a_place_is_free_with_the_last_byte_not_when_the_engine_has_tidied_up() -> None:
    """A caller with the last byte in hand asks again at once; on a busy machine the engine's handler returns later."""
    engine = Engine()
    engine.over.clear()
    async with served(engine, MAX_NUM_SEQS="1", MAX_QUEUE="0") as (url, front), aiohttp.ClientSession() as session:
        assert [await post(session, url + CHAT, asking()) for _ in range(5)] == [200] * 5
        assert front._busy == 0
        assert not front._idle.is_set()  # the drain waits for them all the same
        engine.over.set()
        await until(front._idle.is_set)


async def test_a_caller_who_leaves_gives_the_place_back() -> None:
    engine = Engine()
    async with served(engine, MAX_QUEUE="0") as (url, front), aiohttp.ClientSession() as session:
        for _ in range(4):
            response = await session.post(url + CHAT, json=asking(stream=True, max_tokens=100_000))
            await response.content.readline()
            response.close()
            await until(lambda: not front._busy)


# ---------------------------------------------------------------------------------------------- metrics


class Driver:
    """NVIDIA's library with two cards, in the shape of pynvml."""

    def nvmlInit(self) -> None:
        self.ready = True

    def nvmlDeviceGetCount(self) -> int:
        return 2 * self.ready

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(gpu=40 + handle, memory=1)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        return SimpleNamespace(used=10 + handle, total=24)


class BrokenDriver(Driver):
    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        raise OSError("not permitted in this sandbox")


def absent() -> Any:
    raise ImportError("pynvml")


async def metrics(cards: Cards) -> dict[str, float]:
    """Value by name and labels, through Prometheus' own parser."""
    async with (
        served(Engine(), cards) as (url, _),
        aiohttp.ClientSession(headers={"Accept-Encoding": "gzip"}) as session,
        session.get(url + "/metrics") as response,
    ):
        text = await response.text()
    families = text_string_to_metric_families(text)
    return {f"{s.name}{json.dumps(s.labels)}": s.value for family in families for s in family.samples}


async def test_metrics_are_the_engines_the_cards_and_the_queues() -> None:
    found = await metrics(Cards(Driver))
    assert found['ai_gpu_utilization_percent{"gpu": "1"}'] == 41
    assert found['ai_gpu_memory_used_bytes{"gpu": "0"}'] == 10
    assert found['ai_gpu_memory_total_bytes{"gpu": "1"}'] == 24
    assert found['vllm:num_requests_running{"model_name": "tiny"}'] == 0
    assert found["ai_gpu_service_in_flight{}"] == 0
    assert found['ai_gpu_service_refused_total{"reason": "full"}'] == 0


@pytest.mark.parametrize("library", [absent, BrokenDriver])
async def test_without_a_card_or_its_word_the_other_metrics_stand(library: Any) -> None:
    found = await metrics(Cards(library))
    assert "ai_gpu_service_in_flight{}" in found
    assert not [name for name in found if name.startswith(("ai_gpu_util", "ai_gpu_mem"))]


# ---------------------------------------------------------------------------------------------- lines


async def test_t46_a_calls_line_has_its_trace_and_none_of_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gpu_service")
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Request-Id": "req-1", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    async with served(Engine(), GCP_PROJECT_ID="school") as (url, front), aiohttp.ClientSession() as session:
        async with session.post(url + CHAT, json=asking(), headers=headers) as response:
            assert response.status == 200
        await until(lambda: not front._busy)
    (record,) = [record for record in caplog.records if record.getMessage() == "gpu_service.answered"]
    fields = record.__dict__["fields"]
    assert fields["request_id"] == "req-1"
    assert fields["logging.googleapis.com/trace"] == f"projects/school/traces/{trace}"
    assert (fields["path"], fields["status"]) == (CHAT, 200)
    assert "my-secret-word" not in str(fields)
