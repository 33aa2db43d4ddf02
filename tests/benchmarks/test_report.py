"""What people and machines get to see of a run."""

import json

import pytest

from scripts.benchmarks import kpi, page, report
from scripts.benchmarks.figures import HELLO, MENTOR, Figure
from scripts.benchmarks.kpi import Row, Verdict
from scripts.benchmarks.memory import Soak
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.report import Report
from scripts.benchmarks.trend import Trend


def made() -> Report:
    return Report(
        at="2026-01-02T03:04:05+00:00",
        mode="quick",
        machine={"Python": "3.11", "CPUs": "2"},
        kpis=[
            Row(kpi.AVERAGE, 0.2134, "excellent", "120 answers", 0.05),
            Row(kpi.P95, 6.0, "fail", "a <b> & c", 0.31),
            Row(kpi.GROWTH, None, "not measured", "needs --memory"),
        ],
        figures=[
            Figure("requests/s, 64 in flight", MENTOR, "/s", 1348.4, 0.91),
            Figure("requests/s, 64 in flight", HELLO, "/s", 11132.0, 0.02),
            Figure("memory idle", MENTOR, "MB", 120.5, None, "69 MB with shared pages counted once"),
        ],
        soak=Soak(10.0, 100.0, 60_000, 0, [(0.0, 60.0), (5.0, 70.0), (10.0, 70.5)], Trend(1.0, -1.0, 3.0), 130.0, 0.1),
        peers=Peers("| peers | <table> |", {"reps": 1}),
        trouble=["mentor: 3 not whole"],
    )


def test_the_table_holds_target_value_verdict_and_noise() -> None:
    lines = report.as_text(made()).splitlines()
    average = next(line for line in lines if line.startswith("average response"))
    for part in ("< 3.0 s (excellent < 2.0)", "0.213 s", "excellent", "0.05", "120 answers"):
        assert part in average
    assert "~0.31" in next(line for line in lines if line.startswith("p95"))
    assert "not measured" in next(line for line in lines if line.startswith("memory growth"))
    figures = next(line for line in lines if line.startswith("requests/s, 64"))
    assert figures.index("1,348 (~0.91)") < figures.index("11,132 (0.02)")
    assert any("▁" in line and "60.0 to 70.5 MB" in line for line in lines)
    assert "WRONG: mentor: 3 not whole" in lines


def test_json_holds_everything_and_is_json() -> None:
    found = json.loads(json.dumps(report.as_json(made())))
    assert found["failed"] is True
    assert found["kpis"][0] == {
        "name": "average response",
        "target": "< 3.0 s (excellent < 2.0)",
        "unit": "s",
        "value": 0.2134,
        "verdict": "excellent",
        "note": "120 answers",
        "noise_cpus": 0.05,
    }
    assert found["kpis"][2]["value"] is None
    assert found["figures"][0]["value"] == 1348.4
    assert found["soak"]["trend"]["slope"] == 1.0
    assert found["peers"]["raw"] == {"reps": 1}


@pytest.mark.parametrize(
    ("verdict", "trouble", "failed"),
    [
        ("pass", [], False),
        ("unsure", [], False),
        ("not measured", [], False),
        ("fail", [], True),
        ("pass", ["something broke"], True),
    ],
)
def test_only_missed_targets_and_trouble_fail(verdict: Verdict, trouble: list[str], failed: bool) -> None:
    run = Report("now", "quick", {}, kpis=[Row(kpi.GROWTH, 5.0, verdict)], trouble=trouble)
    assert run.failed is failed


def test_the_page_stands_alone_and_escapes_what_it_shows() -> None:
    text = page.html(made())
    assert "a &lt;b&gt; &amp; c" in text
    assert "&lt;table&gt;" in text
    assert "<td class=fail>fail</td>" in text
    assert "<svg" in text
    for needs_more in ("http:", "https:", "<script", "src=", "url("):
        assert needs_more not in text


def test_an_empty_run_renders() -> None:
    empty = Report("now", "quick", {"CPUs": "2"})
    assert report.as_text(empty) == "CPUs 2"
    assert "<h2>" not in page.html(empty)
    assert not empty.failed


def test_numbers_are_short_and_exact_enough() -> None:
    assert [report.number(n) for n in (0, 0.0001234, 0.392, 9.999, 45.67, 123.4, 78286.2)] == [
        "0",
        "0.00012",
        "0.392",
        "10",
        "45.7",
        "123",
        "78,286",
    ]
