"""Definitions: what is asked for becomes an experiment, and every fault is named by its field."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.agents.experiments import ExperimentChange, ExperimentDraft
from shared.errors import InvalidRequest
from shared.experiments.catalogue import BUILT_IN
from shared.experiments.config import LIVE, steering
from shared.experiments.definition import Defaults, arms, define, edited
from shared.experiments.showing import shown
from shared.feed.algorithms import ALGORITHMS
from shared.stored.experiments import RunningVariant
from tests.experiments.drafts import DEFAULTS, OWN, body, draft

SEED = {
    "name": "Model Performance Comparison",
    "description": "Compare Gemma 4 on-device vs cloud performance",
    "experiment_type": "model_selection",
    "variants": [
        {"name": "gemma_on_device", "config": {"model": "gemma_4_on_device"}, "is_control": True, "weight": 0.5},
        {"name": "gemma_cloud", "config": {"model": "gemma_4_cloud"}, "is_control": False, "weight": 0.5},
    ],
    "metrics": {
        "primary_metric": "user_satisfaction",
        "secondary_metrics": ["response_time", "cost_per_request"],
    },
    "target_participants": 1000,
    "traffic_allocation": 0.1,
}
"""Seed 000, "Create Your First Experiment", word for word."""


def variants(*weights: float | None, control: int = 0) -> list[dict[str, Any]]:
    return [
        {"name": f"v{place}", "is_control": place == control, "weight": weight} for place, weight in enumerate(weights)
    ]


QUANTILES: dict[str, Any] = {
    "primary_metric": "messages",
    "secondary_metrics": ["p50_response_time", "p95_response_time", "q2"],
    "definitions": [{"name": f"q{number}", "kind": "quantile", "quantile": 0.9} for number in (2, 3)],
}
"""With three of them, and one that is used nowhere."""


def defined(**one: Any) -> dict[str, Any]:
    return {"primary_metric": "score", "definitions": [{"name": "score", **one}]}


def faults(**changes: Any) -> dict[str, str]:
    """What is refused, by field: by its shape or as a whole."""
    try:
        draft(**changes)
    except InvalidRequest as error:
        return dict(error.fields)
    except ValidationError as error:
        return {".".join(map(str, item["loc"])): item["msg"] for item in error.errors()}
    return {}


def test_the_seeds_experiment_is_one() -> None:
    made = define(ExperimentDraft.model_validate(SEED), DEFAULTS, id="exp_1", by="ada", now=1_000.0)
    assert [metric.name for metric in made.metrics] == ["user_satisfaction", "response_time", "cost_per_request"]
    assert made.primary == BUILT_IN["user_satisfaction"].metric
    assert (made.state, made.min_participants, made.duration_days, made.traffic_allocation) == ("draft", 100, 14, 0.1)
    assert [arm.prefer_model for arm in arms(made)] == ["gemma_4_on_device", "gemma_4_cloud"]
    assert made.control.name == "gemma_on_device"
    assert "never decides" in shown(made).warnings[0]


def test_the_settings_hold_where_nothing_is_said() -> None:
    given = ExperimentDraft.model_validate(body())
    made = define(given, Defaults(5_000, 400), id="e", by="a", now=0.0)
    assert (made.min_participants, made.target_participants, made.duration_days) == (5_000, 5_000, 180)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"variants": variants(0.5, 0.6)}, "variants", "sum to 1.1"),
        ({"variants": variants(0.5, 0.5, control=-1)}, "variants", "none is"),
        ({"variants": [{**one, "is_control": True} for one in variants(0.5, 0.5)]}, "variants", "here 2 is"),
        ({"variants": variants(1.0)}, "variants", "at least 2"),
        ({"variants": variants(*[1 / 9] * 9)}, "variants", "at most 8"),
        ({"variants": variants(0.5, None)}, "variants.1.weight", "every variant"),
        ({"variants": variants(1.0, 0.0)}, "variants.1.weight", "greater than 0"),
        ({"variants": variants(1.5, -0.5)}, "variants.1.weight", "greater than 0"),
        ({"variants": [variants(0.5)[0], {"name": "v0", "weight": 0.5}]}, "variants.1.name", "another variant"),
        ({"metrics": {"primary_metric": "joy"}}, "metrics.primary_metric", "joy"),
        (
            {"metrics": {"primary_metric": "messages", "guardrail_metrics": ["messages"]}},
            "metrics.guardrail_metrics.0",
            "twice",
        ),
        ({"metrics": {"primary_metric": "messages", "definitions": [OWN]}}, "metrics.definitions.0", "nowhere"),
        (
            {"metrics": {"primary_metric": "score", "definitions": [{"name": "score"}]}},
            "metrics.definitions.0.kind",
            "one of",
        ),
        (
            {"metrics": {"primary_metric": "score", "definitions": [{**OWN, "kind": "quantile"}]}},
            "metrics.definitions.0.quantile",
            "0.95",
        ),
        (
            {"metrics": {"primary_metric": "score", "definitions": [{**OWN, "kind": "quantile", "quantile": 1}]}},
            "metrics.definitions.0.quantile",
            "less than 1",
        ),
        (
            {"metrics": {"primary_metric": "messages", "definitions": [{"name": "messages", "kind": "ratio"}]}},
            "metrics.definitions.0.kind",
            "built in",
        ),
        (
            {
                "metrics": {
                    "primary_metric": "m0",
                    "definitions": [{"name": f"m{n}", "kind": "mean"} for n in range(13)],
                }
            },
            "metrics.definitions",
            "at most 12",
        ),
        ({"target_participants": 99}, "target_participants", "MIN_EXPERIMENT_PARTICIPANTS"),
        ({"min_participants": 99}, "min_participants", "MIN_EXPERIMENT_PARTICIPANTS"),
        ({"min_participants": 1_001}, "min_participants", "no more than"),
        ({"duration_days": 0.5}, "duration_days", "greater than or equal to 1"),
        ({"duration_days": 181}, "duration_days", "less than or equal to 180"),
        ({"traffic_allocation": 0}, "traffic_allocation", "greater than 0"),
        ({"traffic_allocation": 1.1}, "traffic_allocation", "less than or equal to 1"),
        ({"alpha": 0.5}, "alpha", "less than or equal to 0.2"),
        ({"power": 1.0}, "power", "less than or equal to 0.99"),
        ({"targeting": {"languages": ["xx"]}}, "targeting.languages", "'xx' is none of en"),
        ({"targeting": {"levels": ["expert"]}}, "targeting.levels", "beginner"),
        ({"targeting": {"agents": ["poet"]}}, "targeting.agents", "mentor"),
        ({"targeting": {"platforms": ["fax"]}}, "targeting.platforms", "ios"),
        ({"auto_promote": True, "auto_stop": False}, "auto_promote", "auto_stop"),
        ({"allocation": "thompson", "variants": variants(0.9, 0.1)}, "variants", "equal shares"),
        ({"allocation": "thompson", "metrics": {"primary_metric": "p95_response_time"}}, "allocation", "no quantile"),
        (
            {"allocation": "thompson", "metrics": {"primary_metric": "p95_response_time"}},
            "allocation",
            "another primary",
        ),
        ({"metrics": defined(kind="mean", lowest=5, highest=5)}, "metrics.definitions.0.lowest", "less than highest"),
        ({"metrics": defined(kind="proportion", lowest=0)}, "metrics.definitions.0.lowest", "between 0 and 1"),
        ({"metrics": defined(kind="proportion", highest=1)}, "metrics.definitions.0.highest", "between 0 and 1"),
        ({"metrics": defined(kind="mean", highest=1e13)}, "metrics.definitions.0.highest", "less than or equal"),
        ({"metrics": defined(kind="mean", highest="9")}, "metrics.definitions.0.highest", "valid number"),
        (
            {"metrics": {**QUANTILES, "secondary_metrics": [*QUANTILES["secondary_metrics"], "q3"]}},
            "metrics",
            "3 quantile",
        ),
        ({"experiment_type": "poetry"}, "experiment_type", "model_selection"),
        ({"api_base": "http://x"}, "api_base", "not permitted"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], field: str, says: str) -> None:
    found = faults(**changes)
    assert says in found.get(field, ""), found


def test_all_faults_are_told_at_once() -> None:
    found = faults(
        variants=[{"name": "a", "config": {"model": "gpt_9"}, "weight": 0.4}, {"name": "b", "weight": 0.4}],
        metrics={"primary_metric": "joy"},
        target_participants=5,
    )
    assert set(found) == {"variants", "variants.0.config.model", "metrics.primary_metric", "target_participants"}


def test_thirds_are_weights() -> None:
    made = draft(variants=variants(None, None, None))
    assert sum(variant.weight for variant in made.variants) == pytest.approx(1)
    assert not faults(variants=variants(0.333333, 0.333333, 0.333334))


def test_three_quantiles_are_not_too_many() -> None:
    assert not faults(metrics={**QUANTILES, "definitions": QUANTILES["definitions"][:1]})


def test_bounds_are_kept_and_who_may_send_what_is_told() -> None:
    made = draft(metrics=defined(kind="mean", lowest=0, highest=5))
    assert (made.primary.lowest, made.primary.highest) == (0.0, 5.0)
    assert not shown(made).warnings
    again = ExperimentChange.model_validate({"metrics": shown(made).metrics.model_dump()})
    assert edited(made, again, DEFAULTS).metrics == made.metrics
    (warning,) = shown(draft(metrics=defined(kind="mean", lowest=0))).warnings
    assert warning.startswith("score: without lowest and highest")
    assert not shown(draft(metrics=defined(kind="proportion"))).warnings


def test_only_the_margin_of_a_built_in_metric_can_be_set() -> None:
    metrics = {
        "primary_metric": "messages",
        "guardrail_metrics": ["error_rate"],
        "definitions": [{"name": "error_rate", "margin": 0.3}],
    }
    made = draft(metrics=metrics)
    assert made.metrics[1] == BUILT_IN["error_rate"].metric.model_copy(update={"margin": 0.3})
    assert made.guardrails == ["error_rate"]
    assert BUILT_IN["error_rate"].metric.margin == 0.1
    answered = shown(made).metrics.model_dump()  # which may be sent back as it came
    again = edited(made, ExperimentChange.model_validate({"metrics": answered}), DEFAULTS)
    assert (again.metrics, again.guardrails) == (made.metrics, made.guardrails)


@pytest.mark.parametrize(
    ("kind", "config", "steers"),
    [
        ("model_selection", {"model": "claude"}, {"prefer_model": "claude"}),
        ("prompt", {"prompt": {"instruction": " Be brief. ", "version": 2}}, {"instruction": "Be brief."}),
        ("prompt", {"instruction": "Be brief."}, {"instruction": "Be brief."}),
        ("optimization", {"optimization_level": "maximum"}, {"live": {"optimization_level": "maximum"}}),
        (
            "optimization",
            {"live": {"cache_ttl_seconds": 60, "complexity_threshold": 0.2}, "model": "gpt_4"},
            {"live": {"cache_ttl_seconds": 60, "complexity_threshold": 0.2}, "prefer_model": "gpt_4"},
        ),
        ("personalization", {"algorithm": "explore"}, {"algorithm": "explore"}),
        ("feature", {"model": "gpt_4", "new_button": {"colour": "red"}}, {"prefer_model": "gpt_4"}),
        ("feature", {}, {}),
    ],
)
def test_a_config_steers(kind: Any, config: dict[str, Any], steers: dict[str, Any]) -> None:
    assert steering("v", 0.5, kind, config) == (RunningVariant(name="v", weight=0.5, **steers), [])


@pytest.mark.parametrize(
    ("kind", "config", "path", "says"),
    [
        ("model_selection", {"model": "gpt_9"}, "model", "gemma_4_on_device"),
        ("model_selection", {"model": ["claude"]}, "model", "no model"),
        ("model_selection", {"temperature": 1}, "temperature", "takes model"),
        ("prompt", {"prompt": "Be brief."}, "prompt", "instruction"),
        ("prompt", {"prompt": {"instruction": "x" * 2_001}}, "prompt.instruction", "2000"),
        ("prompt", {"prompt": {"instruction": "x", "role": "system"}}, "prompt.role", "version"),
        ("prompt", {"prompt": {"instruction": "x"}, "instruction": "y"}, "instruction", "once"),
        ("optimization", {"optimization_level": "brutal"}, "optimization_level", "aggressive"),
        ("optimization", {"live": {"experiments": []}}, "live.experiments", "cannot set"),
        ("optimization", {"live": {"version": 9}}, "live.version", "cannot set"),
        ("optimization", {"live": {"complexity_threshold": 2}}, "live.complexity_threshold", "less than or equal to 1"),
        ("optimization", {"live": {"disabled_models": ["gpt_9"]}}, "live.disabled_models", "no model"),
        ("optimization", {"live": {"languages": {"xx": True}}}, "live.languages", "no language"),
        ("optimization", {"live": {}}, "live", "Needs"),
        ("personalization", {"algorithm": "magic"}, "algorithm", ", ".join(ALGORITHMS)),
        ("feature", {"flag": "x" * 5_000}, "", "4096 bytes"),
        ("feature", {"flag": 2**70}, "", "64 bits"),
        ("feature", {"flag": float("nan")}, "", "number"),
    ],
)
def test_a_config_that_steers_nothing_is_refused(kind: Any, config: dict[str, Any], path: str, says: str) -> None:
    running, wrong = steering("v", 0.5, kind, config)
    assert says in dict(wrong).get(path, ""), wrong
    assert running == RunningVariant(name="v", weight=0.5)


def test_what_a_variant_may_set_is_all_of_live_config_but_what_keeps_it() -> None:
    assert set(LIVE) >= {
        "complexity_threshold",
        "cache_ttl_seconds",
        "disabled_models",
        "languages",
        "optimization_level",
    }
    assert not set(LIVE) & {"id", "version", "experiments", "promotions", "updated_at", "updated_by", "expires_at"}


def test_a_draft_can_be_changed_in_everything_and_is_checked_as_a_whole() -> None:
    made = draft()
    after = edited(
        made,
        ExperimentChange.model_validate(
            {"experiment_type": "model_selection", "variants": SEED["variants"], "layer": "models", "alpha": 0.01}
        ),
        DEFAULTS,
    )
    assert (after.kind, after.layer, after.alpha, after.metrics) == ("model_selection", "models", 0.01, made.metrics)
    assert edited(after, ExperimentChange(layer=None), DEFAULTS).layer is None
    with pytest.raises(InvalidRequest) as caught:  # the flag is none of a prompt's
        edited(made, ExperimentChange(experiment_type="prompt"), DEFAULTS)
    assert caught.value.fields[0][0] == "variants.1.config.hints"
    with pytest.raises(InvalidRequest) as caught:
        edited(made, ExperimentChange(target_participants=150, min_participants=200), DEFAULTS)
    assert caught.value.fields[0][0] == "min_participants"
    with pytest.raises(InvalidRequest) as caught:
        edited(made, ExperimentChange(name=None), DEFAULTS)
    assert caught.value.fields[0] == ("name", "Cannot be empty")
