"""Announcing alerts: in the log, at the webhook, and closing the breakers where that is a rule's action.

What has to go out stands in AlertState, written in the commit that raised or ended the alert; so nothing that was decided
is forgotten, whoever dies in between. Whoever evaluates next takes what is due by moving its `due_at` in the commit it
makes anyway: no two announce the same. What did not arrive is tried again by the next evaluation, MOST_TRIES times.
"""

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from shared import log
from shared.errors import AlreadyExists, LyoError, StaleVersion, StoreError
from shared.llm.breakers import Breakers
from shared.store import Put, Ref, Store
from shared.stored.watching import Alert, AlertRule, AlertState, Notice
from shared.telemetry import webhook

STATE: Final = "state"
"""The one AlertState's id."""
HOLD_SECONDS: Final = 45.0
"""What was taken is taken again after this long, when its taker died: longer than a delivery, shorter than the schedule."""
MOST_TRIES: Final = 10
_AT_ONCE: Final = 20
_RACES: Final = 5

_logger = log.get(__name__)


def take(state: AlertState, now: float) -> list[Notice]:
    """The notices that are due, at most twenty; in `state` they are held for whoever commits it."""
    taken: dict[str, Notice] = {}
    for notice in state.outbox:
        if notice.due_at <= now and len(taken) < _AT_ONCE:
            held = {"tries": notice.tries + 1, "due_at": now + HOLD_SECONDS}
            taken[notice.id] = notice.model_copy(update=held)
    state.outbox = [taken.get(notice.id, notice) for notice in state.outbox]
    return list(taken.values())


def payload(notice: Notice, rule: AlertRule, environment: str) -> dict[str, Any]:
    """What the webhook gets: the rule's own words and numbers, nothing of any learner or setting."""
    return {
        "id": notice.id,
        "event": notice.event,
        "environment": environment,
        "rule": rule.name,
        "title": rule.title or rule.name,
        "severity": rule.severity,
        "metric": rule.metric,
        "operator": rule.operator,
        "threshold": rule.threshold,
        "window_seconds": rule.window_seconds,
        "value": notice.value,
        "at": _iso(notice.at),
        "raised_at": _iso(notice.raised_at),
        "runbook": rule.runbook,
    }


class Outbox:
    """Delivers what was taken, and writes down what became of it."""

    def __init__(self, store: Store, breakers: Breakers, *, webhook_url: str | None, environment: str) -> None:
        self._store = store
        self._breakers = breakers
        self._url = webhook_url
        self._environment = environment

    async def deliver(self, taken: Sequence[Notice]) -> None:
        """Announce these, all at once. Never raises what a store or a receiver does: the next evaluation goes on."""
        if not taken:
            return
        rules = await self._rules(taken)
        tried = await asyncio.gather(*(self._announce(notice, rules[notice.id]) for notice in taken))
        done: dict[str, Notice | None] = {}
        for notice in tried:
            finished = notice.posted and not notice.resets_breakers
            if not finished and notice.tries >= MOST_TRIES:
                log.event(_logger, "alert.undelivered", level=logging.ERROR, rule=notice.rule.name, notice=notice.id)
                finished = True
            done[notice.id] = None if finished else notice
        try:
            await self._settle(done)
        except StoreError as error:
            log.event(_logger, "alert.unsettled", level=logging.WARNING, notices=len(done), error=error.code)

    async def _rules(self, taken: Sequence[Notice]) -> dict[str, AlertRule]:
        """Each notice's rule with its texts, out of the history. Where that cannot be read it goes out without them."""
        refs = {notice.alert_id: Ref(Alert, notice.alert_id) for notice in taken if notice.alert_id}
        try:
            found = await self._store.read(*refs.values())
        except StoreError as error:
            log.event(_logger, "alert.texts_unread", level=logging.WARNING, error=error.code)
            found = [None] * len(refs)
        told = {one[0].id: one[0].rule for one in found if one is not None}
        return {notice.id: told.get(notice.alert_id, notice.rule) for notice in taken}

    async def _announce(self, notice: Notice, rule: AlertRule) -> Notice:
        """One notice after one try; `due_at` 0 where something is left to do."""
        if not notice.logged:
            _log(notice, rule)
        posted, resets = notice.posted, notice.resets_breakers
        if resets:
            try:
                await self._breakers.reset()
                resets = False
            except LyoError as error:
                log.event(
                    _logger, "alert.action_failed", level=logging.WARNING, rule=notice.rule.name, error=error.code
                )
        if not posted:
            posted = self._url is None or await webhook.post(
                self._url, payload(notice, rule, self._environment), notice.id
            )
        return notice.model_copy(update={"logged": True, "posted": posted, "resets_breakers": resets, "due_at": 0.0})

    async def _settle(self, done: Mapping[str, Notice | None]) -> None:
        for race in range(_RACES):
            found = await self._store.get_versioned(AlertState, STATE)
            if found is None:
                return
            state, version = found
            left = [done.get(notice.id, notice) for notice in state.outbox]
            state.outbox = [notice for notice in left if notice is not None]
            try:
                await self._store.commit(Put(state, expect=version))
            except (AlreadyExists, StaleVersion):
                await asyncio.sleep(random.uniform(0, 0.05 * (race + 1)))
            else:
                return
        log.event(_logger, "alert.unsettled", level=logging.WARNING, notices=len(done), error="contended")


def _log(notice: Notice, rule: AlertRule) -> None:
    critical = rule.severity == "critical" and notice.event != "resolved"
    log.event(
        _logger,
        f"alert.{notice.event}",
        level=logging.ERROR if critical else logging.WARNING,
        rule=rule.name,
        alert_severity=rule.severity,
        state=notice.event,
        metric=rule.metric,
        operator=rule.operator,
        threshold=rule.threshold,
        window_seconds=rule.window_seconds,
        value=notice.value,
        runbook=rule.runbook,
    )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
