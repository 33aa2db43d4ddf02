"""The score: what takes points, how many, and in which words."""

import pytest

from shared.telemetry.health import Lately, ModelHealth, judge

MODELS = (ModelHealth("gpt_4_mini", "openai", configured=True, breaker="closed"),)
STORES = {"documents": True, "coordination": True}


@pytest.mark.parametrize(
    ("lately", "score", "reason"),
    [
        (Lately(error_rate=0.01, response_time=5.0, dead_jobs=9), 100, None),
        (Lately(error_rate=0.02), 94, "2.0 % of requests fail"),
        (Lately(error_rate=0.9), 70, "90.0 % of requests fail"),
        (Lately(response_time=6.25), 90, "one answer in twenty takes 6.2 s or longer"),
        (Lately(response_time=60), 80, "one answer in twenty takes 60.0 s or longer"),
        (Lately(firing={"memory": "critical"}), 85, "1 critical alert"),
        (Lately(firing={"cache_hit_rate": "warning"}), 95, "1 warning alert"),
        (Lately(dead_jobs=10), 95, "10 jobs were given up"),
        (Lately(dead_jobs=100), 90, "100 or more jobs were given up"),
    ],
)
def test_what_the_last_minutes_were_like_takes_points(lately: Lately, score: int, reason: str | None) -> None:
    found = judge(MODELS, STORES, lately)
    assert (found.score, found.reasons) == (score, () if reason is None else (reason,))
    assert found.status == ("healthy" if reason in (None, "1 warning alert") else "degraded")


def test_alerts_take_thirty_points_at_most_and_none_twice() -> None:
    many = {f"rule{number}": "critical" for number in range(50)}
    assert judge(MODELS, STORES, Lately(firing=many)).score == 70
    both = Lately(error_rate=0.05, firing={"error_rate": "critical"})
    assert judge(MODELS, STORES, both).reasons == ("5.0 % of requests fail",)


def test_without_a_measurement_health_is_what_can_be_seen() -> None:
    assert judge(MODELS, STORES, None).score == judge(MODELS, STORES, Lately()).score == 100


def test_everything_at_once_is_not_below_nothing() -> None:
    worst = Lately(error_rate=1, response_time=99, dead_jobs=500, firing={"memory": "critical", "x": "critical"})
    found = judge((), {"documents": False, "coordination": False}, worst)
    assert (found.status, found.score) == ("unhealthy", 0)
    assert found.reasons[0] == "the document store does not answer"


def test_warnings_take_points_and_leave_the_status_which_one_that_is_critical_changes() -> None:
    warned = judge(MODELS, STORES, Lately(firing={"cache_hit_rate": "warning", "dear": "warning"}))
    assert (warned.status, warned.score, warned.reasons) == ("healthy", 90, ("2 warning alerts",))
    both = judge(MODELS, STORES, Lately(firing={"memory": "critical", "dear": "warning"}))
    assert (both.status, both.score, both.reasons) == ("degraded", 80, ("1 critical alert", "1 warning alert"))


def test_a_sleeping_server_that_is_all_there_is_takes_points_and_says_so() -> None:
    found = judge(MODELS, STORES, asleep=True)
    assert (found.status, found.score) == ("healthy", 90)
    assert found.reasons == ("the own model's server is cold, and no other model is configured",)
