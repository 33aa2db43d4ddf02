"""What two instances know of their models: breakers, probes, and what operators have set."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from shared.documents import LiveConfig
from shared.llm.breakers import Breakers
from shared.recent import LIVE_CONFIG_SECONDS
from shared.runtime import Runtime
from shared.store import Delete, Put
from tests.fakes.waiting import eventually
from tests.replicas.cloud import Backdrop
from tests.replicas.conftest import Models, asked, outcomes, paid, say, wires
from tests.replicas.fleet import Embedded, Fleet

pytestmark = pytest.mark.replicas

OWN, MINI, STRONG = "gemma-4-e4b", "gpt-6-luna", "gpt-6.1-sol"


@pytest.fixture(scope="module")
def fleet(backend: Embedded | Backdrop, models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two mentors: the own model first, then OpenAI's two."""
    with backend.fleet(tmp_path_factory.mktemp("models"), **wires(models)) as made:
        yield made


@pytest.fixture
async def stores(fleet: Fleet) -> AsyncIterator[Runtime]:
    """The shared state, with every breaker closed."""
    async with fleet.stores() as made:
        await made.coordination.clear("breaker:")
        yield made
        await made.coordination.clear("breaker:")


@pytest.fixture
async def session(fleet: Fleet) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers=fleet.headers("asker")) as made:
        yield made


async def open_until(breakers: Breakers, scope: str, now: float) -> float:
    """Seconds until the breaker half-opens."""
    return (await breakers.snapshot())[scope].open_until - now


async def test_t23_a_breaker_that_one_instance_opened_spares_the_model_on_both(
    fleet: Fleet, models: Models, stores: Runtime, session: aiohttp.ClientSession
) -> None:
    models.script(OWN, *["err500"] * 3)
    for _ in range(2):
        assert not (await say(session, fleet.a.url, asked()))["degraded"], "OpenAI's answered in its place"
    before = models.of(OWN)
    for url in (fleet.a.url, fleet.b.url):
        reply = await say(session, url, asked())
        assert outcomes(reply) == ["open", "ok"]
    assert models.of(OWN) == before
    assert (await stores.breakers.snapshot())[f"model:{OWN}"].status(stores.clock()) == "open"


async def test_t24_a_longer_retry_after_while_open_extends_it_for_both(
    fleet: Fleet, models: Models, stores: Runtime, session: aiohttp.ClientSession
) -> None:
    models.script(OWN, "2500ms-err429-retry90", "err429-retry20")
    before = models.of(OWN)
    slow = asyncio.ensure_future(say(session, fleet.a.url, asked()))
    await eventually(lambda: _called(models, before + 1))
    await say(session, fleet.b.url, asked())
    (scope,) = [name for name, state in (await stores.breakers.snapshot()).items() if state.open_until]
    assert 10 < await open_until(stores.breakers, scope, stores.clock()) <= 20
    await slow
    assert 60 < await open_until(stores.breakers, scope, stores.clock()) <= 90
    before = models.of(OWN)
    for url in (fleet.a.url, fleet.b.url):
        assert outcomes(await say(session, url, asked())) == ["open", "ok"]
    assert models.of(OWN) == before


async def test_t25_a_quota_of_the_account_closes_all_its_models_on_both(
    behind: Backdrop, models: Models, tmp_path: Path
) -> None:
    with behind.fleet(tmp_path, **paid(models)) as site:
        async with aiohttp.ClientSession(headers=site.headers("asker")) as asking:
            models.script(MINI, "quota")
            assert (await say(asking, site.a.url, asked()))["degraded"]
            before = models.of(MINI), models.of(STRONG)
            for url in (site.a.url, site.b.url):
                reply = await say(asking, url, asked())
                assert (reply["degraded"], outcomes(reply)) == (True, ["open", "open"])
            assert (models.of(MINI), models.of(STRONG)) == before


async def test_t26_with_everything_cooling_the_floor_answers_and_then_one_probe_of_both_instances_goes_through(
    behind: Backdrop, models: Models, tmp_path: Path
) -> None:
    with behind.fleet(tmp_path, LOCAL_INFER_URL=models.url + "/v1") as site:
        async with site.stores() as stores, aiohttp.ClientSession(headers=site.headers("asker")) as asking:
            models.script(OWN, *["err500"] * 3)
            for url in (site.a.url, site.b.url):
                await say(asking, url, asked())
            for url in (site.a.url, site.b.url):
                reply = await say(asking, url, asked())
                assert (reply["degraded"], outcomes(reply)) == (True, ["open"])
            before = models.of(OWN)
            while (left := await open_until(stores.breakers, f"model:{OWN}", stores.clock())) > 0:
                await asyncio.sleep(left + 0.05)
            models.script(OWN, "1000ms")
            replies = await asyncio.gather(*(say(asking, url, asked()) for url in (site.a.url, site.b.url) * 12))
            assert models.of(OWN) - before == 1, "a herd, not a probe"
            assert sorted(reply["degraded"] for reply in replies) == [False] + [True] * 23
            for url in (site.a.url, site.b.url):
                assert not (await say(asking, url, asked()))["degraded"]


async def test_t66_what_operators_set_and_take_back_reaches_both_instances_in_time(
    fleet: Fleet, models: Models, stores: Runtime, session: aiohttp.ClientSession
) -> None:
    urls = (fleet.a.url, fleet.b.url)

    async def configs() -> list[str]:
        return [(await say(session, url, asked()))["config"] for url in urls]

    old = await configs()
    assert old[0] == old[1]
    changed = LiveConfig(id="live", version=1, disabled_models=["gemma_4_on_device"], updated_by="operator")
    await stores.store.commit(Put(changed))
    took = await eventually(lambda: _told(configs, old, same=False), LIVE_CONFIG_SECONDS + 5)
    new = await configs()
    assert new[0] == new[1] != old[0]
    before = models.of(OWN)
    for url in urls:
        assert (await say(session, url, asked()))["model"] == MINI
    assert models.of(OWN) == before, "a model that is switched off was asked"
    await stores.store.commit(Delete(LiveConfig, "live"))
    back = await eventually(lambda: _told(configs, old, same=True), LIVE_CONFIG_SECONDS + 5)
    assert max(took, back) < LIVE_CONFIG_SECONDS + 5
    for url in urls:
        assert (await say(session, url, asked()))["model"] == OWN


async def _told(configs, old: list[str], *, same: bool) -> bool:  # type: ignore[no-untyped-def]
    found = await configs()
    return all((one == before) is same for one, before in zip(found, old, strict=True))


async def _called(models: Models, times: int) -> bool:
    return models.of(OWN) >= times
