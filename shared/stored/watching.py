"""What watching keeps: rules, samples of the fleet's totals, alerts and what they changed. Times are Unix seconds."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.stored.document import Document

Operator = Literal[">", ">=", "<", "<="]
Severity = Literal["warning", "critical"]
Action = Literal["notify", "level_change", "cache_clear", "breaker_reset"]
Level = Literal["conservative", "balanced", "aggressive", "maximum"]


class _Part(BaseModel):
    # An older instance must read what a newer one wrote. A class that is never used is never built: cold starts count.
    model_config = ConfigDict(extra="ignore", defer_build=True, frozen=True)


class AlertRule(_Part):
    """When to raise an alert, and what to do then. `metric` is one of `shared.telemetry.signals`."""

    name: str
    title: str
    metric: str
    operator: Operator
    threshold: float
    window_seconds: int
    min_events: float = 1
    """Answers, look-ups or readings that the window must hold: a rate over three requests is no word."""
    severity: Severity = "warning"
    action: Action = "notify"
    level: Level | None = None
    """What `level_change` changes to."""
    runbook: str = ""
    enabled: bool = True


class Sample(_Part):
    """The fleet's totals at one moment, and what could only be seen then."""

    at: float
    counts: dict[str, float] = Field(default_factory=dict)
    gauges: dict[str, float] = Field(default_factory=dict)


class Change(_Part):
    """Something that was changed without a person, by whom (`alert:<rule>`) and what."""

    at: float
    who: str
    what: str


class Notice(_Part):
    """One message about an alert that has to go out, and what is left to do for it."""

    id: str
    event: Literal["raised", "reminder", "resolved"]
    at: float
    value: float | None
    rule: AlertRule
    """Without its texts, which stand in the history under `alert_id`: a hundred notices fit into one document so."""
    raised_at: float
    alert_id: str = ""
    resets_breakers: bool = False
    logged: bool = False
    posted: bool = False
    tries: int = 0
    due_at: float = 0
    """Nobody else tries before then: it is also the hold of whoever tries now."""


class Alert(Document):
    """One time that a rule was broken: the history. Written when it is raised, when it ends, and never in between.

    The growing `raised_at` does no harm: a rule has one open alert at most, and the evaluations come a minute apart. Expires
    ANALYTICS_RETENTION_DAYS after its last change.
    """

    collection: ClassVar[str] = "alerts"
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("-raised_at",),)

    rule: AlertRule
    """As it was when it was broken."""
    value: float
    raised_at: float
    resolved_at: float | None = None
    resolved_value: float | None = None
    because: Literal["", "back to normal", "nothing to measure", "rule gone"] = ""
    """Why it ended."""
    changes: list[Change] = Field(default_factory=list)


class OpenAlert(_Part):
    """An alert that has not ended."""

    alert: Alert
    value: float | None
    """At the last evaluation; None: there was nothing to measure."""
    calm_since: float | None = None
    """Since when the rule is kept again."""
    reminders: int = 0


class AlertState(Document):
    """Where watching stands. Id: "state". One write an evaluation, by those who read its version before.

    So of two evaluations at once only one can raise, end or announce anything.
    """

    collection: ClassVar[str] = "alert_state"

    samples: list[Sample] = Field(default_factory=list)
    open: list[OpenAlert] = Field(default_factory=list)
    outbox: list[Notice] = Field(default_factory=list)
    acted: dict[str, float] = Field(default_factory=dict)
    """When each rule's action was last done."""


class AlertRules(Document):
    """The rules that operators made. Id: "custom". Written by operators, over the version they read."""

    collection: ClassVar[str] = "alert_rules"

    rules: list[AlertRule] = Field(default_factory=list)
