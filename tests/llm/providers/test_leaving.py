"""A caller who leaves closes the upstream connection: at once, with nothing left open and nothing warned about."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from scripts.fakes.models import FakeModels
from shared.llm.types import Provider
from tests.fakes.waiting import eventually
from tests.llm.providers.adapters import NAMES, ask, hear, opened

pytestmark = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
async def provider(name: str, fake: FakeModels) -> AsyncIterator[Provider]:
    async with opened(name, fake) as made:
        await hear(made, ask("fake-ok"), stream=False)  # the SDK is imported: what follows is quick
        yield made


async def left(fake: FakeModels) -> None:
    """The fake has noticed one client leaving, and nothing is open."""
    await eventually(lambda: fake.closed_early == 1, 4)  # the shortest answer there takes five seconds
    assert fake.open == 0
    gc.collect()


async def test_closing_the_stream(provider: Provider, fake: FakeModels) -> None:
    async with aclosing(provider.stream(ask("fake-n500-pace10ms"))) as chunks:
        async for chunk in chunks:
            if chunk.text:
                break
    await left(fake)


@pytest.mark.parametrize("model", ["fake-n500-pace10ms", "fake-silent", "fake-stall3", "fake-slowfirst30s"])
async def test_cancelling_a_reader(provider: Provider, fake: FakeModels, model: str) -> None:
    task = asyncio.create_task(hear(provider, ask(model), stream=True))
    await eventually(lambda: fake.open == 1)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await left(fake)


@pytest.mark.parametrize("model", ["fake-30000ms", "fake-silent", "fake-n500-pace10ms"])
async def test_cancelling_a_whole_answer(provider: Provider, fake: FakeModels, model: str) -> None:
    task = asyncio.create_task(hear(provider, ask(model), stream=False))
    await eventually(lambda: fake.open == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await left(fake)


async def test_t19_a_deadline_of_the_callers_ends_a_silent_stream(provider: Provider, fake: FakeModels) -> None:
    async def first(limit: asyncio.Timeout) -> None:
        async with limit, aclosing(provider.stream(ask("fake-silent"))) as chunks:
            await anext(chunks)

    limit = asyncio.timeout(None)
    waiting = asyncio.create_task(first(limit))
    await eventually(lambda: fake.open == 1)
    limit.reschedule(asyncio.get_running_loop().time() + 0.1)
    with pytest.raises(TimeoutError):
        await waiting
    await left(fake)


async def test_many_at_once_leave_nothing_behind(provider: Provider, fake: FakeModels) -> None:
    heard = await asyncio.gather(
        *(hear(provider, ask("fake-n5-pace1ms"), stream=bool(number % 2)) for number in range(40))
    )
    assert {one.finish for one in heard} == {"stop"}
    assert fake.open == 0
    assert fake.closed_early == 0


async def test_an_adapter_nobody_used_closes_quietly(name: str, fake: FakeModels) -> None:
    async with opened(name, fake):
        pass
    assert fake.count() == 0


async def test_the_first_calls_build_one_client(name: str, fake: FakeModels) -> None:
    async with opened(name, fake) as provider:
        heard = await asyncio.gather(*(hear(provider, ask("fake-n3"), stream=False) for _ in range(8)))
    assert {one.finish for one in heard} == {"stop"}
