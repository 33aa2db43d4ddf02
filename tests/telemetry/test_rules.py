"""The table of alerts: whole, and the same for Terraform."""

import json

import pytest

from scripts.lib.alerts import FILE, described, rendered
from shared.settings import Settings
from shared.stored.watching import AlertRule
from shared.telemetry.rules import BUILT_IN, CONTRACT, DEFAULT_COST_PER_REQUEST
from shared.telemetry.samples import LONGEST_WINDOW, SHORTEST_WINDOW
from shared.telemetry.signals import SIGNALS


def test_terraforms_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == rendered(), "run scripts/alerts"
    assert json.loads(rendered()) == described()


def test_the_contracts_alerts_are_there() -> None:
    """Contract section 8."""
    found = {name: (rule.metric, rule.operator, rule.threshold) for name, rule in CONTRACT.items()}
    assert found == {
        "response_time": ("response_time", ">", 5.0),
        "cache_hit_rate": ("cache_hit_rate", "<", 0.6),
        "gpu_utilization": ("gpu_utilization", ">", 0.9),
        "memory": ("memory", ">", 0.85),
        "error_rate": ("error_rate", ">", 0.01),
        "cost_per_request": ("cost_per_request", ">", DEFAULT_COST_PER_REQUEST),
    }
    assert Settings.model_fields["alert_cost_per_request"].default == DEFAULT_COST_PER_REQUEST


@pytest.mark.parametrize("rule", BUILT_IN.values(), ids=BUILT_IN)
def test_every_rule_can_be_judged_and_says_what_to_do(rule: AlertRule) -> None:
    assert rule.metric in SIGNALS
    assert SHORTEST_WINDOW <= rule.window_seconds <= LONGEST_WINDOW
    assert rule.min_events > 1, "one event is no word"
    assert len(rule.runbook) > 80
    assert rule.action == "notify", "what changes by itself is the operators' decision"


def test_an_outage_of_all_models_is_an_alert_though_everybody_gets_an_answer() -> None:
    """Every answer is the template's then, so nothing fails and nothing is slow."""
    watching = [rule for rule in BUILT_IN.values() if rule.metric == "degraded_rate"]
    assert [(rule.severity, rule.operator, rule.threshold < 1) for rule in watching] == [("critical", ">", True)]
    assert set(described()["rules"]) == set(CONTRACT), "Terraform has conditions for the contract's only"
