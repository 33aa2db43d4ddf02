"""Monitoring, as far as no cloud and no Terraform is needed: counted lines, queries, dashboards.

What Terraform makes of it: terraform/tests/monitoring.tftest.hcl.
"""

import json
import logging
import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml

from shared import deployables, log
from shared.settings import Settings
from shared.stored.watching import Notice
from shared.telemetry.names import METRICS
from shared.telemetry.outbox import Outbox
from shared.telemetry.rules import BUILT_IN
from tests.product import Product, call, streamed
from tests.terraform.installation import Installation
from tests.terraform.watched import MODULE, filled, grouped, matches, metrics, rules, selectors

CONTRACT = {
    "ai_response_time_seconds", "ai_cache_hits_total", "ai_cache_misses_total", "ai_gpu_utilization_percent",
    "ai_memory_usage_bytes", "ai_experiments_total", "ai_experiment_conversions_total", "ai_requests_total",
    "ai_cost_usd_total", "ai_circuit_breaker_state", "ai_optimization_requests_total", "ai_optimization_duration_seconds",
    "ai_optimization_improvement_percent", "ai_model_performance_latency_ms", "ai_model_performance_accuracy",
    "ai_model_performance_cost", "ai_model_performance_quality", "ai_benchmark_runs_total",
}  # fmt: skip
"""The families of the contract's section 7."""

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What the product logs, read back as Cloud Logging would."""
    log.configure(Settings(environment="test", auth_mode="local"), function="mentor")

    def read() -> list[dict[str, Any]]:
        log._output.flush()
        return [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]

    yield read
    for handler in [one for one in logging.getLogger().handlers if isinstance(one, log.LineHandler)]:
        logging.getLogger().removeHandler(handler)
    log._labels.clear()


@pytest.mark.timeout(300)
async def test_every_answer_is_counted_with_its_time_its_money_and_its_end(product: Product, lines: Lines) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-ok"})
    await runtime.gateway.complete(call("What is a prime number?"))
    await runtime.gateway.complete(call("What is a prime number?"))
    await runtime.gateway.complete(call("What is mine?", shareable=False, cacheable=False))
    cut = await streamed(product.runtime({"gpt_4_mini": "fake-cut5"}), call("And a composite one?"))
    assert cut.error is not None
    written = lines()

    counted = {
        name: [line for line in written if matches(metric["filter"], line)] for name, metric in metrics().items()
    }
    assert [line["outcome"] for line in counted["answers"]] == ["ok", "cached", "ok", "interrupted"]
    assert [line["cache"] for line in counted["cache"]] == ["miss", "exact"]
    assert len(counted["response_time"]) == 3
    assert [line["cost_usd"] > 0 for line in counted["cost"]] == [True, False, True, True]
    for name in ("response_time", "answers", "cost", "cache"):
        for line in counted[name]:
            _holds_what_is_read(name, line)


async def test_alerts_are_counted_by_rule_and_severity(product: Product, lines: Lines) -> None:
    runtime = product.runtime()
    outbox = Outbox(runtime.store, runtime.breakers, webhook_url=None, environment="test")
    notices = [
        Notice(id=f"a1-{event}", event=event, at=2.0, raised_at=1.0, value=0.2, rule=BUILT_IN["error_rate"])
        for event in ("raised", "resolved")
    ]
    await outbox.deliver(notices)
    written = lines()
    counted = [line for line in written if matches(metrics()["alerts"]["filter"], line)]
    assert sorted((line["rule"], line["message"], line["alert_severity"]) for line in counted) == [
        ("error_rate", "alert.raised", "critical"),
        ("error_rate", "alert.resolved", "critical"),
    ]
    for line in counted:
        _holds_what_is_read("alerts", line)
    assert [line["message"] for line in written if matches(metrics()["errors"]["filter"], line)] == ["alert.raised"]


def _holds_what_is_read(name: str, line: dict[str, Any]) -> None:
    metric = metrics()[name]
    if "value" in metric:
        value = line[metric["value"].removeprefix("jsonPayload.")]
        assert isinstance(value, int | float)
        assert not isinstance(value, bool)
    for label, field in metric.get("labels", {}).items():
        word = line[field.removeprefix("jsonPayload.")]
        assert isinstance(word, str), label
        assert word, label


def test_t53_no_label_of_a_counted_metric_could_hold_a_learner() -> None:
    few = {
        "jsonPayload.agent", "jsonPayload.model", "jsonPayload.outcome", "jsonPayload.cache", "jsonPayload.rule",
        "jsonPayload.message", "jsonPayload.alert_severity",
    }  # fmt: skip
    assert {field for metric in metrics().values() for field in metric.get("labels", {}).values()} <= few


def test_counted_times_have_the_buckets_of_the_scraped_ones() -> None:
    scraped = [bound * 1000 for bound in METRICS["ai_response_time_seconds"].buckets]
    assert metrics()["response_time"]["buckets"] == scraped


def test_every_rule_of_the_fleet_has_a_policy() -> None:
    counted = set(filled("conditions.yaml.tftpl"))
    sampled = {"memory", "gpu_utilization"}  # condition_threshold in rules.tf
    assert counted | sampled == set(rules())
    assert not counted & sampled


def test_queries_are_promql_over_metrics_that_exist() -> None:
    known = {f"logging_googleapis_com:user_lyo_{name}": metric for name, metric in metrics().items()}
    tiles = filled("dashboard.yaml.tftpl")
    for query in [*filled("conditions.yaml.tftpl").values(), *(q for tile in tiles for q in tile["series"].values())]:
        read = list(selectors(query))
        assert read, query
        for name, labels in read:
            assert "monitored_resource" in labels, f"{name} could be several resources': Google refuses that"
            if not name.startswith("logging_"):
                assert name.startswith(("run_googleapis_com:", "cloudtasks_googleapis_com:queue_")), name
                continue
            metric = known[re.sub("_(bucket|sum|count)$", "", name)]
            assert ("value" in metric) == name.endswith(("_bucket", "_sum", "_count")), name
            allowed = {*metric.get("labels", {}), "monitored_resource"}
            assert labels <= allowed, query
            assert grouped(query) <= allowed | {"service_name"}, query


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_terraform_fills_the_conditions_in_as_these_tests_do(site: Installation, tmp_path: Path) -> None:
    named: set[str] = set()
    people = [f"lyo-{entry.name}" for entry in deployables.load() if entry.public and entry.name != "ops"]
    expected = filled("conditions.yaml.tftpl", served="|".join(sorted(people)))
    for change in site.planned("prod", tmp_path / "prod.tfplan")["resource_changes"]:
        if change["type"] == "google_monitoring_alert_policy" and change["name"] == "counted":
            rule = change["index"]
            (condition,) = change["change"]["after"]["conditions"]
            (promql,) = condition["condition_prometheus_query_language"]
            named.add(rule)
            if rule != "cost_per_request":  # an installation may set a bound of its own
                assert promql["query"] == expected[rule]
    assert named == set(expected)


SLOW = {
    '{p}response_time_bucket{{{r},le="1000"}}': "0+1x90",
    '{p}response_time_bucket{{{r},le="5000"}}': "0+5x90",
    '{p}response_time_bucket{{{r},le="10000"}}': "0+10x90",
    '{p}response_time_bucket{{{r},le="+Inf"}}': "0+10x90",
    "{p}response_time_count{{{r}}}": "0+10x90",
}
QUICK = {
    '{p}response_time_bucket{{{r},le="1000"}}': "0+9x90",
    '{p}response_time_bucket{{{r},le="5000"}}': "0+10x90",
    '{p}response_time_bucket{{{r},le="+Inf"}}': "0+10x90",
    "{p}response_time_count{{{r}}}": "0+10x90",
}
FIRES = [
    ("response_time", SLOW, True),
    ("response_time", QUICK, False),
    ("response_time", {name: points.replace("0x90", "0x0") for name, points in SLOW.items()}, False),  # nobody asked
    ("response_time", {name.replace("{r}", '{r},agent="summary"'): points for name, points in SLOW.items()}, False),
    ("cache_hit_rate", {'{p}cache{{{r},cache="miss"}}': "0+5x90", '{p}cache{{{r},cache="exact"}}': "0+5x90"}, True),
    ("cache_hit_rate", {'{p}cache{{{r},cache="miss"}}': "0+3x90", '{p}cache{{{r},cache="exact"}}': "0+7x90"}, False),
    ("cache_hit_rate", {'{p}cache{{{r},cache="miss"}}': "0+9x90"}, True),  # no hit ever: no series of hits
    ("cache_hit_rate", {'{p}cache{{{r},cache="exact"}}': "0+9x90"}, False),
    ("cache_hit_rate", {'{p}cache{{{r},cache="miss"}}': "0+1x90"}, False),  # sixty look-ups are no word
    ("error_rate", {'{p}answers{{{r},outcome="interrupted"}}': "0+1x90", '{p}answers{{{r},outcome="ok"}}': "0+20x90"}, True),
    ("error_rate", {'{p}answers{{{r},outcome="ok"}}': "0+20x90"}, False),
    ("error_rate", {'{q}{{{s},response_code_class="5xx"}}': "0+1x90", '{q}{{{s},response_code_class="2xx"}}': "0+20x90"}, True),
    ("error_rate", {'{q}{{{s},response_code_class="5xx"}}': "0+1x90", '{q}{{{s},response_code_class="2xx"}}': "0+200x90"}, False),
    ("error_rate", {'{q}{{{s},response_code_class="5xx"}}': "0+1x90", '{q}{{{s},response_code_class="2xx"}}': "0+2x90"}, False),
    ("cost_per_request", {"{p}cost_sum{{{r}}}": "0+0.3x90", "{p}cost_count{{{r}}}": "0+10x90"}, True),
    ("cost_per_request", {"{p}cost_sum{{{r}}}": "0+0.1x90", "{p}cost_count{{{r}}}": "0+10x90"}, False),
]  # fmt: skip


@pytest.mark.timeout(300)
def test_the_conditions_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    promtool = which("promtool")
    if promtool is None:
        # Not `unavailable`: it comes with a whole Prometheus, which is much to ask of a machine for one test.
        pytest.skip("promtool (Debian: prometheus) is not installed: nobody here can run the alerts' PromQL")
    judged = [{"alert": rule, "expr": query, "for": "1m"} for rule, query in filled("conditions.yaml.tftpl").items()]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "lyo", "rules": judged}]}))
    cases = []
    for number, (rule, series, fires) in enumerate(FIRES):
        cases.append(f"{number:02}-{rule}-{'fires' if fires else 'is-silent'}.yaml")
        (tmp_path / cases[-1]).write_text(yaml.safe_dump(_case(rule, series, fires=fires)))
    # One process, a file for each case: its report names the files that fail.
    ran = subprocess.run([promtool, "test", "rules", *cases], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("SUCCESS") == len(FIRES)


def _case(rule: str, series: dict[str, str], *, fires: bool) -> dict[str, Any]:
    names = {
        "p": "logging_googleapis_com:user_lyo_",
        "q": "run_googleapis_com:request_count",
        "r": 'monitored_resource="cloud_run_revision"',
        "s": 'monitored_resource="cloud_run_revision",service_name="lyo-mentor"',
    }
    expected = {"eval_time": "80m", "alertname": rule, "exp_alerts": [{"exp_labels": {}}] if fires else []}
    points = [{"series": name.format(**names), "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": points, "alert_rule_test": [expected]}
    return {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}


def _panels() -> list[dict[str, Any]]:
    board = json.loads((MODULE / "grafana.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = board["panels"]
    return found


def _asked(expression: str) -> str:
    """A panel's query with Grafana's variables filled in."""
    return re.sub(r"\$(agent|model)\b", ".*", expression.replace("$__rate_interval", "5m"))


def test_grafana_shows_every_family_of_the_contract_and_nothing_that_is_not_served() -> None:
    shown = set()
    for panel in _panels():
        for target in panel.get("targets", []):
            query = _asked(target["expr"])
            for name, labels in selectors(query):
                family = METRICS.get(name) or METRICS.get(re.sub("_(bucket|sum|count)$", "", name))
                assert family is not None, f"{panel['title']}: {name} is not served"
                assert (family.kind == "histogram") == (name != family.name), name
                served = {label.name for label in family.labels}
                assert labels <= served, f"{panel['title']}: {name} has no label {labels - served}"
                assert grouped(query) <= served, f"{panel['title']}: {name} has no label {grouped(query) - served}"
                shown.add(family.name)
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert named <= grouped(query), f"{panel['title']}: its legend names what the query drops"
    assert shown >= CONTRACT
    assert set(METRICS) >= CONTRACT


def test_grafana_takes_any_data_source_and_overlaps_nothing() -> None:
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"
            assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
