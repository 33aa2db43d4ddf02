"""Requests that no answer came of, in the counters that alerts read: each once, wherever it failed."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from starlette.responses import Response

from shared.errors import LyoError, NotFound, StoreError, Superseded
from shared.identity.local import mint, read_or_create_secret
from shared.llm.types import Schema
from shared.runtime import Runtime
from shared.telemetry.signals import counts
from shared.web.context import Call
from shared.web.edge import Edge
from shared.web.replies import json_reply
from tests.product import Product, call, rows, streamed
from tests.web.sample import serving

BROKEN = {"gemma_4_on_device": "fake-err500"}


async def asked(runtime: Runtime, limit: Any, answer: Any, token: bool = True) -> int:
    """The status of one request to a route of that limit, answered by `answer`."""
    edge = Edge("mentor", runtime=lambda: runtime)

    @edge.get("/mentor/x", limit=limit)
    async def handler(_: Call) -> Response:
        return json_reply({"text": (await answer()).text})

    headers = {}
    if token:
        headers["Authorization"] = "Bearer " + mint(
            read_or_create_secret(runtime.settings.data_dir), "u1", "learner", 600
        )
    async with serving(edge.app) as url, aiohttp.ClientSession() as session:
        async with session.get(f"{url}/mentor/x", headers=headers) as response:
            return response.status


async def outcomes(runtime: Runtime) -> Mapping[str, float]:
    await runtime.metrics.flush()
    totals = await runtime.coordination.totals("metric:ai_requests_total|")
    return {
        counter.removeprefix("metric:ai_requests_total|").removesuffix("|n"): total for counter, total in totals.items()
    }


@pytest.mark.parametrize("error", [StoreError("away"), ValueError("a bug")], ids=["store", "bug"])
async def test_an_outage_before_anybody_is_asked_is_counted_as_an_error(product: Product, error: Exception) -> None:
    runtime = product.runtime()

    async def fail() -> Any:
        raise error

    assert await asked(runtime, "model", fail) in (500, 503)
    assert await outcomes(runtime) == {"mentor|none|error": 1}
    found = counts(await runtime.coordination.totals("metric:"), ())
    assert (found["errors"], found["answers"]) == (1, 1)


async def test_what_is_the_callers_own_fault_and_what_asks_no_model_is_not_counted(product: Product) -> None:
    runtime = product.runtime()

    async def missing() -> Any:
        raise NotFound("no such thing")

    async def away() -> Any:
        raise StoreError("away")

    assert await asked(runtime, "model", missing) == 404
    assert await asked(runtime, "model", missing, token=False) == 401
    assert await asked(runtime, "user", away) == 503
    assert await outcomes(runtime) == {}


async def test_what_the_gateway_counted_is_not_counted_again(product: Product) -> None:
    runtime = product.runtime(BROKEN)
    question = call(schema=Schema("x", {"type": "object"}), shareable=False, cacheable=False)

    async def formed() -> Any:
        return await runtime.gateway.complete(question)

    assert await asked(runtime, "model", formed) == 503
    assert await outcomes(runtime) == {"mentor|fake-err500|interrupted": 1}
    assert counts(await runtime.coordination.totals("metric:"), ())["errors"] == 1


async def test_the_money_of_answers_that_broke_off_or_came_too_late_is_counted(product: Product) -> None:
    runtime = product.runtime({"gpt_4_mini": "fake-cut5"})
    cut = call(shareable=False, cacheable=False)
    assert (await streamed(runtime, cut)).error is not None
    spent = sum(row.cost_nano_usd for row in await rows(runtime, cut))
    whole = product.runtime({"gpt_4_mini": "fake-ok"})
    late = call("Another?", shareable=False, cacheable=False)

    async def lost(run: Any, *_: Any) -> None:
        run.recorded = True
        raise Superseded("first")

    whole.gateway._parts.recording.finish = lost  # type: ignore[method-assign,assignment]
    with pytest.raises(LyoError):
        await whole.gateway.complete(late)
    await runtime.metrics.flush()
    await whole.metrics.flush()
    totals = await runtime.coordination.totals("metric:ai_cost_usd_total|")
    assert spent > 0
    assert len(totals) == 2, totals
    assert totals["metric:ai_cost_usd_total|fake-cut5|n"] == pytest.approx(spent / 1e9)
