"""What the routes of `shared.web.alerting` take and answer."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from shared.stored.watching import Action, AlertRule, Change, Level, Operator, Severity
from shared.telemetry.samples import LONGEST_WINDOW, SHORTEST_WINDOW, held
from shared.telemetry.signals import SIGNALS

_LEAST_EVENTS = 20


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleBody(_Closed):
    """When to raise an alert. `metric` is one of those that GET lists with the rules, in its unit there.

    `window_seconds` is a minute to a day. `min_events`: answers, look-ups or readings that the window must hold (by default
    20, of a gauge 1; a gauge's window holds fewer readings than minutes when it is long). A rate needs none. `level` goes with `level_change`, and only with it.
    """

    metric: str = Field(max_length=64)
    operator: Operator
    threshold: float = Field(allow_inf_nan=False)
    window_seconds: int = Field(ge=SHORTEST_WINDOW, le=LONGEST_WINDOW)
    min_events: int | None = Field(default=None, ge=1, le=1_000_000_000)
    severity: Severity = "warning"
    action: Action = "notify"
    level: Level | None = None
    title: str | None = Field(default=None, min_length=1, max_length=200)
    runbook: str = Field(default="", max_length=500)
    enabled: bool = True

    @field_validator("metric")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in SIGNALS:
            raise ValueError(f"there is no such metric; known: {', '.join(SIGNALS)}")
        return value

    @field_validator("min_events")
    @classmethod
    def _can_be_held(cls, value: int | None, info: ValidationInfo) -> int | None:
        metric, window = info.data.get("metric"), info.data.get("window_seconds")
        if value is None or metric is None or window is None or SIGNALS[metric].kind != "gauge":
            return value
        if value > (most := held(window)):
            raise ValueError(f"a window of {window} seconds holds {most} readings of a gauge at most")
        return value

    @model_validator(mode="after")
    def _level_fits(self) -> Self:
        if (self.level is not None) != (self.action == "level_change"):
            raise ValueError("level goes with action level_change, and only with it")
        return self

    def named(self, name: str) -> AlertRule:
        """The rule that this describes."""
        least = 1 if SIGNALS[self.metric].kind == "gauge" else _LEAST_EVENTS
        fields = self.model_dump()
        fields["min_events"] = self.min_events or least
        fields["title"] = self.title or f"{self.metric} {self.operator} {self.threshold:g}"
        return AlertRule(name=name, **fields)


class RuleReply(_Closed):
    """A rule in force. `origin`: it is there from the start, or operators made it, or they changed what was there."""

    name: str
    title: str
    metric: str
    operator: Operator
    threshold: float
    window_seconds: int
    min_events: float
    severity: Severity
    action: Action
    level: Level | None
    runbook: str
    enabled: bool
    origin: Literal["built-in", "custom", "changed"]


class MetricReply(_Closed):
    """What a rule can watch."""

    name: str
    unit: str
    help: str


class RulesReply(_Closed):
    """All rules, and what others could watch."""

    rules: list[RuleReply]
    metrics: list[MetricReply]


class AlertReply(_Closed):
    """One alert: its rule as it was, the value that broke it, and what was changed because of it. Times are Unix seconds."""

    id: str
    rule: str
    title: str
    severity: Severity
    metric: str
    operator: Operator
    threshold: float
    window_seconds: int
    runbook: str
    value: float
    raised_at: float
    resolved_at: float | None
    resolved_value: float | None
    because: str
    """Why it ended; empty while it has not."""
    changes: list[Change]


class FiringReply(AlertReply):
    """An alert that has not ended."""

    current: float | None
    """At the last evaluation; null: there was nothing to measure."""
    calm_since: float | None
    """Since when the rule is kept again: it ends two minutes later."""


class AlertsReply(_Closed):
    """What is firing, and the history, newest first. `next`: ask with `before` of this for what is older; null at its end."""

    firing: list[FiringReply]
    history: list[AlertReply]
    next: float | None


class AlertsQuery(_Closed):
    """A page of the history."""

    limit: int = Field(default=50, ge=1, le=200)
    before: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class Value(_Closed):
    """A signal over the last five minutes, and how many events stand behind it."""

    value: float | None
    events: float


class EvaluationReply(_Closed):
    """What an evaluation found. `raised`, `resolved`: rules whose alert began or ended now."""

    at: float
    rules: int
    raised: list[str]
    resolved: list[str]
    firing: list[str]
    recent: dict[str, Value]
