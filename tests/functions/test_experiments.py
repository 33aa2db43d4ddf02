"""The experiments function: definitions and their life, who may do what, and what is told of them."""

from typing import Any

import pytest

from functions import experiments
from shared.documents import LiveConfig
from shared.stored.experiments import Experiment
from tests.experiments.drafts import body
from tests.experiments.test_definition import SEED
from tests.functions.experiments_site import DAY, START, Site, site
from tests.product import Product


@pytest.fixture
def here(product: Product) -> Site:
    return site(product)


async def live(here: Site) -> LiveConfig:
    return await here.runtime.store.get(LiveConfig, "live") or LiveConfig(id="live")


async def test_the_seeds_experiment_works_word_for_word(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-ok", "gemma_4_cloud": "fake-ok"})
    here = Site(runtime)
    made = await here.ask("", SEED)
    assert made.status == 201
    name = made.json["id"]
    assert made.json["experiment_id"] == name
    assert (made.json["state"], made.json["created_by"]) == ("draft", "admin")
    begun = await here.post(f"/{name}/start")
    assert (begun["state"], begun["started_at"]) == ("running", START)
    (running,) = (await live(here)).experiments
    assert [arm.prefer_model for arm in running.variants] == ["gemma_4_on_device", "gemma_4_cloud"]
    told = await here.good(f"/{name}/status")
    assert (told["state"], told["total_participants"], told["traffic"], told["days_left"]) == ("running", 0, 0.1, 14)
    assert told["participants"] == {"gemma_on_device": 0, "gemma_cloud": 0}
    analysis = await here.good(f"/{name}/analysis")
    assert (analysis["experiment_id"], analysis["verdict"]["kind"]) == (name, "nothing")
    (line,) = (await here.good("/analysis"))["experiments"]
    assert (line["experiment_id"], line["state"], line["participants"]) == (name, "running", 0)
    ended = await here.post(f"/{name}/stop")
    assert ended["state"] == "stopped"
    assert (await live(here)).experiments == []


async def test_the_list_is_paged_and_by_state(here: Site) -> None:
    names = []
    for _ in range(5):
        here.time += 1
        names.append((await here.good("", body()))["id"])
    await here.post(f"/{names[0]}/start")
    first = await here.good("?limit=3")
    second = await here.good(f"?limit=3&before={first['next']}")
    assert [one["id"] for one in first["experiments"] + second["experiments"]] == names[::-1]
    assert second["next"] is None
    (running,) = (await here.good("?state=running"))["experiments"]
    assert (running["id"], running["experiment_type"], running["sentence"]) == (names[0], "feature", None)
    assert len((await here.good("?state=draft"))["experiments"]) == 4
    assert (await here.ask("?state=happy")).status == 422


@pytest.mark.parametrize(
    ("path", "method", "sent"),
    [
        ("", "GET", None),
        ("", "POST", body()),
        ("/metrics", "GET", None),
        ("/analysis", "GET", None),
        ("/fold", "POST", None),
        ("/monitor", "POST", None),
        ("/exp_1", "GET", None),
        ("/exp_1", "PATCH", {"alpha": 0.1}),
        ("/exp_1", "DELETE", None),
        ("/exp_1/start", "POST", None),
        ("/exp_1/stop", "POST", None),
        ("/exp_1/rollback", "POST", None),
        ("/exp_1/status", "GET", None),
        ("/exp_1/analysis", "GET", None),
    ],
)
async def test_experiments_are_the_operators(here: Site, path: str, method: str, sent: Any) -> None:
    assert (await here.ask(path, sent, "u1", method)).status == 403


async def test_the_service_may_do_what_the_schedule_asks(here: Site) -> None:
    routes = {(found.method, found.path): set(found.roles or ()) for found in experiments.edge.operations}
    for path in ("fold", "monitor"):
        assert routes["POST", f"/api/v1/ai/optimization/experiments/{path}"] == {"admin", "service"}
    assert routes["POST", "/api/v1/ai/optimization/experiments/{id}/outcomes"] == {"admin", "service", "learner"}


@pytest.mark.parametrize("path", ["", "/start", "/stop", "/rollback", "/status", "/analysis"])
async def test_what_is_not_there_is_not_found(here: Site, path: str) -> None:
    method = "GET" if path in ("", "/status", "/analysis") else "POST"
    assert (await here.ask(f"/exp_none{path}", method=method)).status == 404


async def test_faults_are_answered_by_field(here: Site) -> None:
    heard = await here.ask("", body(variants=[{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.6}]))
    assert heard.status == 422
    assert {one["field"] for one in heard.json["errors"]} == {"variants"}
    assert "control" in heard.body.decode()
    assert "sum to 1.1" in heard.body.decode()


async def test_a_model_that_is_not_configured_is_refused_at_the_start(here: Site) -> None:
    name = (await here.good("", SEED))["id"]
    heard = await here.ask(f"/{name}/start", method="POST")
    assert heard.status == 409
    assert "gemma_4_cloud" in heard.json["detail"]
    assert (await here.good(f"/{name}"))["state"] == "draft"


async def test_nothing_starts_where_experiments_are_switched_off(product: Product) -> None:
    here = site(product, ab_testing_enabled=False)
    name = (await here.good("", body()))["id"]
    heard = await here.ask(f"/{name}/start", method="POST")
    assert heard.status == 409
    assert "AB_TESTING_ENABLED" in heard.json["detail"]


async def test_starting_and_stopping_twice(here: Site) -> None:
    name = await here.running()
    heard = await here.ask(f"/{name}/start", method="POST")
    assert heard.status == 409
    assert "running" in heard.json["detail"]
    first = await here.good(f"/{name}/stop", {"reason": "enough"})
    here.time += 5
    second = await here.good(f"/{name}/stop", {"reason": "really"})
    assert first == second
    assert [step["why"] for step in second["transitions"]] == ["", "enough"]


async def test_an_operators_word_decides_promotes_and_is_taken_back(here: Site) -> None:
    name = await here.running()
    ended = await here.good(f"/{name}/stop", {"winner": "on", "reason": "We like it.", "promote": True})
    assert (ended["state"], ended["decision"]["kind"], ended["decision"]["promoted"]) == ("decided", "operator", True)
    assert [one.variant.name for one in (await live(here)).promotions] == ["on"]
    assert (await here.good(f"/{name}/assign", {"unit_id": "u1"}, "u1")) == {
        "experiment_id": name,
        "unit_id": "u1",
        "variant": None,
        "config": {"hints": True},
        "promoted": True,
    }
    assert (await here.ask(f"/{name}/stop", {"winner": "off"})).status == 409
    back = await here.good(f"/{name}/rollback", {"reason": "It broke."})
    assert back["decision"]["rolled_back_at"] == START
    assert (await live(here)).promotions == []
    assert (await here.good(f"/{name}/assign", {"unit_id": "u1"}, "u1"))["config"] == {}
    assert (await here.post(f"/{name}/rollback")) == back


async def test_what_may_be_changed_depends_on_the_state(here: Site) -> None:
    name = (await here.good("", body(traffic_allocation=0.1)))["id"]
    changed = await here.good(f"/{name}", {"name": "Tips", "alpha": 0.1}, method="PATCH")
    assert (changed["name"], changed["alpha"], changed["state"]) == ("Tips", 0.1, "draft")
    await here.post(f"/{name}/start")
    heard = await here.ask(f"/{name}", {"variants": body()["variants"][::-1]}, method="PATCH")
    assert heard.status == 409
    assert "variants" in heard.json["detail"]
    assert "frozen" in heard.json["detail"]
    wider = await here.good(f"/{name}", {"traffic_allocation": 0.6, "duration_days": 30}, method="PATCH")
    assert (wider["traffic_allocation"], wider["duration_days"]) == (0.6, 30)
    assert (await here.good(f"/{name}/status"))["traffic"] == 0.6
    assert (await here.ask(f"/{name}", {"traffic_allocation": 0.5}, method="PATCH")).status == 409
    assert (await here.ask(f"/{name}", {"weights": [1]}, method="PATCH")).status == 422
    assert [step["by"] for step in wider["transitions"]] == ["admin"] * 3


async def test_a_variant_whose_model_is_away_is_told_of(here: Site) -> None:
    models = [
        {"name": "own", "config": {"model": "gemma_4_on_device"}, "is_control": True},
        {"name": "paid", "config": {"model": "gpt_4_mini"}},
    ]
    name = await here.running(experiment_type="model_selection", variants=models)
    other = await here.running(experiment_type="model_selection", variants=models)
    config = await live(here)
    await here.runtime.store.commit(*_switched_off(config, "gpt_4_mini"))
    here.time += 3
    told = await here.good(f"/{name}/status")
    assert any("paid: gpt_4_mini is switched off" in problem for problem in told["problems"])
    assert any(other in problem and "one layer" in problem for problem in told["problems"])
    here.time += 15 * DAY
    assert any("duration is over" in problem for problem in (await here.good(f"/{name}/status"))["problems"])


def _switched_off(config: LiveConfig, model: str) -> list[Any]:
    from shared.store import Put

    return [Put(config.model_copy(update={"disabled_models": [model], "version": config.version + 1}))]


async def test_the_built_in_metrics_are_told_with_what_they_are(here: Site) -> None:
    found = {one["name"]: one for one in (await here.good("/metrics"))["metrics"]}
    assert found["next_item_correctness"]["learning"]
    assert found["user_satisfaction"]["rating"]
    assert all(one["sentence"].endswith(".") for one in found.values())


async def test_the_same_key_creates_one_experiment(here: Site) -> None:
    first = await here.good("", body(), idempotency_key="k1")
    second = await here.good("", body(), idempotency_key="k1")
    assert first == second
    assert len((await here.good(""))["experiments"]) == 1


async def test_a_draft_is_kept_as_it_was_asked_for(here: Site) -> None:
    made = await here.good("", body(layer="ui", targeting={"languages": ["DE", "de"]}, allocation="thompson"))
    kept = await here.runtime.store.get(Experiment, made["id"])
    assert kept is not None
    assert (kept.layer, kept.targeting.languages, kept.allocation, kept.running) == ("ui", ["de"], "thompson", None)


def test_the_document_describes_everything() -> None:
    document = experiments.edge.openapi()
    home = "/api/v1/ai/optimization/experiments"
    assert set(document["paths"][home]) == {"get", "post"}
    assert set(document["paths"][f"{home}/{{id}}"]) == {"get", "patch", "delete"}
    taken = document["paths"][f"{home}/{{id}}/outcomes"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {tuple(sorted(one)) for one in taken["anyOf"]} == {("$ref",), ("items", "type")}
    schemas = document["components"]["schemas"]
    assert {"Analysis", "StatusReply", "AssignReply", "OutcomesReply", "MonitorReply"} <= set(schemas)
