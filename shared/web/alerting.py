"""Alerts for operators: what is firing and what was, the rules, and the evaluation that the schedule asks for each minute.

`declare` adds these routes to an edge.
"""

import asyncio
import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from starlette.responses import Response

from shared import runtime
from shared.errors import AlreadyExists, Conflict, InvalidRequest, NotFound, StaleVersion, Unavailable
from shared.runtime import Runtime
from shared.store import Create, Put, Where
from shared.stored.watching import Alert, AlertRule, AlertRules, AlertState, OpenAlert
from shared.telemetry.outbox import STATE
from shared.telemetry.rules import BUILT_IN, in_force
from shared.telemetry.signals import SIGNALS
from shared.telemetry.watch import CUSTOM
from shared.web.alert_models import (
    AlertReply,
    AlertsQuery,
    AlertsReply,
    EvaluationReply,
    FiringReply,
    MetricReply,
    RuleBody,
    RuleReply,
    RulesReply,
    Value,
)
from shared.web.context import Call
from shared.web.replies import reply

if TYPE_CHECKING:
    from shared.web.edge import Edge

MOST_RULES = 100
_RACES = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def declare(edge: "Edge") -> None:
    """Serve these routes from `edge`."""
    edge.post("/maintenance/alerts", reply=EvaluationReply, role=("admin", "service"))(evaluate_alerts)
    edge.get("/admin/alerts", query=AlertsQuery, reply=AlertsReply, role="admin")(list_alerts)
    edge.get("/admin/alerts/rules", reply=RulesReply, role="admin")(list_rules)
    edge.get("/admin/alerts/rules/{name}", reply=RuleReply, role="admin")(rule)
    edge.route("PUT", "/admin/alerts/rules/{name}", body=RuleBody, reply=RuleReply, role="admin")(put_rule)
    edge.delete("/admin/alerts/rules/{name}", reply=RulesReply, role="admin")(delete_rule)


async def evaluate_alerts(_: Call) -> Response:
    """Measure, raise and end alerts, announce them and do their actions. Called each minute; once more does no harm."""
    found = await runtime.current().watch.evaluate()
    return reply(
        EvaluationReply(
            at=found.at,
            rules=len(found.found),
            raised=found.raised,
            resolved=found.resolved,
            firing=found.firing,
            recent={name: Value(value=one.value, events=one.events) for name, one in found.recent.items()},
        )
    )


async def list_alerts(_: Call, page: AlertsQuery) -> Response:
    """What is firing now, and what was."""
    store = runtime.current().store
    older = () if page.before is None else (Where("raised_at", "<", page.before),)
    history = await store.query(Alert, *older, order="raised_at", descending=True, limit=page.limit)
    state = await store.get(AlertState, STATE)
    return reply(
        AlertsReply(
            firing=[_firing(one) for one in (state.open if state is not None else ())],
            history=[AlertReply(**_fields(alert)) for alert in history],
            next=history[-1].raised_at if len(history) == page.limit else None,
        )
    )


async def list_rules(_: Call) -> Response:
    """The rules in force, and the metrics that rules can watch."""
    now = runtime.current()
    return reply(_rules(now, await now.store.get(AlertRules, CUSTOM)))


async def rule(_: Call, name: str) -> Response:
    """One rule."""
    now = runtime.current()
    return reply(_rule(now, await now.store.get(AlertRules, CUSTOM), name))


async def put_rule(_: Call, body: RuleBody, name: str) -> Response:
    """Make or change a rule; under a built-in one's name it takes that one's place. Holds from the next evaluation on."""
    if _NAME.fullmatch(name) is None:
        raise InvalidRequest(
            "These fields do not fit: name.",
            fields=[("name", "Needs a to z, 0 to 9 and _, 40 at most, a letter first")],
        )

    def change(custom: list[AlertRule]) -> list[AlertRule]:
        changed = [one for one in custom if one.name != name] + [body.named(name)]
        if len(changed) > MOST_RULES:
            raise Conflict(f"There can be {MOST_RULES} rules of your own.")
        return changed

    now = runtime.current()
    return reply(_rule(now, await _change(now, change), name))


async def delete_rule(_: Call, name: str) -> Response:
    """Remove a rule that operators made; a built-in one is as it was then. Its open alert ends at the next evaluation."""

    def change(custom: list[AlertRule]) -> list[AlertRule]:
        left = [one for one in custom if one.name != name]
        if len(left) == len(custom):
            if name in BUILT_IN:
                raise Conflict("This rule is built in. To silence it, PUT it with enabled false.")
            raise NotFound("There is no rule of that name.")
        return left

    now = runtime.current()
    return reply(_rules(now, await _change(now, change)))


async def _change(now: Runtime, change: Callable[[list[AlertRule]], list[AlertRule]]) -> AlertRules:
    for race in range(_RACES):
        found = await now.store.get_versioned(AlertRules, CUSTOM)
        custom = AlertRules(id=CUSTOM) if found is None else found[0]
        custom.rules = change(custom.rules)
        try:
            await now.store.commit(Create(custom) if found is None else Put(custom, expect=found[1]))
        except (AlreadyExists, StaleVersion):  # another operator was first: change what that left
            await asyncio.sleep(random.uniform(0, 0.05 * (race + 1)))
        else:
            return custom
    raise Unavailable("Too many at once want to change the rules.")


def _rules(now: Runtime, custom: AlertRules | None) -> RulesReply:
    own = [] if custom is None else custom.rules
    made = {one.name for one in own}
    rules = in_force(now.settings.alert_cost_per_request, own)
    return RulesReply(
        rules=[
            RuleReply(**one.model_dump(), origin=_origin(one.name, name_is_made=one.name in made))
            for one in rules.values()
        ],
        metrics=[MetricReply(name=one.name, unit=one.unit, help=one.help) for one in SIGNALS.values()],
    )


def _origin(name: str, *, name_is_made: bool) -> Literal["built-in", "custom", "changed"]:
    if not name_is_made:
        return "built-in"
    return "changed" if name in BUILT_IN else "custom"


def _rule(now: Runtime, custom: AlertRules | None, name: str) -> RuleReply:
    for one in _rules(now, custom).rules:
        if one.name == name:
            return one
    raise NotFound("There is no rule of that name.")


def _fields(alert: Alert) -> dict[str, Any]:
    taken = ("title", "severity", "metric", "operator", "threshold", "window_seconds", "runbook")
    fields: dict[str, Any] = {name: getattr(alert.rule, name) for name in taken}
    own = ("id", "value", "raised_at", "resolved_at", "resolved_value", "because", "changes")
    return {"rule": alert.rule.name, **fields, **{name: getattr(alert, name) for name in own}}


def _firing(one: OpenAlert) -> FiringReply:
    return FiringReply(**_fields(one.alert), current=one.value, calm_since=one.calm_since)
