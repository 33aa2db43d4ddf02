"""A finished stream in its document: whole, resumable at every event, and well below what a document may hold."""

import orjson
from starlette.responses import Response

from shared.documents import Exchange
from shared.llm.stop import Stop
from shared.web.live import Live
from shared.web.replay import frames_of
from shared.web.sse import EventStream
from shared.web.ticket import Ticket
from tests.product import Product
from tests.web.keyed import KEY, Instance, frames, read


async def kept(product: Product, texts: list[str]) -> tuple[Exchange, bytes]:
    """A stream of these deltas, sealed as the gateway would, and as it was sent."""
    instance = Instance(product.runtime(), "a")
    sent: list[bytes] = []

    async def handle(ticket: Ticket) -> Response:
        live = Live("m1", "u1", Stop(), keyed=True)
        live.publish("meta", {"message_id": "m1"})
        for text in texts:
            live.publish("delta", {"text": text})
        envelope = {"message_id": "m1", "text": "".join(texts)}
        await instance.runtime.store.commit(*ticket.seal_stream(live, lambda _: envelope)(None))  # type: ignore[arg-type]
        live.end("done", envelope)
        sent.append(b"".join(live.frames))
        ticket.close()
        return EventStream(live)

    await instance.exchanges.run(KEY, 0, True, handle)
    found = await instance.runtime.store.get(Exchange, KEY.id)
    assert found is not None
    for after in (0, 1, 2, len(texts), len(texts) + 1, len(texts) + 2, len(texts) + 50):
        rest = await read(await instance.exchanges.run(KEY, after, True, handle), found.base + after)
        assert rest.endswith(frames(sent[0])[-1].split(b"\n", 1)[1])
        if found.texts:
            assert rest == b"".join(frames(sent[0])[min(after, len(texts) + 1) :])
        elif after >= 2:
            assert len(frames(rest)) == 1, "the texts a reader lacks are in the last event"
    return found, sent[0]


async def test_a_stream_of_8192_tokens_is_kept_whole_well_below_a_mebibyte(anywhere: Product) -> None:
    # A token of Gemma's or GPT's vocabulary has 3 to 5 bytes on average in every script; three times that is plenty.
    found, sent = await kept(anywhere, ['\n"数字\\ ab'] * 8192)
    assert len('\n"数字\\ ab'.encode()) == 12
    assert found.texts
    size = len(found.model_dump_json().encode())
    print(f"sent {len(sent)} bytes, kept {size}")
    assert size < 700_000


async def test_a_stream_too_long_to_keep_event_by_event_is_kept_as_one_text(anywhere: Product) -> None:
    found, sent = await kept(anywhere, ["x" * 100] * 5000)
    assert not found.texts
    assert len(sent) > 1_000_000
    assert len(found.model_dump_json()) < 700_000


def test_an_answer_first_given_as_json_tells_as_a_stream_which_way_it_is_written() -> None:
    body = {"message_id": "m", "language": "ar", "direction": "rtl", "notice": "n", "text": "مرحبا", "model": "x"}
    done = Exchange(
        id="e", fingerprint="f", run="r", instance="i", lease_until=1.0, created_at=1.0, answer=True,
        media_type="application/json", status=200, body=orjson.dumps(body).decode(),
    )  # fmt: skip
    meta = orjson.loads(frames_of(done)[0].split(b"data: ")[1])
    assert (meta["language"], meta["direction"], meta["notice"]) == ("ar", "rtl", "n")
    assert "model" not in meta
