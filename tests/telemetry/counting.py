"""A function that counts its requests, for tests/telemetry/test_fleet.py. Started by the real server, several times."""

import os  # the folder comes from the test
from pathlib import Path

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from shared.coordination.local import LocalCoordination
from shared.sqlite import Database
from shared.telemetry.metrics import Metrics
from shared.telemetry.termination import before_exit

metrics: Metrics | None = None


@functions_framework.aio.http
async def counting(request: Request) -> PlainTextResponse:
    global metrics
    if metrics is None:
        database = Database(Path(os.environ["COUNTING_DIR"]) / "fleet.db")  # noqa: TID251 - no settings in this sample
        # An hour between flushes: what arrives in time arrives because of the termination hook.
        metrics = Metrics(LocalCoordination(database), interval=float(os.environ["INTERVAL"]))  # noqa: TID251
        if os.environ.get("HOOK") != "off":  # noqa: TID251
            before_exit(metrics.drain)
    if request.url.path == "/metrics":
        return PlainTextResponse(await metrics.render())
    metrics.inc("ai_requests_total", "mentor", "claude", "ok")
    metrics.observe("ai_response_time_seconds", 0.5, "mentor", "claude")
    return PlainTextResponse("counted")
