"""Firebase App Check's tokens, against a key server on a socket."""

import asyncio
from typing import Any

import jwt
import pytest

from shared.errors import Unavailable
from shared.identity.app_check import AppCheck, AppUnverified
from tests.identity.issuing import NOW, Clock, KeyServer, jwk, private_key, raw_token

NUMBER = "123456789"


def app_token(key: str = "k1", kind: str = "JWT", **changes: Any) -> str:
    claims = {
        "iss": f"https://firebaseappcheck.googleapis.com/{NUMBER}",
        "aud": [f"projects/{NUMBER}", "projects/lyo-test"],
        "sub": "1:123456789:android:abc",
        "iat": int(NOW) - 10,
        "exp": int(NOW) + 3600,
    }
    kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(kept, private_key(key), algorithm="RS256", headers={"kid": "k1", "typ": kind})


def check(issuer: KeyServer, clock: Clock, mode: Any = "enforce") -> AppCheck:
    return AppCheck(mode, NUMBER, issuer.url, clock)


async def test_our_app_is_let_in_and_remembered(issuer: KeyServer, clock: Clock) -> None:
    app = check(issuer, clock)
    token = app_token()
    await app.require(token)
    issuer.status = 500
    clock.now += 30
    await app.require(token)
    assert issuer.hits == 1


WRONG = {
    "nothing": None,
    "no token": "abc",
    "another project": app_token(iss="https://firebaseappcheck.googleapis.com/999"),
    "another audience": app_token(aud=["projects/999"]),
    "a bare audience": app_token(aud=NUMBER),
    "expired": app_token(exp=int(NOW) - 1),
    "without an end": app_token(exp=None),
    "another key": app_token("k2"),
    "another type": app_token(kind="at+jwt"),
    "no app": app_token(sub=None),
    "unsigned": raw_token({"alg": "none", "typ": "JWT", "kid": "k1"}, {"sub": "x"}),
    "a Firebase sign-in": app_token(iss="https://securetoken.google.com/lyo-test", aud="lyo-test"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_everything_else_is_refused(issuer: KeyServer, clock: Clock, what: str) -> None:
    with pytest.raises(AppUnverified) as caught:
        await check(issuer, clock).require(WRONG[what])
    assert caught.value.status == 401


@pytest.mark.parametrize("what", WRONG)
async def test_in_monitor_mode_it_is_logged_and_let_through(
    issuer: KeyServer, clock: Clock, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    await check(issuer, clock, "monitor").require(WRONG[what])
    await asyncio.sleep(0)  # lines of one turn of the loop go out at its end
    printed = capfd.readouterr()
    assert "app_check.failed" in printed.out + printed.err


async def test_a_remembered_token_ends_with_its_time(issuer: KeyServer, clock: Clock) -> None:
    app, token = check(issuer, clock), app_token(exp=int(NOW) + 5)
    await app.require(token)
    clock.now += 6
    with pytest.raises(AppUnverified):
        await app.require(token)


async def test_without_keys_nobody_can_say(issuer: KeyServer, clock: Clock) -> None:
    issuer.status = 500
    with pytest.raises(Unavailable):
        await check(issuer, clock).require(app_token())
    await check(issuer, clock, "monitor").require(app_token())


async def test_keys_may_change(issuer: KeyServer, clock: Clock) -> None:
    issuer.keys = [jwk("k2")]
    with pytest.raises(AppUnverified):
        await check(issuer, clock).require(app_token())
