"""Alerts and health over real HTTP: who may ask, what is refused, what is told."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from shared import runtime as runtimes
from shared.llm.standing import Standing, encode
from shared.runtime import Runtime
from shared.telemetry.fleet import Reading
from shared.telemetry.rules import BUILT_IN
from shared.telemetry.signals import SIGNALS
from shared.web.alerting import MOST_RULES
from tests.functions.ops_site import Site, serving
from tests.product import Product
from tests.telemetry.watching import traffic

RULES = "/api/v1/ai/admin/alerts/rules"
ALERTS = "/api/v1/ai/admin/alerts"
EVALUATE = "/api/v1/ai/maintenance/alerts"
RULE = {"metric": "error_rate", "operator": ">", "threshold": 0.1, "window_seconds": 300}


@pytest.fixture
async def site(product: Product) -> AsyncIterator[Site]:
    logging.getLogger("shared").setLevel(logging.CRITICAL)
    async with AsyncExitStack() as stack:
        now = product.runtime(release="lyo-1a2b3c.zip", local_infer_scales_to_zero=True)
        stack.enter_context(runtimes.override(now))
        url = await stack.enter_async_context(serving())
        yield Site(url, await stack.enter_async_context(aiohttp.ClientSession()), now, "")
    logging.getLogger("shared").setLevel(logging.NOTSET)


async def asked(site: Site, method: str, path: str, body: Any = None) -> Any:
    answer = await site.ask(method, path, "admin", body)
    assert answer.status == 200, answer.text
    return answer.body


def later(runtime: Runtime, seconds: float) -> None:
    """The runtime's clock runs ahead."""
    clock = runtime.clock
    runtime.__dict__["clock"] = lambda: clock() + seconds


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ALERTS), ("GET", RULES), ("GET", RULES + "/memory"), ("PUT", RULES + "/mine"), ("DELETE", RULES + "/mine"), ("POST", EVALUATE)],
)  # fmt: skip
async def test_t47_alerts_are_for_operators(site: Site, method: str, path: str) -> None:
    body = RULE if method == "PUT" else None
    assert (await site.ask(method, path, None, body)).status == 401
    assert (await site.ask(method, path, "learner", body)).status == 403


async def test_the_built_in_rules_are_there_with_their_runbooks_and_what_else_could_be_watched(site: Site) -> None:
    found = await asked(site, "GET", RULES)
    assert {rule["name"] for rule in found["rules"]} == set(BUILT_IN)
    assert all(rule["runbook"] and rule["origin"] == "built-in" and rule["enabled"] for rule in found["rules"])
    assert [metric["name"] for metric in found["metrics"]] == list(SIGNALS)


async def test_operators_make_change_silence_and_remove_rules(site: Site) -> None:
    made = await asked(site, "PUT", RULES + "/mine", RULE | {"severity": "critical"})
    assert (made["origin"], made["min_events"], made["title"]) == ("custom", 20, "error_rate > 0.1")
    assert (await asked(site, "PUT", RULES + "/mine", RULE | {"threshold": 0.2}))["threshold"] == 0.2
    silent = RULE | {"metric": "memory", "enabled": False}
    assert (await asked(site, "PUT", RULES + "/memory", silent))["origin"] == "changed"
    assert (await asked(site, "GET", RULES + "/memory"))["enabled"] is False
    assert len((await asked(site, "GET", RULES))["rules"]) == len(BUILT_IN) + 1
    await asked(site, "DELETE", RULES + "/mine")
    await asked(site, "DELETE", RULES + "/memory")
    assert (await asked(site, "GET", RULES + "/memory"))["origin"] == "built-in"
    assert (await site.ask("GET", RULES + "/mine", "admin")).status == 404
    assert (await site.ask("DELETE", RULES + "/mine", "admin")).status == 404
    refused = await site.ask("DELETE", RULES + "/memory", "admin")
    assert (refused.status, refused.body["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metric": "nonsense"}, "metric"),
        ({"operator": "=="}, "operator"),
        ({"threshold": None}, "threshold"),
        ({"window_seconds": 59}, "window_seconds"),
        ({"window_seconds": 86_401}, "window_seconds"),
        ({"min_events": 0}, "min_events"),
        ({"metric": "memory", "window_seconds": 300, "min_events": 6}, "min_events"),
        ({"metric": "memory", "window_seconds": 86_400, "min_events": 90}, "min_events"),
        ({"runbook": "x" * 501}, "runbook"),
        ({"action": "reboot"}, "action"),
        ({"title": ""}, "title"),
        ({"webhook": "https://example.org"}, "webhook"),
    ],
)
async def test_a_rule_that_does_not_fit_is_refused_by_its_field(site: Site, change: Any, field: str) -> None:
    answer = await site.ask("PUT", RULES + "/mine", "admin", RULE | change)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    if field == "metric":
        assert "cost_per_hour" in answer.text


async def test_more_that_is_refused(site: Site) -> None:
    for body in (RULE | {"level": "maximum"}, RULE | {"action": "level_change"}):
        assert (await site.ask("PUT", RULES + "/mine", "admin", body)).status == 422
    for name in ("Mine", "1st", "a" * 41, "with.dot"):
        assert (await site.ask("PUT", f"{RULES}/{name}", "admin", RULE)).status == 422, name
    raw = json.dumps(RULE).replace("0.1", "1e999")
    headers = {"Authorization": f"Bearer {site.token('admin')}"}
    async with site.session.put(f"{site.url}{RULES}/mine", data=raw, headers=headers) as answer:
        assert answer.status == 422, "a threshold that nothing reaches"


async def test_there_is_a_bound_on_rules_also_when_they_come_at_once(site: Site) -> None:
    answers = [await site.ask("PUT", f"{RULES}/r{number}", "admin", RULE) for number in range(MOST_RULES - 2)]
    assert {answer.status for answer in answers} == {200}
    last = await asyncio.gather(*(site.ask("PUT", f"{RULES}/late{number}", "admin", RULE) for number in range(4)))
    assert sorted(answer.status for answer in last) == [200, 200, 409, 409]
    assert len((await asked(site, "GET", RULES))["rules"]) == MOST_RULES + len(BUILT_IN)


async def test_an_alert_from_its_rule_to_health_and_history(site: Site) -> None:
    runtime = site.runtime
    await asked(site, "PUT", RULES + "/mine", RULE | {"runbook": "Look there."})
    await asked(site, "PUT", RULES + "/error_rate", RULE | {"enabled": False})
    await traffic(runtime, 100)
    assert (await asked(site, "POST", EVALUATE))["raised"] == []
    later(runtime, 60)
    await traffic(runtime, 60, 40)
    found = await asked(site, "POST", EVALUATE)
    assert (found["raised"], found["firing"]) == (["mine"], ["mine"])
    assert found["recent"]["error_rate"] == {"value": 0.4, "events": 100}
    listed = await asked(site, "GET", ALERTS)
    (firing,), (past,) = listed["firing"], listed["history"]
    assert (firing["rule"], firing["value"], firing["current"], firing["runbook"]) == ("mine", 0.4, 0.4, "Look there.")
    assert (past["id"], past["resolved_at"], past["changes"], listed["next"]) == (firing["id"], None, [], None)
    health = (await site.ask("GET", "/health")).body
    assert (health["status"], health["score"]) == ("degraded", 55)
    assert health["reasons"] == [
        "40.0 % of requests fail",
        "the own model's server is cold, and no other model is configured",
        "1 warning alert",
    ]
    assert health["lately"]["alerts"] == {"warning": 1}
    assert health["lately"]["error_rate"] == 0.4


async def test_the_history_is_read_in_pages(site: Site) -> None:
    runtime = site.runtime
    for number in range(25):
        await asked(site, "PUT", f"{RULES}/r{number}", RULE | {"metric": "dead_jobs", "operator": ">=", "threshold": 0})
    await asked(site, "POST", EVALUATE)
    seen: list[str] = []
    page = await asked(site, "GET", ALERTS + "?limit=10")
    while True:
        seen += [alert["rule"] for alert in page["history"]]
        if page["next"] is None:
            break
        page = await asked(site, "GET", f"{ALERTS}?limit=10&before={page['next']!r}")
    assert sorted(seen) == sorted(f"r{number}" for number in range(25))
    for query in ("limit=0", "limit=201", "before=nan", "who=me"):
        assert (await site.ask("GET", f"{ALERTS}?{query}", "admin")).status == 422, query
    assert len((await asked(site, "GET", ALERTS))["firing"]) == 25
    assert runtime.settings.analytics_retention_days == 90


async def test_health_tells_the_release_and_the_own_server_and_nothing_that_is_not_everybodys(site: Site) -> None:
    health = (await site.ask("GET", "/health")).body
    assert (health["release"], health["own_server"], health["lately"]) == ("lyo-1a2b3c.zip", "cold", None)
    await site.runtime.coordination.put("warmth:local", encode(Standing("ready", 1, 2)), 60)
    await asked(
        site, "PUT", RULES + "/secret_project", RULE | {"metric": "dead_jobs", "threshold": -1, "title": "canary"}
    )
    await asked(site, "POST", EVALUATE)
    async with asyncio.timeout(20):
        while (health := (await site.ask("GET", "/health")).body)["own_server"] != "ready":
            await asyncio.sleep(0.1)
    assert health["lately"]["alerts"] == {"warning": 1}
    assert not re.search("canary|secret_project|127.0.0.1|usd", json.dumps(health))


async def test_metrics_tell_the_worst_instances_memory_and_the_gpu_while_it_is_watched(site: Site) -> None:
    fleet = site.runtime.fleet
    huge = 1 << 45
    await site.runtime.coordination.put(
        "fleet:memory", json.dumps({"by": "x", "used": huge, "limit": huge}).encode(), 60
    )
    text = (await site.ask("GET", "/metrics", "admin")).text
    assert f"ai_memory_usage_bytes {huge}\n" in text
    assert "\nai_gpu_utilization_percent" not in text
    await fleet.tell(Reading(at=1, gpu_utilization=0.5))
    assert "\nai_gpu_utilization_percent 50\n" in (await site.ask("GET", "/metrics", "admin")).text
