"""Rules broken and kept: what is raised, what ends, what is announced, and when. Pure."""

from collections.abc import Mapping

import pytest

from shared.stored.watching import AlertRule, AlertState, Sample
from shared.telemetry import alerts, samples
from shared.telemetry.alerts import ACTION_REST, MOST_WAITING, Step, broken, calm, step
from shared.telemetry.rules import BUILT_IN, in_force
from shared.telemetry.signals import SIGNALS, Measured, counts
from shared.web.alert_models import RuleBody
from shared.web.alerting import MOST_RULES
from tests.telemetry.watching import FAILING


class Course:
    """Evaluations one after the other, each from the state that the last one left."""

    def __init__(self, *rules: AlertRule) -> None:
        self.rules = {rule.name: rule for rule in rules}
        self.state = AlertState(id="state")

    def go(self, at: float, value: float | None, events: float = 100, **others: float) -> Step:
        found: Mapping[str, Measured] = {
            name: Measured(others.get(name, value), events) for name, rule in self.rules.items() if rule.enabled
        }
        done = step(self.state, self.rules, found, Sample(at=at), keep=86_400)
        self.state = done.state
        return done


def names(done: Step) -> tuple[list[str], list[str]]:
    return [alert.rule.name for alert in done.raised], [alert.rule.name for alert in done.resolved]


@pytest.mark.parametrize(
    ("operator", "on_border", "over", "under"),
    [(">", False, True, False), (">=", True, True, False), ("<", False, False, True), ("<=", True, False, True)],
)
def test_operators(operator: str, on_border: bool, over: bool, under: bool) -> None:
    rule = FAILING.model_copy(update={"operator": operator, "threshold": 2.0})
    assert [broken(rule, Measured(value, 100)) for value in (2.0, 2.1, 1.9)] == [on_border, over, under]


def test_a_rate_over_too_few_is_no_word() -> None:
    assert not broken(FAILING, Measured(1.0, 49))
    assert broken(FAILING, Measured(1.0, 50))


def test_one_alert_is_raised_however_long_the_rule_stays_broken() -> None:
    course = Course(FAILING)
    assert names(course.go(0, 0.5)) == (["failing"], [])
    for minute in range(1, 30):
        assert names(course.go(60.0 * minute, 0.5)) == ([], [])
    assert len(course.state.open) == 1
    assert [notice.event for notice in course.state.outbox] == ["raised"]


def test_it_ends_when_the_rule_was_kept_for_two_minutes_with_something_to_spare() -> None:
    course = Course(FAILING)
    raised = course.go(0, 0.5).raised[0]
    assert names(course.go(60, 0.0099)) == ([], []), "kept, but on the border"
    assert names(course.go(200, 0.0099)) == ([], [])
    assert not calm(FAILING, Measured(0.0099, 100))
    for at in (260, 320):
        assert names(course.go(at, 0.001)) == ([], [])
    done = course.go(380, 0.001)
    assert names(done) == ([], ["failing"])
    ended = done.history[0]
    assert (ended.id, ended.resolved_at, ended.resolved_value, ended.because) == (
        raised.id,
        380,
        0.001,
        "back to normal",
    )
    assert course.state.open == []


def test_a_value_that_flaps_around_the_border_neither_ends_nor_raises() -> None:
    course = Course(FAILING)
    course.go(0, 0.02)
    for minute in range(1, 60):
        assert names(course.go(60.0 * minute, 0.02 if minute % 2 else 0.001)) == ([], [])


def test_where_nothing_happens_any_more_it_ends() -> None:
    course = Course(FAILING)
    course.go(0, 0.5)
    course.go(60, None, 0)
    done = course.go(180, None, 0)
    assert done.history[0].because == "nothing to measure"


def test_a_rule_that_is_gone_or_switched_off_ends_its_alert() -> None:
    for change in ({}, {FAILING.name: FAILING.model_copy(update={"enabled": False})}):
        course = Course(FAILING)
        course.go(0, 0.5)
        course.rules = dict(change)
        assert course.go(60, 0.5).history[0].because == "rule gone"


def test_reminders_come_three_times_and_then_no_more() -> None:
    course = Course(FAILING)
    for minute in range(0, 4 * 1440, 10):
        course.go(60.0 * minute, 0.5)
    told = [(notice.event, round(notice.at / 3600, 1)) for notice in course.state.outbox]
    assert told == [("raised", 0), ("reminder", 1), ("reminder", 6), ("reminder", 24)]
    assert len({notice.id for notice in course.state.outbox}) == 4


def test_missed_evaluations_make_one_reminder_of_several() -> None:
    course = Course(FAILING)
    course.go(0, 0.5)
    course.go(100_000, 0.5)
    course.go(100_060, 0.5)
    assert [notice.event for notice in course.state.outbox] == ["raised", "reminder"]


def test_alerts_of_one_moment_have_places_of_their_own_in_the_history() -> None:
    rules = [FAILING.model_copy(update={"name": f"r{number}"}) for number in range(100)]
    raised = Course(*rules).go(1_700_000_000, 0.5).raised
    assert len({alert.raised_at for alert in raised}) == len({alert.id for alert in raised}) == 100


def test_an_action_is_done_when_the_alert_is_raised_and_not_again_too_soon() -> None:
    rule = FAILING.model_copy(update={"action": "cache_clear"})
    course = Course(rule)
    first = course.go(0, 0.5)
    assert first.actions == [rule]
    assert [(change.who, change.what) for change in first.raised[0].changes] == [("alert:failing", "cache_clear")]
    assert course.go(60, 0.5).actions == []
    for at in (120, 240):
        course.go(at, 0.0)
    again = course.go(300, 0.5)
    assert (len(again.raised), again.actions, again.raised[0].changes) == (1, [], [])
    for at in (360, 480):
        course.go(at, 0.0)
    assert course.go(ACTION_REST, 0.5).actions == [rule]


def test_closing_breakers_is_left_to_whoever_announces_it() -> None:
    course = Course(FAILING.model_copy(update={"action": "breaker_reset"}))
    done = course.go(0, 0.5)
    assert done.actions == []
    assert [notice.resets_breakers for notice in course.state.outbox] == [True]


def test_a_metric_of_another_version_is_left_alone() -> None:
    strange = FAILING.model_copy(update={"metric": "not_invented_yet"})
    assert alerts.measured({"failing": strange}, [], Sample(at=0)) == {}


def test_rules_of_operators_take_the_place_of_built_in_ones() -> None:
    own = FAILING.model_copy(update={"name": "memory"})
    rules = in_force(0.5, [own])
    assert rules["memory"] is own
    assert rules["cost_per_request"].threshold == 0.5
    assert set(rules) == set(BUILT_IN)


def test_a_rate_of_nothing_is_a_value_that_rules_can_be_broken_by() -> None:
    quiet = FAILING.model_copy(
        update={"metric": "requests_per_minute", "operator": "<", "threshold": 1, "min_events": 20}
    )
    assert broken(quiet, Measured(0.0, 0))
    assert not calm(quiet, Measured(0.0, 0))
    assert not broken(quiet, Measured(None, 0))


def test_where_there_is_no_room_reminders_go_first_and_it_is_said_how_many() -> None:
    rules = [FAILING.model_copy(update={"name": f"r{number}"}) for number in range(MOST_WAITING - 50)]
    course = Course(*rules)
    assert course.go(0, 0.5).dropped == 0
    done = course.go(3_601, 0.5)
    assert (done.dropped, len(done.state.outbox)) == (MOST_WAITING - 100, MOST_WAITING)
    assert [notice.event for notice in done.state.outbox].count("raised") == len(rules)
    course.rules = {}
    done = course.go(3_660, 0.5)
    told = [notice.event for notice in done.state.outbox]
    assert (told.count("reminder"), told.count("resolved"), len(told)) == (0, len(rules), MOST_WAITING)


def test_the_largest_state_there_can_be_is_half_of_what_firestore_takes() -> None:
    """All rules open, of texts as long as the API takes in the widest characters, a full outbox and a day of samples."""
    wide = {"title": "\U0001f600" * 200, "runbook": "\U0001f600" * 500}
    limits = {name: RuleBody.model_fields[name].metadata for name in wide}
    assert {
        name: next(one.max_length for one in found if hasattr(one, "max_length")) for name, found in limits.items()
    } == {name: len(text) for name, text in wide.items()}
    rules = [FAILING.model_copy(update={"name": f"{number:03}" + "a" * 37, **wide}) for number in range(MOST_RULES)]
    course = Course(*rules, *BUILT_IN.values())
    for at in (1_700_000_000, 1_700_003_600, 1_700_021_600):
        done = course.go(at, 0.123456789, **{name: 1e9 for name in BUILT_IN if name != "cache_hit_rate"})
    assert (len(done.state.open), len(done.state.outbox)) == (MOST_RULES + len(BUILT_IN), MOST_WAITING)
    counted = dict.fromkeys(counts({}, ()), 123456789.0) | {f"le:{bound}": 123_456_789.0 for bound in range(17)}
    gauges = {name: 0.123456789 for name, signal in SIGNALS.items() if signal.kind == "gauge"}
    kept: list[Sample] = []
    for minute in range(1500):
        kept = samples.add(kept, Sample(at=1_700_000_000.123 + 60 * minute, counts=counted, gauges=gauges))
    done.state.samples = kept
    size = len(done.state.model_dump_json().encode())
    assert size < 500_000, f"{size} of 1,048,576"
