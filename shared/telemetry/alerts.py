"""From rules and samples to alerts: raised once, ended calmly, announced a bounded number of times. Pure.

An alert is raised when its rule is broken over its window. It ends when the rule has been kept for CALM_SECONDS, with a
twentieth of the threshold to spare, so that a value on the border does not flap. Where there is nothing to measure the
rule is kept: nobody can be harmed by what does not happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from shared.stored.watching import Alert, AlertRule, AlertState, Change, Notice, OpenAlert, Operator, Sample
from shared.telemetry import samples, signals
from shared.telemetry.signals import SIGNALS, Measured

CALM_SECONDS: Final = 120.0
ACTION_REST: Final = 900.0
"""Seconds between two actions of one rule, so that a rule that comes and goes does not change things all the time."""
REMINDERS: Final = (3_600.0, 21_600.0, 86_400.0)
"""Seconds after it was raised that an open alert is announced again; then no more."""
_SPARE: Final = 0.05
MOST_WAITING: Final = 200
"""Notices that wait to go out. With as many open alerts as there can be rules they fit into a document (1 MiB) twice."""


@dataclass(slots=True)
class Step:
    """What one evaluation at `at` comes to: the state that follows, the history to write, and what is to be done."""

    at: float
    keep: float
    """Seconds that history is kept."""
    state: AlertState
    history: list[Alert] = field(default_factory=list)
    raised: list[Alert] = field(default_factory=list)
    resolved: list[Alert] = field(default_factory=list)
    actions: list[AlertRule] = field(default_factory=list)
    """Rules whose change of LiveConfig is part of this commit, in order."""
    dropped: int = 0
    """Notices for which there was no room: they go out no more."""


def measured(rules: Mapping[str, AlertRule], before: Sequence[Sample], now: Sample) -> dict[str, Measured]:
    """What each enabled rule's metric is over its window, by the rule's name. A metric this version does not know is left out."""
    found: dict[str, Measured] = {}
    for rule in rules.values():
        signal = SIGNALS.get(rule.metric)
        if signal is not None and rule.enabled:
            since, within = samples.window(before, now, rule.window_seconds)
            found[rule.name] = signals.measure(signal, since, within, now)
    return found


def _enough(rule: AlertRule, found: Measured) -> bool:
    """Whether enough stands behind the value. Of a rate nothing has to: that nobody came is one."""
    signal = SIGNALS.get(rule.metric)
    return found.events >= rule.min_events or (signal is not None and signal.kind == "rate")


def broken(rule: AlertRule, found: Measured) -> bool:
    """Whether the rule is broken: by a number that enough events stand behind."""
    if found.value is None or not _enough(rule, found):
        return False
    return _compare(found.value, rule.operator, rule.threshold)


def calm(rule: AlertRule, found: Measured) -> bool:
    """Whether the rule is kept with something to spare, or there is nothing to measure."""
    if found.value is None or not _enough(rule, found):
        return True
    spare = abs(rule.threshold) * _SPARE
    border = rule.threshold - spare if rule.operator in (">", ">=") else rule.threshold + spare
    return not _compare(found.value, rule.operator, border)


def step(
    state: AlertState, rules: Mapping[str, AlertRule], found: Mapping[str, Measured], now: Sample, keep: float
) -> Step:
    """Raise, remind of and end alerts. `keep`: seconds that history is kept. Of a rule one alert is open at most."""
    following = {
        "samples": samples.add(state.samples, now),
        "open": [],
        "outbox": list(state.outbox),
        "acted": {name: at for name, at in state.acted.items() if now.at - at < ACTION_REST},
    }
    done = Step(now.at, keep, state.model_copy(update=following))
    for one in state.open:
        _follow(one, rules.get(one.alert.rule.name), found.get(one.alert.rule.name), done)
    opened = {one.alert.rule.name for one in state.open}
    for name, value in found.items():
        if name not in opened and broken(rules[name], value) and value.value is not None:
            _raise(rules[name], value.value, done)
    _make_room(done)
    return done


def _make_room(done: Step) -> None:
    """Let go of reminders first, the oldest of all: what they say was said before."""
    done.dropped = max(0, len(done.state.outbox) - MOST_WAITING)
    if done.dropped:
        oldest = sorted(done.state.outbox, key=lambda notice: (notice.event != "reminder", notice.at))
        gone = {notice.id for notice in oldest[: done.dropped]}
        done.state.outbox = [notice for notice in done.state.outbox if notice.id not in gone]


def _raise(rule: AlertRule, value: float, done: Step) -> None:
    at = done.at + len(done.raised) / 1000  # no two alerts have the same place in the history
    alert = Alert(id=f"{rule.name}-{int(at * 1000):x}", rule=rule, value=value, raised_at=at, expires_at=at + done.keep)
    acts = rule.action != "notify" and rule.name not in done.state.acted
    if acts:
        done.state.acted[rule.name] = done.at
        alert.changes.append(Change(at=at, who=f"alert:{rule.name}", what=_told(rule)))
    resets = acts and rule.action == "breaker_reset"
    if acts and not resets:
        done.actions.append(rule)
    done.raised.append(alert)
    done.history.append(alert)
    done.state.open.append(OpenAlert(alert=alert, value=value))
    done.state.outbox.append(_notice("raised", alert, value, done.at, resets_breakers=resets))


def _follow(one: OpenAlert, rule: AlertRule | None, found: Measured | None, done: Step) -> None:
    """An open alert, one evaluation later."""
    if rule is None or found is None:
        _end(one, None, "rule gone", done)
        return
    since = (one.calm_since if one.calm_since is not None else done.at) if calm(rule, found) else None
    if since is not None and done.at - since >= CALM_SECONDS:
        judged = found.value is not None and _enough(rule, found)
        _end(one, found.value, "back to normal" if judged else "nothing to measure", done)
        return
    reminders = one.reminders
    lasted = done.at - one.alert.raised_at
    if since is None and reminders < len(REMINDERS) and lasted >= REMINDERS[reminders]:
        reminders = sum(lasted >= after for after in REMINDERS)
        done.state.outbox.append(_notice("reminder", one.alert, found.value, done.at, count=reminders))
    done.state.open.append(OpenAlert(alert=one.alert, value=found.value, calm_since=since, reminders=reminders))


def _end(
    one: OpenAlert,
    value: float | None,
    because: Literal["back to normal", "nothing to measure", "rule gone"],
    done: Step,
) -> None:
    ended = {"resolved_at": done.at, "resolved_value": value, "because": because, "expires_at": done.at + done.keep}
    alert = one.alert.model_copy(update=ended)
    done.resolved.append(alert)
    done.history.append(alert)
    done.state.outbox.append(_notice("resolved", alert, value, done.at))


def _notice(
    event: Literal["raised", "reminder", "resolved"],
    alert: Alert,
    value: float | None,
    at: float,
    *,
    count: int = 0,
    resets_breakers: bool = False,
) -> Notice:
    name = f"{alert.id}-{event}{count or ''}"
    return Notice(
        id=name, event=event, at=at, value=value, rule=alert.rule.model_copy(update={"title": "", "runbook": ""}),
        raised_at=alert.raised_at, alert_id=alert.id, resets_breakers=resets_breakers,
    )  # fmt: skip


def _told(rule: AlertRule) -> str:
    return f"level_change to {rule.level}" if rule.action == "level_change" else rule.action


def _compare(value: float, operator: Operator, border: float) -> bool:
    match operator:
        case ">":
            return value > border
        case ">=":
            return value >= border
        case "<":
            return value < border
        case "<=":
            return value <= border
