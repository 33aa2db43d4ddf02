"""What a conversation calls: no store without a sign, one effect for an event, and the learner's switch."""

import asyncio
from typing import Any

import pytest

from shared.affect import settings, watch
from shared.documents import Profile
from shared.safety.verdict import Verdict
from shared.store import Put, Ref
from shared.stored.affect import Affect, Noted
from tests.product import Product

NOW = 1_800_000_000.0
HELP = Verdict("support", ("self_harm",))


def upset(name: str, at: float = NOW) -> Noted:
    return Noted(event_id=name, at=at, levels={"frustration": 0.9})


async def kept(product_store: object, user_id: str = "u1") -> Affect | None:
    return await product_store.get(Affect, user_id)  # type: ignore[attr-defined, no-any-return]


def test_calm_words_are_nothing_to_remember() -> None:
    assert watch.glance("A square has four sides.", "en", event_id="e", now=NOW, allowed=True) is None


def test_a_clear_word_is_remembered_as_figures_alone() -> None:
    noted = watch.glance("This is so frustrating, I give up!", "en", event_id="e", now=NOW, allowed=True)
    assert noted is not None
    assert noted.levels["frustration"] > 0.35
    assert "frustrating" not in noted.model_dump_json()


def test_without_leave_nothing_is_remembered_and_a_crisis_no_more_than_the_rest() -> None:
    angry = "This is so frustrating, I give up!"
    assert watch.glance(angry, "en", event_id="e", now=NOW, allowed=False) is None
    assert watch.glance(angry, "en", event_id="e", now=NOW, allowed=False, verdict=HELP) is None
    assert watch.overheard(angry, "en", event_id="e", now=NOW, allowed=False, verdict=HELP) is None
    noted = watch.overheard(angry, "en", event_id="e", now=NOW, allowed=True, verdict=HELP)
    assert noted is not None
    assert noted.levels["crisis"] == 1.0


async def test_the_same_events_raise_the_same_once(product: Product) -> None:
    store = product.runtime().store
    events = [upset("a"), upset("b", NOW + 1)]
    first = await watch.record(store, "u1", events, NOW + 1)
    again = await watch.record(store, "u1", events, NOW + 2)
    assert [raised.trigger for raised in first] == ["frustration"]
    assert again == first
    affect = await kept(store)
    assert affect is not None
    assert (len(affect.noted), len(affect.raised)) == (2, 1)


async def test_events_at_once_from_two_instances_are_all_kept(product: Product) -> None:
    stores = [product.runtime().store for _ in range(2)]
    await asyncio.gather(*(watch.record(stores[n % 2], "u1", [upset(f"e{n}", NOW + n)], NOW + n) for n in range(6)))
    affect = await kept(stores[0])
    assert affect is not None
    assert {event.event_id for event in affect.noted} == {f"e{n}" for n in range(6)}
    assert len(affect.raised) == 1


async def test_switching_off_removes_what_was_kept_and_keeps_the_rest_of_the_profile(product: Product) -> None:
    store = product.runtime().store
    await store.commit(Put(Profile(id="u1", language="de")))
    await watch.record(store, "u1", [upset("a")], NOW)
    await settings.switch(store, "u1", enabled=False)
    assert await kept(store) is None
    assert await watch.record(store, "u1", [upset("b")], NOW) == []
    assert await kept(store) is None, "nothing is remembered of it any more"
    profile = await store.get(Profile, "u1")
    assert profile is not None
    assert (profile.language, profile.sentiment) == ("de", False)
    assert await watch.record(store, "u1", [Noted(event_id="c", at=NOW, levels={"crisis": 1})], NOW) == []
    assert await kept(store) is None, "a crisis is no exception: help does not hang on what is kept"


async def test_switching_off_while_a_first_event_is_being_written_leaves_nothing_of_it(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = product.runtime().store
    read = store.read

    async def overtaken(*refs: Ref) -> list[tuple[Any, Any] | None]:
        found = await read(*refs)
        monkeypatch.setattr(store, "read", read)
        await settings.switch(store, "u1", enabled=False)
        return found

    monkeypatch.setattr(store, "read", overtaken)
    assert await watch.record(store, "u1", [upset("a"), upset("b", NOW + 1)], NOW + 1) == []
    assert await kept(store) is None
