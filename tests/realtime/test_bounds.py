"""What a connection may not do, and what is done about readers that take nothing."""

import asyncio
import contextlib
import json
import socket

import pytest

from shared.errors import Unavailable
from shared.realtime import serve
from shared.realtime.bounds import Bounds
from tests.fakes.waiting import LONG, eventually
from tests.product import Product
from tests.realtime.conftest import Sites
from tests.realtime.site import Site, opened
from tests.web.keyed import hold

SLOW = "What is light? fake-n20-pace50ms"


@pytest.mark.parametrize(
    ("frame", "code", "names"),
    [
        ("no json", "not_json", None),
        ("", "not_json", None),
        ("[]", "invalid_request", None),
        ('{"type":"dance"}', "invalid_request", None),
        ('{"type":"chat","id":"k"}', "invalid_request", "chat.message"),
        ('{"type":"chat","id":"k","message":"a","api_base":"http://x"}', "invalid_request", "chat.api_base"),
        ('{"type":"chat","id":"a b","message":"a"}', "invalid_request", "chat.id"),
        ('{"type":"chat","id":"k","message":"a","language":"xx"}', "invalid_request", "chat.language"),
        ('{"type":"resume","id":"k","after":-1}', "invalid_request", "resume.after"),
        ("[" * 60_000, "not_json", None),
        ('{"\\ud800":1,"type":"ping"}', "not_json", None),
    ],
)
async def test_a_frame_that_does_not_fit_is_refused_and_the_connection_goes_on(
    site: Site, frame: str, code: str, names: str | None
) -> None:
    talk = await site.talk()
    await talk.ws.send_str(frame)
    refused = await talk.hear()
    assert (refused["type"], refused["data"]["code"]) == ("error", code)
    if names is not None:
        assert names in [bad["field"] for bad in refused["data"]["errors"]]
    assert (await talk.chat("What is light? fake-n3"))[-1]["type"] == "done"


async def test_an_app_that_goes_on_so_is_closed(sites: Sites) -> None:
    site = await sites({"mistakes": 5})
    talk = await site.talk()
    for _ in range(5):
        await talk.ws.send_str("no json")
    assert (await talk.closed())[0] == 1008


async def test_a_frame_that_is_too_long_closes_the_connection(site: Site) -> None:
    talk = await site.talk()
    await talk.ws.send_str(json.dumps({"type": "chat", "id": "k", "message": "a" * 70_000}))
    assert (await talk.closed())[0] == 1009
    await eventually(lambda: not site.app.hub.members)


async def test_the_longest_message_fits_with_every_character_escaped(site: Site) -> None:
    talk = await site.talk()
    assert (await talk.chat("光" * 7_980 + " fake-n3"))[-1]["type"] == "done"


async def test_bytes_are_no_text(site: Site) -> None:
    talk = await site.talk()
    await talk.ws.send_bytes(b"{}")
    assert (await talk.closed())[0] == 1003


async def test_a_connection_has_so_many_answers_at_a_time(sites: Sites) -> None:
    site = await sites({"answers": 2})
    held = hold(site.runtime)
    talk = await site.talk()
    for key in ("a", "b"):
        await talk.say("chat", id=key, message=SLOW)
        await talk.hear("meta")
    await talk.say("chat", id="c", message=SLOW)
    refused = await talk.hear("error")
    assert (refused["chat"], refused["data"]["code"], refused["retry_after"]) == ("c", "rate_limited", 1.0)
    held.go.set()
    assert {(await talk.hear("done"))["chat"], (await talk.hear("done"))["chat"]} == {"a", "b"}
    assert (await talk.chat("What is wind? fake-n3"))[-1]["type"] == "done"


async def test_messages_share_their_limits_with_http(sites: Sites) -> None:
    site = await sites(rate_limit_endpoint_per_minute=2)
    talk = await site.talk()
    assert (await talk.chat("What is light? fake-n3"))[-1]["type"] == "done"
    await site.post({"message": "What is wind? fake-n3"})
    (refused,) = await talk.chat("What is sound? fake-n3", language="de")
    assert refused["data"]["message"] != refused["data"]["detail"], "what to tell the learner, in his language"
    assert (refused["data"]["status"], refused["data"]["code"]) == (429, "rate_limited")
    assert refused["retry_after"] > 0
    assert json.loads(await site.post({"message": "What is rain?"}))["code"] == "rate_limited"


async def test_who_pings_without_end_is_closed(sites: Sites) -> None:
    site = await sites({"mistakes": 3}, rate_limit_user_per_minute=10)
    talk = await site.talk()
    for _ in range(14):
        await talk.say("ping")
    assert (await talk.closed())[0] == 1008


async def test_a_silent_connection_ends(sites: Sites) -> None:
    site = await sites({"idle": 0.2, "watch": 0.02})
    assert await (await site.talk()).closed() == (1000, "idle")


async def test_a_connection_that_waits_for_an_answer_is_not_silent(sites: Sites) -> None:
    site = await sites({"idle": 0.2, "watch": 0.02})
    talk = await site.talk()
    assert (await talk.chat("What is light? fake-n12-pace100ms"))[-1]["type"] == "done"


async def test_before_the_platform_cuts_it_a_connection_is_told_to_come_back(sites: Sites) -> None:
    site = await sites({"life": 0.6, "notice": 0.4, "watch": 0.02})
    talk = await site.talk()
    held = hold(site.runtime)
    await talk.say("chat", id="k", message=SLOW)
    told = await talk.hear("goaway")
    assert (told["reason"], told["seconds"]) == ("age", 0.4)
    assert await talk.closed() == (1012, "connect again")
    last = [frame["id"] for frame in talk.heard if "id" in frame][-1:]
    held.go.set()
    again = await site.talk()
    await again.say("resume", id="k", after=last[0] if last else 0)
    assert (await again.hear("done"))["chat"] == "k"


async def test_one_that_is_free_goes_as_soon_as_it_is_told(sites: Sites) -> None:
    site = await sites({"life": 600.0, "notice": 599.9, "watch": 0.02})
    talk = await site.talk()
    assert await talk.closed() == (1012, "connect again")
    assert talk.heard[-1]["type"] == "goaway"


async def test_a_reader_that_takes_nothing_is_let_go_and_holds_up_nobody(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "CLOSE_SECONDS", 0.3)
    async with contextlib.AsyncExitStack() as stack:
        site = await opened(stack, product.runtime(), Bounds(send=2.0), narrow())
        quick = await site.talk("u2")
        own = await site.talk()
        await own.chat("What is light? fake-n600", "k")
        stuck = narrow()
        stack.callback(stuck.close)
        stuck.setblocking(False)
        await asyncio.get_running_loop().sock_connect(stuck, ("127.0.0.1", int(site.url.rsplit(":", 1)[1])))
        asking = asyncio.create_task(ask_for_ever(stuck, site.token()))
        stack.callback(asking.cancel)
        await eventually(lambda: len(site.app.hub.members) == 3)
        most = 0

        def gone() -> bool:
            nonlocal most
            waiting = [one.transport.get_write_buffer_size() for one in site.server.server_state.connections]
            most = max(most, *waiting)
            return len(site.app.hub.members) == 2

        assert (await quick.chat("What is sound? fake-n3"))[-1]["type"] == "done"
        await eventually(gone)
        assert 0 < most < 150_000, "what the transport takes before it says stop, and one frame of each answer"
        await eventually(lambda: len(site.server.server_state.connections) == 2)
        assert not own.ws.closed


def narrow() -> socket.socket:
    """A socket with next to no room on the way."""
    made = socket.socket()
    for side in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, side, 4_096)
    return made


async def ask_for_ever(wire: socket.socket, token: str) -> None:
    """Ask for the same answer again and again, and read nothing."""
    loop = asyncio.get_running_loop()
    head = (
        "GET /ws/u1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    asked = b'{"type":"resume","id":"k"}'
    with contextlib.suppress(OSError):
        await loop.sock_sendall(wire, head.encode())
        assert (await loop.sock_recv(wire, 12)).endswith(b" 101")
        while True:
            await loop.sock_sendall(wire, bytes([0x81, 0x80 | len(asked), 0, 0, 0, 0]) + asked)
            await asyncio.sleep(0.001)


async def test_while_sign_ins_cannot_be_checked_connections_stay(sites: Sites) -> None:
    site = await sites({"watch": 0.02})
    talk = await site.talk()
    asked = asyncio.Event()

    class Blind:
        async def authenticate(self, _: str | None) -> None:
            asked.set()
            raise Unavailable("Sign-ins cannot be checked at the moment.")

        async def close(self) -> None:
            """Nothing is open."""

    seeing, site.runtime.__dict__["identity"] = site.runtime.identity, Blind()
    async with asyncio.timeout(LONG):
        await asked.wait()
    (refused,) = await talk.chat("What is light?")
    assert (refused["data"]["status"], refused["retry_after"]) == (503, 1.0)
    site.runtime.__dict__["identity"] = seeing
    assert (await talk.chat("What is light? fake-n3"))[-1]["type"] == "done"
