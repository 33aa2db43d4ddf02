"""Who goes on waking the own server and who leaves it, and whose work that is."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared import log
from shared.llm import parts
from shared.llm.bulletin import Bulletin
from shared.llm.knock import Pace
from shared.llm.standing import Standing, decode
from shared.runtime import Runtime
from shared.telemetry.trace import Tracer
from tests.fakes.waiting import LONG, eventually
from tests.faults.spending import over_a_line
from tests.product import Product, call, streamed

OWN = "fake-own-cold600s"
KEY = "warmth:local"
SHORT = Pace(silence=600.0, lease=1.5, patience=0.0)
REQUEST = "r_that_caused_it"


def sleepy(product: Product, pace: Pace = SHORT, model: str = OWN) -> Runtime:
    runtime = product.runtime({"gemma_4_on_device": model}, local_infer_scales_to_zero=True)
    runtime.__dict__["warmth"] = parts.warmth(runtime, pace)
    return runtime


async def held(runtime: Runtime) -> Standing | None:
    return decode((await runtime.coordination.get_many([KEY])).get(KEY))


async def left(runtime: Runtime) -> None:
    """Until that instance wakes it no more."""
    async with asyncio.timeout(LONG):
        while (waking := runtime.warmth._waking) is not None and not waking.done():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("faults", [[], ["err503"] * 1000], ids=["held", "refused"])
async def test_t31_who_wakes_it_leaves_when_another_instance_has_seen_it_answer(
    product: Product, faults: list[str]
) -> None:
    product.fake.script(OWN, faults)
    stale, other = sleepy(product), sleepy(product)
    line = over_a_line(stale)
    stale.__dict__["warmth"] = parts.warmth(stale, SHORT)
    stale.warmth.rouse()
    await eventually(lambda: product.fake.count(OWN) >= 1)
    line.cut = True  # its lease runs out, for all that it can do
    asked = line.asked
    await eventually(lambda: line.asked > asked)
    other.warmth.answered(0.0)
    await eventually(lambda: _ready(other))
    line.cut = False
    await left(stale)
    found = await held(other)
    assert found is not None
    assert (found.state, found.by) == ("ready", other.instance), "nobody took it out of traffic"
    assert stale.warmth.state().state == "ready"


async def _ready(runtime: Runtime) -> bool:
    found = await held(runtime)
    return found is not None and found.state == "ready"


async def test_t31_who_wakes_it_leaves_it_to_whoever_took_over(product: Product) -> None:
    stale, other = sleepy(product), sleepy(product)
    line = over_a_line(stale)
    stale.__dict__["warmth"] = parts.warmth(stale, SHORT)
    stale.warmth.rouse()
    await eventually(lambda: product.fake.count(OWN) == 1)
    line.cut = True

    async def taken_over() -> bool:
        other.warmth.rouse()
        return product.fake.count(OWN) == 2

    await eventually(taken_over)
    line.cut = False
    await left(stale)
    found = await held(other)
    assert found is not None
    assert (found.state, found.by) == ("warming", other.instance)


async def test_t31_a_server_that_refuses_for_long_is_still_woken_by_one_instance(product: Product) -> None:
    product.fake.script(OWN, ["err503"] * 1000)
    runtime = sleepy(product, replace(SHORT, lease=30.0))
    runtime.warmth.rouse()
    await eventually(lambda: product.fake.count(OWN) >= 1)
    first = await held(runtime)
    assert first is not None

    async def renewed() -> bool:
        now = await held(runtime)
        assert now is not None
        return now.until > first.until + 0.1 and now.since == first.since

    await eventually(renewed)


async def test_t31_without_shared_state_a_renewal_does_not_forget_that_it_answers(product: Product) -> None:
    runtime = product.runtime()
    line = over_a_line(runtime)
    line.cut = True
    bulletin = Bulletin(KEY, runtime.coordination, runtime.clock, runtime.instance)
    assert await bulletin.claim(30.0, anew=False)
    await bulletin.post_ready(300.0)
    assert not await bulletin.claim(30.0, anew=False)
    assert bulletin.ready
    assert await bulletin.claim(30.0, anew=True), "to prove it once more"
    assert not bulletin.ready


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged so far."""
    ours = logging.getLogger("shared")
    before = ours.level
    read: list[dict[str, Any]] = []
    ours.setLevel(logging.INFO)

    def so_far() -> list[dict[str, Any]]:
        read.extend(json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{"))
        return read

    yield so_far
    ours.setLevel(before)


async def in_a_request(runtime: Runtime) -> None:
    """One message from beginning to end, with what the edge sets for it."""
    headers = {b"traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    with Tracer().request(headers, service="mentor", method="POST", route="/mentor/chat"):
        token = log.request_id.set(REQUEST)
        try:
            await streamed(runtime, call(cacheable=False))
        finally:
            log.request_id.reset(token)


@pytest.mark.parametrize(
    ("model", "faults", "names"),
    [
        (OWN, ["err503"] * 2, {"server.waking", "server.asleep", "server.awake"}),
        ("fake-own", ["ok", *["err500"] * 8], {"server.silent", "server.waking", "server.asleep", "server.awake"}),
    ],
    ids=["woken", "lost"],
)
async def test_t31_the_lines_of_a_wake_up_belong_to_no_request(
    product: Product, lines: Callable[[], list[dict[str, Any]]], model: str, faults: list[str], names: set[str]
) -> None:
    product.fake.wake(OWN)
    product.fake.script(model, faults)
    runtime = sleepy(product, replace(SHORT, patience=5.0, lease=30.0), model)

    async def all_there() -> bool:
        await in_a_request(runtime)
        return names <= {line["message"] for line in lines()}

    await eventually(all_there)
    found = [line for line in lines() if line["message"] in names]
    assert [line for line in found if "request_id" in line or "logging.googleapis.com/trace" in line] == []


async def test_t28_the_watch_over_all_calls_is_no_part_of_the_request_that_began_it(product: Product) -> None:
    product.fake.script("fake-own", ["n30-pace100ms"])
    runtime, seen = product.runtime({"gemma_4_on_device": "fake-own"}), []
    server = runtime.warmth.server
    assert server is not None

    def monotonic() -> float:
        seen.append(log.request_id.get())
        return time.monotonic()

    runtime.warmth.server = replace(server, pace=replace(SHORT, silence=1.0, probe=20.0), monotonic=monotonic)
    await in_a_request(runtime)
    assert len(seen) > 1, "it has looked, and was told how the call ended"
    assert seen.count(REQUEST) == 1
