"""Tokens good and bad, and an issuer's key server that counts and can fail."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

NOW = 1_800_000_000.0
PROJECT = "lyo-test"
FIREBASE_ISSUER = f"https://securetoken.google.com/{PROJECT}"
AUDIENCE = "https://jobs.example.test"
ACCOUNT = "tasks@lyo-test.iam.gserviceaccount.com"


@dataclass
class Clock:
    """Moves when it is told to."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """An RSA key by name, made once for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name.startswith("weak") else 2048)


def public_pem(name: str) -> bytes:
    """What an attacker can know of a key."""
    return (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def jwk(name: str) -> dict[str, Any]:
    """The public key as an entry of a key set."""
    return {
        **RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True),
        "kid": name,
        "use": "sig",
        "alg": "RS256",
    }


def rs256(claims: dict[str, Any], key: str = "k1", kid: str | None = None) -> str:
    """A token signed with a named key."""
    return jwt.encode(claims, private_key(key), algorithm="RS256", headers={"kid": kid or key})


def raw_token(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand, however wrong."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def firebase_claims(**changes: Any) -> dict[str, Any]:
    """What Firebase says of a learner; a change to None takes the claim out."""
    claims = {
        "iss": FIREBASE_ISSUER,
        "aud": PROJECT,
        "sub": "u1",
        "iat": int(NOW) - 10,
        "auth_time": int(NOW) - 100,
        "exp": int(NOW) + 3600,
        "email": "learner@example.test",
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def service_claims(**changes: Any) -> dict[str, Any]:
    """What Google says of our service account."""
    claims = {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "sub": "1234567890",
        "iat": int(NOW) - 10,
        "exp": int(NOW) + 3600,
        "email": ACCOUNT,
        "email_verified": True,
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@dataclass
class KeyServer:
    """Serves a key set over HTTP."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk("k1")])
    cache_control: str | None = "public, max-age=600, must-revalidate"
    status: int = 200
    hits: int = 0

    async def answer(self, _: web.Request) -> web.Response:
        self.hits += 1
        headers = {"Cache-Control": self.cache_control} if self.cache_control else {}
        return web.json_response({"keys": self.keys}, status=self.status, headers=headers)


@asynccontextmanager
async def key_server() -> AsyncIterator[KeyServer]:
    """A key server on a free port."""
    server = KeyServer()
    app = web.Application()
    app.router.add_get("/keys", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    try:
        yield server
    finally:
        await runner.cleanup()
