"""No junk makes a series: what becomes a label, and how many series there may be."""

from shared.llm import catalog
from shared.telemetry.names import MAX_SERIES, METRICS
from tests.telemetry.reading import Make, read, samples


async def test_t53_junk_models_and_user_ids_make_no_series(make: Make) -> None:
    metrics = make()
    for number in range(1000):
        metrics.inc("ai_requests_total", "mentor", f"junk-{number}", "ok")
        metrics.inc("ai_requests_total", f"user_{number}", "claude", f"outcome {number}")
        metrics.observe("ai_response_time_seconds", 0.1, "mentor", f"junk-{number}")
    found = await read(metrics)
    requests = {key: value for key, value in found.items() if key[0] == "ai_requests_total"}
    assert requests == {
        ("ai_requests_total", "mentor", "other", "ok"): 1000,
        ("ai_requests_total", "other", "claude", "other"): 1000,
    }
    assert found["ai_response_time_seconds_count", "mentor", "other"] == 1000
    assert len(metrics._counters.all()) == 2


async def test_t53_free_labels_are_bounded_over_restarts_of_the_whole_fleet(make: Make) -> None:
    for instance in range(4):
        metrics = make()
        for number in range(150):
            metrics.inc("ai_experiments_total", f"exp-{instance}-{number}", "a")
        await metrics.flush()
        assert len(metrics._counters.all()) <= MAX_SERIES + 1
    found = {key: value for key, value in (await read(make())).items() if key[0] == "ai_experiments_total"}
    assert len(found) == MAX_SERIES + 1
    assert found["ai_experiments_total", "other", "other"] == 600 - MAX_SERIES
    assert sum(found.values()) == 600


async def test_t53_one_process_holds_a_bounded_number_of_free_series_and_counts_on_in_other(make: Make) -> None:
    metrics = make()
    for number in range(1000):
        metrics.inc("ai_experiments_total", f"exp-{number}", "a")
        metrics.set("ai_circuit_breaker_state", 1, f"target-{number}")
    assert len(metrics._counters.all()) <= MAX_SERIES + 1
    assert len(metrics._gauges.all()) <= MAX_SERIES + 1
    for _ in range(2):  # the second time the names are known
        metrics.inc("ai_experiments_total", "exp-999", "a")
    found = await read(metrics)
    assert found["ai_experiments_total", "other", "other"] == 802


async def test_a_name_folded_once_counts_in_other_from_then_on(make: Make) -> None:
    full = make()
    for number in range(MAX_SERIES):
        full.inc("ai_experiments_total", f"exp-{number}", "a")
    await full.flush()
    late = make()
    for expected in (1, 2):
        late.inc("ai_experiments_total", "late", "a")
        assert (await read(late))["ai_experiments_total", "other", "other"] == expected


async def test_t46_no_address_or_sentence_becomes_a_label(make: Make) -> None:
    metrics = make()
    metrics.inc("ai_experiments_total", "canary.learner@example.org", "why is the sky blue")
    metrics.inc("ai_experiments_total", "a|b", 'x"y')
    text = await metrics.render()
    assert "canary" not in text
    assert "sky" not in text
    assert samples(text)["ai_experiments_total", "other", "other"] == 2


async def test_known_values_are_let_in_beside_the_declared_ones(make: Make) -> None:
    metrics = make(known={"model": ["gpt-6-luna", "bad value"]})
    for model in ("gpt-6-luna", "bad value", "claude"):
        metrics.inc("ai_cost_usd_total", model, by=1)
    found = await read(metrics)
    assert {key[1] for key in found if key[0] == "ai_cost_usd_total"} == {"gpt-6-luna", "other", "claude"}


def test_every_model_of_the_catalogue_has_its_own_series() -> None:
    label = next(label for label in METRICS["ai_requests_total"].labels if label.name == "model")
    assert label.values is not None
    assert set(catalog.MODELS) <= label.values
