"""Money over two instances: no cap is exceeded, every answer has one row, and what a death leaves is put right."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from shared.coordination import Spend
from shared.documents import LedgerEntry, Profile, Turn
from shared.errors import StoreError
from shared.llm import budget
from shared.llm.reconcile import GIVEN_UP
from shared.recent import PROFILE_SECONDS
from shared.runtime import Runtime
from shared.store import Put, Where
from tests.fakes.waiting import eventually
from tests.replicas.cloud import Backdrop, Cloud
from tests.replicas.conftest import CHAT, Models, asked, events, outcomes, paid, say, wires
from tests.replicas.fleet import MENTORS, Embedded

pytestmark = pytest.mark.replicas

DEADLINE = 4.0


@pytest.fixture(scope="module")
def site(behind: Backdrop, models: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Paid models only, and holds that soon run out."""
    env = {"AI_TOTAL_DEADLINE": str(DEADLINE), "AI_USER_DAILY_COST_LIMIT": "5", **paid(models)}
    with behind.fleet(tmp_path_factory.mktemp("money"), *MENTORS, "ops", **env) as made:
        yield made


async def rows(stores: Runtime, user: str) -> list[LedgerEntry]:
    where = Where("user_id", "==", user)
    return await stores.store.query(LedgerEntry, where, order="created_at", limit=5000)


async def spent(stores: Runtime, user: str, zone: str = "UTC") -> Spend:
    key = budget.learner_key(user, stores.clock(), zone)
    return (await stores.coordination.spend([key]))[key]


# --- caps


@pytest.mark.parametrize("cap", ["account", "learner"])
async def test_t01_t02_100_at_once_at_the_cap_over_both_instances(
    models: Models, backend: Embedded | Backdrop, tmp_path: Path, cap: str
) -> None:
    """From the learner's very first request on, watched while it happens."""
    limit, user = 8_000_000, "first-ever"
    name = "AI_DAILY_COST_LIMIT" if cap == "account" else "AI_USER_DAILY_COST_LIMIT"
    with backend.fleet(tmp_path, **paid(models), **{name: str(limit / 1e9)}) as fleet:
        async with fleet.stores() as stores, aiohttp.ClientSession(headers=fleet.headers(user)) as session:
            key = budget.account_key(stores.clock(), "UTC")
            if cap == "learner":
                key = budget.learner_key(user, stores.clock(), "UTC")
            asking = asyncio.gather(
                *(say(session, url, asked("fake-200ms")) for url in (fleet.a.url, fleet.b.url) * 50)
            )
            seen: list[Spend] = []
            while not asking.done():
                seen.append((await stores.coordination.spend([key]))[key])
                await asyncio.sleep(0.01)
            replies = await asking
            found = await rows(stores, user)
            last = (await stores.coordination.spend([key]))[key]
    assert max(spend.committed + spend.reserved for spend in seen) <= limit
    assert any(spend.reserved > limit / 2 for spend in seen), "nobody looked while it happened"
    assert last == Spend(sum(row.cost_nano_usd for row in found), 0)
    assert 0 < last.committed <= limit
    assert Counter(row.final for row in found)[True] == 100
    assert {reply["degraded"] for reply in replies} == {True, False}


async def test_t03_the_token_alone_says_whose_cap_is_charged_and_another_name_is_refused(site: Cloud) -> None:
    async with site.stores() as stores, aiohttp.ClientSession(headers=site.headers("payer")) as session:
        cost = 0
        for instance in site.mentors:
            reply = await say(session, instance.url, asked(), headers={"X-User-Id": "payer"})
            cost += round(reply["cost_usd"] * 1e9)
            for headers, more in (({"X-User-Id": "other"}, {}), ({}, {"user_id": "other"}), ({}, {"sub": "other"})):
                async with session.post(instance.url + CHAT, json=asked(**more), headers=headers) as response:
                    assert response.status in (400, 403, 422), (headers, more)
        assert cost > 0
        assert await spent(stores, "payer") == Spend(cost, 0)
        assert await spent(stores, "other") == Spend(0, 0)


async def test_t05_a_day_that_is_spent_leaves_the_other_calendar_day_open_on_both_instances(site: Cloud) -> None:
    """Kiritimati and Pago Pago are 25 hours apart: never the same date."""
    east, west, user = "Pacific/Kiritimati", "Pacific/Pago_Pago", "traveller"
    async with site.stores() as stores, aiohttp.ClientSession(headers=site.headers(user)) as session:
        days = {zone: budget.day(stores.clock(), zone) for zone in (east, west)}

        async def live_in(zone: str) -> None:
            await stores.store.commit(Put(Profile(id=user, time_zone=zone, daily_cost_limit=0.0006)))

        await live_in(east)
        for _ in range(30):
            replies = [await say(session, instance.url, asked()) for instance in site.mentors]
            if all(reply["degraded"] for reply in replies):
                break
        assert [set(outcomes(reply)) for reply in replies] == [{"over_budget"}] * 2
        east_spent = await spent(stores, user, east)
        await live_in(west)
        await asyncio.sleep(PROFILE_SECONDS + 0.2)
        replies = [await say(session, instance.url, asked()) for instance in site.mentors]
        assert not any(reply["degraded"] for reply in replies)
        found = await rows(stores, user)
        assert {row.learner_day for row in found} == set(days.values())
        assert len({row.day for row in found}) == 1, "the account's day is its own"
        for zone, day in days.items():
            cost = sum(row.cost_nano_usd for row in found if row.learner_day == day)
            assert await spent(stores, user, zone) == Spend(cost, 0)
        assert await spent(stores, user, east) == east_spent


# --- rows


async def test_t06_a_thousand_distinct_rows_at_once_all_land_and_once(
    behind: Backdrop, models: Models, tmp_path: Path
) -> None:
    """A thousand learners of two calendar days, half of whom a simple and half a complex question leads to."""
    with behind.fleet(tmp_path, **wires(models), AI_DAILY_COST_LIMIT="100", GEMINI_CONFIDENCE_THRESHOLD="0.2") as fleet:
        async with (
            fleet.stores() as stores,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session,
        ):
            zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago")
            await stores.store.commit(*(Put(Profile(id=f"u{n}", time_zone=zones[n // 2 % 2])) for n in range(1000)))
            gate = asyncio.Semaphore(250)

            async def one(n: int) -> str:
                hard = "Prove step by step and compare the proofs: " if n % 4 < 2 else ""
                body = {"message": f"{hard}why {n}?"}
                async with gate:
                    reply = await say(session, fleet.mentors[n % 2].url, body, headers=fleet.headers(f"u{n}"))
                return str(reply["message_id"])

            answered = await asyncio.gather(*map(one, range(1000)))
        stored = fleet.documents.stored(fleet.project, LedgerEntry.collection)
    # A model that a machine under load keeps waiting has a row of its own for that: those that gave the answers are counted.
    fields = [document["fields"] for document in stored if document["fields"]["final"]["booleanValue"]]
    names = [(f["user_id"]["stringValue"], f["model"]["stringValue"], f["learner_day"]["stringValue"]) for f in fields]
    assert len(names) == len(set(names)) == 1000
    assert len({name[1] for name in names}) >= 2
    assert len({name[2] for name in names}) == 2
    assert sorted(f["message_id"]["stringValue"] for f in fields) == sorted(answered)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_t07_a_process_that_ends_right_after_its_answer_has_left_the_row_and_the_bill(
    site: Cloud, how: signal.Signals
) -> None:
    user = f"ended-{how.name}"
    async with site.stores() as stores:
        async with aiohttp.ClientSession(headers=site.headers(user)) as session:
            replies = []
            for instance in site.mentors:
                replies.append(await say(session, instance.url, asked()))
                instance.signal(how)
                await asyncio.to_thread(instance.stop)
            await asyncio.gather(*(asyncio.to_thread(instance.start) for instance in site.mentors))
        found = await rows(stores, user)
        assert [row.message_id for row in found] == [reply["message_id"] for reply in replies]
        assert all(row.final for row in found)
        assert await spent(stores, user) == Spend(sum(row.cost_nano_usd for row in found), 0)
        for reply in replies:
            turn = await stores.store.get(Turn, reply["message_id"])
            assert turn is not None
            assert turn.answer == reply["text"]


@pytest.mark.parametrize("path", ["primary", "fallback", "floor"])
async def test_t08_each_way_to_an_answer_leaves_one_final_row_and_a_cached_one_another(
    site: Cloud, models: Models, path: str
) -> None:
    first, second = "gpt-6-luna", "gpt-6.1-sol"  # the simple route's order
    async with site.stores() as stores:
        for stream in (False, True):
            user = f"row-{path}-{stream}"
            await stores.coordination.clear("breaker:")
            if path != "primary":
                models.script(first, "err500", "err500")
            if path == "floor":
                models.script(second, "err500", "err500")
            body = asked(stream=stream)
            async with aiohttp.ClientSession(headers=site.headers(user)) as session:
                for instance, cached in ((site.a, False), (site.b, path != "floor")):
                    if path == "floor" and instance is site.b:
                        continue  # what no model said is not kept for others
                    async with session.post(instance.url + CHAT, json=body) as response:
                        assert response.status == 200
                        done = (await events(response))[-1].data if stream else await response.json()
                    assert done["cache"] == ("exact" if cached else "none")
                    assert done["degraded"] is (path == "floor")
                    (final,) = (
                        row for row in await rows(stores, user) if row.final and row.message_id == done["message_id"]
                    )
                    assert final.id
                    assert final.stream is stream
                    assert final.cache == done["cache"]
            found = await rows(stores, user)
            assert len({row.id for row in found}) == len(found)
            assert sum(row.final for row in found) == (1 if path == "floor" else 2)
            assert [row.outcome for row in found if not row.final] == {
                "primary": [], "fallback": ["server"] * 2, "floor": ["server"] * 4
            }[path]  # fmt: skip


# --- deaths


@pytest.mark.parametrize("stream", [False, True])
async def test_t13_a_crash_with_money_set_aside_frees_the_cap_at_its_time_by_the_ledgers_word(
    site: Cloud, models: Models, stream: bool
) -> None:
    user = f"crashed-{stream}"
    before = models.requests
    body = asked("fake-n500-pace20ms" if stream else "fake-20000ms", stream=stream)

    async def read(session: aiohttp.ClientSession) -> None:
        async with session.post(site.a.url + CHAT, json=body) as response:
            found = await events(response)
            assert found[-1].name == "done", "it ended whole"

    async with site.stores() as stores, aiohttp.ClientSession(headers=site.headers(user)) as session:
        reading = asyncio.ensure_future(read(session))
        await eventually(lambda: _asked(models, before))
        await asyncio.sleep(0.5)  # the stream has begun
        held = await spent(stores, user)
        assert held.reserved > 0
        await asyncio.to_thread(site.a.kill)
        with pytest.raises(aiohttp.ClientError):
            await reading
        await asyncio.to_thread(site.a.start)
        assert await spent(stores, user) == held, "it may not be freed before its time: somebody may still be at it"
        site.age_holds(60)
        await site.cleanup()
        assert await rows(stores, user) == []
        assert await spent(stores, user) == Spend(0, 0)
        site.age_holds(GIVEN_UP)  # its process could have been frozen only
        assert (await site.cleanup())["overdue_holds"] == 1
        assert await spent(stores, user) == Spend(0, 0)
        assert not (await say(session, site.a.url, asked()))["degraded"]


async def test_t13_a_bill_that_died_with_its_process_is_charged_by_the_ledgers_word(site: Cloud) -> None:
    """The answer is stored while Redis cannot be reached, and then the process is gone."""
    user = "unbilled"
    async with site.stores() as stores, aiohttp.ClientSession(headers=site.headers(user)) as session:
        task = asyncio.ensure_future(say(session, site.a.url, asked("fake-2000ms")))
        await eventually(lambda: _held(stores, user))
        site.redis.fault("drop")
        try:
            reply = await task
            await asyncio.to_thread(site.a.kill)
        finally:
            site.redis.fault()
        await asyncio.to_thread(site.a.start)
        await eventually(lambda: _held(stores, user))
        site.age_holds(60)
        assert (await site.cleanup())["overdue_holds"] == 1
        assert reply["cost_usd"] > 0
        assert await spent(stores, user) == Spend(round(reply["cost_usd"] * 1e9), 0)


async def _held(stores: Runtime, user: str) -> bool:
    try:
        return (await spent(stores, user)).reserved > 0
    except StoreError:
        return False  # the test's own line rests after the fault


async def _asked(models: Models, before: int) -> bool:
    return models.requests > before
