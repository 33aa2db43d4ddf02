"""From a started experiment to a learner's answer and back into its analysis, through the real functions."""

from collections import Counter
from typing import Any

from functions import mentor
from tests.experiments.salts import resalt
from tests.functions.experiments_site import Site, site
from tests.functions.inside import Inside
from tests.product import Product

MODELS = [
    {"name": "own", "config": {"model": "gemma_4_on_device"}, "is_control": True},
    {"name": "paid", "config": {"model": "gpt_4_mini"}},
]


async def chats(here: Site, learners: int) -> dict[str, dict[str, Any]]:
    """An answer for each of so many learners, by learner."""
    here.now()
    talk = Inside(here.runtime, mentor.edge)
    return {
        f"u{number}": await talk.good("/mentor/chat", {"message": f"What is {number} + 1?"}, f"u{number}")
        for number in range(learners)
    }


async def test_variants_steer_are_counted_and_a_winner_is_for_everybody(product: Product) -> None:
    here = site(product)
    here.now()
    metrics = {"primary_metric": "messages", "secondary_metrics": ["cost_per_request"]}
    name = await here.running(experiment_type="model_selection", variants=MODELS, metrics=metrics)
    await resalt(here.runtime.store, name)  # so that there are learners in both
    answers = await chats(here, 12)
    told = {unit: one["experiments"][0]["variant"] for unit, one in answers.items()}
    asked = {"own": "gemma_4_on_device", "paid": "gpt_4_mini"}
    for unit, one in answers.items():
        assert [e["experiment_id"] for e in one["experiments"]] == [name]
        assert asked[told[unit]] in one["route"]["reason"]
        assert await here.assign(name, unit, expose=False) == told[unit]
    status = await here.good(f"/{name}/status")
    assert status["participants"] == {**dict.fromkeys(asked, 0), **Counter(told.values())}
    analysis = await here.good(f"/{name}/analysis")
    assert {one["variant"]: one["treated"] for one in analysis["delivered"]} == status["participants"]

    await here.good(f"/{name}/stop", {"winner": "paid", "promote": True})
    after = await chats(site(product), 3)  # another instance, which has not read the older LiveConfig
    assert all("gpt_4_mini first" in one["route"]["reason"] for one in after.values())
    assert all(one["experiments"] == [] for one in after.values())
