"""Local tokens: the secret's file, what is accepted, and everything that is not."""

import base64
import json
import multiprocessing
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from shared.errors import ConfigurationError, Unauthenticated
from shared.identity.local import mint, read_or_create_secret, secret_file, signing_keys
from shared.identity.verifier import Identity
from tests.identity.issuing import NOW, firebase_claims, public_pem, raw_token, rs256

Make = Callable[..., Identity]


def signed(secret: bytes, claims: dict[str, Any], algorithm: str = "HS256") -> str:
    """A token made by somebody else's library."""
    return jwt.encode(claims, secret, algorithm=algorithm)


def claims_of(**changes: Any) -> dict[str, Any]:
    claims: dict[str, Any] = {"sub": "u1", "exp": NOW + 60}
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


async def test_a_minted_token_comes_in(identity: Make, tmp_path: Path) -> None:
    secret = read_or_create_secret(tmp_path)
    caller = await identity().authenticate("Bearer " + mint(secret, "u1", "admin", 60, now=NOW))
    assert (caller.user_id, caller.role, caller.issued_at) == ("u1", "admin", NOW)
    assert len(caller.token_id) == 32


def test_the_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    made = read_or_create_secret(tmp_path / "new")
    path = secret_file(tmp_path / "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(made.decode())) == 32
    assert read_or_create_secret(tmp_path / "new") == made
    assert [item.name for item in path.parent.iterdir()] == ["auth_secret"]


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(read_or_create_secret, [tmp_path] * 16))) == 1


@pytest.mark.parametrize("content", ["hex", "base64", "base64url", "raw", "text"])
async def test_the_secret_may_be_raw_hex_or_base64(identity: Make, tmp_path: Path, content: str) -> None:
    key = bytes(range(160, 192))
    text = {
        "hex": key.hex().encode(),
        "base64": base64.b64encode(key),
        "base64url": base64.urlsafe_b64encode(key).rstrip(b"="),
        "raw": key,
        "text": b"a pass phrase that is long enough to be one\n",
    }[content]
    secret_file(tmp_path).write_bytes(text)
    meant = {"raw": [key], "text": [text.strip()]}.get(content, [key, text])
    for signing in meant:
        caller = await identity().authenticate("Bearer " + signed(signing, claims_of()))
        assert caller.user_id == "u1"
    assert (await identity().authenticate("Bearer " + mint(text, "u2", "learner", 60, now=NOW))).user_id == "u2"


@pytest.mark.parametrize("content", [b"", b"short", b" " * 40])
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    secret_file(tmp_path).write_bytes(content)
    with pytest.raises(ConfigurationError, match="auth_secret"):
        read_or_create_secret(tmp_path)


def test_short_decodings_are_no_keys() -> None:
    assert signing_keys(b"00" * 8) == ((b"00" * 8).ljust(32, b"\0"),)


async def test_a_missing_role_is_a_learner(identity: Make, tmp_path: Path) -> None:
    secret = read_or_create_secret(tmp_path)
    caller = await identity().authenticate("Bearer " + signed(secret, claims_of()))
    assert (caller.role, caller.issued_at) == ("learner", 0)


BAD_CLAIMS = {
    "expired": {"exp": NOW - 1},
    "expires now": {"exp": NOW},
    "no expiry": {"exp": ...},
    "expiry of text": {"exp": "2000000000"},
    "expiry of truth": {"exp": True},
    "not a number": {"exp": float("nan")},
    "for ever": {"exp": float("inf")},
    "not yet": {"nbf": NOW + 120},
    "from the future": {"iat": NOW + 120},
    "wrong issuer": {"iss": "https://evil.example.test"},
    "wrong audience": {"aud": "another"},
    "no subject": {"sub": ...},
    "empty subject": {"sub": ""},
    "subject of a number": {"sub": 7},
    "path as a subject": {"sub": "../u1"},
    "long subject": {"sub": "u" * 129},
    "line break in the subject": {"sub": "u1\n"},
    "role of a service": {"role": "service"},
    "unknown role": {"role": "root"},
    "list of roles": {"role": ["admin"]},
}


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
async def test_t44_bad_claims_of_a_local_token(identity: Make, tmp_path: Path, changes: dict[str, Any]) -> None:
    secret = read_or_create_secret(tmp_path)
    payload = json.dumps(claims_of(**changes)).encode()
    token = jwt.PyJWS().encode(payload, secret, algorithm="HS256")
    with pytest.raises(Unauthenticated):
        await identity().authenticate("Bearer " + token)


async def test_t44_a_local_token_of_another_key_or_algorithm(identity: Make, tmp_path: Path) -> None:
    secret = read_or_create_secret(tmp_path)
    good = mint(secret, "u1", "admin", 60, now=NOW)
    head, body, _ = good.split(".")
    tokens = [
        signed(b"another key of thirty-two bytes!", claims_of()),
        signed(secret, claims_of(), "HS512"),
        raw_token({"alg": "none", "typ": "JWT"}, claims_of(role="admin")),
        raw_token({"alg": "None"}, claims_of()),
        raw_token({"alg": "HS256"}, claims_of()),
        f"{head}.{body}.",
        f"{head}.{raw_token({}, claims_of(role='admin')).split('.')[1]}.{good.split('.')[2]}",
        rs256(firebase_claims()),
        signed(public_pem("k1").replace(b"-----", b""), claims_of()),
        raw_token({"alg": "HS256", "crit": ["exp"]}, claims_of()),
    ]
    for token in tokens:
        with pytest.raises(Unauthenticated):
            await identity().authenticate("Bearer " + token)
    assert (await identity().authenticate("Bearer " + good)).role == "admin"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dTE6cA==", "Bearer a.b", "Bearer a.b.c.d", "Bearer é.é.é",
               "Bearer " + "a" * 9000, "Bearer ....", "Bearer eyJhIjoxfQ.W10.x", "Bearer " + "[" * 500 + ".e30.x"]
)  # fmt: skip
async def test_t44_what_is_no_token(identity: Make, header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await identity().authenticate(header)
