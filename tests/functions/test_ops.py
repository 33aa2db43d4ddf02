"""Operations over real HTTP: the function's own application under uvicorn, real stores, real tokens."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from functions import ops
from shared import maintenance
from shared.documents import Job, Turn
from shared.runtime import Runtime
from shared.sqlite import Database
from shared.store import Create
from tests.functions.ops_site import Counting, Site, Unreadable, opened
from tests.product import Product

Start = Callable[..., Any]


@pytest.fixture
async def start(product: Product) -> AsyncIterator[Start]:
    logging.getLogger("shared").setLevel(logging.CRITICAL)
    async with contextlib.AsyncExitStack() as stack:

        async def begin(
            models: dict[str, str] | None = None, store: Any = None, coordination: Any = None, **settings: Any
        ) -> Site:
            def make(**trusted: Any) -> Runtime:
                now = product.runtime(models, **(trusted | settings))
                replaced = {"store": store, "coordination": coordination}
                now.__dict__.update({name: value for name, value in replaced.items() if value is not None})
                return now

            return await opened(stack, make)

        yield begin
    logging.getLogger("shared").setLevel(logging.NOTSET)


async def test_health_is_open_at_both_places_and_says_no_secret(start: Start) -> None:
    site = await start({"gemma_4_on_device": "fake-ok", "gpt_4_mini": "fake-ok-b"})
    for path in ("/health", "/api/v1/ai/health"):
        answer = await site.ask("GET", path)
        assert answer.status == 200
        assert (answer.body["status"], answer.body["score"], answer.body["reasons"]) == ("healthy", 100, [])
        assert answer.body["stores"] == {"documents": True, "coordination": True}
        states = {model["name"]: model for model in answer.body["models"]}
        assert states["gpt_4_mini"] == {
            "name": "gpt_4_mini", "provider": "openai", "configured": True, "breaker": "closed"
        }  # fmt: skip
        assert not states["claude"]["configured"]
        for secret in ("canary", "127.0.0.1", str(site.runtime.settings.data_dir)):
            assert secret not in answer.text


async def test_health_takes_points_off_for_open_breakers_and_missing_models(start: Start) -> None:
    site = await start({"gemma_4_on_device": "fake-ok", "gpt_4_mini": "fake-ok-b"})
    await site.runtime.breakers.failed("account:openai", why="auth", retry_after=None, hard=True)
    body = (await site.ask("GET", "/health")).body
    assert (body["status"], body["score"]) == ("degraded", 75)
    assert body["reasons"] == ["gpt_4_mini: circuit breaker open"]


async def test_health_without_any_model_is_degraded(start: Start) -> None:
    site = await start({})
    answer = await site.ask("GET", "/health")
    assert answer.status == 200
    assert (answer.body["status"], answer.body["score"]) == ("degraded", 70)


async def test_health_without_its_store_is_unhealthy_and_says_no_more(start: Start) -> None:
    site = await start()
    site.runtime.settings.data_dir.mkdir(exist_ok=True)
    (site.runtime.settings.data_dir / "lyo.db").write_bytes(b"this is no database at all" * 100)
    answer = await site.ask("GET", "/health")
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert answer.body["status"] == "unhealthy"
    assert answer.body["stores"] == {"documents": False, "coordination": False}
    assert "database" not in answer.text


async def test_a_flood_of_health_checks_reads_the_stores_once_a_second(start: Start, product: Product) -> None:
    store = Counting(Database(product.data_dir / "lyo.db"))
    site = await start(store=store)
    began = time.monotonic()
    answers = await asyncio.gather(*(site.ask("GET", "/health") for _ in range(200)))
    answers += [await site.ask("GET", "/health") for _ in range(20)]
    took = time.monotonic() - began
    assert {answer.status for answer in answers} == {200}
    assert store.reads <= 2 + took
    await store.close()


async def test_metrics_want_a_token_that_reaches_this_far(start: Start) -> None:
    site = await start()
    assert (await site.ask("GET", "/metrics")).status == 401
    assert (await site.ask("GET", "/metrics", token="junk")).status == 401
    assert (await site.ask("GET", "/metrics", "learner")).status == 403
    assert (await site.ask("GET", "/api/v1/ai/metrics", "admin")).status == 404
    for role in ("admin", "service"):
        answer = await site.ask("GET", "/metrics", role)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "no-store" in answer.headers["Cache-Control"]


async def test_metrics_tell_counts_memory_and_breakers(start: Start) -> None:
    site = await start({"gpt_4_mini": "fake-ok"})
    site.runtime.metrics.inc("ai_requests_total", "mentor", "gpt_4_mini", "ok", by=3)
    await site.runtime.breakers.failed("account:openai", why="auth", retry_after=None, hard=True)
    text = (await site.ask("GET", "/metrics", "admin")).text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["ai_requests_total", "mentor", "gpt_4_mini", "ok"] == 3
    assert found["ai_circuit_breaker_state", "account:openai"] == 2
    assert found["ai_circuit_breaker_state", "model:fake-ok"] == 0
    assert found["ai_memory_usage_bytes",] > 10_000_000


async def test_t71_two_processes_tell_the_same_totals(start: Start, product: Product) -> None:
    site = await start()
    other = product.runtime()
    other.metrics.inc("ai_requests_total", "mentor", "template", "degraded", by=2)
    await other.metrics.flush()
    site.runtime.metrics.inc("ai_requests_total", "mentor", "template", "degraded")
    text = (await site.ask("GET", "/metrics", "admin")).text
    assert 'ai_requests_total{agent_type="mentor",model="template",outcome="degraded"} 3\n' in text


async def test_metrics_can_be_switched_off(start: Start) -> None:
    site = await start(prometheus_enabled=False)
    assert (await site.ask("GET", "/metrics")).status == 401
    answer = await site.ask("GET", "/metrics", "admin")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_metrics_that_cannot_be_read_are_503_and_never_a_smaller_number(start: Start, product: Product) -> None:
    coordination = Unreadable(Database(product.data_dir / "lyo.db"))
    site = await start(coordination=coordination)
    answer = await site.ask("GET", "/metrics", "admin")
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert "canary" not in answer.text


async def open_breakers(site: Site, *scopes: str) -> None:
    for scope in scopes:
        await site.runtime.breakers.failed(scope, why="test", retry_after=None, hard=True)


async def shut(site: Site) -> set[str]:
    now = site.runtime.clock()
    return {scope for scope, state in (await site.runtime.breakers.snapshot()).items() if state.status(now) != "closed"}


MODELS = {"gpt_4_mini": "fake-ok", "gpt_4": "fake-ok-b", "claude": "fake-ok-c"}


async def test_a_models_breakers_are_reset_by_its_stable_name(start: Start) -> None:
    site = await start(MODELS)
    await open_breakers(site, "account:openai", "model:fake-ok", "account:anthropic")
    path = "/api/v1/ai/admin/circuit-breaker/reset"
    answer = await site.ask("POST", path, "admin", {"model_type": "gpt_4_mini"})
    assert answer.status == 200
    assert answer.body == {"reset": ["account:openai", "model:fake-ok"]}
    assert await shut(site) == {"account:anthropic"}
    again = await site.ask("POST", path, "admin", {"model_type": "gpt_4_mini"})
    assert again.body == {"reset": []}


async def test_breakers_are_reset_by_their_own_name_or_all_at_once(start: Start) -> None:
    site = await start(MODELS)
    path = "/admin/circuit-breaker/reset"
    await open_breakers(site, "account:openai", "model:fake-ok-b", "account:anthropic")
    assert (await site.ask("POST", path, "admin", {"model_type": "account:openai"})).body == {
        "reset": ["account:openai"]
    }
    assert await shut(site) == {"model:fake-ok-b", "account:anthropic"}
    assert (await site.ask("POST", path, "admin", {})).body == {"reset": ["account:anthropic", "model:fake-ok-b"]}
    assert await shut(site) == set()
    await open_breakers(site, "account:openai")
    assert (await site.ask("POST", path, "admin")).body == {"reset": ["account:openai"]}


async def test_resetting_one_breaker_leaves_one_whose_name_goes_on_alone(start: Start) -> None:
    site = await start(MODELS)
    await open_breakers(site, "model:fake-ok", "model:fake-ok-b")
    await site.ask("POST", "/admin/circuit-breaker/reset", "admin", {"model_type": "model:fake-ok"})
    assert await shut(site) == {"model:fake-ok-b"}


async def test_an_unknown_breaker_is_404_naming_the_known_ones(start: Start) -> None:
    site = await start(MODELS)
    answer = await site.ask("POST", "/admin/circuit-breaker/reset", "admin", {"model_type": "gpt_9"})
    assert answer.status == 404
    assert "gpt_4_mini" in answer.body["detail"]
    assert "account:openai" in answer.body["detail"]
    unconfigured = await site.ask("POST", "/admin/circuit-breaker/reset", "admin", {"model_type": "gemini_flash"})
    assert (unconfigured.status, unconfigured.body) == (200, {"reset": []})


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("POST", "/admin/circuit-breaker/reset", {}, {"admin"}),
        ("POST", "/maintenance/cleanup", {}, {"admin", "service"}),
        ("POST", "/admin/revocations", {"user_id": "u9"}, {"admin"}),
        ("GET", "/admin/revocations", None, {"admin"}),
    ],
)
async def test_t47_nobody_without_the_role_gets_in(
    start: Start, method: str, path: str, body: Any, roles: set[str]
) -> None:
    site = await start()
    assert (await site.ask(method, path, None, body)).status == 401
    for role in ("learner", "admin", "service"):
        status = (await site.ask(method, path, role, body)).status
        assert (status < 300) if role in roles else status == 403, role


async def test_cleanup_removes_what_has_expired_a_bounded_amount_a_call(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await start()
    monkeypatch.setattr(maintenance, "BATCH", 10)
    now = site.runtime.clock()
    job = {"kind": "k", "payload": {}, "created_at": now, "updated_at": now}
    gone = [Create(Job(id=f"j{number}", expires_at=now - 1, **job)) for number in range(45)]
    await site.runtime.store.commit(*gone, Create(Job(id="stays", expires_at=now + 600, **job)))
    await site.runtime.coordination.put("area:old", b"x", 0.001)
    await asyncio.sleep(0.01)
    first = (await site.ask("POST", "/api/v1/ai/maintenance/cleanup", "service")).body
    assert (first["purged"]["jobs"], first["more"]) == (40, True)
    assert first["swept"] >= 1
    second = (await site.ask("POST", "/maintenance/cleanup", "admin", {})).body
    assert (second["purged"]["jobs"], second["more"]) == (5, False)
    assert set(second["purged"]) >= {Turn.collection, Job.collection}
    assert await site.runtime.store.get(Job, "stays") is not None


async def test_t45_a_revoked_learner_or_admin_is_out_at_once_here(start: Start) -> None:
    site = await start()
    second = site.token("admin", "boss2")
    assert (await site.ask("GET", "/admin/revocations", token=second)).status == 200
    made = await site.ask("POST", "/admin/revocations", "admin", {"user_id": "boss2", "reason": "left"})
    assert made.status == 201
    assert (made.body["kind"], made.body["id"], made.body["reason"]) == ("user", "boss2", "left")
    assert (await site.ask("GET", "/admin/revocations", token=second)).status == 401
    await site.ask("POST", "/admin/revocations", "admin", {"token_id": "a" * 32})
    listed = (await site.ask("GET", "/admin/revocations", "admin")).body["revocations"]
    assert {(entry["kind"], entry["id"]) for entry in listed} == {("user", "boss2"), ("token", "a" * 32)}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user_id": "a", "token_id": "b"},
        {"user_id": "no spaces"},
        {"user_id": ""},
        {"user_id": "a\n"},
        {"user_id": "a", "api_base": "x"},
    ],
)
async def test_t43_bad_revocations_are_refused_through_the_public_route(start: Start, body: Any) -> None:
    site = await start()
    answer = await site.ask("POST", "/admin/revocations", "admin", body)
    assert answer.status == 422
    assert (await site.ask("GET", "/admin/revocations", "admin")).body == {"revocations": []}


async def test_the_openapi_document_has_every_path(start: Start) -> None:
    await start()
    paths = ops.edge.openapi()["paths"]
    assert set(paths) >= {
        "/api/v1/ai/health", "/metrics", "/api/v1/ai/admin/circuit-breaker/reset",
        "/api/v1/ai/maintenance/cleanup", "/api/v1/ai/admin/revocations",
    }  # fmt: skip
