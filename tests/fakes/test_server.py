"""Scripts, counts, redaction, clients that leave."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from scripts.fakes.models import FakeModels, UnknownFaultError
from tests.fakes.waiting import eventually

PATH = "/v1/chat/completions"


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with FakeModels(keepalive=0.02) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


def body(model: str = "m", message: str = "hello", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": message}], **more}


async def status(http: aiohttp.ClientSession, fake: FakeModels, **more: Any) -> int:
    async with http.post(fake.url + PATH, json=body(**more)) as response:
        await response.read()
        return response.status


async def test_a_script_is_followed_in_turn_then_the_models_own_behaviour(
    http: aiohttp.ClientSession, fake: FakeModels
) -> None:
    fake.script("fake-err503", ["err500", "ok"])
    assert [await status(http, fake, model="fake-err503") for _ in range(3)] == [500, 200, 503]
    assert fake.count("fake-err503") == fake.count() == 3


async def test_a_script_over_http_wins_over_the_message_and_may_say_the_text(
    http: aiohttp.ClientSession, fake: FakeModels
) -> None:
    steps = {"model": "*", "faults": ["err418", {"fault": "ok", "text": "Said instead."}]}
    async with http.post(fake.url + "/__script", json=steps) as response:
        assert response.status == 200
    assert await status(http, fake, message="fake-err500") == 418
    async with http.post(fake.url + PATH, json=body()) as response:
        assert (await response.json())["choices"][0]["message"]["content"] == "Said instead."


@pytest.mark.parametrize("steps", [["nonsense"], [{"txt": "x"}], [{"text": 3}]])
async def test_a_script_with_a_typo_is_refused(http: aiohttp.ClientSession, fake: FakeModels, steps: list[Any]) -> None:
    with pytest.raises(UnknownFaultError):
        fake.script("m", steps)
    async with http.post(fake.url + "/__script", json={"model": "m", "faults": steps}) as response:
        assert response.status == 400
    assert await status(http, fake) == 200


async def test_the_message_chooses_the_fault(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    assert await status(http, fake, model="fake-err503", message="fake-err500") == 500
    assert await status(http, fake, model="fake-err503", message="is this fake-news?") == 503


async def test_stats_calls_and_reset(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    await status(http, fake, model="a")
    await status(http, fake, model="b")
    async with http.get(fake.url + "/__stats") as response:
        stats = await response.json()
    assert stats == {"requests": 2, "by_model": {"a": 1, "b": 1}, "open": 0, "closed_early": 0, "tokens_sent": 24}
    async with http.get(fake.url + "/__calls?limit=1") as response:
        (call,) = (await response.json())["calls"]
    assert (call["model"], call["format"], call["stream"], call["body"]) == ("b", "openai", False, body("b"))
    async with http.post(fake.url + "/__reset") as response:
        assert response.status == 200
    assert (fake.count(), fake.calls, fake.tokens_sent) == (0, [], 0)


async def test_secrets_are_remembered_as_hashes_only(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    headers = {"Authorization": "Bearer sk-very-secret", "x-api-key": "k2", "X-Trace": "seen"}
    async with http.post(fake.url + PATH + "?key=k3", json=body(), headers=headers) as response:
        await response.read()
    async with http.get(fake.url + "/__calls") as response:
        assert "secret" not in await response.text()
    kept = fake.calls[0].headers
    assert kept["authorization"].startswith("sha256:")
    assert len(kept["authorization"]) == len("sha256:") + 8
    assert len({kept["authorization"], kept["x-api-key"], kept["?key"]}) == 3
    assert kept["x-trace"] == "seen"


async def test_memory_is_bounded(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    await status(http, fake, message="x" * 300_000)
    assert set(fake.calls[0].body) == {"too_large_to_keep"}
    for number in range(1_050):
        await status(http, fake, model=f"m{number}", message="fake-err500")
    assert len(fake.calls) == 1_000
    assert fake.count() == 1_051
    assert len(fake._record.by_model) <= 1_001


@pytest.mark.parametrize(
    "fault", ["fake-n500-pace20ms", "fake-stall2", "fake-silent", "fake-slowfirst30s", "fake-30000ms"]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_is_noticed_at_once(
    http: aiohttp.ClientSession, fake: FakeModels, fault: str, stream: bool
) -> None:
    call = asyncio.create_task(status(http, fake, model=fault, stream=stream))
    await eventually(lambda: fake.open == 1)
    await asyncio.sleep(0.05)
    call.cancel()
    await eventually(lambda: fake.closed_early == 1, 5)  # the shortest answer there takes ten seconds
    assert fake.open == 0


@pytest.mark.parametrize("fault", ["fake-ok", "fake-eof3", "fake-inband2", "fake-err500", "fake-html"])
async def test_a_client_that_reads_to_the_end_has_not_left(
    http: aiohttp.ClientSession, fake: FakeModels, fault: str
) -> None:
    await status(http, fake, model=fault, stream=True)
    await eventually(lambda: fake.open == 0)
    assert fake.closed_early == 0


@pytest.mark.parametrize("fault", ["fake-cut3", "fake-refusedconn"])
async def test_a_connection_that_the_server_closes_is_not_a_client_that_left(
    http: aiohttp.ClientSession, fake: FakeModels, fault: str
) -> None:
    with pytest.raises(aiohttp.ClientError):
        await status(http, fake, model=fault, stream=True)
    await eventually(lambda: fake.open == 0)
    assert fake.closed_early == 0


async def test_closing_the_server_does_not_wait_for_silent_answers(http: aiohttp.ClientSession) -> None:
    async with FakeModels() as fake:
        call = asyncio.create_task(status(http, fake, model="fake-silent", stream=True))
        await eventually(lambda: fake.open == 1)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    assert fake.closed_early == 0
    with pytest.raises(aiohttp.ClientError):
        await call


async def test_times_are_kept(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    began = time.monotonic()
    await status(http, fake, model="fake-150ms")
    await status(http, fake, model="fake-n5-pace20ms-slowfirst0.1s", stream=True)
    took = time.monotonic() - began
    assert 0.15 + 0.1 + 4 * 0.02 <= took < 15


async def test_silent_sends_keep_alives_and_stall_nothing(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    async with http.post(fake.url + PATH, json=body("fake-silent", stream=True)) as response:
        assert response.status == 200
        assert await response.content.readany() == b": keep-alive\n\n"
        assert await response.content.readany()
    async with http.post(fake.url + PATH, json=body("fake-stall0", stream=True)) as response:
        await response.content.readuntil(b"\n\n")  # the role
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(response.content.readany(), 0.2)


async def test_unknown_paths_and_unreadable_bodies(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    async with http.post(fake.url + "/v1/nothing", json={}) as response:
        assert response.status == 404
    for raw in (b"{", b"\xff", b"[]"):
        async with http.post(fake.url + PATH, data=raw) as response:
            assert response.status == 400
    assert fake.count() == 3


async def test_two_hundred_at_once(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    asked = [status(http, fake, model="fake-n20-pace1ms", stream=True) for _ in range(200)]
    assert set(await asyncio.gather(*asked)) == {200}
    assert fake.tokens_sent == 4_000


async def test_a_cold_model_lets_all_wait_until_it_is_awake(http: aiohttp.ClientSession, fake: FakeModels) -> None:
    calls = [asyncio.ensure_future(status(http, fake, model="fake-cold600s")) for _ in range(3)]
    await eventually(lambda: fake.open == 3)
    assert await status(http, fake, model="fake-other") == 200
    assert not any(call.done() for call in calls)
    fake.wake("fake-cold600s")
    assert await asyncio.gather(*calls) == [200] * 3
    assert await status(http, fake, model="fake-cold600s") == 200


async def test_a_cold_model_wakes_by_itself_and_is_cold_again_after_a_reset(
    http: aiohttp.ClientSession, fake: FakeModels
) -> None:
    assert await status(http, fake, model="fake-cold0.05s") == 200
    fake.reset()
    waits = asyncio.ensure_future(status(http, fake, model="fake-cold600s"))
    await eventually(lambda: fake.open == 1)
    assert not waits.done()
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
