"""What a variant says is what happens: the prompt, the settings, the level, the feed's order; for its units and nobody else."""

from typing import Any

import pytest

from functions import curation, feed, mentor
from shared.stored.experiments import Promotion, RunningVariant, Targeting
from tests.experiments.happened import experiment, run_it, unit_in
from tests.functions.inside import Inside
from tests.product import Product

BOTH = {"gemma_4_on_device": "fake-own", "claude": "fake-paid"}
SAID = "Use an example from football."


def system(product: Product) -> str:
    return str(product.fake.calls[-1].body["messages"][0]["content"])


@pytest.mark.parametrize(
    ("path", "body"),
    [("/mentor/chat", {"message": "What is light?"}), ("/curation/tag", {"text": "Light is a wave. " * 20})],
)
async def test_an_instruction_reaches_the_model_of_mentor_and_of_tasks(
    product: Product, path: str, body: dict[str, Any]
) -> None:
    runtime, running = product.runtime({"gemma_4_on_device": "fake-own"}), experiment(instruction=SAID)
    inside = Inside(runtime, mentor.edge, curation.edge)
    await run_it(runtime, running)
    await inside.good(path, body, as_=unit_in(running, "control"))
    assert SAID not in system(product)
    await inside.good(path, body, as_=unit_in(running, "changed"))
    assert system(product).endswith(SAID)


async def test_a_variants_settings_are_those_of_its_own_calls_alone(product: Product) -> None:
    runtime = product.runtime(BOTH)
    inside = Inside(runtime, mentor.edge)
    threshold = experiment("t", live={"complexity_threshold": 0.0})
    await run_it(runtime, threshold)
    body = {"message": "What is light?"}
    assert (await inside.good("/mentor/chat", body, as_=unit_in(threshold, "changed")))["model"] == "fake-paid"
    assert (await inside.good("/mentor/chat", body, as_=unit_in(threshold, "control")))["model"] == "fake-own"
    away = experiment("d", live={"disabled_models": ["gemma_4_on_device"]})
    await run_it(runtime, away)
    assert (await inside.good("/mentor/chat", body, as_=unit_in(away, "changed")))["model"] == "fake-paid"
    assert (await inside.good("/mentor/chat", body, as_=unit_in(away, "control")))["model"] == "fake-own"
    uncached = experiment("c", live={"cache_ttl_seconds": 0})
    await run_it(runtime, uncached)
    for arm, last in (("changed", "none"), ("control", "exact")):
        found = [await inside.good("/mentor/chat", body, as_=unit_in(uncached, arm, nth)) for nth in (0, 1)]
        assert found[-1]["cache"] == last, arm


async def test_a_level_is_seen_in_the_route_and_in_what_is_asked_for(product: Product) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"}, optimization_level="conservative")
    inside = Inside(runtime, mentor.edge)
    running = experiment(live={"optimization_level": "maximum"})
    await run_it(runtime, running)
    changed = await inside.good("/mentor/chat", {"message": "What is light?"}, as_=unit_in(running, "changed"))
    assert product.fake.calls[-1].body["max_tokens"] == 490
    assert "< 0.90" in changed["route"]["reason"]
    assert changed["route"]["reason"].endswith("optimisation level maximum")
    control = await inside.good("/mentor/chat", {"message": "What is light?"}, as_=unit_in(running, "control"))
    assert product.fake.calls[-1].body["max_tokens"] == 700
    assert "< 0.60" in control["route"]["reason"]


async def test_what_was_promoted_is_for_everybody_until_it_is_taken_back(product: Product) -> None:
    runtime = product.runtime(BOTH)
    inside = Inside(runtime, mentor.edge)
    won = Promotion(experiment_id="p", variant=RunningVariant(name="w", weight=1, prefer_model="claude"), at=1, by="o")
    await run_it(runtime, promotions=(won,))
    reply = await inside.good("/mentor/chat", {"message": "What is light?"})
    assert (reply["model"], reply["experiments"]) == ("fake-paid", [])
    await run_it(runtime)
    assert (await inside.good("/mentor/chat", {"message": "What is light?"}))["model"] == "fake-own"


async def test_a_feed_is_in_its_variants_order(product: Product) -> None:
    runtime, running = product.runtime(), experiment(algorithm="explore", agents=("feed",))
    inside = Inside(runtime, feed.edge)
    items = [
        {"id": f"i{n}", "title": "T", "format": "text", "language": "en", "minutes": 5, "topics": [f"t{n % 3}"],
         "published_at": runtime.clock() - 86_400 * n, "quality": n % 10 / 10, "popularity": n}
        for n in range(40)
    ]  # fmt: skip
    await inside.good("/feed/items", {"items": items}, as_="admin")
    await run_it(runtime, running)
    changed, control = unit_in(running, "changed"), unit_in(running, "control")

    async def own(unit: str) -> list[str]:
        return [one["id"] for one in (await inside.good(f"/feed/{unit}?limit=20", as_=unit))["items"]]

    async def ranked(unit: str) -> list[str]:
        return [one["id"] for one in (await inside.good("/feed/rank", {"items": items}, as_=unit))["items"]][:20]

    for order in (own, ranked):
        fresh, usual = await order(changed), await order(control)
        assert fresh != usual
        assert sum(int(name[1:]) for name in fresh) < sum(int(name[1:]) for name in usual), "newer ones come first"
        assert await order(unit_in(running, "control", 1)) == usual


@pytest.mark.parametrize("path", ["/mentor/chat", "/curation/tag"])
async def test_a_variant_opens_a_language_and_its_control_is_in_the_experiment_too(product: Product, path: str) -> None:
    runtime = product.runtime({"gemma_4_on_device": "fake-own"})
    inside = Inside(runtime, mentor.edge, curation.edge)
    running = experiment(live={"languages": {"ar": True}})
    running = running.model_copy(update={"targeting": Targeting(languages=["ar"])})
    await run_it(runtime, running, languages={"ar": False})
    body = {"message": "What is light?"} if path == "/mentor/chat" else {"text": "Light is a wave. " * 20}
    found = {
        arm: await inside.good(path, body | {"language": "ar"}, as_=unit_in(running, arm))
        for arm in ("changed", "control")
    }
    assert {arm: one["language"] for arm, one in found.items()} == {"changed": "ar", "control": "en"}
    assert {arm: one["experiments"] for arm, one in found.items()} == {
        arm: [{"experiment_id": "e", "variant": arm}] for arm in found
    }
