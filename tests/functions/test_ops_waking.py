"""Waking the own model's server over real HTTP, as a school's schedule does before nine."""

import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from functions import ops
from shared.llm import parts
from shared.llm.knock import Pace
from shared.llm.standing import decode
from shared.runtime import Runtime
from tests.fakes.waiting import eventually
from tests.functions.ops_site import Site, opened
from tests.product import Product

WAKE = "/api/v1/ai/maintenance/wake"
OWN = "fake-own-cold600s"
Start = Callable[..., Any]


@pytest.fixture
async def start(product: Product) -> AsyncIterator[Start]:
    logging.getLogger("shared").setLevel(logging.CRITICAL)
    async with contextlib.AsyncExitStack() as stack:

        async def begin(pace: Pace, *, scales: bool = True) -> Site:
            def make(**trusted: Any) -> Runtime:
                now = product.runtime({"gemma_4_on_device": OWN}, local_infer_scales_to_zero=scales, **trusted)
                now.__dict__["warmth"] = parts.warmth(now, pace)
                return now

            return await opened(stack, make)

        yield begin
    logging.getLogger("shared").setLevel(logging.NOTSET)


async def test_t31_a_schedule_wakes_the_own_server_before_learners_come(start: Start, product: Product) -> None:
    site = await start(Pace(patience=3.0))
    began = time.time()
    first = await site.ask("POST", WAKE, "service")
    assert first.status == 200, first.text
    assert set(first.body) == {"state", "since"}
    assert first.body["state"] == "warming", "it takes minutes, and nobody waits for that"
    assert began - 1 <= first.body["since"] <= time.time() + 1
    await eventually(lambda: product.fake.count(OWN) == 1)
    assert (await site.ask("POST", WAKE, "service")).body == first.body
    assert product.fake.count(OWN) == 1, "once is enough"
    product.fake.wake(OWN)
    await eventually(lambda: site.runtime.warmth.state().state == "ready")
    assert (await site.ask("POST", WAKE, "admin", {})).body["state"] == "ready"
    assert product.fake.count(OWN) == 1, "it has answered a moment ago"


async def test_t31_a_schedule_keeps_awake_what_another_instance_saw_answer(start: Start, product: Product) -> None:
    site = await start(Pace(patience=0.1, idle=1000.0))  # more than half of it has passed by the other's word, of 300 s
    other = product.runtime({"gemma_4_on_device": OWN}, local_infer_scales_to_zero=True)
    product.fake.wake(OWN)
    await other.warmth.wake()
    await eventually(lambda: other.warmth.state().state == "ready")
    held = decode((await other.coordination.get_many(["warmth:local"]))["warmth:local"])
    assert held is not None
    assert (await site.ask("POST", WAKE, "service")).body == {"state": "ready", "since": held.since}
    assert product.fake.count(OWN) == 2
    kept = decode((await other.coordination.get_many(["warmth:local"]))["warmth:local"])
    assert kept is not None
    assert kept.until > held.until + 600


async def test_a_server_that_is_always_there_is_not_woken(start: Start, product: Product) -> None:
    site = await start(Pace(), scales=False)
    answer = await site.ask("POST", WAKE, "service")
    assert (answer.status, answer.body) == (200, {"state": "off", "since": None})
    assert product.fake.count(OWN) == 0


async def test_t47_learners_cannot_wake_what_costs_money(start: Start, product: Product) -> None:
    site = await start(Pace(patience=0.1))
    assert (await site.ask("POST", WAKE)).status == 401
    assert (await site.ask("POST", WAKE, "learner")).status == 403
    assert product.fake.count(OWN) == 0
    assert WAKE in ops.edge.openapi()["paths"]
