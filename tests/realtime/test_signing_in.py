"""Who may come in, in which ways, and how those who may not are told."""

import time
from collections.abc import AsyncIterator

import pytest

from tests.fakes.waiting import eventually
from tests.identity.issuing import KeyServer, key_server
from tests.identity.test_app_check import NUMBER, app_token
from tests.realtime.conftest import Sites
from tests.realtime.site import Site

SOON = {"watch": 0.05}


@pytest.fixture
async def keys() -> AsyncIterator[KeyServer]:
    async with key_server() as server:
        yield server


@pytest.mark.parametrize("path", ["/ws/u1", "/api/v1/ai/ws/u1"])
async def test_the_first_message_signs_in(site: Site, path: str) -> None:
    talk = await site.connect(path)
    await talk.say("ping")
    await talk.hear("pong")
    await talk.say("auth", token=site.token())
    ready = await talk.hear()
    assert (ready["type"], ready["user_id"]) == ("ready", "u1")
    assert ready["expires_at"] > time.time()
    assert (await talk.chat("What is light? fake-n3"))[-1]["type"] == "done"


async def test_a_subprotocol_signs_in_and_the_token_is_not_sent_back(site: Site) -> None:
    talk = await site.connect(protocols=["lyo.v1", f"bearer.{site.token()}"])
    assert talk.ws.protocol == "lyo.v1"
    assert (await talk.hear())["type"] == "ready"


async def test_a_header_signs_in(site: Site) -> None:
    assert (await site.talk()).heard[0]["user_id"] == "u1"


async def test_a_bad_token_in_the_handshake_is_refused_as_a_request_is(site: Site) -> None:
    assert (await site.refused(headers={"Authorization": "Bearer x.y.z"}))[0] == 401
    assert (await site.refused(headers={"Authorization": "Basic eA=="}))[0] == 401
    assert (await site.refused(protocols=["lyo.v1", "bearer.x.y.z"]))[0] == 401
    mine = {"Authorization": f"Bearer {site.token()}"}
    assert (await site.refused("/ws/u2", headers=mine))[0] == 403
    assert (await site.refused("/ws", headers=mine))[0] == 404
    assert (await site.refused("/ws/u1/more", headers=mine))[0] == 404
    assert not site.app.hub.members


async def test_t03_nobody_speaks_for_somebody_else(site: Site) -> None:
    for role in ("learner", "admin"):
        talk = await site.connect("/ws/u2")
        await talk.say("auth", token=site.token("u1", role))
        assert (await talk.hear())["data"]["code"] == "forbidden"
        assert (await talk.closed())[0] == 4403
    headers = {"Authorization": f"Bearer {site.token()}", "X-User-Id": "u2"}
    assert (await site.refused(headers=headers))[0] == 403


@pytest.mark.parametrize(
    "frame",
    ['{"type":"auth","token":"x.y.z"}', '{"type":"chat","id":"k","message":"Why?"}', "no json", '{"type":"auth"}'],
)
async def test_before_the_sign_in_nothing_else_is_heard(site: Site, frame: str) -> None:
    talk = await site.connect()
    await talk.ws.send_str(frame)
    assert (await talk.hear())["type"] == "error"
    assert (await talk.closed())[0] == 4401
    await eventually(lambda: not site.app.hub.members)


async def test_who_does_not_sign_in_is_closed(sites: Sites) -> None:
    site = await sites({"sign_in": 0.1, **SOON})
    talk = await site.connect()
    assert (await talk.closed())[0] == 4401
    assert talk.heard[-1]["data"]["code"] == "unauthenticated"


async def test_t54_failed_sign_ins_are_charged_to_their_address_alone(sites: Sites) -> None:
    site = await sites(rate_limit_ip_per_minute=3)
    stranger = {"Authorization": "Bearer x.y.z"}
    heard = [(await site.refused(headers=stranger))[0] for _ in range(6)]
    assert (heard[0], heard[-1]) == (401, 429)
    await site.talk()


async def test_strangers_cannot_take_every_place(sites: Sites) -> None:
    site = await sites({"waiting": 2})
    strangers = [await site.connect() for _ in range(2)]
    assert (await site.refused())[0] == 503
    await strangers[0].say("auth", token=site.token())
    await strangers[0].hear("ready")
    await site.connect()


async def test_one_learners_oldest_connection_makes_room_for_a_new_one(sites: Sites) -> None:
    site = await sites({"per_learner": 2})
    first, second = await site.talk(), await site.talk()
    other = await site.talk("u2")
    third = await site.talk()
    assert await first.closed() == (1008, "replaced by a newer connection")
    for talk in (second, third, other):
        await talk.say("ping")
        assert (await talk.hear())["type"] == "pong"


async def test_t45_a_revoked_sign_in_is_closed_while_it_is_open(sites: Sites) -> None:
    a, b = await sites(SOON), await sites(SOON)
    here, there, other = await a.talk(), await b.talk(), await b.talk("u2")
    await a.runtime.identity.revoke(user_id="u1")
    assert (await here.closed())[0] == 4401
    assert (await there.closed())[0] == 4401, "on another instance too, with nothing asked"
    assert there.heard[-1]["data"]["code"] == "unauthenticated"
    await other.say("ping")
    assert (await other.hear())["type"] == "pong"
    assert (await a.refused(headers={"Authorization": f"Bearer {a.token()}"}))[0] == 401


async def test_a_message_after_the_revocation_is_refused_before_the_connection_is(sites: Sites) -> None:
    site = await sites({"watch": 600.0})
    talk = await site.talk()
    await site.runtime.identity.revoke(user_id="u1")
    (refused,) = await talk.chat("What is light?")
    assert refused["data"]["code"] == "unauthenticated"


async def test_a_token_that_ends_is_asked_for_anew(sites: Sites) -> None:
    site = await sites({"renew": 600.0, **SOON})
    talk = await site.connect()
    await talk.say("auth", token=site.token(seconds=4))
    await talk.hear("reauth")
    await talk.say("auth", token=site.token("u2"))
    assert (await talk.hear("error"))["data"]["code"] == "forbidden", "a new token, not a new learner"
    await talk.say("auth", token=site.token(seconds=3600))
    first = talk.heard[0]["expires_at"]
    assert (await talk.hear("ready"))["expires_at"] > first
    await eventually(lambda: time.time() > first)
    assert (await talk.chat("What is light? fake-n3"))[-1]["type"] == "done"


async def test_a_token_that_has_ended_closes_the_connection(sites: Sites) -> None:
    site = await sites(SOON)
    talk = await site.connect()
    await talk.say("auth", token=site.token(seconds=2))
    assert (await talk.closed())[0] == 4401
    assert talk.heard[-1]["data"]["detail"] == "The token has expired."


async def test_where_app_check_is_enforced_the_app_shows_itself(sites: Sites, keys: KeyServer) -> None:
    site = await sites(app_check="enforce", gcp_project_number=NUMBER, app_check_jwks_url=keys.url)
    now = int(time.time())
    shown = app_token(iat=now - 10, exp=now + 600)
    assert (await site.refused(headers={"Authorization": f"Bearer {site.token()}"}))[0] == 401
    talk = await site.connect()
    await talk.say("auth", token=site.token())
    assert (await talk.hear())["data"]["code"] == "app_unverified"
    talk = await site.connect()
    await talk.say("auth", token=site.token(), app_check=shown)
    assert (await talk.hear())["type"] == "ready"
    assert (await talk.chat("What is light? fake-n3"))[-1]["type"] == "done"
    talk = await site.connect(protocols=["lyo.v1", f"bearer.{site.token()}", f"appcheck.{shown}"])
    assert (await talk.hear())["type"] == "ready"


async def test_plain_http_is_told_what_the_path_is(site: Site) -> None:
    async with site.session.get(site.url + "/ws/u1") as answer:
        assert answer.status == 401
    async with site.session.get(site.url + "/ws/u1", headers={"Authorization": f"Bearer {site.token()}"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (426, "upgrade_required")
