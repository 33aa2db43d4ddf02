"""Firebase ID tokens and Google's tokens of service accounts, against a key server on a socket."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from jwt.utils import base64url_encode

from shared.errors import ConfigurationError, Forbidden, Unauthenticated, Unavailable
from shared.identity.verifier import Identity
from tests.identity.issuing import (
    ACCOUNT,
    FIREBASE_ISSUER,
    NOW,
    Clock,
    KeyServer,
    firebase_claims,
    jwk,
    private_key,
    public_pem,
    raw_token,
    rs256,
    service_claims,
)

Make = Callable[..., Identity]


def hs256_with_public_key(claims: dict[str, Any], name: str = "k1") -> str:
    """The classic confusion: the public key, which everybody has, used as an HMAC secret."""
    import hashlib
    import hmac
    import json

    head = base64url_encode(json.dumps({"alg": "HS256", "kid": name}).encode())
    body = base64url_encode(json.dumps(claims).encode())
    mac = hmac.new(public_pem(name), head + b"." + body, hashlib.sha256).digest()
    return b".".join((head, body, base64url_encode(mac))).decode()


async def test_a_learner_of_firebase(identity: Make) -> None:
    caller = await identity(auth_mode="firebase").authenticate("Bearer " + rs256(firebase_claims()))
    assert (caller.user_id, caller.role, caller.email) == ("u1", "learner", "learner@example.test")
    assert caller.issued_at == NOW - 100, "the sign-in counts, not when the token was refreshed"
    assert "learner@example.test" not in repr(caller)


async def test_an_admin_of_firebase(identity: Make) -> None:
    caller = await identity(auth_mode="firebase").authenticate("Bearer " + rs256(firebase_claims(role="admin")))
    assert caller.role == "admin"


def forged(claims: dict[str, Any], issuer: str) -> dict[str, str]:
    """Every way in which a token of an RSA issuer can be wrong."""
    return {
        "alg none": raw_token({"alg": "none", "kid": "k1"}, claims),
        "no signature": raw_token({"alg": "RS256", "kid": "k1"}, claims),
        "another key": rs256(claims, "k2", kid="k1"),
        "unknown key id": rs256(claims, "k2"),
        "no key id": jwt.encode(claims, "x" * 32, algorithm="HS256"),
        "public key as a secret": hs256_with_public_key(claims),
        "another RSA algorithm": jwt.encode(claims, private_key("k1"), algorithm="RS512", headers={"kid": "k1"}),
        "wrong issuer": rs256({**claims, "iss": issuer + "x"}),
        "wrong audience": rs256({**claims, "aud": "another"}),
        "no audience": rs256({k: v for k, v in claims.items() if k != "aud"}),
        "no issuer": rs256({k: v for k, v in claims.items() if k != "iss"}),
        "expired": rs256({**claims, "exp": int(NOW) - 1}),
        "no expiry": rs256({k: v for k, v in claims.items() if k != "exp"}),
        "empty subject": rs256({**claims, "sub": ""}),
    }


@pytest.mark.parametrize("fault", forged(firebase_claims(), FIREBASE_ISSUER))
async def test_t44_a_forged_firebase_token(identity: Make, fault: str) -> None:
    with pytest.raises(Unauthenticated):
        await identity(auth_mode="firebase").authenticate("Bearer " + forged(firebase_claims(), FIREBASE_ISSUER)[fault])


@pytest.mark.parametrize("changes", [{"auth_time": int(NOW) + 120}, {"auth_time": None}, {"role": "service"}])
async def test_t44_firebase_claims_that_do_not_fit(identity: Make, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await identity(auth_mode="firebase").authenticate("Bearer " + rs256(firebase_claims(**changes)))


async def test_t44_a_local_token_is_nothing_to_firebase(identity: Make) -> None:
    token = jwt.encode(firebase_claims(), "x" * 32, algorithm="HS256", headers={"kid": "k1"})
    with pytest.raises(Unauthenticated):
        await identity(auth_mode="firebase").authenticate("Bearer " + token)


@pytest.mark.parametrize("mode", ["local", "firebase"])
async def test_our_service_account_comes_in(identity: Make, mode: str) -> None:
    for issuer in ("https://accounts.google.com", "accounts.google.com"):
        caller = await identity(auth_mode=mode).authenticate("Bearer " + rs256(service_claims(iss=issuer)))
        assert (caller.user_id, caller.role, caller.email) == (f"service:{ACCOUNT}", "service", ACCOUNT)


@pytest.mark.parametrize("fault", forged(service_claims(), "https://accounts.google.com"))
async def test_t44_a_forged_service_token(identity: Make, fault: str) -> None:
    token = forged(service_claims(), "https://accounts.google.com")[fault]
    with pytest.raises(Unauthenticated):
        await identity(auth_mode="firebase").authenticate("Bearer " + token)


@pytest.mark.parametrize(
    "changes",
    [{"email": "someone@gmail.com"}, {"email": None}, {"email_verified": False}, {"email_verified": "true"}],
)
async def test_t47_the_right_audience_but_another_account(identity: Make, changes: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        await identity().authenticate("Bearer " + rs256(service_claims(**changes)))


async def test_no_service_comes_in_without_a_configured_audience(identity: Make, issuer: KeyServer) -> None:
    with pytest.raises(Unauthenticated):
        await identity(service_audience=None).authenticate("Bearer " + rs256(service_claims()))
    with pytest.raises(Forbidden):
        await identity(service_accounts="").authenticate("Bearer " + rs256(service_claims()))
    assert issuer.hits == 1


async def test_keys_are_kept_as_long_as_the_issuer_says(identity: Make, issuer: KeyServer, clock: Clock) -> None:
    subject = identity(auth_mode="firebase")
    for number in range(5):
        await subject.authenticate("Bearer " + rs256(firebase_claims(sub=f"u{number}")))
    assert issuer.hits == 1
    clock.now += 601
    await subject.authenticate("Bearer " + rs256(firebase_claims(sub="late")))
    assert issuer.hits == 2


async def test_a_new_key_is_fetched_at_once_but_made_up_ones_not_again(
    identity: Make, issuer: KeyServer, clock: Clock
) -> None:
    subject = identity(auth_mode="firebase")
    await subject.authenticate("Bearer " + rs256(firebase_claims()))
    clock.now += 2
    with pytest.raises(Unauthenticated):
        await subject.authenticate("Bearer " + rs256(firebase_claims(), kid="made-up"))
    assert issuer.hits == 1
    clock.now += 29
    issuer.keys.append(jwk("k2"))
    await subject.authenticate("Bearer " + rs256(firebase_claims(), "k2"))
    assert issuer.hits == 2
    for number in range(20):
        with pytest.raises(Unauthenticated):
            await subject.authenticate("Bearer " + rs256(firebase_claims(), kid=f"made-up-{number}"))
    assert issuer.hits == 2


async def test_old_keys_serve_while_the_issuer_is_down(identity: Make, issuer: KeyServer, clock: Clock) -> None:
    subject = identity(auth_mode="firebase")
    await subject.authenticate("Bearer " + rs256(firebase_claims()))
    issuer.status = 500
    clock.now += 700
    for number in range(5):
        await subject.authenticate("Bearer " + rs256(firebase_claims(sub=f"u{number}")))
    assert issuer.hits == 2, "a failed fetch is not repeated for every token"
    clock.now += 90_000
    with pytest.raises(Unavailable):
        await subject.authenticate("Bearer " + rs256(firebase_claims(exp=int(clock.now) + 60)))


async def test_no_keys_at_all_is_our_fault_and_not_the_callers(identity: Make, issuer: KeyServer, clock: Clock) -> None:
    issuer.status = 500
    subject = identity(auth_mode="firebase")
    with pytest.raises(Unavailable):
        await subject.authenticate("Bearer " + rs256(firebase_claims()))
    issuer.status = 200
    clock.now += 1
    assert (await subject.authenticate("Bearer " + rs256(firebase_claims()))).user_id == "u1"


async def test_weak_and_broken_keys_are_left_out(identity: Make, issuer: KeyServer) -> None:
    issuer.keys = [{"kty": "RSA", "kid": "k0", "n": "!", "e": "AQAB"}, {"kty": "oct", "kid": "k3", "k": "c2VjcmV0"},
                   jwk("weak"), jwk("k1")]  # fmt: skip
    subject = identity(auth_mode="firebase")
    await subject.authenticate("Bearer " + rs256(firebase_claims()))
    with pytest.raises(Unauthenticated), pytest.warns(jwt.InsecureKeyLengthWarning):
        await subject.authenticate("Bearer " + rs256(firebase_claims(), "weak"))


async def test_firebase_needs_a_project(identity: Make) -> None:
    from shared.identity.firebase import FirebaseTokens

    with pytest.raises(ConfigurationError, match="GCP_PROJECT_ID"):
        FirebaseTokens(None, "http://127.0.0.1:1/keys", Clock())
