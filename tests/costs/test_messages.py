"""What each kind of request costs, to the round trip and the document. These are promises: README has them as a table.

The profile is counted with each message: it is kept for seconds only, and a learner takes longer to read an answer.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from scripts.benchmarks.inprocess import Heard
from tests.costs.meter import Cost, Metered, Site, beats_between

HARD = (
    "Compare photosynthesis with gravity step by step: explain why they differ, analyse one example of each, and justify "
    "which is easier to test in an experiment? {0}"
)
_table: list[tuple[str, Cost]] = []


@pytest.fixture(scope="module", autouse=True)
def _printed() -> Iterator[None]:
    """The table at the end (pytest -s)."""
    yield
    print(f"\n{'request':58}{'Redis':>6}{'reads':>6}{'writes':>7}{'deletes':>8}")
    for what, cost in _table:
        print(f"{what:58}{cost.redis:6}{cost.reads:6}{cost.writes:7}{cost.deletes:8}")


async def costs(what: str, metered: Metered, asked: Any, expected: Cost) -> Heard:
    """Ask, and compare what it cost."""
    answer: Heard
    answer, cost = await metered.of(asked)
    _table.append((what, cost))
    assert cost == expected, f"{what}: {cost}"
    return answer


async def streams(what: str, metered: Metered, asked: Any, expected: Cost) -> Heard:
    """The same for a stream that is over at once: before the first look for stops, unless the machine takes its time."""
    answer: Heard
    answer, cost, beats = await metered.of_stream(asked)
    _table.append((what, cost))
    assert expected.redis <= cost.redis <= expected.redis + beats, f"{what}: {cost}, {beats} beats"
    assert replace(cost, redis=expected.redis) == expected, f"{what}: {cost}"
    return answer


async def test_messages_to_the_own_model(site: Site) -> None:
    one, two = await site.still(), await site.still()
    first = await costs("first message, may be shared", one, lambda: one.say("What is light?", "a"), Cost(2, 1, 4))
    name = first.json["conversation_id"]
    more = {"conversation_id": name}
    await costs("next message (private)", two, lambda: two.say("And sound?", "a", **more), Cost(1, 2, 4))
    await costs("next, profile still known", two, lambda: two.say("And heat?", "a", **more), Cost(1, 1, 4))
    hit = await costs("cached in this instance", one, lambda: one.say("What is light?", "b"), Cost(0, 1, 4))
    assert hit.json["cache"] == "exact"
    hit = await costs("cached by another instance", two, lambda: two.say("What is light?", "c"), Cost(1, 1, 4))
    assert hit.json["cache"] == "exact"
    message = {"message_id": first.json["message_id"], "rating": 5}
    await costs("rating", one, lambda: one.ask("/mentor/rate", message, "a"), Cost(0, 4, 4))
    page = await costs(
        "page of 3 exchanges", one, lambda: one.ask(f"/mentor/conversation/{name}", None, "a"), Cost(0, 4, 0)
    )
    assert len(page.json["messages"]) == 6


async def test_messages_under_a_key(site: Site) -> None:
    one, two = await site.still(), await site.still()
    key = {"idempotency-key": "k1"}
    first = await costs("first message under a key", one, lambda: one.say("Why?", "a", key), Cost(2, 1, 6))
    again = await costs("the same key again", two, lambda: two.say("Why?", "a", key), Cost(0, 2, 0))
    assert again.json == first.json


async def test_streamed_messages(site: Site) -> None:
    one = await site.still()
    stream: dict[str, Any] = {"stream": True}
    short = await streams("streamed, over at once", one, lambda: one.say("Why so?", "a", **stream), Cost(2, 1, 4))
    more = {"conversation_id": short.done["conversation_id"], **stream}
    two = await site.still()
    await streams("next, streamed, over at once", two, lambda: two.say("And sound?", "a", **more), Cost(1, 2, 4))
    key = {"idempotency-key": "k2"}
    await streams(
        "streamed under a key, over at once", one, lambda: one.say("Why not?", "b", key, **stream), Cost(2, 1, 6)
    )


async def test_a_stream_that_lasts_looks_for_stops_twice_a_second_and_its_log_goes_along(site: Site) -> None:
    """Two seconds have four beats, or five; one more event log entry is its end."""
    one, loop = await site.still(), asyncio.get_running_loop()
    words = "fake-n10-pace200ms"
    asked = [lambda: one.say(f"Plain {words}", "a", stream=True)]
    asked.append(lambda: one.say(f"Keyed {words}", "b", {"idempotency-key": "k3"}, stream=True))
    for what, ask, most in zip(("streamed for 2 s", "streamed for 2 s under a key"), asked, (3, 4), strict=True):
        _, cost, beats = await one.of_stream(ask)
        _table.append((what, cost))
        assert cost.redis <= most + beats
    before, began = await one.settled(), loop.time()
    await asyncio.gather(*(one.say(f"Many {n} {words}", f"m{n}", stream=True) for n in range(8)))
    beats = beats_between(began, loop.time())
    eight = await one.settled() - before
    _table.append(("8 streams at once for 2 s", eight))
    assert eight.redis <= 8 + 8 + 1 + beats, "the looks for stops are shared"


async def test_messages_to_a_paid_model(site: Site) -> None:
    one = await site.still({"gpt_4_mini": "fake-ok"})
    first = await costs("paid, learner's first on a new database", one, lambda: one.say("Light?", "a"), Cost(4, 2, 4))
    await costs("paid, may be shared", one, lambda: one.say("Sound?", "a"), Cost(2, 0, 4))
    two = await site.still({"gpt_4_mini": "fake-ok"})
    more = {"conversation_id": first.json["conversation_id"]}
    await costs("paid, next message (private)", two, lambda: two.say("And heat?", "a", **more), Cost(2, 2, 4))


async def test_a_message_that_falls_back_to_a_paid_model(site: Site) -> None:
    one = await site.still({"gemma_4_on_device": "fake-err500", "gpt_4_mini": "fake-ok"})
    await one.say("Before.", "a")
    await one.runtime.breakers.reset()
    await costs("own model fails twice, paid one answers", one, lambda: one.say("Light?", "a"), Cost(7, 0, 6))


async def test_limits_metrics_and_stops_share_a_beat_and_its_round_trip(site: Site) -> None:
    """A stream of three seconds looks for stops six or seven times; what nine cached answers leave to tell goes along."""
    one, loop = site.instance(), asyncio.get_running_loop()
    await one.say("What is light?", "a")
    await one.say("What is light?", "a", stream=True)
    await asyncio.sleep(1.2)
    before, began = await one.settled(), loop.time()
    stream = asyncio.create_task(one.say("Tell me fake-n15-pace200ms", "b", stream=True))
    for _ in range(9):
        await asyncio.sleep(0.3)
        assert (await one.say("What is light?", "a")).json["cache"] == "exact"
    await stream
    beats = beats_between(began, loop.time())
    await asyncio.sleep(1.2)
    cost = await one.settled() - before
    _table.append(("streamed for 3 s beside 9 cached ones, background and all", cost))
    assert cost.redis <= 2 + beats + 1, "the last beat has nothing to look for any more"


@pytest.mark.slow
async def test_a_hundred_messages_with_everything_in_the_background_stay_within_the_bars(site: Site) -> None:
    """Twelve seconds at eight a second: first and further messages, a fifth streamed for a second, a fifth paid."""
    one = site.instance({"gemma_4_on_device": "fake-ok", "gpt_4_mini": "fake-ok"})
    chance = random.Random(1)
    known: dict[str, str] = {}
    for number in range(30):
        known[f"l{number}"] = (await one.say(f"What is {number}?", f"l{number}")).json["conversation_id"]
    for learner in known:
        await one.say(HARD.format(learner), learner)  # the day's spend is there

    async def message(number: int) -> None:
        sub = chance.choice(list(known))
        begins = number % 4 == 0
        more: dict[str, Any] = {} if begins else {"conversation_id": known[sub]}
        text = HARD.format(number) if number % 5 == 1 else f"Why is {number} so?"
        if number % 5 == 2:
            text, more["stream"] = f"Tell me of {number} fake-n5-pace200ms", True
        await one.say(text, sub, **more)

    before, began = await one.settled(), time.monotonic()
    tasks = []
    for number in range(100):
        tasks.append(asyncio.create_task(message(number)))
        await asyncio.sleep(max(0.0, began + (number + 1) / 8 - time.monotonic()))
    await asyncio.gather(*tasks)
    await asyncio.sleep(1.2)  # the last beat
    seconds, cost = time.monotonic() - began, await one.settled() - before
    _table.append((f"100 messages in {seconds:.0f} s, background and all", cost))
    assert cost.redis <= 200 + 3 * max(0.0, seconds - 14), "a slow machine has more beats, of at most three round trips"
    assert cost.writes <= 410, "four each, and the few that lost a race for their conversation's head"
    assert cost.reads <= 200 + 2 * seconds
