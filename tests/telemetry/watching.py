"""A product whose alerts are evaluated: its clock is a test's, and its webhook is a real server."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web

from shared import log
from shared.runtime import Runtime
from shared.store import Put
from shared.stored.watching import Alert, AlertRule, AlertRules, AlertState
from shared.telemetry.outbox import STATE
from shared.telemetry.rules import BUILT_IN
from shared.telemetry.watch import CUSTOM

FAILING = AlertRule(
    name="failing",
    title="Failing",
    metric="error_rate",
    operator=">",
    threshold=0.01,
    window_seconds=300,
    min_events=50,
)

Start = Callable[..., Runtime]
"""Makes instances over one store, with one clock (the fixture `start`)."""


class Hook:
    """Receives alerts; `status` is what it answers, `answer` how."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.heard: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.texts: list[str] = []
        self.answer: Callable[[web.Request], Awaitable[web.Response]] = self.take

    async def post(self, request: web.Request) -> web.Response:
        return await self.answer(request)

    async def take(self, request: web.Request) -> web.Response:
        self.texts.append(await request.text())
        self.heard.append(await request.json())
        self.keys.append(request.headers["Idempotency-Key"])
        return web.Response(status=self.status)

    def events(self, rule: str = "failing") -> list[str]:
        """What was announced of a rule, in order."""
        return [heard["event"] for heard in self.heard if heard["rule"] == rule]


@contextlib.asynccontextmanager
async def hooked(token: str = "canary-hook-token") -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/{token}", hook.post)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{token}"
    try:
        yield hook
    finally:
        await runner.cleanup()


class Time:
    """Unix seconds that a test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def own_rules(runtime: Runtime, *rules: AlertRule) -> None:
    """What operators have made; the built-in rules are switched off."""
    silent = [rule.model_copy(update={"enabled": False}) for rule in BUILT_IN.values()]
    await runtime.store.commit(Put(AlertRules(id=CUSTOM, rules=[*silent, *rules])))


async def traffic(runtime: Runtime, good: int, bad: int = 0) -> None:
    """Answers and failures, counted and sent."""
    runtime.metrics.inc("ai_requests_total", "mentor", "template", "ok", by=good)
    runtime.metrics.inc("ai_requests_total", "mentor", "template", "interrupted", by=bad)
    await runtime.metrics.flush()


async def history(runtime: Runtime) -> list[Alert]:
    """Newest first."""
    return await runtime.store.query(Alert, order="raised_at", descending=True)


async def state(runtime: Runtime) -> AlertState:
    found = await runtime.store.get(AlertState, STATE)
    assert found is not None
    return found


async def minutes(runtime: Runtime, clock: Time, count: int, bad: int = 0) -> None:
    """So many minutes of a hundred requests each, evaluated at the end of each."""
    for _ in range(count):
        clock.now += 60
        await traffic(runtime, 100 - bad, bad)
        await runtime.watch.evaluate()


def lines(capfd: Any) -> list[dict[str, Any]]:
    """What was logged so far."""
    log._output.flush()
    return [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
