"""What the experiments function refuses, what it keeps from learners, and what it says of figures that are not complete."""

import asyncio
import time
from typing import Any

import pytest

from shared.activity.compose import counted, fold
from shared.activity.fold import Fold, Folded
from shared.documents import LiveConfig
from shared.experiments import serving
from shared.experiments.config import flags
from shared.stored.experiments import Experiment
from tests.experiments.drafts import body
from tests.functions.experiments_site import Site, site
from tests.product import Product


@pytest.fixture
def here(product: Product) -> Site:
    return site(product)


class Slow(Fold):
    """A few events a call; `stuck`: none, though there are more."""

    stuck = False
    calls = 0

    async def drain(self, budget: int = 16) -> Folded:
        self.calls += 1
        return Folded(more=True) if self.stuck else await super().drain(16)


def slow(here: Site) -> Slow:
    whole = fold(here.runtime)
    made = Slow(here.runtime.store, whole._consumers, here.runtime.clock)
    here.runtime.__dict__["fold"] = made
    return made


async def test_one_analysis_counts_on_while_there_is_more(here: Site) -> None:
    name = await here.running()
    made = slow(here)
    await here.pour(name, 60, {"off": 1.0, "on": 1.0})
    found = await here.good(f"/{name}/analysis")
    assert found["units"] == 60
    assert not any("is counted" in warning for warning in found["warnings"])
    assert made.calls > 3


async def test_analyses_say_what_still_waits(here: Site) -> None:
    name = await here.running()
    made = slow(here)
    await here.pour(name, 60, {"off": 1.0, "on": 1.0})
    (warning,) = (await here.good("/analysis"))["warnings"]
    assert warning.startswith("Not all that has come in since 2027-01-15 08:00:00 UTC is counted")
    assert made.calls == 1
    assert (await serving.caught_up(here.runtime, 0))[0] == warning
    made.stuck = True
    begun = time.monotonic()
    found = await here.good(f"/{name}/analysis")
    assert warning in found["warnings"]
    assert 0 < found["units"] < 60
    assert time.monotonic() - begun < 4, "what gets no less is not tried for all the time there is"
    made.stuck = False
    while (await counted(here.runtime)).more:
        pass
    assert (await here.good("/analysis"))["warnings"] == []


async def test_a_learner_sees_the_apps_flags_and_never_what_steers_the_server(here: Site) -> None:
    config = {"hints": True, "prompt": {"instruction": "Sell the premium plan."}, "model": "gpt_4_mini"}
    variants = [{"name": "off", "config": config, "is_control": True}, {"name": "on", "config": config}]
    name = await here.running(variants=variants)
    asked = {"unit_id": "u1"}
    assert (await here.good(f"/{name}/assign", asked, "u1"))["config"] == {"hints": True}
    assert (await here.good(f"/{name}/assign", asked, "admin"))["config"] == config
    await here.good(f"/{name}/stop", {"winner": "on", "promote": True})
    told = await here.good(f"/{name}/assign", asked, "u1")
    assert (told["promoted"], told["config"]) == (True, {"hints": True})
    assert (await here.good(f"/{name}/assign", asked, "admin"))["config"] == config


async def test_capitals_make_no_difference_and_unknown_words_are_refused(here: Site) -> None:
    targeting = {"languages": ["es"], "platforms": ["ios"], "levels": ["beginner"]}
    name = await here.running(targeting=targeting)
    asked = {"unit_id": "u1", "language": "ES", "platform": "iOS", "level": " Beginner"}
    told = await here.good(f"/{name}/assign", asked, "u1")
    assert told["variant"] is not None
    for field, known in (("language", "'hi'"), ("platform", "'other'"), ("level", "'advanced'")):
        heard = await here.ask(f"/{name}/assign", {**asked, field: "zz"}, "u1")
        assert heard.status == 422
        (error,) = heard.json["errors"]
        assert error["field"] == field
        assert known in error["message"]
    spoken = {"unit_id": "u1", "language": "es", "level": "beginner"}
    heard = await here.ask(f"/{name}/assign", spoken, "u1", x_client_platform="fridge")
    assert (heard.status, heard.json["variant"]) == (200, None)


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({"winner": "maybe"}, "winner", "there are off, on"),
        ({"promote": True}, "promote", "Needs a winner"),
        ({"winner": None, "promote": True}, "promote", "Needs a winner"),
    ],
)
async def test_a_stop_that_cannot_be_meant_is_refused_by_field(
    here: Site, sent: dict[str, Any], field: str, says: str
) -> None:
    name = await here.running()
    heard = await here.ask(f"/{name}/stop", sent)
    assert heard.status == 422
    (error,) = heard.json["errors"]
    assert (error["field"], says in error["message"]) == (field, True)
    assert (await here.good(f"/{name}"))["state"] == "running"
    await here.good(f"/{name}/stop", {"winner": "on", "promote": False})


async def test_too_many_quantiles_and_a_bandit_by_one_are_refused(here: Site) -> None:
    own = {"name": "q", "kind": "quantile", "quantile": 0.9}
    times = ["p50_response_time", "p95_response_time", "p99_response_time"]
    metrics = {"primary_metric": "q", "secondary_metrics": times, "definitions": [own]}
    heard = await here.ask("", body(metrics=metrics))
    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "metrics")
    fewer = {**metrics, "secondary_metrics": times[:2]}
    made = (await here.good("", body(metrics=fewer)))["id"]
    heard = await here.ask(f"/{made}", {"metrics": metrics}, method="PATCH")
    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "metrics")
    heard = await here.ask(f"/{made}", {"allocation": "thompson"}, method="PATCH")
    assert (heard.status, heard.json["errors"][0]["field"]) == (422, "allocation")


async def test_a_draft_can_be_deleted_and_nothing_else(here: Site) -> None:
    made = await here.good("", body())
    assert await here.good(f"/{made['id']}", method="DELETE") == made
    assert (await here.ask(f"/{made['id']}", method="DELETE")).status == 404
    assert (await here.good(""))["experiments"] == []
    name = await here.running()
    for state, then in (("running", {}), ("stopped", {"winner": "on"}), ("decided", None)):
        heard = await here.ask(f"/{name}", method="DELETE")
        assert heard.status == 409
        assert f"It is {state}: only a draft can be deleted" in heard.json["detail"]
        if then is not None:
            await here.good(f"/{name}/stop", then)
    given_up = (await here.good("", body()))["id"]
    await here.post(f"/{given_up}/stop")
    assert (await here.ask(f"/{given_up}", method="DELETE")).status == 409


async def test_a_draft_that_is_started_and_deleted_at_once_is_one_of_both(here: Site) -> None:
    for _ in range(5):
        name = (await here.good("", body()))["id"]
        begun, gone = await asyncio.gather(
            here.ask(f"/{name}/start", method="POST"), here.ask(f"/{name}", method="DELETE")
        )
        assert (begun.status, gone.status) in {(200, 409), (404, 200)}
        kept = await here.runtime.store.get(Experiment, name)
        live = await here.runtime.store.get(LiveConfig, "live") or LiveConfig(id="live")
        assert (kept is not None) == (begun.status == 200) == (name in {one.id for one in live.experiments})


@pytest.mark.parametrize(
    ("kind", "config", "left"),
    [
        ("feature", {"hints": True, "instruction": "Be brief.", "model": "gpt_4", "live": {}}, {"hints": True}),
        ("prompt", {"prompt": {"instruction": "Be brief."}}, {}),
        ("model_selection", {"model": "gpt_4"}, {}),
    ],
)
def test_what_of_a_config_is_the_apps(kind: Any, config: dict[str, Any], left: dict[str, Any]) -> None:
    assert flags(kind, config) == left
