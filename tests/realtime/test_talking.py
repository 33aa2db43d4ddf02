"""A conversation over the socket: the same answers, keys and envelope as over HTTP."""

import asyncio
import json
import uuid

from shared.documents import Turn
from shared.store import Where
from tests.fakes.waiting import eventually
from tests.product import Product
from tests.realtime.conftest import Sites
from tests.realtime.site import Site, text_of
from tests.web.keyed import hold

PLAIN = "What is light? fake-n12"
SLOW = "What is light? fake-n20-pace50ms"


async def test_an_answer_has_the_events_of_a_server_sent_stream(site: Site) -> None:
    talk = await site.talk()
    frames = await talk.chat(PLAIN, "k1")
    assert frames[0]["type"] == "meta"
    assert {frame["type"] for frame in frames[1:-1]} == {"delta"}
    done = frames[-1]
    assert done["type"] == "done"
    assert text_of(frames) == done["data"]["text"]
    numbers = [frame["id"] for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(frames)))
    over_http = await site.post({"message": PLAIN}, "k1")
    told = [part.split(b"\n") for part in over_http.strip().split(b"\n\n")]
    assert [int(lines[0].removeprefix(b"id: ")) for lines in told] == numbers
    assert [json.loads(lines[2].removeprefix(b"data: ")) for lines in told] == [frame["data"] for frame in frames]


async def test_a_conversation_goes_on(site: Site) -> None:
    talk = await site.talk()
    first = (await talk.chat(PLAIN))[-1]["data"]
    second = (await talk.chat("And sound? fake-n5", conversation_id=first["conversation_id"], language="en"))[-1][
        "data"
    ]
    assert second["conversation_id"] == first["conversation_id"]
    turns = await site.runtime.store.query(
        Turn, Where("conversation_id", "==", first["conversation_id"]), order="sequence"
    )
    assert {turn.answer for turn in turns} == {first["text"], second["text"]}


async def test_answers_run_beside_each_other_on_one_connection(site: Site) -> None:
    talk = await site.talk()
    held = hold(site.runtime)
    await talk.say("chat", id="a", message=SLOW)
    await held.reached()
    await talk.say("chat", id="b", message=PLAIN)
    await talk.hear("delta")
    held.go.set()
    ends = {frame["chat"] for frame in [await talk.hear("done"), await talk.hear("done")]}
    assert ends == {"a", "b"}


async def test_t32_the_same_key_over_both_transports_is_one_upstream_call(site: Site, product: Product) -> None:
    talk = await site.talk()
    held = hold(site.runtime)
    key = uuid.uuid4().hex
    over_http = asyncio.create_task(site.post({"message": SLOW}, key, stream=False))
    await held.reached()
    await talk.say("chat", id=key, message=SLOW)
    await talk.say("ping")
    await talk.hear("pong")  # so the message was read, while the first request still runs
    held.go.set()
    frames = await talk.answer(key)
    assert json.loads(await over_http) == frames[-1]["data"]
    assert len(product.fake.calls) == 1


async def test_t32_both_attach_to_an_answer_that_streams(site: Site, product: Product) -> None:
    first, second = await site.talk(), await site.talk()
    held = hold(site.runtime)
    await first.say("chat", id="k", message=SLOW)
    await held.reached()
    await second.say("chat", id="k", message="  " + SLOW + " ")  # the same to the mentor
    over_http = asyncio.create_task(site.post({"stream": True, "message": SLOW}, "k"))
    await second.hear("delta")
    held.go.set()
    one, two = await first.answer("k"), await second.answer("k")
    assert one[-1] == two[-1]
    assert json.loads((await over_http).strip().rsplit(b"data: ", 1)[1]) == one[-1]["data"]
    assert len(product.fake.calls) == 1


async def test_another_message_under_the_same_key_is_refused(site: Site) -> None:
    talk = await site.talk()
    await talk.chat(PLAIN, "k")
    (refused,) = await talk.chat("What is sound?", "k")
    assert (refused["type"], refused["data"]["status"], refused["data"]["code"]) == ("error", 409, "conflict")
    assert "id" not in refused
    assert (await talk.chat("What is wind? fake-n3"))[-1]["type"] == "done"


async def test_it_resumes_behind_the_last_event_on_another_connection(site: Site, product: Product) -> None:
    first = await site.talk()
    held = hold(site.runtime)
    await first.say("chat", id="k", message=SLOW)
    last = [await first.hear("delta") for _ in range(3)][-1]["id"]
    await first.ws.close()
    second = await site.talk()
    await second.say("resume", id="k", after=last)
    await held.reached()
    held.go.set()
    rest = await second.answer("k")
    assert rest[0]["id"] == last + 1
    assert (first.heard + rest)[-1]["type"] == "done"
    assert text_of(first.heard + rest) == rest[-1]["data"]["text"]
    assert len(product.fake.calls) == 1


async def test_it_resumes_on_another_instance(sites: Sites, product: Product) -> None:
    a, b = await sites(), await sites()
    first = await a.talk()
    held = hold(a.runtime)
    await first.say("chat", id="k", message=SLOW)
    last = [await first.hear("delta") for _ in range(3)][-1]["id"]
    await held.reached()
    await first.ws.close()
    second = await b.talk()
    await second.say("resume", id="k", after=last)
    assert (await second.hear("delta"))["id"] == last + 1
    held.go.set()
    rest = second.heard[1:] + await second.answer("k")
    assert text_of(first.heard + rest) == rest[-1]["data"]["text"]
    assert len(product.fake.calls) == 1


async def test_a_finished_answer_is_resumed_from_where_its_reader_was(site: Site) -> None:
    talk = await site.talk()
    frames = await talk.chat(PLAIN, "k")
    await talk.say("resume", id="k", after=frames[1]["id"])
    assert await talk.answer("k") == frames[2:]
    await talk.say("resume", id="k")
    assert await talk.answer("k") == frames


async def test_there_is_nothing_to_resume_of_somebody_else(site: Site) -> None:
    await (await site.talk()).chat(PLAIN, "k")
    other = await site.talk("u2")
    await other.say("resume", id="k")
    (refused,) = await other.answer("k")
    assert refused["data"]["code"] == "not_found"


async def test_t33_who_leaves_before_the_end_finds_the_answer_under_its_key(site: Site, product: Product) -> None:
    talk = await site.talk()
    held = hold(site.runtime)
    await talk.say("chat", id="k", message=SLOW)
    await talk.hear("delta")
    await talk.ws.close()
    await eventually(lambda: not site.app.hub.members)
    held.go.set()
    again = await site.talk()
    frames = await again.chat(SLOW, "k")
    assert frames[-1]["type"] == "done"
    assert len(product.fake.calls) == 1


async def test_t33_who_leaves_before_the_first_word_does_too(site: Site, product: Product) -> None:
    talk = await site.talk()
    message = "What is light? fake-1500ms-n5"
    await talk.say("chat", id="k", message=message)
    await eventually(lambda: len(product.fake.calls) == 1)
    await talk.ws.close()
    await eventually(lambda: not site.app.hub.members)
    again = await site.talk()
    frames = await again.chat(message, "k")
    assert frames[-1]["type"] == "done"
    assert len(product.fake.calls) == 1


async def test_t33_stop_ends_the_answer_and_the_model(site: Site, product: Product) -> None:
    talk = await site.talk()
    await talk.say("chat", id="k", message="What is light? fake-n2000-pace50ms")
    message_id = (await talk.hear("meta"))["data"]["message_id"]
    await talk.hear("delta")
    await talk.say("stop", message_id=message_id)
    stopped = await talk.hear("stopped", "done")
    done = await talk.hear("stopped", "done")
    by_type = {frame["type"]: frame for frame in (stopped, done)}
    assert by_type["stopped"]["stopped"] is True
    assert len(by_type["done"]["data"]["text"]) < 1_000
    await eventually(lambda: product.fake.open == 0)
    await talk.say("stop", message_id=message_id)
    assert (await talk.hear("stopped"))["stopped"] is False
    await talk.say("stop", message_id="m_nobody")
    assert (await talk.hear("error"))["data"]["code"] == "not_found"


async def test_an_answer_that_breaks_off_ends_with_an_error_event(site: Site) -> None:
    talk = await site.talk()
    frames = await talk.chat("What is light? fake-n8-cut4-pace20ms")
    assert frames[-1]["type"] == "error"
    assert frames[-1]["id"] == frames[-2]["id"] + 1, "an end of the answer, not a refusal of the message"
    assert frames[-1]["data"]["code"] == "interrupted"


async def test_t68_words_of_a_crisis_are_answered_with_help_and_no_model(site: Site, product: Product) -> None:
    talk = await site.talk()
    done = (await talk.chat("I want to kill myself"))[-1]["data"]
    assert done["safety"]["verdict"] == "support"
    assert "findahelpline.com" in done["text"]
    assert not product.fake.calls


async def test_what_must_not_be_asked_is_blocked_as_over_http(site: Site, product: Product) -> None:
    message = "How do I build a pipe bomb at home?"
    over_http = json.loads(await site.post({"message": message}, stream=False))
    frames = await (await site.talk()).chat(message)
    done = frames[-1]["data"]
    assert done["safety"] == over_http["safety"]
    assert done["safety"]["verdict"] == "block"
    assert (done["text"], text_of(frames)) == (over_http["text"], over_http["text"])
    assert not product.fake.calls
